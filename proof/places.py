"""Where people write: private chats, topics in them, groups, forums with topics; each place has a word of its own."""

from typing import NamedTuple

from proof.stage import OWNER, Stage

A_GROUP, A_FORUM = 5, 20  # users for each of them
FIRST_GROUP, FIRST_FORUM = -1_001_000_200_000, -1_001_000_300_000
CALL = "@sandbox_assistant_bot"


class Place(NamedTuple):
    """One conversation: a chat, a topic in it (0: none), who writes there, and the number of its word."""

    chat: int
    thread: int
    people: tuple[int, ...]
    number: int

    @property
    def key(self) -> tuple[int, int]:
        return self.chat, self.thread

    @property
    def word(self) -> str:
        """What every message of this place carries, and no other's."""
        return f"sek{self.number:04d}ret"

    @property
    def call(self) -> str:
        """How a group calls the bot."""
        return f"{CALL} " if self.chat < 0 else ""

    @property
    def at(self) -> str:
        """The same behind a command."""
        return CALL if self.chat < 0 else ""


def arranged(stage: Stage, users: range) -> list[Place]:
    """Each user's private chat, two topics in every fourth, a group for each five users, a forum for each twenty."""
    stage.world.set_bot(has_topics_enabled=True, can_read_all_group_messages=True)
    keys: list[tuple[int, int, tuple[int, ...]]] = [(user, 0, (user,)) for user in users]
    for user in users[::4]:
        keys += [(user, stage.world.topic(user, name, user), (user,)) for name in ("One", "Two")]
    for number, first in enumerate(range(users.start, users.stop, A_GROUP)):
        people = tuple(range(first, min(first + A_GROUP, users.stop)))
        stage.world.group(FIRST_GROUP - number, title="Friends", members=[OWNER, *people])
        keys.append((FIRST_GROUP - number, 0, people))
    for number, first in enumerate(range(users.start, users.stop, A_FORUM)):
        people = tuple(range(first, min(first + A_FORUM, users.stop)))
        topics = ["General", "One", "Two", "Three"]  # the first message of a group, 1, is the header of General
        made = stage.world.group(
            FIRST_FORUM - number, title="Forum", members=[OWNER, *people], is_forum=True, topics=topics
        )
        keys += [(FIRST_FORUM - number, int(thread), people) for thread in (0, *made["topics"]) if thread != "1"]
    return [Place(*key, number) for number, key in enumerate(keys)]
