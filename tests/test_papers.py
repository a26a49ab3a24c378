"""What the papers say is so: settings, links, commands of make, pins."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from config import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.eng.md")
PAPERS = (
    *READMES,
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/settings.md",
    "docs/commands.md",
    "docs/messages.md",
    "docs/models.md",
    "docs/running.md",
)
REQUIREMENTS = {"run": "requirements.txt", "demo": "requirements-demo.txt", "dev": "requirements-dev.txt"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def defaults(name: str) -> list[tuple[str, str]]:
    """Settings and defaults of a Markdown table, without backticks."""
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| ([^|]+) \|", text(name), re.MULTILINE)
    return [(setting, default.strip().strip("`")) for setting, default in rows]


def test_docs_list_every_setting_as_the_code_has_it() -> None:
    for row in SETTINGS.values():
        default = "required" if row.default is None else f"`{row.default}`" if row.default else "empty"
        assert f"| `{row.name}` | {default} | {row.about} |" in text("docs/settings.md").splitlines()
    assert [name for name, _ in defaults("docs/settings.md")] == [row.name for row in SETTINGS.values()]


def test_example_env_lists_every_setting_with_its_default() -> None:
    lines = re.findall(r"^(# )?([A-Z0-9_]+)=(.*)$", text("example.env"), re.MULTILINE)
    shown = [(not off, name, value) for off, name, value in lines if not name.endswith("_API_KEY_FILE")]
    assert shown == [(row.default is None, row.name, row.default or "") for row in SETTINGS.values()]


@pytest.mark.parametrize("name", READMES)
def test_readme_tables_tell_the_defaults(name: str) -> None:
    known = {row.name: row.default for row in SETTINGS.values()}
    shown = defaults(name)
    assert len(shown) == 13
    for setting, default in shown:
        assert known[setting] is None or known[setting] == default


def test_readmes_are_short_and_link_each_other_first() -> None:
    for name, other in (READMES, READMES[::-1]):
        lines = text(name).splitlines()
        assert len(lines) <= 150
        assert f"]({other})" in lines[0]


@pytest.mark.parametrize("name", PAPERS)
def test_links_and_named_files_exist(name: str) -> None:
    folder = (ROOT / name).parent
    for link in re.findall(r"\]\(([^)#]+)\)", text(name)):
        assert link.startswith("https://") or (folder / link).exists(), link
    for named in re.findall(r"`([\w./-]+(?:\.py|\.txt|\.toml|/))`", text(name)):
        assert (ROOT / named).exists() or named in text(".gitignore").splitlines(), named


@pytest.mark.parametrize("name", PAPERS)
def test_commands_of_make_exist(name: str) -> None:
    targets = re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE)
    for target in re.findall(r"(?:^ {4}|`)make ([a-z]+)", text(name), re.MULTILINE):
        assert target in targets


def pins(name: str) -> list[str]:
    lines = [line for line in text(name).splitlines() if line and not line.startswith(("#", "-r"))]
    for line in lines:
        assert re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+(; [^#]+?)?\s+# \S.*", line), (
            f"an exact pin and its reason: {line}"
        )
    return [line.split("#")[0].strip().replace('"', "'") for line in lines]


def test_requirements_are_exact_reasoned_and_the_same_in_pyproject() -> None:
    project = tomllib.loads(text("pyproject.toml"))
    groups = {
        name: [pin for pin in group if isinstance(pin, str)] for name, group in project["dependency-groups"].items()
    }
    assert pins(REQUIREMENTS["run"]) == project["project"]["dependencies"]
    assert pins(REQUIREMENTS["demo"]) == groups["demo"]
    assert pins(REQUIREMENTS["dev"]) == groups["dev"]


def test_the_bot_starts_with_what_a_plain_install_has() -> None:
    further = {re.split("[=;]", pin)[0].lower() for group in ("demo", "dev") for pin in pins(REQUIREMENTS[group])}
    blocked = [name for name, of in packages_distributions().items() if further.intersection(map(str.lower, of))]
    assert {"aiohttp", "markdown_it"} <= set(blocked)
    program = f"import sys; sys.modules.update(dict.fromkeys({blocked})); import main"
    asked = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stdout) == (0, "")


def test_no_path_of_a_machine_is_in_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = listed.stdout.decode().split("\0")[:-1]
    if not names:
        pytest.skip("not a git checkout")
    place = re.compile(rb"/(work|home|root|opt/pypi)/[\w.]|/tmp/lab")
    for name in names:
        path = ROOT / name
        if path.is_file() and path != Path(__file__):
            assert not place.search(path.read_bytes()), name


def test_secrets_and_data_are_kept_out_of_git() -> None:
    private = [".env", ".env.production", "data.json", "data.json.lock", "data-backup.json"]
    asked = subprocess.run(
        ["git", "check-ignore", *private, "data.json.example"], cwd=ROOT, capture_output=True, check=False
    )
    if asked.returncode == 128:
        pytest.skip("not a git checkout")
    assert asked.stdout.decode().split() == private
