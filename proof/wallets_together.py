"""R10 on PostgreSQL: two processes at the same wallets, killed again and again, the server restarted under them."""

import random
import subprocess
import sys
import time
from pathlib import Path

from proof import stage, tables
from proof.kept import check_sums
from proof.server import Server
from proof.trial import Outcome, must, run_trials
from proof.wallets import AT_ONCE, check_lines, noted_in

LONGEST_LIFE = 1.5  # seconds of work
RESTARTED = 0.3  # share of the lives in which the server restarts


def add_up(trials: int) -> Outcome:
    """R10/pg: `trials` operations on one database, with as many kills as that takes."""
    ran = run_trials(1, lambda _, folder: _operate(folder, trials))
    if not ran.found:
        return Outcome(trials, 1, "")
    done, kills, restarts, lines = ran.found[0]
    figure = f"{kills} kills, {restarts} restarts of the server, {lines:,} ledger lines"
    return Outcome(done, 0, f"{figure}; no wallet was ever below zero")


def _operate(folder: Path, operations: int) -> tuple[int, int, int, int]:
    dice, server = random.Random(operations), Server()
    lives = done = lines = restarts = 0
    try:
        while done < operations:
            restarts += _live_and_die(folder, lives + 1, dice, server)
            lives += AT_ONCE
            tables.wait_quiet(server.url)
            noted = noted_in(folder)
            done, ledger = len(noted.accepted), tables.ledger(server.url)
            check_sums(tables.records(server.url), ledger)
            check_lines(ledger, noted)
            lines = len(ledger)
    finally:
        server.close()
    return done, lives, restarts, lines


def _live_and_die(folder: Path, first: int, dice: random.Random, server: Server) -> bool:
    """Some processes, killed one after the other; whether the server has restarted meanwhile."""
    names, restarts = range(first, first + AT_ONCE), dice.random() < RESTARTED
    with (folder / "log").open("ab") as log:
        commands = [[sys.executable, "-m", "proof.wallets", str(folder), str(name), server.url] for name in names]
        processes = [subprocess.Popen(command, cwd=stage.HERE, stdout=log, stderr=log) for command in commands]
    try:
        deadline = time.monotonic() + stage.START_SECONDS
        while not all((folder / f"started-{name}").exists() for name in names):
            must(time.monotonic() < deadline, f"not started: {(folder / 'log').read_text()[-300:]}")
            time.sleep(0.005)
        time.sleep(dice.uniform(0, LONGEST_LIFE))
        if restarts:
            server.restart(dice.choice(("fast", "immediate")))
            time.sleep(dice.uniform(0, LONGEST_LIFE))
        ended = [process for process in processes if process.poll() is not None]
        must(not ended, f"a process ended by itself: {(folder / 'log').read_text()[-300:]}")
    finally:
        dice.shuffle(processes)
        for process in processes:
            process.kill()
            process.wait()
            time.sleep(dice.uniform(0, 0.1))
    return restarts
