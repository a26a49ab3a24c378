"""The catalogue of models: which there are, who serves them, which wallet pays, what each can take."""

import logging
from dataclasses import replace
from hashlib import blake2s
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, TypeAdapter

import owner_files
from config import SETTINGS, Api, Config, ConfigError
from owner_files import Checked, like
from services.models import Models
from services.prices import DIGITS, Prices
from services.question import is_openais, thinks

log = logging.getLogger(__name__)

Purse = Literal["ordinary", "premium"]  # which kind of tokens a model costs
PURSES: tuple[Purse, ...] = ("ordinary", "premium")
Ability = Literal["pictures", "files", "search", "effort", "temperature"]

SHIPPED = Path(__file__).resolve().parent.parent / "models.json"
UNKNOWN_WINDOW = 8192  # tokens
OTHERS_FACTOR = 1.3  # tests/services/corpus.json: 1.23 for cl100k_base, from which Llama 3 grew, 1.09 for Qwen 3.5
LONGEST_BUTTON = 48  # bytes of a button's data that name a model; Telegram takes 64, with the button's own name
MOST_ROWS = 50  # one message shows them all as buttons
DEFAULT_KEY = "OPENAI_API_KEY"
HOME = ("", DEFAULT_KEY)  # the provider of .env, as `Row.provider`

Word = Annotated[
    str, AfterValidator(like(r"[!-~]{1,200}", "must be one word of Latin letters, digits and signs, without spaces"))
]
Address = Annotated[
    str,
    AfterValidator(like(r"(https?://\S+)?", "must begin with http:// or https://")),
    AfterValidator(lambda text: text.rstrip("/")),
]
Variable = Annotated[
    str,
    AfterValidator(like(r"[A-Z0-9_]+_API_KEY", "must name a variable of .env: capital letters, _API_KEY at the end")),
]
Dollars = Annotated[float, Field(ge=0, le=10**6)]  # no NaN or infinity: the day's sum would stay one


class Price(Checked):
    """USD for a million tokens; `cached` is for the part of the question that the provider had kept."""

    question: Dollars
    answer: Dollars
    cached: Dollars | None = None


class Row(Checked):
    """One model; an empty `base_url` is OPENAI_BASE_URL, `key` names the variable of .env that holds its key."""

    name: Word
    wallet: Purse = "ordinary"
    base_url: Address = ""
    key: Variable = DEFAULT_KEY
    window: Annotated[int, Field(ge=1024, le=10**9)] = UNKNOWN_WINDOW
    api: Api | None = None  # None: OPENAI_API at OPENAI_BASE_URL, chat elsewhere
    can: frozenset[Ability] | None = None  # None: as far as the name tells
    tokens: Annotated[float, Field(ge=0.5, le=10)] | None = None  # None: by the name
    usd_per_million: Price | None = None
    fallback: Word | None = None  # of the same wallet; answers when this one is not served any more

    @property
    def button(self) -> str:
        """What a button's data names it by."""
        whole = f"{self.wallet}:{self.name}"
        return whole if len(whole) <= LONGEST_BUTTON else blake2s(whole.encode(), digest_size=16).hexdigest()

    @property
    def provider(self) -> tuple[str, str]:
        """Rows with the same one share its connections."""
        return self.base_url, self.key

    @property
    def thinks(self) -> bool:
        """Whether it takes a reasoning effort, and with it `max_completion_tokens`."""
        return thinks(self.name) if self.can is None else "effort" in self.can

    @property
    def factor(self) -> float:
        """How many of its tokens one of OpenAI's is taken for, before it has counted them itself."""
        return self.tokens or (1.0 if is_openais(self.name) else OTHERS_FACTOR)

    @property
    def sees(self) -> bool:
        """Whether it can look at pictures, as far as is known."""
        return self.can is None or "pictures" in self.can

    @property
    def reads_files(self) -> bool:
        """Whether it is known to read a PDF by itself."""
        return self.can is not None and "files" in self.can

    @property
    def warms(self) -> bool:
        """Whether it takes a temperature, as far as is known."""
        return self.can is None or "temperature" in self.can

    @property
    def searches(self) -> bool:
        return self.can is not None and "search" in self.can


class Catalogue:
    """The rows that this bot can use, and a pool of connections for each provider among them."""

    def __init__(self, config: Config, rows: list[Row], models: Models, prices: Prices) -> None:
        """`models` and `prices` are those of OPENAI_BASE_URL; MODEL and PREMIUM_MODEL come first and are always in."""
        self._home, self._home_api = config.openai_base_url, config.openai_api
        self._own: dict[Purse, str] = {"ordinary": config.model, "premium": config.premium_model}
        known = {(row.wallet, row.name): row for row in rows}
        defaults = {(wallet, name): _own_row(rows, wallet, name) for wallet, name in self._own.items()}
        self._rows = defaults | known
        self._retired: set[Row] = set()
        self._models, self._prices = {HOME: models}, {"": prices}
        for row in self.rows:
            if row.provider not in self._models:
                self._models[row.provider] = Models(row.base_url, config.keys[row.key], config.proxy)
                self._prices[row.base_url] = replace(prices, base_url=row.base_url)

    @property
    def rows(self) -> list[Row]:
        """All of them, those of .env first."""
        return list(self._rows.values())

    def default(self, wallet: Purse) -> Row:
        """MODEL, or PREMIUM_MODEL."""
        return self._rows[wallet, self._own[wallet]]

    def find(self, wallet: Purse, name: str | None) -> Row | None:
        """A row by its name, None for one that is not in the catalogue (any more)."""
        return self._rows.get((wallet, name or ""))

    def pressed(self, data: str) -> Row | None:
        """The row that a button names, None when the catalogue has changed since it was shown."""
        return next((row for row in self.rows if row.button == data), None)

    def by_provider(self) -> list[list[Row]]:
        """The rows of each provider together."""
        providers = dict.fromkeys(row.provider for row in self.rows)
        return [[row for row in self.rows if row.provider == provider] for provider in providers]

    def retire(self, row: Row, is_over: bool = True) -> None:
        """A model is not served any more, or is after all."""
        (self._retired.add if is_over else self._retired.discard)(row)

    def serves(self, row: Row) -> bool:
        """Whether a model answers by itself."""
        return row not in self._retired

    def fallback(self, row: Row) -> Row | None:
        """Who would stand in for a model."""
        return self.find(row.wallet, row.fallback)

    def in_service(self, row: Row) -> Row:
        """The model itself, or for a retired one the first of its fallbacks that is not; itself when there is none."""
        asked, found = {row}, row
        while found in self._retired:
            following = self.fallback(found)
            if following is None or following in asked:
                return row
            asked.add(following)
            found = following
        return found

    def models(self, row: Row) -> Models:
        """The provider that serves it."""
        return self._models[row.provider]

    def api(self, row: Row) -> Api:
        """How its provider is spoken to."""
        return row.api or (self._home_api if row.provider == HOME else "chat")

    def address(self, row: Row) -> str:
        """Who keeps what this model has answered: the provider's address and the variable of its key."""
        return f"{row.base_url or self._home} {row.key}"

    def at(self, address: str) -> Models | None:
        """The provider at an address, None for one that is not in the catalogue any more."""
        return next((self.models(row) for row in self.rows if self.address(row) == address), None)

    def usd(self, row: Row, prompt: int, cached: int, answer: int) -> float | None:
        """What a call costs the owner: by the row's own price, else as `Prices.of_tokens` knows it."""
        price = row.usd_per_million
        if price is None:
            return self._prices[row.base_url].of_tokens(row.name, prompt, cached, answer)
        kept = min(cached, prompt)
        usd = (prompt - kept) * price.question + answer * price.answer
        usd += kept * (price.question if price.cached is None else price.cached)
        return round(usd / 1_000_000, DIGITS)

    def close(self) -> None:
        """Give the connections back."""
        for models in self._models.values():
            models.close()


def _own_row(rows: list[Row], wallet: Purse, name: str) -> Row:
    """The row of .env's own model, which the file may list for the other wallet, or not at all."""
    known = [row for row in rows if row.name == name]
    for row in known:
        if row.wallet == wallet:
            return row
    return known[0].model_copy(update={"wallet": wallet, "fallback": None}) if known else Row(name=name, wallet=wallet)


def load(config: Config, models: Models, prices: Prices) -> Catalogue:
    """Read MODELS_FILE, or the bot's own models.json; raises ConfigError with every mistake in it."""
    path = config.models_file or SHIPPED
    rows = _checked(owner_files.read(path, "MODELS_FILE", TypeAdapter(list[Row])), path, config)
    usable = [_at_home(row) for row in rows if _is_usable(row, config)]
    left_out = [f"{row.name} ({_wanted(row)})" for row in rows if not _is_usable(row, config)]
    if left_out and path != SHIPPED:
        log.warning("%s: left out for want of their provider's key in .env: %s", path.name, ", ".join(left_out))
    return Catalogue(config, usable, models, prices)


def _is_usable(row: Row, config: Config) -> bool:
    """Whether its key is there; OPENAI_API_KEY is never shown to anybody but OPENAI_BASE_URL."""
    return row.base_url in ("", config.openai_base_url) if row.key == DEFAULT_KEY else row.key in config.keys


def _wanted(row: Row) -> str:
    """What a row is left out for."""
    return "a key of its own: OPENAI_API_KEY goes to OPENAI_BASE_URL alone" if row.key == DEFAULT_KEY else row.key


def _at_home(row: Row) -> Row:
    """With OPENAI_API_KEY its provider is that of .env."""
    return row.model_copy(update={"base_url": ""}) if row.key == DEFAULT_KEY else row


def _checked(rows: list[Row], path: Path, config: Config) -> list[Row]:
    """What no field can tell alone: names once for each wallet, fallbacks that are there."""
    names = [(row.wallet, row.name) for row in rows]
    known = {*names, ("ordinary", config.model), ("premium", config.premium_model)}
    problems = [f"{path.name}: {name} stands twice." for name in {each[1] for each in names if names.count(each) > 1}]
    for row in rows:
        if row.fallback and ((row.wallet, row.fallback) not in known or row.fallback == row.name):
            problems.append(
                f"{path.name}: the fallback of {row.name} must be another {row.wallet} model of this file or of .env."
            )
        try:
            SETTINGS["openai_base_url"].read(row.base_url or "http://home")
        except ValueError as error:
            problems.append(f"{path.name}: the base_url of {row.name} must be {error}.")
        if row.key != DEFAULT_KEY and not row.base_url:
            problems.append(f"{path.name}: {row.name} names a key, so it must have the base_url that the key is for.")
    if len(rows) > MOST_ROWS:
        problems.append(f"{path.name}: at most {MOST_ROWS} models.")
    if problems:
        raise ConfigError(problems)
    return rows
