"""What a log may say: secrets are cut out of everything, and of an exception only what cannot quote a person."""

import base64
import json
import os
import re
import traceback
from collections.abc import Iterator, Sequence
from itertools import chain
from types import TracebackType
from urllib.parse import quote, unquote, urlsplit

SHORTEST_SECRET = 6  # characters; a made-up key for a local server is a word like others
HIDDEN = "***"
# Texts are cut off at their ends, and in the middle: of a secret so long any eleven letters in a row hold one of its
# pieces, and go with the rest of their word.
PIECE, LONG_SECRET = 6, 12
# Whatever the settings hold: a bot's token, and a password in an address or in the words of a database.
_TOKEN = re.compile(r"(?<!\d)(\d{6,20}(?::|%3A))[\w-]{30,}", re.I)
_LONG = re.compile(r"[\w-]{30}")  # most lines have no word so long, and cost less so
# The end of an address may be cut off; what is no password is a port.
_PASSWORD = re.compile(
    r"(://[^\s/@:'\"\[]*:)(?:[^\s@'\"]+(?=@)|(?!\d{1,5}(?![\w%]))[^\s@'\"/]+)"
    r"|(\bpassword\s*=\s*)(?:'(?:\\.|[^'\\])*'|\S+)",
    re.I,
)

# What Telegram says of a request is shown as far as it is one of these: the rest of its words may quote a message.
TELEGRAM_SAYS = (
    "message is not modified", "message to edit not found", "message to delete not found", "can't be edited",
    "can't be deleted", "message to be replied not found", "message text is empty", "message is too long",
    "chat not found", "user not found", "user is deactivated", "bot was blocked", "bot was kicked", "not a member",
    "not enough rights", "no rights to send", "group chat was upgraded", "group chat was deactivated",
    "thread not found", "TOPIC_CLOSED", "can't parse entities", "query is too old", "query ID is invalid",
    "wrong file identifier", "file is too big", "file is temporarily unavailable", "Too Many Requests",
    "Unauthorized", "terminated by other getUpdates", "webhook is active", "method not found", "unknown method",
    "HTTPS URL must be provided", "Failed to resolve host", "is reserved", "only on ports", "SSL error",
    "Connection refused", "Connection timed out", "BUTTON_DATA_INVALID", "PEER_ID_INVALID",
    "CHAT_WRITE_FORBIDDEN", "CHAT_RESTRICTED",
)  # fmt: skip
_CODES = ("error_code", "status_code", "sqlstate")


class Redaction:
    """Cuts secrets out of texts, in every form they may have there."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        forms = {form for secret in secrets for each in _parts(secret) for form in _forms(each)}
        self._forms = sorted((form for form in forms if len(form) >= SHORTEST_SECRET), key=len, reverse=True)
        pieces = sorted({piece for secret in secrets for each in _parts(secret) for piece in _pieces(each)})
        self._pieces = [(piece, re.compile(rf"[\w.~+=%-]*{re.escape(piece)}[\w.~+=%-]*")) for piece in pieces]

    def clean(self, text: str) -> str:
        """The text without them."""
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        for piece, word in self._pieces:
            if piece in text:
                text = word.sub(HIDDEN, text)
        if "://" in text or "password" in text.lower():
            text = _PASSWORD.sub(_unnamed, text)
        return _TOKEN.sub(rf"\1{HIDDEN}", text) if _LONG.search(text) else text


def _unnamed(found: re.Match[str]) -> str:
    return f"{found[1] or found[2]}{HIDDEN}"


def _parts(secret: str) -> Iterator[str]:
    """A secret, and what in it is one by itself: the second half of a token, the password of an address."""
    yield secret
    token = re.fullmatch(r"\d+:(.+)", secret)
    if token:
        yield token[1]
    try:
        address = urlsplit(secret)
    except ValueError:
        return
    if address.scheme and address.password:
        yield address.password
        yield unquote(address.password)
        pair = f"{unquote(address.username or '')}:{unquote(address.password)}"
        yield base64.b64encode(pair.encode()).decode()  # as a proxy is told it


def _pieces(secret: str) -> Iterator[str]:
    """Parts of a secret that is none of several: those of a token or an address are taken apart before."""
    if len(secret) >= LONG_SECRET and ":" not in secret:
        for at in range(len(secret) % PIECE, len(secret), PIECE):
            yield secret[at : at + PIECE]


def _forms(secret: str) -> tuple[str, ...]:
    """As it is, in an address, as Python and as JSON quote it."""
    return secret, quote(secret, safe=""), quote(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1]


def facts(error: BaseException) -> str:
    """An exception without its text: its type, codes, and words that are nobody's."""
    known = [f"{value}" for name in _CODES if isinstance(value := _own(error, name), int | str) and _is_code(value)]
    kind = _own(error, "kind")  # of our own errors: one word
    if isinstance(kind, str) and re.fullmatch(r"[a-z_]{1,30}", kind):
        known.append(kind)
    if isinstance(error, OSError) and isinstance(error.errno, int):
        known.append(os.strerror(error.errno))
    description = _own(error, "description")
    if isinstance(description, str):
        known += [words for words in TELEGRAM_SAYS if words.lower() in description.lower()][:1]
    return " ".join([type(error).__name__, *known])


def _own(error: BaseException, name: str) -> object:
    return getattr(error, name, None)


def _is_code(value: int | str) -> bool:
    return re.fullmatch(r"[0-9A-Z]{1,5}", str(value)) is not None


def told(error: BaseException) -> str:
    """A traceback with the facts of each exception in the place of its text."""
    return "\n\nafter which\n\n".join(_one(each) for each in reversed([*_chain(error)]))


def _one(error: BaseException) -> str:
    frames = _frames(error.__traceback__)
    inner = [told(each) for each in error.exceptions] if isinstance(error, BaseExceptionGroup) else []
    return "\n".join(["Traceback (most recent call last):", *frames, facts(error), *inner])


def _frames(trace: TracebackType | None) -> Iterator[str]:
    """Where it was raised, with our own lines of code: those hold no values."""
    return (line.rstrip("\n") for line in chain(traceback.format_tb(trace)))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it came of, the newest first."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        cause = following.__cause__
        following = cause or (None if following.__suppress_context__ else following.__context__)
