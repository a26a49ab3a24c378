"""results.json: the newest figures of each row with the commit they were found at, and the table made of them."""

import json
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from proof.trial import Outcome

FILE = Path(__file__).with_name("results.json")
HEAD = "| row | what | trials | failures | bound | figure | seconds | commit |\n|---|---|---|---|---|---|---|---|"


class Result(NamedTuple):
    """One row as it was run: `seconds` of wall time, `commit` with a + when files were changed since."""

    name: str
    title: str
    trials: int
    failures: int
    figure: str
    seconds: float
    commit: str
    date: str

    def line(self) -> str:
        """As a row of the table; no failure in n trials says only that fewer than 3 in n fail (95 % sure)."""
        bound = f"< {300 / self.trials:.2g} %" if self.trials > 3 and not self.failures else "–"
        about = f"| {self.name} | {self.title} | {self.trials:,} | {self.failures} | {bound} | {self.figure} "
        return about + f"| {self.seconds:.0f} | {self.commit} |"


def made(name: str, title: str, outcome: Outcome, seconds: float) -> Result:
    """A result of this moment."""
    now = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    return Result(name, title, *outcome, round(seconds, 1), _commit(), now)


def keep(result: Result) -> None:
    """Put a result in the place of the row's older one."""
    kept = {each.name: each for each in known()} | {result.name: result}
    rows = {name: kept[name]._asdict() for name in sorted(kept, key=_order)}
    FILE.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def known() -> list[Result]:
    """What results.json holds."""
    if not FILE.exists():
        return []
    return [Result(**row) for row in json.loads(FILE.read_text(encoding="utf-8")).values()]


def _order(name: str) -> tuple[str, int, str]:
    row, _, place = name.partition("/")
    return row[:1], int(row[1:]), place


def _commit() -> str:
    here = FILE.parent
    head = _git("rev-parse", "--short", "HEAD", folder=here)
    changed = _git("status", "--porcelain", "-uno", "--", ".", f":!{FILE.relative_to(here.parent)}", folder=here.parent)
    return head + ("+" if changed else "")


def _git(*arguments: str, folder: Path) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False).stdout.strip()
