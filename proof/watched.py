"""A program: another one run in this very process, with every write, rename and program started noted in a file.

Arguments: the file of notes, then the program and its own. Children that are Python and inherit nothing of ours are not
watched; those of the bot may write no file at all (RLIMIT_FSIZE).
"""

import json
import os
import runpy
import sys
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# https://docs.python.org/3/library/audit_events.html: what changes names or starts something, with paths first
CHANGES = {
    *("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"),
    *("os.chown", "os.utime", "os.mknod", "os.mkfifo", "shutil.copyfile", "shutil.move", "shutil.rmtree"),
    *(
        "shutil.unpack_archive",
        "os.system",
        "os.exec",
        "os.spawn",
        "os.posix_spawn",
        "os.startfile",
        "subprocess.Popen",
    ),
}


def main() -> None:
    """Note what happens, run the program."""
    notes = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(event: str, values: tuple[Any, ...]) -> None:
        if event == "open" and (isinstance(values[0], int) or not (values[2] or 0) & WRITING):
            return
        if event not in {"open", *CHANGES} or isinstance(values[0], int):
            return  # what has a number already was opened by its name before
        words = [os.fsdecode(each) if isinstance(each, (str, bytes, os.PathLike)) else repr(each) for each in values]
        os.write(notes, json.dumps([event, *words]).encode() + b"\n")

    sys.addaudithook(note)
    sys.argv = sys.argv[2:]
    runpy.run_path(sys.argv[0], run_name="__main__")


main()
