"""`python -m proof [ROW ...] [--short | --trials N] [--bot COMMAND]`: run rows, print the table, keep full runs."""

import argparse
import sys
import time

from proof import results, server, stage
from proof.rows import ALL, BY_NAME, Row


def main() -> int:
    """Run what was asked for; the exit code is 1 when anything failed."""
    arguments = _arguments()
    if arguments.bot:
        stage.use((arguments.bot,) if arguments.bot.endswith(".py") else ("-m", arguments.bot))
    rows = [BY_NAME[name] for name in arguments.row] or [row for row in ALL if can_run(row)]
    keep = not arguments.short and not arguments.bot
    found = [_run(row, arguments.trials or (row.short or 1 if arguments.short else row.full), keep) for row in rows]
    print(results.HEAD)
    for result in results.known() if keep else found:
        print(result.line())
    return int(any(result.failures for result in found))


def _run(row: Row, trials: int, keep: bool) -> results.Result:
    print(f"{row.name} {row.title}: {trials} trials", file=sys.stderr, flush=True)
    begun = time.monotonic()
    outcome = row.run(trials)
    result = results.made(row.name, row.title, outcome, time.monotonic() - begun)
    print(f"  {outcome.failures} failed in {result.seconds} s", file=sys.stderr, flush=True)
    if keep:
        results.keep(result)
    return result


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m proof", description=__doc__)
    parser.add_argument("row", nargs="*", type=_row, help=f"{', '.join(BY_NAME)}; all of them without any")
    parser.add_argument("--short", action="store_true", help="few trials, as in CI; results.json stays as it is")
    parser.add_argument("--trials", type=int, default=0, help="so many instead of the row's own number")
    parser.add_argument("--bot", help="another bot instead of ours: a file or module, such as bench.baseline_bot")
    return parser.parse_args()


def _row(text: str) -> str:
    name = next((name for name in BY_NAME if name.lower() == text.lower()), "")
    if not name:
        raise argparse.ArgumentTypeError(f"there is no row {text}, only {', '.join(BY_NAME)}")
    if not can_run(BY_NAME[name]):
        raise argparse.ArgumentTypeError(f"{name} starts a PostgreSQL of its own, and none is installed here")
    return name


def can_run(row: Row) -> bool:
    """Whether all it needs is here."""
    return not row.on_postgres or server.programs() is not None


if __name__ == "__main__":
    sys.exit(main())
