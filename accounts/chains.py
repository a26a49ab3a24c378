"""Reply chains: what was asked and answered lately, found by any of the messages that hold it.

They are kept in memory only: with a dialogue's memory off its words are written nowhere for good. After a restart only
that is known of a message replied to which Telegram sends along with the reply.
"""

import itertools
import threading
from collections import OrderedDict
from collections.abc import Iterable

from records import Told, Topic

TURNS_OF_TOPIC = 50
TURNS = 3_000  # of all topics together, about 1 kB each beside their words
CHARACTERS = 8_000_000  # of all


class Chains:
    """The latest turns of all topics; the oldest are forgotten when there are too many. Safe to call from many threads.

    Message ids are numbers of a chat: what is asked for in one topic is never found in another.
    """

    def __init__(self) -> None:
        self._turns: OrderedDict[int, tuple[Told, tuple[int, ...]]] = OrderedDict()
        self._by_message: dict[tuple[Topic, int], int] = {}
        self._by_topic: dict[Topic, dict[int, None]] = {}
        self._characters = 0
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def note(self, told: Told, messages: Iterable[int]) -> None:
        """Remember a turn by the messages that hold its question and its answer."""
        ids = tuple(messages)
        with self._lock:
            number = next(self._numbers)
            self._turns[number] = told, ids
            self._by_message |= {(told.topic, message_id): number for message_id in ids}
            of_topic = self._by_topic.setdefault(told.topic, {})
            of_topic[number] = None
            self._characters += told.characters
            if len(of_topic) > TURNS_OF_TOPIC:
                self._drop(next(iter(of_topic)))
            while len(self._turns) > TURNS or self._characters > CHARACTERS:
                self._drop(next(iter(self._turns)))

    def up_from(self, topic: Topic, message_id: int) -> list[Told]:
        """The turns from the one that a message holds up to the first of its chain, oldest first."""
        chain: OrderedDict[int, Told] = OrderedDict()
        with self._lock:
            number = self._by_message.get((topic, message_id))
            while number is not None and number not in chain:
                told, _ = self._turns[number]
                chain[number] = told
                number = self._by_message.get((topic, told.replied))
        return list(chain.values())[::-1]

    def forget(self, topic: Topic) -> None:
        """Drop what is known of a topic."""
        with self._lock:
            for number in list(self._by_topic.get(topic, ())):
                self._drop(number)

    def forget_person(self, user_id: int) -> None:
        """Drop what a person asked anywhere."""
        with self._lock:
            asked = [number for number, (told, _) in self._turns.items() if told.author == user_id]
            for number in asked:
                self._drop(number)

    def forget_all(self) -> None:
        """Drop everything."""
        with self._lock:
            for number in list(self._turns):
                self._drop(number)

    def _drop(self, number: int) -> None:
        told, ids = self._turns.pop(number)
        self._characters -= told.characters
        for message_id in ids:
            if self._by_message.get((told.topic, message_id)) == number:
                del self._by_message[told.topic, message_id]
        of_topic = self._by_topic[told.topic]
        del of_topic[number]
        if not of_topic:
            del self._by_topic[told.topic]
