"""The only way an answer reaches a chat: it grows on the screen while it is written, and then stands there whole."""

from delivery.answers import Answers
from delivery.growing import Doing
from delivery.screen import Screen
from delivery.sketch import Sketch

__all__ = ["Answers", "Doing", "Screen", "Sketch"]
