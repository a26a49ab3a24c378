"""Every setting of the bot with its default, unit and limits: read once at the start, never changed afterwards."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import env_files
from env_files import Given

T = TypeVar("T")
Access = Literal["everyone", "invited"] | frozenset[int]
AdminLog = Literal["full", "costs", "off"]
Api = Literal["chat", "responses"]

LARGEST_BALANCE = 10**12  # far above any real wallet, far below where JSON readers lose digits (2**53)
# Ids that Telegram shares between many people (anonymous admins, channel posts, service messages):
# rights given to one of them would be everybody's. https://core.telegram.org/bots/api#message
SHARED_IDS = frozenset({1087968824, 136817688, 777000})


EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

# https://platform.openai.com/docs/deprecations
WHISPER_ENDS, WHISPER_SUCCESSOR = date(2027, 2, 26), "gpt-transcribe"


class Package(NamedTuple):
    """What `/topup` sells: so many tokens or pictures for so many Telegram Stars (XTR)."""

    stars: int
    amount: int
    wallet: Literal["balance", "premium_balance", "image_balance"]


class Listen(NamedTuple):
    """Where to listen: an address of this machine and a port."""

    host: str
    port: int


class ConfigError(Exception):
    """All problems of the settings at once, a sentence each, without any value in it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Setting(NamedTuple):
    """A row of the table of settings; `default` is written as in .env, empty for "off" and None for a required one."""

    name: str
    default: str | None
    about: str
    read: Callable[[str], object]
    aliases: tuple[str, ...]
    secret: bool


def _setting(
    read: Callable[[str], T],
    default: str | None,
    about: str,
    *,
    name: str = "",
    aliases: tuple[str, ...] = (),
    secret: bool = False,
) -> T:
    """Declare a field and its row of the table together; `read` raises ValueError saying what it expects."""
    declared: T = field(repr=not secret, metadata={"row": Setting(name, default, about, read, aliases, secret)})
    return declared


def _whole(low: int, high: int, unit: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,18}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number of {unit} from {low} to {high}, digits only")
        return int(text)

    return read


def _usd(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        raise ValueError("an amount of US dollars such as 5 or 0.006")
    return float(text)


def _packages(text: str) -> tuple[Package, ...]:
    """`50=100000, 100=20000 premium, 30=5 image`; https://core.telegram.org/bots/api#labeledprice for the limits."""
    wallets: dict[str, Any] = {"": "balance", "premium": "premium_balance", "image": "image_balance"}
    found = [re.fullmatch(r"([0-9]{1,5})=([0-9]{1,12})(?: (premium|image))?", part.strip()) for part in text.split(",")]
    packages = [Package(int(each[1]), int(each[2]), wallets[each[3] or ""]) for each in found if each]
    if len(packages) < len(found) or not all(1 <= each.stars <= 10_000 and each.amount for each in packages):
        raise ValueError("Stars=tokens, comma separated, as in 50=100000, 100=20000 premium, 30=5 image")
    if len({(each.stars, each.wallet) for each in packages}) < len(packages) or len(packages) > 20:
        raise ValueError("at most 20 packages, each with a price of its own in its wallet")
    return tuple(packages)


def _admin_log(text: str) -> AdminLog:
    known: dict[str, AdminLog] = {"full": "full", "costs": "costs", "off": "off"}
    if text.lower() not in known:
        raise ValueError("full, costs or off")
    return known[text.lower()]


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"{', '.join(words[:-1])} or {words[-1]}")
        return text.lower()

    return read


def _database(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("postgresql", "postgres") and len(parts.path) > 1
    except ValueError:  # broken brackets
        sound = False
    if not sound:
        raise ValueError("an address such as postgresql://user:password@host:5432/database")
    return text


def _is_host(name: str | None) -> bool:
    """Whether a host can be asked for by this name: no part of it is empty, or longer than 63 characters."""
    parts = (name or "").removesuffix(".").split(".")
    return ":" in parts[0] or all(part and (len(part) < 64 or not part.isascii()) for part in parts)


def _host(text: str) -> str:
    if not _is_host(_word(text)):
        raise ValueError("an address or the name of a host, such as 127.0.0.1")
    return text


def _api(text: str) -> Api:
    return "responses" if _one_of("chat", "responses")(text) == "responses" else "chat"


def _temperature(text: str) -> float:
    if not re.fullmatch(r"[0-9](\.[0-9]{1,3})?", text) or float(text) > 2:
        raise ValueError("a number from 0 to 2, such as 0.7")
    return float(text)


def _switch(text: str) -> bool:
    words = {"on": True, "1": True, "true": True, "yes": True, "off": False, "0": False, "false": False, "no": False}
    if text.lower() not in words:
        raise ValueError("on or off (also 1 or 0)")
    return words[text.lower()]


def _prompt(text: str) -> str:
    if len(text) > 4000:
        raise ValueError("a text of at most 4000 characters")
    return text


def _word(text: str) -> str:
    if not re.fullmatch(r"[!-~]{1,512}", text):
        raise ValueError("one word of Latin letters, digits and signs, without spaces")
    return text


def _bot_token(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,20}:[A-Za-z0-9_-]{1,128}", text):
        raise ValueError("a bot's token as @BotFather gives it: digits, a colon, letters")
    return text


def _user_ids(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts or not all(re.fullmatch(r"[1-9][0-9]{0,15}", part) for part in parts):
        raise ValueError("one number or several, comma separated: ids of people, not names, phones or groups")
    ids = tuple(dict.fromkeys(map(int, parts)))
    if SHARED_IDS.intersection(ids):
        raise ValueError("ids of people; one of these is Telegram's own account that many people share")
    return ids


def _access(text: str) -> Access:
    if text.lower() == "everyone":
        return "everyone"
    if text.lower() == "invited":
        return "invited"
    try:
        return frozenset(_user_ids(text))
    except ValueError:
        raise ValueError('"everyone", "invited", or ids of people, comma separated') from None


def _proxy(text: str) -> str:
    try:
        url = urlsplit(text)
        sound = url.scheme in ("http", "https") and _is_host(url.hostname) and url.port != 0
    except ValueError:  # broken brackets and ports
        sound = False
    if not sound or re.search(r"\s|[?#]", text):
        raise ValueError("an address that begins with http:// or https://")
    return text.rstrip("/")


def _address(text: str) -> str:
    address = _proxy(text)
    if "@" in urlsplit(address).netloc:  # addresses are shown in /info and the log
        raise ValueError("an address that begins with http:// or https:// and carries no password")
    return address


def _webhook(text: str) -> str:
    """https on a port that Telegram posts to; http for a Bot API server on this machine."""
    try:
        url = urlsplit(text)
        local = url.scheme == "http" and url.hostname in ("127.0.0.1", "localhost", "::1")
        sound = (local or (url.scheme == "https" and url.port in (None, 443, 80, 88, 8443))) and _is_host(url.hostname)
    except ValueError:
        sound = False
    if not sound or "@" in url.netloc or not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", url.path) or url.query:
        raise ValueError("an address such as https://bot.example.org/telegram, on port 443, 80, 88 or 8443")
    if url.path == "/health" or url.fragment or text.endswith(("?", "#")):
        raise ValueError("an address without ? and #, and another one than /health")
    return text


def _webhook_secret(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", text):
        raise ValueError("1 to 256 Latin letters, digits, _ and -")
    return text


def _listen(text: str) -> Listen:
    found = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})", text)
    if not found or not 1 <= int(found[2]) <= 65535 or not _is_host(found[1]):
        raise ValueError("an address and a port, such as 127.0.0.1:8080")
    return Listen(found[1].strip("[]"), int(found[2]))


def _language_code(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2}", text):
        raise ValueError("two small letters, such as ru or en")
    return text


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise ValueError("a path; of the homes only your own can be written as ~") from None


def _data_file(text: str) -> Path:
    path = _path(text)
    if path.suffix != ".json":  # files beside it are named after what is before that
        raise ValueError("a path that ends in .json, such as data.json")
    return path


def _secret(name: str, pointer: Given, folder: Path, problems: list[str]) -> str | None:
    try:
        return env_files.secret(name, folder / _path(pointer.value), problems)
    except ValueError as error:
        problems.append(f"{name} must be {error}: mend it in {pointer.origin}.")
        return None


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, LookupError):  # ZoneInfoNotFoundError is a LookupError; folders raise OSError
        raise ValueError("a time zone such as UTC, Europe/Moscow or Asia/Almaty") from None


@dataclass(frozen=True, kw_only=True)
class Config:
    """What the owner decided; made only by `load`."""

    telegram_api_key: str = _setting(
        _bot_token, None, "the bot's token: @BotFather, /newbot", aliases=("BOT_TOKEN", "TELEGRAM_TOKEN"), secret=True
    )
    openai_api_key: str = _setting(
        _word,
        None,
        "the key of the model's provider; any word for a server on your own machine",
        aliases=("OPENAI_KEY",),
        secret=True,
    )
    admin_ids: tuple[int, ...] = _setting(
        _user_ids,
        None,
        "Telegram ids of the owners, comma separated; the first is the main one",
        name="ADMIN_CHAT_ID",
        aliases=("ADMIN_ID",),
    )

    model: str = _setting(_word, "gpt-6-luna", "the ordinary model, paid from `balance`")
    premium_model: str = _setting(_word, "gpt-6.1-terra", "the premium model, paid from `premium_balance`")
    openai_base_url: str = _setting(
        _address, "https://api.openai.com/v1", "any provider that speaks Chat Completions; the address includes `/v1`"
    )
    system_prompt: str = _setting(
        _prompt, "You are a helpful assistant", "the prompt of those who set none, at most 4000 characters"
    )
    max_request_tokens: int = _setting(_whole(200, 10**6, "tokens"), "4000", "the longest answer, in tokens")
    new_user_balance: int = _setting(
        _whole(0, LARGEST_BALANCE, "tokens"), "30000", "tokens of the ordinary model a new user starts with"
    )
    new_user_premium_balance: int = _setting(
        _whole(0, LARGEST_BALANCE, "tokens"), "0", "tokens of the premium model a new user starts with"
    )
    budget_usd_per_day: float = _setting(
        _usd, "5", "what all users together may cost you a day, in USD; at 80 % you are told, at 100 % paid work stops"
    )
    wallets: bool = _setting(_switch, "on", "off: everything is counted, nobody is charged or refused")
    access: Access = _setting(
        _access, "everyone", "who may register: `everyone`, `invited` (by a user's link), or ids, comma separated"
    )
    time_zone: ZoneInfo = _setting(_zone, "UTC", "time zone of dates shown and kept, such as Europe/Moscow")

    new_user_image_balance: int = _setting(
        _whole(0, LARGEST_BALANCE, "pictures"), "0", "pictures a new user starts with"
    )
    referral_bonus: int = _setting(
        _whole(0, LARGEST_BALANCE, "tokens"), "20000", "tokens for each of the two when an invited person registers"
    )
    referral_daily_limit: int = _setting(
        _whole(0, 10**6, "bonuses"), "20", "bonuses a day for one inviter; the newcomer's is still paid"
    )
    favor_amount: int = _setting(_whole(1, LARGEST_BALANCE, "tokens"), "30000", "tokens given by the Yes to a favour")
    favor_min_limit: int = _setting(
        _whole(0, LARGEST_BALANCE, "tokens"), "10000", "the ordinary balance up to which a favour may be asked for"
    )
    feedback_reward: int = _setting(
        _whole(0, LARGEST_BALANCE, "tokens"), "5000", "tokens of the reward button under a feedback; 0: no button"
    )
    topup_packages: tuple[Package, ...] = _setting(
        _packages,
        "",
        "what `/topup` sells: Stars=tokens, comma separated, as in `50=100000, 100=20000 premium, 30=5 image`",
    )
    openai_price_per_1k_tokens: float | None = _setting(
        _usd, "", "USD for 1,000 tokens of any chat model; empty: the provider's list price"
    )
    whisper_price: float | None = _setting(
        _usd, "", "USD for a minute of transcription; empty: the provider's list price"
    )
    dalle_price: float | None = _setting(_usd, "", "USD for a picture drawn; empty: the provider's list price")
    openai_api: Api = _setting(
        _api,
        "chat",
        "how `OPENAI_BASE_URL` is spoken to: `chat` (Chat Completions, any provider) or `responses` (OpenAI)",
    )
    reasoning_effort: str = _setting(
        _one_of(*EFFORTS),
        "none",
        "how long ordinary models think that can: `none`, `minimal`, `low`, `medium`, `high`, `xhigh` or `max`; all "
        "but `none` eats into the longest answer",
    )
    premium_reasoning_effort: str = _setting(_one_of(*EFFORTS), "low", "the same for premium models")
    verbosity: str | None = _setting(
        _one_of("low", "medium", "high"),
        "",
        "how much models that think say: `low`, `medium` or `high`; empty: their own",
    )
    temperature: float | None = _setting(
        _temperature,
        "",
        "how freely words are chosen, 0 to 2, where a model takes it and does not think; empty: its own",
    )
    image_model: str = _setting(_word, "gpt-image-2.6-flare", "the model that draws, paid from `image_balance`")
    image_quality: str | None = _setting(
        _one_of("auto", "low", "medium", "high"),
        "",
        "how finely it draws, which sets the price: `auto`, `low`, `medium` or `high`; empty: its own",
    )
    transcription_model: str | None = _setting(
        _word, "", "the model that listens; empty: `whisper-1`, from its end on 2027-02-26 `gpt-transcribe`"
    )
    transcription_base_url: str | None = _setting(
        _address,
        "",
        "another server that listens, such as Whisper on your own machine, the address with `/v1`; empty: "
        "`OPENAI_BASE_URL`",
    )
    transcription_api_key: str | None = _setting(
        _word,
        "",
        "its key, if it wants one; empty: for `OPENAI_BASE_URL` that key, for another server none",
        secret=True,
    )
    transcription_language: str | None = _setting(
        _language_code, "", "two letters of the language spoken (ISO 639-1), such as ru; empty: guessed"
    )
    voice_tokens_per_second: int = _setting(
        _whole(0, 10**6, "premium tokens"), "6", "premium tokens a second of voice costs"
    )
    longest_voice: int = _setting(_whole(1, 7200, "seconds"), "300", "the longest voice message, in seconds")
    max_file_mb: int = _setting(
        _whole(1, 2000, "megabytes"), "20", "the largest file taken, in megabytes; Telegram gives out 20 at most"
    )
    admin_log: AdminLog = _setting(
        _admin_log, "full", "`full`: a line for each request, `costs`: a line an hour, `off`: none; to the main admin"
    )
    admin_log_pictures: bool = _setting(
        _switch, "off", "on: what users draw is shown to the main admin too, in silence; `/privacy` says so"
    )
    privacy_file: Path | None = _setting(_path, "", "your own text for `/privacy`, plain; empty: the bot's")
    models_file: Path | None = _setting(
        _path, "", "your own catalogue for `/model`, like the bot's `models.json`, which an empty value means"
    )
    presets_file: Path | None = _setting(
        _path, "", "your own prompts for `/preset`, like the bot's `presets.json`, which an empty value means"
    )
    context_cap: int = _setting(
        _whole(1, 10**6, "characters"), "50000", "the longest memory of a dialogue, in characters"
    )
    default_context: int = _setting(
        _whole(0, 10**6, "characters"), "0", "memory new users and groups start with, in characters; 0: none"
    )
    streaming: bool = _setting(_switch, "on", "off: an answer appears at once, when it is whole")
    keyboard: bool = _setting(_switch, "on", "off: no buttons in place of the keyboard in private chats")
    data_file: Path = _setting(
        _data_file, "data.json", "where everything is kept, ends in `.json`; a relative path begins beside `main.py`"
    )
    storage_url: str = _setting(
        _database, "", "postgresql://user:password@host/database: everything is kept there, not in a file", secret=True
    )
    worker_lanes: int = _setting(
        _whole(1, 1000, "chats"), "1000", "chats that one process serves at once; the others are left to the others"
    )
    log_file: Path | None = _setting(_path, "", "the log goes to this file too; empty: to the terminal only")
    heartbeat_file: Path | None = _setting(
        _path, "", "this file's time is renewed every 10 s while its work gets on, for a health check; empty: none"
    )
    log_format: str = _setting(
        _one_of("text", "json"), "text", "`text`: lines for people, `json`: an object a line for programs"
    )
    metrics_port: int | None = _setting(
        _whole(1, 65535, "a port"), "", "figures for Prometheus at this port of `METRICS_HOST`; empty: none"
    )
    metrics_host: str = _setting(
        _host, "127.0.0.1", "the address where they are given out: this machine only; `0.0.0.0` in a container"
    )
    debug_mode: bool = _setting(_switch, "0", "1: the log tells more, including people's words; never keys")
    proxy: str | None = _setting(_proxy, "", "an http:// proxy for Telegram and the provider; empty: none", secret=True)
    telegram_rate: int = _setting(
        _whole(0, 1000, "messages"),
        "30",
        "messages a second over all chats, Telegram's ceiling; 0: no limits, not for a chat either",
    )
    stale_after: int = _setting(
        _whole(60, 10**7, "seconds"),
        "21600",
        "messages older than this when the bot comes back get one apology a chat, in seconds",
    )
    telegram_api_url: str = _setting(
        _address, "https://api.telegram.org", "the root of another Bot API server, without `/bot`"
    )
    webhook_url: str | None = _setting(
        _webhook,
        "",
        "the https address that Telegram posts updates to, with a path of your choice; empty: the bot asks for them",
    )
    webhook_secret: str | None = _setting(
        _webhook_secret,
        "",
        "what Telegram proves itself by, needed with `WEBHOOK_URL`: letters, digits, `_` and `-`",
        secret=True,
    )
    webhook_listen: Listen = _setting(
        _listen, "127.0.0.1:8080", "where the bot listens for them, behind the proxy that speaks https"
    )

    sources: tuple[Path, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)  # of further providers, by their variables

    def listener(self, today: date) -> str:
        """The model that transcribes today."""
        ends = self.transcription_base_url is None and today >= WHISPER_ENDS  # what others call so goes on
        return self.transcription_model or (WHISPER_SUCCESSOR if ends else "whisper-1")

    @property
    def secrets(self) -> list[str]:
        """Every value that nobody may read in a log."""
        own = [getattr(self, attribute) for attribute, row in SETTINGS.items() if row.secret]
        own.append(urlsplit(self.storage_url).password)
        return [each for each in (*own, *self.keys.values()) if isinstance(each, str) and each]

    @property
    def kept_in(self) -> Path | str:
        """Where everything is kept: a file, or a database by its address."""
        return self.storage_url or self.data_file

    @property
    def listens_at(self) -> tuple[str, str]:
        """Address and key of the server that transcribes; the key of one server is not told to another."""
        if self.transcription_base_url is None:
            return self.openai_base_url, self.transcription_api_key or self.openai_api_key
        return self.transcription_base_url, self.transcription_api_key or "none"


SETTINGS: dict[str, Setting] = {
    each.name: row._replace(name=row.name or each.name.upper())
    for each in fields(Config)
    if (row := each.metadata.get("row"))
}


def load(environ: Mapping[str, str], folder: Path) -> Config:
    """Read `.env`, `.env.$BOT_ENV` and the environment, the later over the earlier; raise ConfigError."""
    problems: list[str] = []
    given, sources = env_files.gather(environ, folder, problems)
    values: dict[str, Any] = {}
    for attribute, row in SETTINGS.items():
        text = _chosen(row, given, folder, problems)
        if text is not None:
            values[attribute] = _value(row, text, problems)
    for name in ("data_file", "log_file", "heartbeat_file", "privacy_file", "models_file", "presets_file"):
        if isinstance(path := values.get(name), Path):
            values[name] = folder.resolve() / path
    values["topup_packages"] = values.get("topup_packages") or ()
    _compare(values, problems)
    if isinstance(path := values.get("privacy_file"), Path):
        _privacy(path, problems)
    if isinstance(path := values.get("data_file"), Path) and path.is_dir():
        problems.append(f"DATA_FILE is a folder: name a file, such as {path / 'data.json'}.")
    if problems:
        raise ConfigError(problems)
    return Config(**values, sources=tuple(sources), keys=_keys(given, folder))


def _privacy(path: Path, problems: list[str]) -> None:
    if not path.is_file():
        problems.append("PRIVACY_FILE names no file: a relative path begins beside main.py.")
        return
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        problems.append("PRIVACY_FILE cannot be read as text: save it in UTF-8, readable for the bot.")
    else:
        if not text.strip():
            problems.append("PRIVACY_FILE is empty: write the text of /privacy into it, or leave the setting empty.")


def _keys(given: Mapping[str, Given], folder: Path) -> dict[str, str]:
    """What the rows of models.json may name as their provider's key; those of the bot itself are not for others.

    A file that can't be read gives none: it may be another program's, and a row without its key is left out.
    """
    own = {name for row in SETTINGS.values() for name in (row.name, *row.aliases)}
    keys = {name: each.value for name, each in given.items() if name.endswith("_API_KEY")}
    for name, each in given.items():
        if name.endswith("_API_KEY_FILE") and each.value:
            secret = _secret(name, each, folder, [])
            keys[name.removesuffix("_FILE")] = secret or ""
    return {name: key for name, key in keys.items() if key and name not in own}


def _chosen(row: Setting, given: Mapping[str, Given], folder: Path, problems: list[str]) -> Given | None:
    """The one text given for a setting under any of its names, else its default; None after a problem."""
    found = {name: given[name] for name in (row.name, *row.aliases) if name in given and given[name].value}
    for name in (row.name, *row.aliases) if row.secret else ():
        pointer = given.get(f"{name}_FILE")
        if pointer and pointer.value:
            secret = _secret(f"{name}_FILE", pointer, folder, problems)
            if secret is None:
                return None
            found[f"{name}_FILE"] = Given(secret, pointer.origin)
    if len({each.value for each in found.values()}) > 1:
        names = " and ".join(f"{name} ({each.origin})" for name, each in found.items())
        problems.append(f"{names} are the same setting with different values: keep one of them.")
        return None
    if found:
        return next(iter(found.values()))
    if row.default is None:
        problems.append(f"{row.name} is missing ({row.about}): write it in .env, as example.env shows.")
        return None
    return Given(row.default, "the defaults")


def _value(row: Setting, given: Given, problems: list[str]) -> object:
    if not given.value:
        return None
    try:
        return row.read(given.value)
    except ValueError as error:
        problems.append(f"{row.name} must be {error}: mend it in {given.origin}.")
        return None


def _compare(values: Mapping[str, object], problems: list[str]) -> None:
    memory, cap = values.get("default_context"), values.get("context_cap")
    if isinstance(memory, int) and isinstance(cap, int) and memory > cap:
        problems.append("DEFAULT_CONTEXT must not be above CONTEXT_CAP: lower the first or raise the second.")
    if values.get("webhook_url") and "webhook_secret" in values and not values["webhook_secret"]:
        made = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        problems.append(f"WEBHOOK_SECRET is missing, which WEBHOOK_URL needs: {made} makes one.")
