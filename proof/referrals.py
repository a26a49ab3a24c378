"""S9: bonuses for invitations that are none, and a link that goes round by the thousand."""

import time
from collections.abc import Callable
from pathlib import Path

from proof.stage import FIRST_ID, OWNER, Json, Stage
from proof.trial import Outcome, Ran, must, run_in_one, run_trials

START, BONUS, LIMIT = 30_000, 20_000, 20
SCHEMED = 0.2  # of the trials are schemes, the others fresh accounts from one link
AT_ONCE = 20  # /start of one newcomer
CAST = 10  # ids a scheme may use
CROWD = FIRST_ID + 1_000_000  # the first of the fresh accounts
STAR = CROWD - 1  # whose link goes round
TOLD = "joined by your link"
DELETE, ERASED = "delete:yes", "Erased:"  # the button, and what it comes to

Wallets = dict[int, int]


def at_most_one(trials: int) -> Outcome:
    """S9: a fifth of the trials are schemes, the others fresh accounts that come by one link."""
    ran = run_in_one(lambda folder: _run(folder, round(trials * SCHEMED), trials))
    schemes, fresh = round(trials * SCHEMED), trials - round(trials * SCHEMED)
    figure = f"{fresh} accounts by one link: {LIMIT} bonuses for it, one each for them; {schemes} schemes"
    return Outcome(trials, ran.failures, figure)


def _run(folder: Path, schemes: int, trials: int) -> Ran[None]:
    rules = {"NEW_USER_BALANCE": START, "REFERRAL_BONUS": BONUS, "REFERRAL_DAILY_LIMIT": LIMIT}
    with Stage(folder, **{name: str(value) for name, value in rules.items()}, TIME_ZONE=_where_it_is_noon()) as stage:
        stage.start()
        expected = [_scheme(stage, number) for number in range(schemes)]
        expected += [{user: START + BONUS} for user in _crowd(stage, trials - schemes)]
        expected[-1] |= {STAR: START + BONUS * min(LIMIT, trials - schemes)}
        stage.leave()
        stage.verify()
        records, ledger = stage.records(), stage.ledger()
        bonuses = [line["user"] for line in ledger if line["reason"] == "invited"]
        twice = {user for user in bonuses if bonuses.count(user) > 1}
        must(not twice, f"got a second bonus: {twice}")
        return run_trials(trials, lambda number, _: _holds(records, expected[number]), 1, folder)


def _where_it_is_noon() -> str:
    """A time zone in which no day ends soon: the daily limit is one of days there. POSIX turns the sign round."""
    return f"Etc/GMT{time.gmtime().tm_hour - 12:+d}"


def _holds(records: dict[str, Json], expected: Wallets) -> None:
    found = {user: records[str(user)]["balance"] for user in expected}
    must(found == expected, f"wallets hold {found}, not {expected}")


# -- what people do


def _start(stage: Stage, user: int, payload: object = "") -> None:
    """Press Start, by somebody's link or without, and wait for the greeting."""
    _meet(stage, user)
    stage.answered.discard(user)
    stage.world.send(f"/start {payload}".strip(), user=user)
    stage.until(lambda: user in stage.answered, f"an answer to /start {payload}")


def _meet(stage: Stage, user: int) -> None:
    stage.world.user(user, first_name=f"User {user}", language_code="en")


def _erase(stage: Stage, user: int) -> None:
    erased = stage.count(user, ERASED)
    stage.world.send("/delete_me", user=user)
    stage.until(lambda: len(_questions(stage, user)) > erased, "the question before a deletion")
    stage.world.press(_questions(stage, user)[-1], DELETE, user=user)
    stage.until(lambda: stage.count(user, ERASED) > erased, "a deletion")


def _questions(stage: Stage, user: int) -> list[Json]:
    """The messages in a chat that have asked, or still ask, whether to delete."""
    here = [message for (chat, _), message in sorted(stage.messages.items()) if chat == user]
    return [each for each in here if DELETE in str(each.get("reply_markup")) or ERASED in each.get("text", "")]


# -- schemes: each leaves in the wallets what it should


def _own_link(stage: Stage, me: int) -> Wallets:
    """By one's own link, as a newcomer and again."""
    for _ in range(2):
        _start(stage, me, me)
    return {me: START}


def _circle(stage: Stage, me: int) -> Wallets:
    """Each by the link of the one before, the first by that of the last."""
    _start(stage, me)
    for user in range(me + 1, me + 4):
        _start(stage, user, user - 1)
    for user in (me, me + 1, me + 2, me + 3):
        _start(stage, user, me + 3)
    return {me: START + BONUS, me + 1: START + 2 * BONUS, me + 2: START + 2 * BONUS, me + 3: START + BONUS}


def _deleted_circle(stage: Stage, me: int) -> Wallets:
    """The inviter is deleted and comes back by the link of the invited, who does the same then."""
    _start(stage, me)
    _start(stage, me + 1, me)
    _erase(stage, me)
    _start(stage, me, me + 1)
    _erase(stage, me + 1)
    _start(stage, me + 1, me)
    return {me: 0, me + 1: 0}


def _again(stage: Stage, me: int) -> Wallets:
    """Deleted and back, by the same link and by another."""
    _start(stage, me)
    _start(stage, me + 1)
    for payload in (me, me, me + 1):
        _start(stage, me + 2, payload)
        _erase(stage, me + 2)
    _start(stage, me + 2, me)
    return {me: START + BONUS, me + 1: START, me + 2: 0}


def _all_at_once(stage: Stage, me: int) -> Wallets:
    """Twenty times /start before the first is answered."""
    _start(stage, me)
    _meet(stage, me + 1)
    for _ in range(AT_ONCE):
        stage.world.send(f"/start {me}", user=me + 1)
    stage.until(lambda: len(stage.said(me + 1)) == AT_ONCE, "twenty greetings")
    return {me: START + BONUS, me + 1: START + BONUS}


def _nobodys_link(stage: Stage, me: int) -> Wallets:
    """By the link of somebody blocked, of nobody, of a group, of a number that is none."""
    _start(stage, me)
    stage.answered.discard(OWNER)
    stage.world.send(f"/ban {me}", user=OWNER)
    stage.until(lambda: stage.count(OWNER, f"/unban {me}") > 0, "the ban")
    payloads = (me, me + 9, f"-100{me}", f"0x{me:x}", "9" * 60)
    for user, payload in enumerate(payloads, me + 1):
        _start(stage, user, payload)
    return {me: START} | dict.fromkeys(range(me + 1, me + 1 + len(payloads)), START)


SCHEMES: tuple[Callable[[Stage, int], Wallets], ...] = (
    _own_link,
    _circle,
    _deleted_circle,
    _again,
    _all_at_once,
    _nobodys_link,
)


def _scheme(stage: Stage, number: int) -> Wallets:
    if number == 0:
        _start(stage, OWNER)
    return SCHEMES[number % len(SCHEMES)](stage, FIRST_ID + number * CAST)


def _crowd(stage: Stage, accounts: int) -> range:
    """Fresh accounts that all press Start before the first is greeted; the inviter hears of those who are paid."""
    users = range(CROWD, CROWD + accounts)
    _start(stage, STAR)
    for user in users:
        _meet(stage, user)
    stage.answered.clear()
    for user in users:
        stage.world.send(f"/start {STAR}", user=user)
    stage.until(lambda: stage.answered.issuperset(users), "all greetings")
    paid = min(LIMIT, accounts)
    stage.until(lambda: stage.count(STAR, TOLD) >= paid, "what the inviter is told")
    must(stage.count(STAR, TOLD) == paid, f"the inviter was told of {stage.count(STAR, TOLD)}")
    return users
