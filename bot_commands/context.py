"""What a model is given with a question: all that was in force when it arrived, and what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot_commands.request import Request
from incoming import Replied
from records import Attachments, Conversation, Told, Wallet
from services.catalogue import Row
from services.tokens import Message

LONGEST_POINTER = 300  # characters of a message that is meant and does not stand right before the question

Exchange = list[Message]  # a question and its answer, or one message alone
Part = dict[str, Any]  # of a message's content, as Chat Completions has it


@dataclass(frozen=True)
class Enclosed:
    """Files as a model takes them, documents before pictures; `tokens` are those of parts that are no words."""

    parts: tuple[Part, ...] = ()
    tokens: int = 0  # an upper estimate
    used: int = 0  # tokens of all parts, words among them
    looks: bool = False  # whether there are pictures among them
    names: tuple[str, ...] = ()  # of documents, as they may be shown
    remark: str = ""  # on what of them was not read, for who asks
    uploaded: bool = False  # whether the provider keeps one of them


@dataclass(frozen=True)
class Asked:
    """A question with everything that was in force when it arrived."""

    text: str
    replied: Replied | None
    conversation: Conversation
    row: Row
    premium: bool | None = None  # asked for with this question; None: as the conversation has it
    attachments: Attachments = ()  # what it is about
    borrowed: bool = False  # these came with an earlier message
    enclosed: Enclosed = field(default_factory=Enclosed)  # these, or earlier ones that go along
    belongs_to: int = -1  # the place of their message in the history, -1: the question itself
    beginning: bool = False  # of its documents as much is wanted as can be paid
    uploads: bool = True  # whether its provider may keep them
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
    enclosed: Enclosed = field(default_factory=Enclosed)
    belongs_to: Message | None = None  # the message of the files, when that stands before the question
    after: Exchange = field(default_factory=list)  # an answer that was cut, and that it is to go on

    @property
    def messages(self) -> list[Message]:
        """As a model takes them; files whose message was left out go along with the question."""
        said = [message for exchange in self.before for message in exchange]
        question = {"role": "user", "content": self.question}
        place = next((place for place, each in enumerate(said) if each is self.belongs_to), len(said))
        whole = [*said, question, *self.after]
        whole[place] = whole[place] | {"content": _content(whole[place]["content"], self.enclosed.parts)}
        return [{"role": "system", "content": self.system}, *whole]


def given(request: Request, asked: Asked) -> Given:
    """Everything that belongs to a question, however much that is."""
    before = _before(request, asked)
    system = asked.conversation.prompt or request.tools.config.system_prompt
    pointer = _pointer(asked.replied, before)
    said = [message for exchange in before for message in exchange]
    belongs_to = said[asked.belongs_to] if 0 <= asked.belongs_to < len(said) else None
    after = _exchange(request.say("go_on"), asked.answer_cut)[::-1] if asked.answer_cut else []
    return Given(system, before, pointer + signed(request, asked.text), asked.enclosed, belongs_to, after)


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
    known = any(told.attachments == asked.attachments for told in store.chain(topic, replied))
    shown = () if known else asked.attachments
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


def _content(text: str, parts: Sequence[Part]) -> str | list[Part]:
    """Documents, the question, pictures; words alone are one text, which every server takes."""
    documents = [part for part in parts if part["type"] != "image_url"]
    pictures = [part for part in parts if part["type"] == "image_url"]
    whole = [*documents, {"type": "text", "text": text}, *pictures]
    if any(part["type"] != "text" for part in whole):
        return whole
    return "\n\n".join(part["text"] for part in whole)


def signed(request: Request, text: str) -> str:
    """In a group each question carries its asker's first name."""
    return text if request.incoming.private else f"{_first_name(request)}: {text}"


def _first_name(request: Request) -> str:
    """As shown; some names are nothing but blanks."""
    return _first(request.writer.name) or f"User {request.writer.id}"


def _first(name: str) -> str:
    return next(iter(name.split()), "")
