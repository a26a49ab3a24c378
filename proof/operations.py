"""Child processes that try one disk operation after another, each in a folder of its own."""

import json
import subprocess
import sys
from pathlib import Path

from proof import stage
from proof.trial import must

LONGEST = 600.0  # seconds for one child


def tried(module: str, folder: Path, *arguments: str) -> tuple[int, int]:
    """How many operations a child tried, and at how many something was wrong, which is said."""
    command = [sys.executable, "-m", module, str(folder), *arguments]
    ended = subprocess.run(command, cwd=stage.HERE, capture_output=True, text=True, timeout=LONGEST)
    must(ended.returncode == 0, ended.stderr[-300:])
    found = [json.loads(line) for line in ended.stdout.splitlines()]
    wrong = [f"{' '.join(arguments)}, operation {at}: {words}" for at, words in found if words]
    kept = folder.with_name(f"{folder.name}-kept")
    for words in wrong:
        print(f"  {words[:400]}; see {kept}", file=sys.stderr, flush=True)
    if wrong:
        folder.rename(kept)
    return len(found), len(wrong)
