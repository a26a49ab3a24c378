"""What a model is given with a question: all that was in force when it arrived, and what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot_commands.request import Request
from incoming import Replied
from records import Attachment, Conversation, Told, Wallet
from services.catalogue import Row
from services.tokens import Message

LONGEST_POINTER = 300  # characters of a message that is meant and does not stand right before the question

Exchange = list[Message]  # a question and its answer, or one message alone


@dataclass(frozen=True)
class Asked:
    """A question with everything that was in force when it arrived."""

    text: str
    replied: Replied | None
    conversation: Conversation
    row: Row
    premium: bool | None = None  # asked for with this question; None: as the conversation has it
    attachment: Attachment | None = None  # what it is about
    picture: str = ""  # a data URL, of the attachment or of an earlier one that goes along
    pictured: int = -1  # the place of its message in the history, -1: it belongs to the question
    remark: str = ""  # on what could not go along, for its person
    lost: bool = False  # whether that is not to be tried again
    instead_of: str = ""  # the model that should have answered, and failed
    answer_cut: str = ""  # its answer so far, which is to go on
    own: int = 0  # characters of the text from its own message, where others went on with it; 0: all

    @property
    def model(self) -> str:
        return self.row.name

    @property
    def wallet(self) -> Wallet:
        return "premium_balance" if self.row.wallet == "premium" else "balance"


@dataclass(frozen=True)
class Given:
    """System prompt, what was said before, the question; what is least missed stands first among what was said."""

    system: str
    before: Sequence[Exchange]
    question: str
    picture: str = ""
    pictured: Message | None = None  # the message of the picture, when that stands before the question
    after: Exchange = field(default_factory=list)  # an answer that was cut, and that it is to go on

    @property
    def messages(self) -> list[Message]:
        """As a model takes them; a picture whose message was left out goes along with the question."""
        said = [message for exchange in self.before for message in exchange]
        question = {"role": "user", "content": self.question}
        place = next((place for place, each in enumerate(said) if each is self.pictured), len(said))
        whole = [*said, question, *self.after]
        whole[place] = whole[place] | {"content": _content(whole[place]["content"], self.picture)}
        return [{"role": "system", "content": self.system}, *whole]


def given(request: Request, asked: Asked) -> Given:
    """Everything that belongs to a question, however much that is."""
    before = _before(request, asked)
    system = asked.conversation.prompt or request.tools.config.system_prompt
    pointer = _pointer(asked.replied, before)
    said = [message for exchange in before for message in exchange]
    pictured = said[asked.pictured] if 0 <= asked.pictured < len(said) else None
    after = _exchange(request.say("go_on"), asked.answer_cut)[::-1] if asked.answer_cut else []
    return Given(system, before, pointer + signed(request, asked.text), asked.picture, pictured, after)


def _before(request: Request, asked: Asked) -> list[Exchange]:
    """What is remembered, then what is replied to if that is missing; without memory all that is known of its chain.

    Memory has a size that was chosen: of a chain that reaches farther back only the turn replied to is added.
    """
    topic, replied = asked.conversation.topic, asked.replied
    history = request.tools.store.history(topic, request.incoming.message_id)
    remembered = exchanges(history) if asked.conversation.memory else []
    if replied is None:
        return remembered
    chain = request.tools.store.chain(topic, replied.message_id)
    if not asked.conversation.memory:
        told = [_exchange(each.question, each.answer) for each in chain]
        return told or _alone(request, replied)
    known = {said["content"] for exchange in remembered for said in exchange}
    if chain:
        last = chain[-1]
        return remembered if last.answer in known else [*remembered, _exchange(last.question, last.answer)]
    words = _letters(replied.text)
    return remembered if any(words in _letters(said) for said in known) else [*remembered, *_alone(request, replied)]


def _alone(request: Request, replied: Replied) -> list[Exchange]:
    """A message replied to of which nothing is known but what Telegram sends along."""
    if not replied.text:
        return []
    if replied.from_id == request.tools.telegram.id:
        return [[{"role": "assistant", "content": replied.text}]]
    name = "" if request.incoming.private else _first(replied.name)
    return [[{"role": "user", "content": f"{name}: {replied.text}" if name else replied.text}]]


def _exchange(question: str, answer: str) -> Exchange:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def know_again(request: Request, asked: Asked, answer: str) -> None:
    """A reply to any message of this turn goes on from it: to the question, to each part of the answer."""
    replied = asked.replied.message_id if asked.replied else 0
    topic, store = asked.conversation.topic, request.tools.store
    known = any(told.attachment == asked.attachment for told in store.chain(topic, replied))
    shown = None if known else asked.attachment
    told = Told(topic, signed(request, asked.text), answer, request.writer.id, replied, shown)
    sent = [number for number in store.inbox.sends(request.update_id).values() if number > 0]
    store.note_chain(told, [request.incoming.message_id, *sent], request.update_id)


def exchanges(history: Sequence[Message]) -> list[Exchange]:
    """A history parted into whole turns; each begins with a question."""
    turns: list[Exchange] = []
    for said in history:
        if said["role"] == "user" or not turns:
            turns.append([])
        turns[-1].append(said)
    return turns


def _pointer(replied: Replied | None, before: Sequence[Exchange]) -> str:
    """The words that a reply means, as a quote; "" where they stand right before the question anyway."""
    if replied is None:
        return ""
    meant, last = replied.quote or replied.text, before[-1] if before else []
    stands_there = replied.text if len(last) == 1 else last[-1]["content"] if last else ""
    if not _letters(meant) or _letters(stands_there) == _letters(meant):
        return ""
    words = meant if len(meant) <= LONGEST_POINTER else meant[: LONGEST_POINTER - 1] + "…"
    return "".join(f"> {line}\n" for line in words.splitlines()) + "\n"


def _letters(text: str) -> str:
    """Letters and digits alone: what a message shows of its Markdown."""
    return "".join(filter(str.isalnum, text))


def _content(text: str, picture: str) -> str | list[dict[str, Any]]:
    """The question's words, with its picture if it has one: always the bytes, Telegram's addresses carry the token."""
    if not picture:
        return text
    return [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": picture}}]


def signed(request: Request, text: str) -> str:
    """In a group each question carries its asker's first name."""
    return text if request.incoming.private else f"{_first_name(request)}: {text}"


def _first_name(request: Request) -> str:
    """As shown; some names are nothing but blanks."""
    return _first(request.writer.name) or f"User {request.writer.id}"


def _first(name: str) -> str:
    return next(iter(name.split()), "")
