"""`python -m proof [ROW ...] [--short] [--bot COMMAND]`: run rows, print the table, keep full runs in results.json."""

import argparse
import sys
import time

from proof import results, stage
from proof.rows import BY_NAME, ROWS, Row


def main() -> int:
    """Run what was asked for; the exit code is 1 when anything failed."""
    arguments = _arguments()
    if arguments.bot:
        stage.use((arguments.bot,) if arguments.bot.endswith(".py") else ("-m", arguments.bot))
    rows = [BY_NAME[name] for name in arguments.row] or list(ROWS)
    keep = not arguments.short and not arguments.bot
    found = [_run(row, arguments.short, keep) for row in rows]
    print(results.HEAD)
    for result in results.known() if keep else found:
        print(result.line())
    return int(any(result.failures for result in found))


def _run(row: Row, short: bool, keep: bool) -> results.Result:
    trials = row.short if short else row.full
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
    parser.add_argument("--bot", help="another bot instead of ours: a file or module, such as bench.baseline_bot")
    return parser.parse_args()


def _row(text: str) -> str:
    if text.upper() not in BY_NAME:
        raise argparse.ArgumentTypeError(f"there is no row {text}, only {', '.join(BY_NAME)}")
    return text.upper()


if __name__ == "__main__":
    sys.exit(main())
