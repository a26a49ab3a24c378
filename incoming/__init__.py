"""Updates of the Bot API, read once into plain values."""

from incoming.reading import ALLOWED_UPDATES, read
from incoming.values import File, Incoming, Kind, Payment, Person, Replied
from incoming.words import whole_characters, without_command

__all__ = [
    "ALLOWED_UPDATES",
    "File",
    "Incoming",
    "Kind",
    "Payment",
    "Person",
    "Replied",
    "read",
    "whole_characters",
    "without_command",
]
