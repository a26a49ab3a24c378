"""What keeps the bot running: the loop, the unit of systemd, the image, compose.yaml, the workflows."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot_commands.dialogue import VERSION
from config import SETTINGS

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
NOT_IN_THE_IMAGE = {".ci", ".github", "bench", "deploy", "docs", "proof", "tests"}


def read(path: str | Path) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def lines(path: str) -> list[str]:
    text = (ROOT / path).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.skipif(os.name == "nt", reason="the loop is a script of sh")
@pytest.mark.parametrize(
    ("codes", "starts"), [("0", 1), ("2", 1), ("143", 1), ("1 0", 2), ("139 137 1 2", 4), ("129 143", 2)]
)
def test_the_loop_starts_the_bot_again_after_a_crash_and_after_nothing_else(
    tmp_path: Path, codes: str, starts: int
) -> None:
    (tmp_path / "codes").write_text("\n".join(codes.split()))
    bot, pause = tmp_path / "bot", tmp_path / "sleep"
    bot.write_text('#!/bin/sh\ncd "${0%/*}"; echo "$@" >> starts; exit $(sed -n "$(grep -c . starts)p" codes)\n')
    pause.write_text('#!/bin/sh\necho "$1" >> "${0%/*}/pauses"\n')
    for made in (bot, pause):
        made.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHON": str(bot)}
    ended = subprocess.run([ROOT / "deploy/again.sh"], env=environment, stderr=subprocess.DEVNULL, timeout=20)
    assert ended.returncode == int(codes.split()[-1])
    assert (tmp_path / "starts").read_text().split() == ["main.py"] * starts
    pauses = tmp_path / "pauses"
    assert (pauses.read_text().split() if pauses.exists() else []) == ["5"] * (starts - 1)


def test_systemd_knows_the_exit_codes() -> None:
    unit = lines("deploy/assistant.service")
    for line in (
        "Type=notify",
        "Restart=on-failure",
        "RestartSec=5",
        "RestartPreventExitStatus=2",
        "SuccessExitStatus=143",
        "User=assistant",
        "NoNewPrivileges=true",
    ):
        assert line in unit


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd")
def test_systemd_finds_the_unit_hardened() -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "deploy/assistant.service"]
    judged = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr


def test_each_room_is_in_the_image_or_left_out_on_purpose() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    rooms = {name.split("/")[0] for name in listed.stdout.splitlines() if "/" in name}
    if not rooms:
        pytest.skip("not a git checkout")
    first, *named = lines(".dockerignore")
    assert first == "*", "secrets and data must not get in by default"
    assert {name[1:] for name in named if name.startswith("!") and "." not in name} == (
        rooms - NOT_IN_THE_IMAGE | {"LICENSE"}
    )


def test_compose_runs_the_image_without_rights_and_not_after_stop() -> None:
    bot = read("compose.yaml")["services"]["bot"]
    assert bot["restart"] == "on-failure"
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["security_opt"] == ["no-new-privileges:true"]
    assert bot["volumes"] == ["data:/data"]
    known, dockerfile = {row.name for row in SETTINGS.values()}, (ROOT / "Dockerfile").read_text()
    for name, value in bot["environment"].items():
        if name.endswith("_API_KEY_FILE"):
            assert value == f"/run/secrets/{name.removesuffix('_FILE').lower()}"
            assert name.removesuffix("_FILE") in known
        else:
            assert f"{name}={value}" in dockerfile
            assert name in known


def test_compose_takes_secrets_from_files_that_git_does_not_see() -> None:
    files = [each["file"] for each in read("compose.yaml")["secrets"].values()]
    assert sorted(files) == ["./secrets/openai_api_key", "./secrets/telegram_api_key"]
    ignored = subprocess.run(["git", "check-ignore", *files], cwd=ROOT, capture_output=True, text=True)
    if ignored.returncode == 128:
        pytest.skip("not a git checkout")
    assert ignored.stdout.split() == files


def test_many_processes_get_what_the_page_about_them_makes() -> None:
    scale, page = read("compose.scale.yaml"), (ROOT / "docs/growing.md").read_text()
    made = re.findall(r"> (secrets/\w+)", page)
    assert sorted(each["file"] for each in scale["secrets"].values()) == sorted(f"./{name}" for name in made)
    assert page.index("chmod 644 secrets/*") > max(page.index(f"> {name}") for name in made)
    known = {row.name for row in SETTINGS.values()}
    for role in ("webhook", "worker"):
        service = scale["services"][role]
        assert service["command"] == ["--role", role]
        assert service["restart"] == "on-failure"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        for name, value in service["environment"].items():
            assert name.removesuffix("_FILE") in known or name in known
            if value.startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_trust_nobody_and_tell_nothing(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for used in re.findall(r"uses: (.+)", path.read_text()):
        assert re.fullmatch(r"\./.+|[\w./-]+@[0-9a-f]{40} # v[\d.]+", used), f"pinned by its commit: {used}"
    for job in workflow["jobs"].values():
        for step in job.get("steps", []):
            assert "${{" not in step.get("run", ""), "values come by the environment, which no shell reads as commands"
            assert "checkout" not in step.get("uses", "") or step["with"]["persist-credentials"] is False


def test_ci_runs_the_same_checks_on_each_python() -> None:
    job = read(".github/workflows/checks.yml")["jobs"]["everything"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    assert [each.rpartition(" ")[2] for each in classifiers] == job["strategy"]["matrix"]["python"]
    assert "bash .ci/run" in [step.get("run") for step in job["steps"]]


def test_the_version_is_one() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    assert f"\n## {VERSION}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
