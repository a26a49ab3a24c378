"""The wizard and `--check` as conversations with the sandbox."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from dotenv import dotenv_values

import checkup
import config
import wizard
from engine.datafile import DataFile
from sandbox.client import Sandbox, World
from telegram_io import Telegram

Answers = dict[str, list[str]]


class Person:
    """Answers questions by a word in them, in order; a question nobody thought of is the end of input."""

    def __init__(self, **answers: list[str]) -> None:
        self.answers, self.heard = answers, ""
        self.on: dict[str, Callable[[], object]] = {}

    def ask(self, question: str) -> str:
        self.say(question)
        for word, left in self.answers.items():
            if word in question and left:
                return left.pop(0)
        raise EOFError

    def say(self, line: str) -> None:
        self.heard += line + "\n"
        for word, deed in self.on.items():
            if word in line:
                deed()


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world()


@pytest.fixture
def environ(sandbox: Sandbox) -> dict[str, str]:
    root = sandbox.url.rstrip("/")
    return {"TELEGRAM_API_URL": root, "OPENAI_BASE_URL": f"{root}/v1", "LANG": "en_GB.UTF-8"}


def key(sandbox: Sandbox, name: str) -> str:
    sandbox.script(name)
    return name


def test_three_questions_make_a_working_env(sandbox: Sandbox, world: World, environ: dict, tmp_path: Path) -> None:
    token = world.token
    sk = key(sandbox, f"sk-wizard-{token[-6:]}")
    person = Person(token=["nonsense", "77:unknown", token], key=["sk-wrong", sk], Is=["", "what", "no", "yes"])

    def write() -> None:
        assert person.heard.count("Waiting") <= 2, "neither yes nor no was taken for a no"
        world.send("hi", user=101 if "id 101" not in person.heard else 1)

    person.on["Waiting"] = write
    assert wizard.run(tmp_path, environ, person.ask, person.say)
    for sentence in ("does not look like", "does not know", "does not accept", "@sandbox_assistant_bot", "@alice"):
        assert sentence in person.heard
    path = tmp_path / ".env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert dotenv_values(path) == {"TELEGRAM_API_KEY": token, "OPENAI_API_KEY": sk, "ADMIN_CHAT_ID": "1"}
    assert config.load(environ, tmp_path).admin_ids == (1,)
    assert [each.name for each in tmp_path.iterdir()] == [".env"]


def test_the_owners_message_stays_for_the_bot(sandbox: Sandbox, world: World, environ: dict, tmp_path: Path) -> None:
    person = Person(token=[world.token], key=[key(sandbox, f"sk-stay-{world.token[-6:]}")], Is=["no", "y"])
    person.on["Waiting"] = lambda: world.send("/start", user=101 if "id 101" not in person.heard else 1)
    assert wizard.run(tmp_path, environ, person.ask, person.say)
    offsets = [call["params"].get("offset") for call in world.calls("getUpdates")]
    assert len(offsets) >= 2
    assert all(offset in (None, "0", 0) for offset in offsets)


def test_leaving_writes_nothing(world: World, environ: dict, tmp_path: Path) -> None:
    def leave(question: str) -> str:
        raise KeyboardInterrupt

    person = Person()
    assert not wizard.run(tmp_path, {**environ, "LANG": "ru_RU.UTF-8"}, leave, person.say)
    assert "Ничего не записано" in person.heard
    assert not wizard.run(tmp_path, environ, Person(token=[world.token]).ask, person.say)
    assert list(tmp_path.iterdir()) == []


def test_an_env_that_is_there_is_kept(sandbox: Sandbox, world: World, environ: dict, tmp_path: Path) -> None:
    person = Person(token=[world.token], key=[key(sandbox, f"sk-kept-{world.token[-6:]}")], Is=["y"])
    person.on["Waiting"] = lambda: (world.send("hi", user=1), (tmp_path / ".env").write_text("MODEL=mine\n"))
    assert not wizard.run(tmp_path, environ, person.ask, person.say)
    assert (tmp_path / ".env").read_text() == "MODEL=mine\n"


def test_a_strange_provider_is_asked_for_its_model(
    sandbox: Sandbox, world: World, environ: dict, tmp_path: Path
) -> None:
    person = Person(token=[world.token], key=[key(sandbox, f"sk-model-{world.token[-6:]}")], Which=[""], Is=["y"])
    world.send("hi", user=1)
    assert wizard.run(tmp_path, {**environ, "MODEL": "no-such-model"}, person.ask, person.say)
    assert dotenv_values(tmp_path / ".env")["MODEL"]


def test_the_wizard_is_for_a_person_who_has_begun_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert wizard.wanted(tmp_path, {})
    assert not wizard.wanted(tmp_path, {"BOT_TOKEN": "1:a"})
    assert not wizard.wanted(tmp_path, {"OPENAI_API_KEY_FILE": "key"})
    (tmp_path / ".env").touch()
    assert not wizard.wanted(tmp_path, {})


def test_values_survive_the_way_through_env(tmp_path: Path) -> None:
    odd = {"OPENAI_API_KEY": "a#b'c\\d\"$e\\'f\\", "MODEL": "org/model:free"}
    (tmp_path / ".env").write_text(wizard._content(odd))
    assert dotenv_values(tmp_path / ".env", interpolate=False) == odd


def test_every_sentence_has_the_same_blanks_in_both_languages() -> None:
    import string

    for russian, english in wizard.WORDS.values():
        blanks = [
            sorted(name for _, name, _, _ in string.Formatter().parse(words) if name) for words in (russian, english)
        ]
        assert blanks[0] == blanks[1]


def findings(environ: dict, folder: Path) -> tuple[int, str]:
    lines: list[str] = []
    code = checkup.run(config.load(environ, folder), lines.append)
    return code, "\n".join(lines)


@pytest.mark.parametrize(
    ("api", "words"), [("chat", "model gpt-6-luna: answered"), ("responses", "model gpt-6-luna by Responses: answered")]
)
def test_check_says_ok_for_each_part(
    sandbox: Sandbox, world: World, environ: dict, tmp_path: Path, api: str, words: str
) -> None:
    sk = key(sandbox, f"sk-check-{world.token[-6:]}")
    given = {**environ, "TELEGRAM_API_KEY": world.token, "OPENAI_API_KEY": sk, "ADMIN_CHAT_ID": "1"}
    code, said = findings({**given, "OPENAI_API": api}, tmp_path)
    assert code == 0, said
    assert words in said
    assert said.count("ok  ") == 7
    assert "models and prompts to choose from: 2 models, " in said
    assert "transcription whisper-1: listened in" in said
    assert world.calls("sendMessage") == []
    assert not (tmp_path / "data.json").exists()


def test_check_beside_a_running_bot_is_no_failure(
    sandbox: Sandbox, world: World, environ: dict, tmp_path: Path
) -> None:
    sk = key(sandbox, f"sk-beside-{world.token[-6:]}")
    given = {**environ, "TELEGRAM_API_KEY": world.token, "OPENAI_API_KEY": sk, "ADMIN_CHAT_ID": "1"}
    running = DataFile(tmp_path / "data.json")
    try:
        code, said = findings(given, tmp_path)
    finally:
        running.close()
    assert code == 0, said
    assert f"ok    data file {tmp_path / 'data.json'}: a bot works with it now" in said


def test_check_tells_what_telegram_says_of_the_webhook(
    sandbox: Sandbox, world: World, environ: dict, tmp_path: Path
) -> None:
    url = "http://127.0.0.1:9/telegram"  # nobody listens there
    sk = key(sandbox, f"sk-hook-{world.token[-6:]}")
    given = {**environ, "TELEGRAM_API_KEY": world.token, "OPENAI_API_KEY": sk, "ADMIN_CHAT_ID": "1"}
    given |= {"WEBHOOK_URL": url, "WEBHOOK_SECRET": "this-is_Telegram-indeed"}
    assert f"ok    webhook {url}: will be set at the start" in findings(given, tmp_path)[1]
    Telegram(world.token, sandbox.url).set_webhook(url, "this-is_Telegram-indeed", 40)
    assert f"ok    webhook {url}: set, and nothing waits" in findings(given, tmp_path)[1]
    world.send("Hello")
    world.wait(lambda: any(each["type"] == "delivery" for each in world.events(0, 0.0, calls=True)))
    code, said = findings(given, tmp_path)
    assert code == 1
    assert f"FAIL  webhook {url}: updates wait, and Telegram says: Connection refused" in said


def test_check_asks_the_usual_models_as_their_rows_say(
    sandbox: Sandbox, world: World, environ: dict, tmp_path: Path
) -> None:
    sk = key(sandbox, f"sk-row-{world.token[-6:]}")
    given = {**environ, "TELEGRAM_API_KEY": world.token, "OPENAI_API_KEY": sk, "ADMIN_CHAT_ID": "1"}
    row = {"name": "gpt-6-luna", "base_url": environ["OPENAI_BASE_URL"], "api": "responses"}
    (tmp_path / "own.json").write_text(json.dumps([row]))
    code, said = findings({**given, "MODELS_FILE": "own.json"}, tmp_path)
    assert code == 0, said
    assert "model gpt-6-luna by Responses: answered" in said
    assert "model gpt-6.1-terra: answered" in said


def test_check_finds_a_provider_that_does_not_listen(
    sandbox: Sandbox, world: World, environ: dict, tmp_path: Path
) -> None:
    sk = key(sandbox, f"sk-deaf-{world.token[-6:]}")
    given = {**environ, "TELEGRAM_API_KEY": world.token, "OPENAI_API_KEY": sk, "ADMIN_CHAT_ID": "1"}
    code, said = findings({**given, "TRANSCRIPTION_MODEL": "deaf"}, tmp_path)
    assert code == 1
    assert "FAIL  transcription deaf: the provider does not serve it: mend TRANSCRIPTION_MODEL" in said


def test_check_tries_another_server_that_listens(sandbox: Sandbox, world: World, environ: dict, tmp_path: Path) -> None:
    sk, ears = (key(sandbox, f"sk-{name}-{world.token[-6:]}") for name in ("answers", "ears"))
    given = {**environ, "TELEGRAM_API_KEY": world.token, "OPENAI_API_KEY": sk, "ADMIN_CHAT_ID": "1"}
    elsewhere = {**given, "TRANSCRIPTION_BASE_URL": environ["OPENAI_BASE_URL"], "TRANSCRIPTION_API_KEY": ears}
    assert f"transcription whisper-1 at {environ['OPENAI_BASE_URL']}: listened in" in findings(elsewhere, tmp_path)[1]
    code, said = findings({**elsewhere, "TRANSCRIPTION_BASE_URL": "http://127.0.0.1:9/v1"}, tmp_path)
    assert code == 1
    assert "FAIL  transcription whisper-1 at http://127.0.0.1:9/v1: no connection: is the server up?" in said


def test_check_tries_further_providers_and_names_mistakes_in_their_file(
    sandbox: Sandbox, world: World, environ: dict, tmp_path: Path
) -> None:
    sk = key(sandbox, f"sk-own-{world.token[-6:]}")
    given = {**environ, "TELEGRAM_API_KEY": world.token, "OPENAI_API_KEY": sk, "ADMIN_CHAT_ID": "1"}
    given |= {"MODELS_FILE": "own.json", "FAR_API_KEY": "sk-refused"}
    row = {"name": "gpt-6.1-sol", "base_url": environ["OPENAI_BASE_URL"], "key": "FAR_API_KEY"}
    (tmp_path / "own.json").write_text(json.dumps([row]))
    code, said = findings(given, tmp_path)
    assert code == 1
    assert f"FAIL  model gpt-6.1-sol: {environ['OPENAI_BASE_URL']} does not answer with FAR_API_KEY" in said
    (tmp_path / "own.json").write_text(json.dumps([{**row, "windw": 1}]))
    code, said = findings(given, tmp_path)
    assert code == 1
    assert "FAIL  models and prompts to choose from: own.json: row 1, windw: Extra inputs are not permitted." in said


def test_check_says_what_to_do_and_no_secret(environ: dict, tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text("{broken")
    given = {**environ, "TELEGRAM_API_KEY": "9:unknown", "OPENAI_API_KEY": "sk-unknown", "ADMIN_CHAT_ID": "1"}
    code, said = findings(given, tmp_path)
    assert code == 1
    assert said.count("FAIL") == 5
    for what in ("TELEGRAM_API_KEY", "OPENAI_API_KEY", "put a copy in its place"):
        assert what in said
    assert "9:unknown" not in said
    assert "sk-unknown" not in said
    away = {**given, "TELEGRAM_API_URL": "http://127.0.0.1:9", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    code, said = findings(away, tmp_path)
    assert "no connection" in said
    assert "9:unknown" not in said
