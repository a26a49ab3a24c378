"""The child: `python -m services.reader SECONDS MEMORY JOB [ARGUMENT...]`, a file on stdin, the answer on stdout.

When it fails, the exit code tells the kind, and stdout in one line where: never a word of the file.
"""

import importlib
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from services.reader import CODES, ChildError, Kind

if sys.platform != "win32":
    import resource

# job → the module whose `work(file, *arguments)` gives the answer, piece by piece
JOBS = {
    "document": "services.reader.documents",
    "pages": "services.reader.pages",
    "picture": "services.reader.pictures",
}
OPEN_FILES = 32  # a library opens few, and an attacker none
NICENESS = 10  # the bot that answers everybody else comes first


def main(seconds: str, memory: str, job: str, *arguments: str) -> int:
    """Do one job under limits of processor seconds and bytes of memory; returns the exit code."""
    try:
        work = importlib.import_module(JOBS[job]).work
        _limit(int(seconds), int(memory))
        with open(0, "rb", closefd=False) as file, open(1, "wb", closefd=False) as answer:
            for piece in work(file, *arguments):
                answer.write(piece)
    except ChildError as error:
        return CODES[error.kind]
    except MemoryError:
        return CODES["too_large"]
    except Exception as error:  # what a library raises over a broken file can be anything
        return _failed("unreadable", error)
    return 0


def _limit(seconds: int, memory: int) -> None:
    """From here on: so much of the processor and memory, no file written, no process begun, few files open."""
    if sys.platform == "win32":  # has none of these; the parent watches the clock
        return
    os.nice(NICENESS)
    with suppress(OSError):  # only Linux has it: where memory runs out the child goes, not the bot
        Path("/proc/self/oom_score_adj").write_text("1000")
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for name, value in limits.items():
        with suppress(ValueError, OSError):  # macOS knows the name of RLIMIT_AS and refuses it
            resource.setrlimit(name, (value, value))


def _failed(kind: Kind, error: Exception) -> int:
    place = traceback.extract_tb(error.__traceback__)[-1]
    print(f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}", flush=True)
    return CODES[kind]


if __name__ == "__main__":
    code = main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # nothing to tidy, and a library that has met a broken file may fall over its own feet
