"""R1 on PostgreSQL: two processes change one store, are killed at random moments; the server restarts under them."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from proof import stage, tables
from proof.deeds import RULES, Expected, update
from proof.kept import check_sums
from proof.saving import AT_START, LIVES, START_SECONDS, WORK_SECONDS, await_work, told, which
from proof.server import Server
from proof.storage_child import THREADS, Note, read_notes
from proof.trial import Outcome, must, run_trials
from storage import Store

PROCESSES = 2
RESTARTED = 0.4  # share of the lives in which the server restarts
AFTER_SECONDS = 1.0  # of work after it

Processes = list["subprocess.Popen[bytes]"]


def kills(trials: int) -> Outcome:
    """R1/pg: `trials` ends of both processes, some on each database."""
    ran = run_trials(max(1, trials // LIVES), _one_database)
    deeds, restarts = (sum(each[place] for each in ran.found) for place in (0, 1))
    figure = f"{deeds:,} accepted deeds were there after the kills, none that was not begun; {restarts} restarts"
    return Outcome(LIVES * max(1, trials // LIVES), ran.failures, f"{figure} of the server amid them")


def _one_database(number: int, folder: Path) -> tuple[int, int]:
    """How many deeds one database took in all its lives, and how often its server restarted."""
    dice, restarts = random.Random(number), 0
    expected = [Expected() for _ in range(PROCESSES * THREADS)]
    server, seen = Server(), 0
    try:
        for life in range(1, LIVES + 1):
            restarts += _live_and_die(folder, life, seen, dice, server)
            tables.wait_quiet(server.url)
            notes = read_notes(folder)
            new, seen = notes[seen:], len(notes)
            expected = _check(server.url, new, expected)
    finally:
        server.close()
    return sum(note.accepted for note in notes), restarts


def _live_and_die(folder: Path, life: int, seen: int, dice: random.Random, server: Server) -> bool:
    """Both processes, killed one after the other; whether the server has restarted meanwhile."""
    early, restarts = dice.random() < AT_START, dice.random() < RESTARTED
    with _living(folder, life, server) as processes:
        if not early:
            await_work(processes[0], folder, seen)
        time.sleep(dice.uniform(0, START_SECONDS if early else WORK_SECONDS))
        if restarts and not early:
            server.restart(dice.choice(("fast", "immediate")), dice.uniform(0, 0.5))
            time.sleep(dice.uniform(0, AFTER_SECONDS))
        ended = [process.poll() for process in processes if process.poll() is not None]
        must(not ended, f"a process ended by itself: {(folder / 'log').read_text()[-300:]}")
        dice.shuffle(processes)
        for process in processes:
            process.kill()
            process.wait()
            time.sleep(dice.uniform(0, 0.1))
    return restarts and not early


@contextmanager
def _living(folder: Path, life: int, server: Server) -> Iterator[Processes]:
    command = (sys.executable, "-m", "proof.storage_child", str(folder), str(life), server.url)
    processes: Processes = []
    try:
        with (folder / "log").open("ab") as log:
            for number in range(PROCESSES):
                processes.append(subprocess.Popen([*command, str(number)], cwd=stage.HERE, stdout=log, stderr=log))
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _check(url: str, notes: list[Note], before: list[Expected]) -> list[Expected]:
    """Look at what the kills left, with a process of now."""
    store = Store(url, RULES)
    try:
        waiting = tables.pending(url)
        threads = range(PROCESSES * THREADS)
        now = [which(store, waiting, thread, *told(notes, thread), before[thread]) for thread in threads]
        store.inbox.accept([update(note.deed) for note in notes if note.accepted and note.deed.kind == "accept"])
        anew = tables.pending(url).keys() - waiting.keys()
        must(not anew, f"{len(anew)} accepted updates were taken anew")
    finally:
        store.close()
    records, tokens = tables.records(url), sum(each.tokens for each in now)
    must(records["global"]["tokens"] == tokens, f"{records['global']['tokens']} tokens counted, not {tokens}")
    check_sums(records, tables.ledger(url))
    return now
