"""The table of rows: each a line with what it shows, the function that runs it, and its trials, in full and in CI."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from proof import (
    again,
    ailing,
    announcement,
    bombs,
    both_apis,
    crowd,
    damage,
    day,
    deletion,
    drafts,
    file_names,
    full_disk,
    hanging,
    knocks,
    leaks,
    literal,
    noise,
    orders,
    outputs,
    parallel,
    poison,
    presses,
    referrals,
    restarts,
    saving,
    saving_together,
    second,
    secrets,
    senders,
    slow_files,
    stalls,
    stars,
    trouble,
    voices,
    wallets,
    wallets_together,
)
from proof.crew import Crew, Doors
from proof.trial import Outcome


class Row(NamedTuple):
    """`run` is given the number of trials, `full` for `make proof` and `short` for CI, 0: not in CI.

    Rows with `/pg` in their names have three processes on a PostgreSQL of their own; their kills take any of them away,
    or restart the server.
    """

    name: str
    title: str
    run: Callable[[int], Outcome]
    full: int
    short: int

    @property
    def on_postgres(self) -> bool:
        """Whether PostgreSQL must be installed for it."""
        return "/pg" in self.name


ROWS: tuple[Row, ...] = (
    Row(
        "R1", "`kill -9` while saving, at random moments and at every disk operation", saving.kills, full=300, short=10
    ),
    Row("R2", "`kill -9` while answering: 10 messages in flight, 3 kills", restarts.answering, full=50, short=1),
    Row("R3", "every update delivered again later, in random order", again.redelivered, full=1000, short=80),
    Row("R4", "ENOSPC, EIO, EACCES at every disk operation; a full disk", full_disk.survived, full=1900, short=40),
    Row("R5", "data file, backup and journal cut at each 4 KiB, bits turned", damage.survived, full=400, short=60),
    Row("R6", "second instance on one data file; second poller (409)", second.instances, full=100, short=5),
    Row("R7", "SIGTERM under load", restarts.leaving, full=40, short=2),
    Row("R8", "20 restarts in a row, 20 messages pending", restarts.pending, full=5, short=1),
    Row("R9", "50 chats of one user at once, tokens for 5 answers", parallel.bounded, full=100, short=3),
    Row("R10", "random wallet operations with kills between", wallets.add_up, full=10_000, short=500),
    Row(
        "R11",
        "Stars: paid twice, redelivered, unfit, refunds without an answer, kills",
        stars.credited_once,
        full=200,
        short=1,
    ),
    Row(
        "R12",
        "an announcement through 403, 429 and `kill -9`: a receiver a trial",
        announcement.reaches,
        full=10_000,
        short=200,
    ),
    Row(
        "R13",
        "a model refuses, breaks, stalls: 20 times each, both APIs, streamed and whole",
        ailing.mended,
        full=ailing.EACH * len(ailing.FAULTS),
        short=len(ailing.QUICK),
    ),
    Row("R14", "models that hang: nobody else notices: one a trial", stalls.unnoticed, full=50, short=10),
    Row("R15", "Telegram refuses, breaks, hangs, is away", trouble.met, full=len(trouble.CASES), short=5),
    Row("R16", "nasty model outputs, 1–40,000 characters", outputs.delivered, full=500, short=20),
    Row("R17", "answers that grow for two minutes: a chat a trial", drafts.within_budget, full=60, short=10),
    Row("R18", "every kind of update with unknown fields, and malformed ones", poison.survived, full=227, short=57),
    Row("R19", "very many updates, pacer off", crowd.many, full=20_000, short=1000),
    Row("R20", "downloads that stall, drip, lie about their size", slow_files.bounded, full=82, short=18),
    Row("S1", "faults that quote secrets and people's words, on every path", leaks.none, full=1000, short=48),
    Row(
        "S2",
        "admin commands and buttons from every kind of sender",
        senders.locked_out,
        full=len(senders.CASES),
        short=len(senders.CASES),
    ),
    Row("S3", "a hundred parallel presses of one button, and foreign ones", presses.once, full=50, short=7),
    Row("S4", "names, prompts and captions full of markup", literal.as_they_are, full=500, short=10),
    Row("S5", "secret words of many places, and what models are asked", secrets.kept_apart, full=10_000, short=400),
    Row("S7", "PDF, image, audio and zip bombs, four at once: 30, 20, 20, 10", bombs.contained, full=80, short=4),
    Row(
        "S6",
        "documents and pictures that give orders, and a model that obeys them",
        orders.not_taken,
        full=100,
        short=12,
    ),
    Row("S8", "files with hostile names; every write of the bot noted", file_names.harmless, full=200, short=24),
    Row(
        "S9",
        "bonuses for invitations that are none, and for a link that goes round",
        referrals.at_most_one,
        full=1250,
        short=60,
    ),
    Row(
        "S10",
        "who knocks at the webhook: wrong secrets, huge, slow, lying: one a trial",
        knocks.refused,
        full=1400,
        short=240,
    ),
    Row("S11", "files private; the deleted leave no trace, and gain nothing", deletion.kept_clean, full=100, short=1),
    Row("S12", "a flood, a talking group, another bot: a message a trial", noise.borne, full=11_000, short=660),
    Row("V1", "voices at once, each of somebody else: one a trial", voices.all_heard, full=50, short=8),
    Row("C1", "one conversation by both APIs, through kills and expired chains", both_apis.alike, full=6, short=1),
    Row("D1", "a day of people who use all that costs, through kills: a person a trial", day.lived, full=200, short=8),
)

ON_POSTGRES: tuple[Row, ...] = (
    Row(
        "R1/pg",
        "`kill -9` of two processes while saving, restarts of PostgreSQL under them",
        saving_together.kills,
        full=100,
        short=5,
    ),
    Row(
        "R2/pg",
        "kills of any process, restarts of PostgreSQL while answering: 10 messages in flight, 3 kills",
        partial(restarts.answering, on=Crew),
        full=40,
        short=1,
    ),
    Row(
        "R2/pg-door",
        "the same, updates coming in by a `--role webhook` that serves nothing, and is killed as well",
        partial(restarts.answering, on=Doors),
        full=40,
        short=1,
    ),
    Row(
        "R3/pg",
        "every update delivered again later, in random order, to 3 processes",
        partial(again.redelivered, on=Crew),
        full=1000,
        short=0,
    ),
    Row(
        "R9/pg",
        "50 chats of one user at once over 3 processes, tokens for 5 answers",
        partial(parallel.bounded, on=Crew),
        full=100,
        short=2,
    ),
    Row(
        "R10/pg",
        "random wallet operations by two processes, kills and restarts of PostgreSQL between",
        wallets_together.add_up,
        full=10_000,
        short=100,
    ),
    Row(
        "R12/pg",
        "an announcement through 403, 429, kills of who sends it, restarts of PostgreSQL: a receiver a trial",
        partial(announcement.reaches, on=Crew),
        full=10_000,
        short=0,
    ),
    Row(
        "R14/pg",
        "models that hang, Stop and payments over 3 processes: one a trial",
        partial(stalls.unnoticed, on=Crew),
        full=50,
        short=0,
    ),
    Row(
        "R21/pg",
        "a worker hangs for 20 s and is not overtaken; PostgreSQL is away for 8 s",
        hanging.not_overtaken,
        full=10,
        short=0,
    ),
)

ALL = (*ROWS, *ON_POSTGRES)
BY_NAME = {row.name: row for row in ALL}
