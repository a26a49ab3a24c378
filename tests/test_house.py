"""The rules of the house that a machine can keep."""

import ast
import re
import string
from pathlib import Path

import pytest

from bot_commands.table import COMMANDS, PRESSES
from texts import LANGUAGES, SUBJECTS, TEXTS, say

HERE = Path(__file__).resolve().parent.parent
SKIPPED = {".venv", "tests", ".git"}
SOURCES = [path for path in sorted(HERE.rglob("*.py")) if not SKIPPED.intersection(path.relative_to(HERE).parts)]

FLOORS = {
    "main": 6,
    "demo": 6,
    "bot": 5,
    "bot_commands": 4,
    "services": 3,
    "checkup": 5,
    "wizard": 5,
    "polling": 3.2,
    "intake": 3.1,
    "webhook": 2.5,
    "alerts": 3,
    "admin_log": 3.5,
    "retirement": 3.5,
    "forgetting": 3.5,
    "delivery": 2,
    "storage": 2,
    "daily": 3.5,
    "reconciliation": 3.5,
    "accounts": 1.8,
    "engine": 1.5,
    "records": 0.5,
    "export": 2,
    "owner_tools": 5,
    "stars": 0.5,
    "telegram_io": 2,
    "lanes": 2,
    "heartbeat": 1,
    "config": 0,
    "owner_files": 0.2,
    "presets": 1.5,
    "originals": 2.2,
    "workers": 3.5,
    "process": 2,
    "reception": 5.5,
    "env_files": -1,
    "texts": 1,
    "formatting": 1,
    "incoming": 1,
    "logs": 1,
    "secrecy": 0.5,
    "tally": 2.5,
    "moment": 2.5,
    "metrics": 3,
    "watched": 4.5,
    "sandbox": 1,
    "bench": 7,
    "proof": 7,
}
# Rooms on one floor may use each other as long as there is no circle: these arrows exist.
LEVEL = {
    ("delivery", "telegram_io"),
    ("main", "demo"),
    ("bench", "proof"),
}


def imports(path: Path) -> list[tuple[ast.stmt, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: list[tuple[ast.stmt, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append((node, node.module or ""))
    return found


def room(path: Path) -> str:
    return path.relative_to(HERE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(HERE)))
def test_imports_go_down_only(path: Path) -> None:
    here = room(path)
    for _, name in imports(path):
        there = name.split(".")[0]
        if there not in FLOORS or there == here:
            continue
        if here == "sandbox":
            pytest.fail(f"the sandbox imports {name} of the bot")
        assert FLOORS[there] < FLOORS[here] or (here, there) in LEVEL, f"{here} imports {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(HERE)))
def test_no_import_hides_in_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            hidden = [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)]
            assert not hidden, f"line {hidden[0].lineno}" if hidden else ""


def test_services_know_neither_telegram_nor_the_data_file() -> None:
    for path in SOURCES:
        if room(path) == "services":
            assert not {name.split(".")[0] for _, name in imports(path)} & {"storage", "telegram_io", "telebot"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(HERE)))
def test_functions_are_short_and_explained(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "no docstring on the module"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 40, f"{node.name} is longer than 40 lines"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_only_config_reads_the_environment() -> None:
    for path in SOURCES:
        if room(path) in ("main", "wizard", "bench", "sandbox"):
            continue  # main hands it on; the others are programs of their own
        text = path.read_text(encoding="utf-8")
        assert "os.environ" not in text, path
        assert "getenv" not in text, path


def test_only_storage_knows_the_file_format() -> None:
    for path in SOURCES:
        owners = ("checkup", "main", "demo", "owner_tools", "export", "proof", "bench")
        known = {"engine.datafile", "engine.journal", "engine.ledger"}
        if room(path) not in ("storage", "accounts", "engine", *owners):
            assert not {name for _, name in imports(path)} & known, path


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same(key: str) -> None:
    words = TEXTS[key]
    assert words.ru
    assert words.en
    assert blanks(words.ru) == blanks(words.en)


@pytest.mark.parametrize("key", [key for key in TEXTS if key.startswith("fail_")])
def test_a_failure_ends_its_sentence_before_the_next_one(key: str) -> None:
    assert all(words.endswith(".") for words in TEXTS[key]), "what was charged is told behind it"


def test_no_sentence_stands_twice() -> None:
    assert len(TEXTS) == sum(len(subject.TEXTS) for subject in SUBJECTS)


def test_every_sentence_is_said_somewhere() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in SOURCES if room(path) != "texts")
    built = (
        "argument_",
        "can_",
        "subject_",
        "measure_",
        "stat_by_",
        "empty_",
        "fail_",
        "shape_",
        "wallet_",
        "package_",
        "reason_",
        "admin_budget_",
        "picture_",
        "pictures_",
        "document_",
        "documents_",
        "files_",
    )
    unused = [key for key in TEXTS if not re.search(rf"['\"]{key}['\"]", sources) and not key.startswith(built)]
    assert not unused


@pytest.mark.parametrize(("number", "russian"), [(1, "токен"), (2, "токена"), (5, "токенов"), (11, "токенов")])
def test_plural_forms(number: int, russian: str) -> None:
    assert (
        say("ru", "welcome_back", name="Я", balance=number)
        .split("На вашем счету ")[1]
        .startswith(f"{number} {russian}.")
    )
    english = "token." if number == 1 else "tokens."
    assert f"{number} {english}" in say("en", "welcome_back", name="I", balance=number)


def test_names_and_aliases_are_unique_and_telegram_takes_them() -> None:
    names = [name for row in COMMANDS for name in (row.name, *row.aliases)]
    assert len(names) == len(set(names))
    for row in COMMANDS:
        assert set(row.name) <= set(string.ascii_lowercase + string.digits + "_")
        assert len(row.name) <= 32
        assert all(1 <= len(text) <= 256 for text in row.help)
    assert len({row.name for row in PRESSES}) == len(PRESSES)


def test_admin_commands_work_in_private_only() -> None:
    for row in COMMANDS:
        assert row.role != "admin" or row.where == "private", row.name


def test_what_people_see_fits() -> None:
    for language in LANGUAGES:
        assert len(say(language, "help", account=say(language, "help_wallet"), calls="").splitlines()) <= 14
        for key in TEXTS:
            if key.startswith(("not_", "used_", "stopping", "nothing_to")):
                assert len(say(language, key)) <= 200
