"""Ready prompts: the bot's presets.json, or the owner's own."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, TypeAdapter, model_validator

import owner_files
from config import Config
from owner_files import Checked, like
from texts import Language

SHIPPED = Path(__file__).resolve().parent / "presets.json"
LONGEST_PROMPT = 4000  # characters, as for /prompt

# names the preset in a button's data
Key = Annotated[
    str, AfterValidator(like(r"[a-z0-9_-]{1,40}", "a key has at most 40 small Latin letters, digits, hyphens and _"))
]


class Worded(Checked):
    """A preset in one language: what its button says, and the prompt."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    prompt: Annotated[str, Field(min_length=1, max_length=LONGEST_PROMPT)]


class Preset(Checked):
    """A ready prompt, in one language at least."""

    ru: Worded | None = None
    en: Worded | None = None

    @model_validator(mode="after")
    def _is_worded(self) -> Self:
        if not (self.ru or self.en):
            raise ValueError("needs a wording in ru or en")
        return self

    def worded(self, language: Language) -> Worded:
        """In this language if it can be had, else in the other."""
        found = (self.ru or self.en) if language == "ru" else (self.en or self.ru)
        if found is None:
            raise LookupError("checked above")
        return found


Presets = dict[Key, Preset]


def load(config: Config) -> Presets:
    """Read PRESETS_FILE, or the bot's own presets.json; raises ConfigError with every mistake in it."""
    form: TypeAdapter[Presets] = TypeAdapter(Annotated[Presets, Field(min_length=1, max_length=30)])
    return owner_files.read(config.presets_file or SHIPPED, "PRESETS_FILE", form)
