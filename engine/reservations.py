"""What is set aside before paid steps, as long as this process runs: it holds nothing back after the end of it."""

import itertools
from typing import NamedTuple

from records import Wallet


class Held(NamedTuple):
    """So much of a wallet, and the most the step may cost the owner in USD."""

    user_id: int
    wallet: Wallet
    amount: int
    usd: float


class Reservations:
    """By number; called under the engine's lock."""

    def __init__(self) -> None:
        self._held: dict[int, Held] = {}
        self._void: set[int] = set()  # whose person was deleted since
        self._numbers = itertools.count(1)

    def add(self, held: Held) -> int:
        """Set aside; returns the number."""
        number = next(self._numbers)
        self._held[number] = held
        return number

    def drop(self, number: int) -> None:
        """Give back, if that was not done yet."""
        self._held.pop(number, None)
        self._void.discard(number)

    def void(self, user_id: int) -> None:
        """A person was deleted: nothing of theirs stands any more, even if they come back."""
        self._void |= {number for number, held in self._held.items() if held.user_id == user_id}

    def stands(self, number: int) -> bool:
        """Whether its person was there all the time."""
        return number not in self._void

    def amount(self, user_id: int, wallet: Wallet) -> int:
        """What is set aside of a wallet."""
        return sum(held.amount for held in self._held.values() if held[:2] == (user_id, wallet))

    def usd(self) -> float:
        """The most that all steps under way may cost."""
        return sum(held.usd for held in self._held.values())
