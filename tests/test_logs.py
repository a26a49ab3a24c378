"""The log: private files, both forms, neither secrets nor people's words."""

import json
import logging
import os
import stat
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path

import pytest
from telebot.apihelper import ApiTelegramException

import config
import logs
from secrecy import Redaction, facts, told
from services.provider import ModelError

TOKEN = "7000000001:AAH-abcdefghijklmnopqrstuvwxyz012345"
KEY = "sk-proj-Zq8\\w'x\"tyU1o2p3a4s5d6f7g8h9j0"
ADDRESS = "postgresql://bot:p%40ss+word%2F1@db.example:5432/bot"
WORDS = "my secret illness"
HIDES = Redaction([TOKEN, KEY, ADDRESS, "http://me:hunter22@proxy:3128"])


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook, sys.unraisablehook)
    showing = warnings.showwarning
    before = root.handlers[:], root.level
    yield
    for handler in set(root.handlers) - set(before[0]):
        with suppress(OSError):  # the device that is always full
            handler.close()
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logging.raiseExceptions = True
    warnings.showwarning = showing


def begin(path: Path | None = None, debug: bool = False, as_json: bool = False) -> None:
    logs.begin(HIDES, debug, path, as_json)


@pytest.mark.parametrize(
    "said",
    [
        f"POST /bot{TOKEN}/getMe",
        f"POST /bot{TOKEN.replace(':', '%3A')}/getMe",
        TOKEN.partition(":")[2],
        f"wrong key {KEY}",
        repr({"key": KEY}),
        json.dumps({"key": KEY}),
        f"cut off at the end of {KEY[:20]}",
        f"cut off before ...{KEY[-14:]}",
        f"cut off on both sides: {KEY[13:27]}",
        f"cannot reach {ADDRESS}",
        "password=p@ss+word/1 host=db",
        "cut off postgresql://you:qwe",
        "the password p@ss+word/1",
        "as it was p%40ss+word%2F1",
        "via me:hunter22@proxy",
        "Proxy-Authorization: Basic bWU6aHVudGVyMjI=",
        "somebody else's postgresql://you:qwe@elsewhere/x",
        "an unknown bot7654321098:AAH-zyxwvutsrqponmlkjihgfedcba54321/getMe",
    ],
)
def test_secrets_are_cut_out_in_every_form(said: str) -> None:
    clean = HIDES.clean(said)
    hidden = ("abcdefgh", "Zq8", "1o2p", "7g8h", "word", "hunter", "bWU6", "qwe", "zyxw")
    assert not [each for each in hidden if each in clean.replace("password", "")], clean
    assert "***" in clean


def test_what_is_no_secret_stays() -> None:
    addresses = ("https://api.telegram.org/x", "http://[::1]:80/x http://h:8080", "at http://h:80", "a@b.example")
    for said in ("update 12 of chat 3f9c0a1b2c3d: text", "12:34:56", "sk-", *addresses):
        assert HIDES.clean(said) == said


def raised() -> BaseException:
    try:
        try:
            raise KeyError(WORDS)
        except KeyError as error:
            raise ModelError("auth", f"wrong key {KEY}: {WORDS}") from error
    except ModelError as error:
        return error


def test_an_exception_is_told_by_its_facts() -> None:
    body = {"error_code": 400, "description": f"Bad Request: can't parse entities: {WORDS}"}
    refused = ApiTelegramException("sendMessage", None, body)
    assert facts(refused) == "ApiTelegramException 400 can't parse entities"
    assert facts(OSError(28, WORDS)) == "OSError No space left on device"
    assert facts(raised()) == "ModelError auth"
    text = told(ExceptionGroup(WORDS, [refused, raised()]))  # type: ignore[list-item]
    assert WORDS not in text
    assert "KeyError\n" in text
    assert 'raise ModelError("auth"' in text


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("debug", [False, True])
def test_words_come_with_debugging_alone_and_secrets_never(
    tmp_path: Path, debug: bool, as_json: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    begin(tmp_path / "log", debug, as_json)
    error = raised()
    logging.getLogger("x").error("no: %s", error, exc_info=error)
    thread = threading.Thread(target=lambda: [][len(KEY)] if not KEY else int(WORDS + KEY))
    thread.start()
    thread.join()
    sys.excepthook(type(error), error, error.__traceback__)
    warnings.showwarning(UserWarning(WORDS + KEY), UserWarning, "place.py", 7)
    for text in ((tmp_path / "log").read_text(), capfd.readouterr().err):
        assert "ModelError" in text
        assert text.count("nobody caught this") == 2
        assert "place.py:7: " in text
        assert (WORDS in text) == debug
        assert "Zq8" not in text


def test_an_object_a_line(tmp_path: Path) -> None:
    begin(tmp_path / "log", as_json=True)
    log = logging.getLogger("tally")
    log.info("two\nlines and half a %s", "\ud83d", extra={"fields": {"update": 5, "usd": None}, "other": WORDS})
    log.error("broke", exc_info=raised())
    first, second = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert first.pop("ts")[10] == "T"
    assert first == {
        "level": "INFO", "logger": "tally", "message": "two\nlines and half a \ud83d", "update": 5, "usd": None
    }  # fmt: skip
    assert second["exception"].endswith("ModelError auth")


def test_nobody_adds_lines_of_their_own(tmp_path: Path) -> None:
    begin(tmp_path / "log")
    logging.getLogger("x").info("%s", "harmless\n2026-01-01 00:00:00,000 CRITICAL main: all is lost")
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files")
def test_the_file_and_those_before_it_are_its_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST_LOG", 300)
    path, older = tmp_path / "log", tmp_path / "log.1"
    for each in (path, older):
        each.write_text("from before\n")
        each.chmod(0o644)
    before = os.umask(0)
    try:
        begin(path)
        assert mode(path) == mode(older) == 0o600
        for number in range(40):
            logging.getLogger("x").info("line %d of many", number)
    finally:
        os.umask(before)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 1 + logs.OLDER_LOGS
    assert {mode(each) for each in files} == {0o600}


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files")
def test_what_everybody_writes_to_is_left_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o666)
    pipe.chmod(0o666)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    begin(pipe)
    logging.getLogger("x").info("hello")
    assert b"hello" in os.read(reader, 1000)
    assert mode(pipe) == 0o666
    os.close(reader)


def test_a_full_disk_shows_no_line_as_it_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    begin(Path("/dev/full"))
    for _ in range(3):
        logging.getLogger("x").error("no: %s %s", KEY, ModelError("auth", WORDS))
        logging.getLogger("x").error("too few: %s %s", KEY)
    said = capfd.readouterr().err
    assert said.count("LOG_FILE takes nothing: OSError No space left on device") == 1
    assert "Zq8" not in said
    assert WORDS not in said


def test_every_secret_setting_is_known(tmp_path: Path) -> None:
    given = {"TELEGRAM_API_KEY": TOKEN, "OPENAI_API_KEY": "sk", "ADMIN_CHAT_ID": "1", "DEEP_API_KEY": "deep"}
    secret = [each.name for each in fields(config.Config) if (row := each.metadata.get("row")) and row.secret]
    known = replace(config.load(given, tmp_path), **{name: f"the secret of {name}" for name in secret}).secrets
    assert sorted(known) == sorted(["deep", *(f"the secret of {name}" for name in secret)])
    assert {"telegram_api_key", "openai_api_key", "transcription_api_key", "proxy"} <= set(secret)


def test_log_calls_leave_exceptions_to_the_log() -> None:
    """Their words may quote people: the log decides, with DEBUG_MODE, whether they are shown."""
    root = Path(logs.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if {".venv", "tests", "proof", "bench", "sandbox"}.intersection(path.relative_to(root).parts):
            continue
        for line in path.read_text().splitlines():
            if "log." in line and any(f"log.{level}(" in line for level in ("info", "warning", "error", "exception")):
                assert "description" not in line, f"{path}: {line}"
                assert "str(error" not in line, f"{path}: {line}"
                assert 'log.info(f"' not in line, f"{path}: {line}"
