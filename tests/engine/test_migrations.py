"""Data of every earlier landing, each made by its own code and killed: today's bot takes them on and loses nothing."""

import json
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

import config
import owner_tools
from engine import datafile, migrations
from engine.datafile import DataFileError
from engine.engine import Engine
from records import WALLETS
from storage import Store
from tests.conftest import ALICE, BORIS, OWNER, Conversation
from tests.engine.old_data import make

HERE = Path(__file__).parent
LANDINGS = sorted(folder.name for folder in (HERE / "old_data").iterdir() if (folder / "expected.json").exists())
OURS = [name for name in LANDINGS if name != "0.1.0"]  # which had neither journal nor ledger


@pytest.fixture
def path(tmp_path: Path, landing: str) -> Path:
    """The data as that landing has left them, somewhere else."""
    shutil.copytree(HERE / "old_data" / landing, tmp_path / "bot")
    (tmp_path / "bot" / "expected.json").unlink()
    return tmp_path / "bot" / "data.json"


def expected(landing: str) -> Any:
    return json.loads((HERE / "old_data" / landing / "expected.json").read_text(encoding="utf-8"))


def within(new: Any, old: Any) -> Any:
    """Of a newer answer what an older landing knew of."""
    if isinstance(old, dict):
        return {name: within(new.get(name), value) for name, value in old.items()}
    return new


def told(store: Store) -> list[str]:
    return [key for key, _ in store.engine.opened.notices]


def everything(path: Path) -> dict[str, bytes]:
    files = [each for each in path.parent.rglob("*") if each.is_file() and not each.name.endswith(".lock")]
    return {str(each.relative_to(path.parent)): each.read_bytes() for each in files}


def check_wallets(store: Store) -> None:
    """Each wallet holds what the ledger says."""
    booked = make.ledger(store)
    for key, record in store.records.items():
        for wallet in WALLETS if "balance" in record else ():
            assert booked.get(f"{key} {wallet}", 0) == record.get(wallet, 0), (key, wallet)


class Tools:
    """What the owner does with the data of a stopped bot."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        settings = {"TELEGRAM_API_KEY": "1:none", "OPENAI_API_KEY": "none", "ADMIN_CHAT_ID": "1"}
        self._config = config.load(settings | {"DATA_FILE": str(path)}, path.parent)
        self._capsys = capsys

    def __call__(self, tool: Callable[..., int], *arguments: Path) -> tuple[int, str, str]:
        """Its exit code, what it says, and what it complains of."""
        self._capsys.readouterr()
        code = tool(self._config, *arguments)
        return code, *self._capsys.readouterr()


@pytest.fixture
def tools(path: Path, capsys: pytest.CaptureFixture[str]) -> Tools:
    return Tools(path, capsys)


@pytest.mark.parametrize("landing", LANDINGS)
def test_all_of_it_is_there_and_kept_as_it_was_once(landing: str, path: Path) -> None:
    is_ours = landing in OURS
    original = path.with_name(f"data.json.before-{'upgrade' if is_ours else 'import'}")
    store = Store(path, make.rules())
    assert told(store) == ["admin_upgraded" if is_ours else "admin_taken_over"]
    assert within(make.answers(store), expected(landing)) == expected(landing)
    check_wallets(store)
    assert original.stat().st_mode & 0o777 == 0o600
    assert "schema" not in json.loads(original.read_text())["global"]
    assert json.loads(path.read_text())["global"]["schema"] == migrations.SCHEMA
    store.close()
    before, files = json.loads(path.read_text()), everything(path)
    store = Store(path, make.rules())
    assert told(store) == []
    store.close()
    assert (json.loads(path.read_text()), everything(path).keys()) == (before, files.keys())
    assert everything(path)[original.name] == files[original.name]


@pytest.mark.parametrize("landing", LANDINGS)
def test_who_was_deleted_is_nowhere_in_it(landing: str, path: Path) -> None:
    Store(path, make.rules()).close()
    for name, content in everything(path).items():
        if landing in OURS or name == "data.json":
            assert (b"Dora" in content) == (landing == "0.1.0"), name


@pytest.mark.parametrize("landing", OURS)
def test_the_owners_tools_read_it_without_touching_it(landing: str, path: Path, tools: Tools) -> None:
    before = everything(path)
    code, says, complains = tools(owner_tools.verify)
    assert (code, complains) == (0, ""), says
    assert "of an earlier version: the next start upgrades them.\n" in says
    assert "Every wallet holds what the ledger says.\n" in says
    assert says.endswith("Every sum of usage is that of the ledger.\n")
    assert tools(owner_tools.export_csv, path.parents[1] / "csv")[0] == 0
    assert tools(owner_tools.export_sqlite, path.parents[1] / "bot.sqlite")[0] == 0
    users = (path.parents[1] / "csv" / "users.csv").read_text()
    for user in expected(landing)["users"].values():
        assert f"{user['balance']},{user['premium_balance']},{user['image_balance']}" in users
    assert everything(path) == before
    Store(path, make.rules()).close()
    code, says, complains = tools(owner_tools.verify)
    assert (code, complains) == (0, ""), says
    assert "earlier version" not in says


@pytest.mark.parametrize("landing", OURS)
def test_a_copy_of_it_can_be_restored_later(landing: str, path: Path, tools: Tools) -> None:
    copy = path.parents[1] / "copy.json"
    shutil.copy(path, copy)
    Store(path, make.rules()).close()
    assert tools(owner_tools.restore, copy)[0] == 0
    assert json.loads(path.read_text())["global"]["schema"] == migrations.SCHEMA
    assert tools(owner_tools.restore, path.with_name("data.json.before-upgrade"))[0] == 0
    assert tools(owner_tools.verify)[0] == 0
    store = Store(path, make.rules())
    assert told(store) == []
    assert within(make.answers(store)["users"], expected(landing)["users"]) == expected(landing)["users"]
    store.close()


@pytest.mark.parametrize("landing", ["0.2.0"])
def test_sums_that_it_did_not_keep_are_counted(landing: str, path: Path) -> None:
    store = Store(path, make.rules())
    assert [store.invitations(each) for each in (ALICE, BORIS)] == [(1, 40_000), (1, 20_000)]
    (models,) = store.usage().values()
    assert models["gpt-6-luna"].calls == len(expected(landing)["histories"]["101"]) // 2 + 4
    store.close()


@pytest.mark.parametrize("landing", ["0.3.0", "0.4.0"])
def test_a_file_goes_along_with_the_next_question(landing: str, path: Path) -> None:
    store = Store(path, make.rules())
    shown = store.attachment(make.Topic(make.CAROL))
    assert shown is not None
    assert ([each._asdict() for each in shown.attachments], shown.place) == ([make.FILE], 0)
    assert shown.tokens == (0 if landing == "0.3.0" else 85)
    store.close()


@pytest.mark.parametrize("landing", ["0.2.0", "0.4.0"])
def test_an_upgrade_that_was_interrupted_begins_again_with_the_same_original(
    landing: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(path)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for step in (migrations, datafile.DataFile):
        with monkeypatch.context() as patch:
            patch.setattr(step, "migrate" if step is migrations else "save", full)
            with pytest.raises(DataFileError):
                Store(path, make.rules())
        after = everything(path)
        assert {name: after[name] for name in before if "ledger" not in name} == {
            name: content for name, content in before.items() if "ledger" not in name
        }
    store = Store(path, make.rules())
    assert within(make.answers(store), expected(landing)) == expected(landing)
    assert [each.name for each in path.parent.glob("*before*")] == ["data.json.before-upgrade"]
    store.close()


@pytest.mark.parametrize("landing", OURS)
def test_the_original_stands_before_anything_else_changes(
    landing: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for journal in path.parent.glob("data-journal-*"):
        journal.unlink()
    path.write_text(json.dumps(json.loads(path.read_text()), indent=1))  # as an editor may have left it
    content, seen = path.read_bytes(), []

    def looks(*_: object) -> None:
        seen.append(path.with_name("data.json.before-upgrade").read_bytes())
        raise DataFileError("looked")

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "migrate", looks)
        with pytest.raises(DataFileError, match="looked"):
            Store(path, make.rules())
    assert (seen, path.read_bytes()) == ([content], content)


@pytest.mark.parametrize("landing", ["0.3.0"])
def test_its_backup_is_never_read_with_a_newer_journal(landing: str, path: Path) -> None:
    store = Store(path, make.rules())
    store.refill(ALICE, "balance", 5)
    found = make.answers(store)
    assert json.loads(path.with_name("data-backup.json").read_text())["global"]["schema"] == migrations.SCHEMA
    store.engine._over.set()
    store.engine.file._lock.release()  # killed
    path.write_bytes(b"{")
    store = Store(path, make.rules())
    assert told(store) == ["admin_alert_backup"]
    assert make.answers(store) == found
    check_wallets(store)
    store.close()


@pytest.mark.parametrize("landing", OURS)
def test_the_first_thing_an_upgrade_writes_is_a_backup_of_its_own(landing: str, path: Path) -> None:
    for journal in path.parent.glob("data-journal-*"):
        journal.unlink()  # it tells of a deletion, after which no older backup stays anyway
    engine = Engine(path, UTC)
    found = set(engine.state.records)
    engine._over.set()
    engine.file._lock.release()  # killed before it did anything else
    backup = path.with_name("data-backup.json")
    assert json.loads(backup.read_text())["global"]["schema"] == migrations.SCHEMA
    path.write_bytes(b"{")
    store = Store(path, make.rules())
    assert told(store) == ["admin_alert_backup"]
    assert found <= set(store.engine.state.records)
    store.close()


@pytest.mark.parametrize("landing", ["0.4.0"])
def test_the_original_goes_after_seven_days(landing: str, path: Path) -> None:
    store, original = Store(path, make.rules()), path.with_name("data.json.before-upgrade")
    for days, stays in ((6, True), (8, False)):
        past = time.time() - days * 86_400
        os.utime(original, (past, past))
        store.engine.checkpoint(anyway=True)
        assert original.exists() == stays
    store.close()


@pytest.mark.parametrize("landing", ["0.4.0"])
@pytest.mark.parametrize("schema", [migrations.SCHEMA + 1, "new", -1])
def test_data_of_a_newer_version_are_refused_and_not_touched(
    landing: str, path: Path, schema: object, tools: Tools
) -> None:
    Store(path, make.rules()).close()
    whole = json.loads(path.read_text())
    whole["global"]["schema"] = schema
    path.write_text(json.dumps(whole))
    before = everything(path)
    says = "was written by a newer version of this bot" if schema == migrations.SCHEMA + 1 else "cannot be used"
    csv, sqlite = path.parents[1] / "csv", path.parents[1] / "bot.sqlite"
    with pytest.raises(DataFileError, match=says):
        Store(path, make.rules())
    for tool, *where in (
        (owner_tools.verify,),
        (owner_tools.restore, path),
        (owner_tools.export_csv, csv),
        (owner_tools.export_sqlite, sqlite),
    ):
        code, said, complains = tools(tool, *where)
        assert (code, said, len(complains.splitlines())) == (1, "", 1), complains
        assert says in complains
    assert everything(path) == before
    assert not csv.exists()
    assert not sqlite.exists()


@pytest.mark.parametrize("landing", ["0.4.0"])
def test_a_newer_backup_is_not_taken_for_a_damaged_file(landing: str, path: Path) -> None:
    Store(path, make.rules()).close()
    whole = json.loads(path.read_text())
    whole["global"] = {**whole["global"], "schema": migrations.SCHEMA + 1}
    del whole["global"]["seal"]
    path.with_name("data-backup.json").write_bytes(datafile.sealed(whole))
    path.write_bytes(b"{")
    with pytest.raises(DataFileError, match="newer version"):
        Store(path, make.rules())
    assert path.read_bytes() == b"{"


@pytest.mark.parametrize("landing", ["0.4.0"])
def test_an_older_copy_is_restored_over_newer_data(landing: str, path: Path, tools: Tools) -> None:
    Store(path, make.rules()).close()
    whole = json.loads(path.read_text())
    whole["global"]["schema"] = migrations.SCHEMA + 1
    path.write_text(json.dumps(whole))
    assert tools(owner_tools.restore, path.with_name("data.json.before-upgrade"))[0] == 0
    store = Store(path, make.rules())
    assert within(make.answers(store)["users"], expected(landing)["users"]) == expected(landing)["users"]
    store.close()


@pytest.fixture
def settings(path: Path) -> dict[str, str]:
    return {"DATA_FILE": str(path), "STALE_AFTER": "10000000"}


@pytest.mark.parametrize("landing", LANDINGS)
def test_the_bot_answers_on_it(landing: str, people: Conversation) -> None:
    paid = expected(landing).get("paid answers", {}).values()
    people.wait_for(
        lambda: all([each["text"] for each in people.said(ALICE)].count(text) == 1 for text in paid) or None
    )
    if make.HEARD in expected(landing).get("waiting", ()):
        people.wait_for(lambda: any("\nСколько" in each["text"] for each in people.said(BORIS)) or None)
    people.wait_for(lambda: any("before-" in each["text"] for each in people.said(OWNER)) or None)
    assert people.bot.long.wait_idle(10)
    held = people.bot.store.available(ALICE, "balance")
    people.script.queue({"text": "Still here.", "usage": {"prompt_tokens": 30, "completion_tokens": 12}})
    assert people.write("Are you there?") == "Still here."
    assert people.bot.long.wait_idle(10)
    assert people.bot.store.available(ALICE, "balance") == held - 42
    assert [said["content"] for said in people.bot.store.history(make.Topic(ALICE))][-1] == "Still here."
    check_wallets(people.bot.store)
    assert not people.bot.store.engine.state.aside
