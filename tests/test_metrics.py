"""Figures for Prometheus: true, few, at loopback, and nothing of them where nobody asked."""

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

import config
import metrics
from bot import Bot
from config import ConfigError
from moment import Backlog, Moment, Work
from sandbox.ports import free_port
from tests.conftest import ALICE, OWNER, Conversation
from tests.test_tally import soon

ROOT = Path(__file__).resolve().parent.parent
DASHBOARD = json.loads((ROOT / "deploy" / "grafana.json").read_text(encoding="utf-8"))
PIECES = ("_total", "_bucket", "_sum", "_count", "_info")


@pytest.fixture
def settings() -> dict[str, str]:
    return {"METRICS_PORT": str(free_port()), "OPENAI_PRICE_PER_1K_TOKENS": "1"}


def text(people: Conversation) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{people.environment['METRICS_PORT']}/metrics", timeout=5) as answer:
        return str(answer.read().decode())


def figure(people: Conversation, name: str, **labels: str) -> float:
    families = text_string_to_metric_families(text(people))
    found = [each.value for family in families for each in family.samples if (each.name, each.labels) == (name, labels)]
    return found[0] if found else -1.0


def test_an_answer_is_counted(alice: Conversation) -> None:
    model = alice.bot.config.model
    assert figure(alice, "assistant_spend_usd_total", model=model) == 0, "there from the beginning"
    alice.script.queue({"text": "Forty two", "usage": {"prompt_tokens": 30, "completion_tokens": 5}, "delay": 0.3})
    alice.write("Well?")
    soon(lambda: figure(alice, "assistant_answer_seconds_count") == 1)
    assert figure(alice, "assistant_answer_seconds_bucket", le="0.25") == 0
    assert figure(alice, "assistant_first_word_seconds_count") == 1
    assert figure(alice, "assistant_first_word_seconds_sum") <= figure(alice, "assistant_answer_seconds_sum")
    assert figure(alice, "assistant_answers_total", model=model) == 1
    assert figure(alice, "assistant_tokens_total", model=model, direction="in") == 30
    assert figure(alice, "assistant_tokens_total", model=model, direction="out") == 5
    assert figure(alice, "assistant_spend_usd_total", model=model) == alice.bot.store.cost_today() > 0
    soon(lambda: figure(alice, "assistant_updates_total", end="ok") >= 1)
    assert figure(alice, "assistant_memory_bytes") > 10_000_000 or sys.platform != "linux"


def test_the_first_word_comes_before_the_last(alice: Conversation) -> None:
    alice.script.queue({"deltas": ["Well, ", "let me ", "think ", "about ", "it."], "per_delta": 0.5})
    alice.write("Well?")
    soon(lambda: figure(alice, "assistant_answer_seconds_count") == 1)
    first, whole = figure(alice, "assistant_first_word_seconds_sum"), figure(alice, "assistant_answer_seconds_sum")
    assert 0.1 < first < whole - 0.5


def test_what_waits_is_seen(alice: Conversation) -> None:
    alice.script.queue({"text": "slow", "hold": True, "match": "first"})
    for words in ("first", "second", "third"):
        alice.world.send(words, user=ALICE)
        soon(lambda: figure(alice, "assistant_lanes_running", lanes="answer") == 1)
    soon(lambda: figure(alice, "assistant_jobs_waiting", lanes="answer") == 2)
    assert figure(alice, "assistant_inbox_open") == 3
    assert 0 < figure(alice, "assistant_inbox_oldest_seconds") < 10
    assert "2 сообщения ждут" in alice.write("/status", user=OWNER)
    alice.script.release()
    soon(lambda: figure(alice, "assistant_inbox_open") == 0)
    assert figure(alice, "assistant_inbox_oldest_seconds") == 0


def test_without_the_database_all_other_figures_are_there(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(alice.bot.store.inbox), "waiting", lambda _: None)
    assert figure(alice, "assistant_inbox_open") == -1
    assert figure(alice, "assistant_errors_total") == 0


def test_telegrams_refusals_are_counted(alice: Conversation) -> None:
    alice.world.fault(method="sendMessage", chat_id=ALICE, kind="429", retry_after=1)
    alice.write("/balance")
    assert figure(alice, "assistant_telegram_429_total") == 1


def test_errors_are_counted(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alice.bot.store, "available", lambda *_: 1 / 0)
    alice.write("/balance")
    assert figure(alice, "assistant_errors_total") == 1
    monkeypatch.undo()


def test_nothing_is_counted_by_what_people_make_up(alice: Conversation) -> None:
    for number in range(3):
        alice.write(f"/unknown{number}")
        alice.write(f"Question {number}")
    shown = text(alice)
    assert "unknown1" not in shown
    assert f'"{ALICE}"' not in shown
    assert alice.bot.metrics is not None
    assert alice.bot.metrics._label("made up by a provider") == metrics.OTHER
    assert len(shown.splitlines()) < 400


def test_it_listens_on_this_machine_alone(alice: Conversation) -> None:
    assert alice.bot.metrics is not None
    assert alice.bot.metrics._server is not None
    assert alice.bot.metrics._server.server_address[0] == "127.0.0.1"


def test_a_port_in_use_is_told(alice: Conversation, tmp_path: Path) -> None:
    other = {**alice.environment, "DATA_FILE": str(tmp_path / "other.json")}
    with pytest.raises(ConfigError, match="METRICS_PORT cannot be used: Address already in use"):
        Bot(config.load(other, tmp_path))
    assert not (tmp_path / "other.json").exists()


def test_off_it_is_not_even_imported() -> None:
    program = "import sys, main; sys.exit('metrics' in sys.modules or 'prometheus_client' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stderr) == (0, "")


def names() -> set[str]:
    class Nothing(Moment):
        """A bot that does nothing."""

        def __init__(self) -> None:
            pass

        def work(self) -> dict[str, Work]:
            return {"answer": Work(0, 0)}

        def backlog(self) -> Backlog:
            return Backlog(0, 0.0)

        def errors(self) -> int:
            return 0

    made = metrics.Metrics(["a model"], "1.0")
    made.watch(Nothing())
    known = {sample.name for family in made.registry.collect() for sample in family.samples}
    families = {family.name + ending for family in made.registry.collect() for ending in ("", *PIECES)}
    return {name for name in known | families if not name.endswith("_created")}


def expressions() -> list[str]:
    targets = [target for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]
    return [target["expr"] for target in targets]


def test_the_dashboard_asks_for_what_there_is() -> None:
    asked = {name for each in expressions() for name in re.findall(r"\bassistant_[a-z0-9_]+", each)}
    assert asked <= names(), asked - names()
    shown = {re.sub("_(total|bucket|sum|count)$", "", name) for name in asked}
    ours = {family.name for family in metrics.Metrics(["x"], "1").registry.collect() if "assistant" in family.name}
    assert not ours - shown, "on no panel"


def test_the_papers_name_figures_that_there_are() -> None:
    told = set(re.findall(r"`(assistant_[a-z0-9_]+)", (ROOT / "docs" / "running.md").read_text()))
    assert told
    assert told <= names(), told - names()
