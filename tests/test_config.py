"""The settings: where they come from, who wins, and what is refused."""

from pathlib import Path

import pytest

import config
from config import SETTINGS, ConfigError, load

NEEDED = {"TELEGRAM_API_KEY": "12:abc", "OPENAI_API_KEY": "sk-secret", "ADMIN_CHAT_ID": "1"}


def problems(folder: Path, **given: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(given, folder)
    return raised.value.problems


def test_three_settings_are_enough(tmp_path: Path) -> None:
    made = load(NEEDED, tmp_path)
    assert (made.admin_ids, made.new_user_balance, made.wallets, made.proxy) == ((1,), 30000, True, None)
    assert made.data_file == tmp_path.resolve() / "data.json"


def test_every_default_is_a_sensible_value() -> None:
    for row in SETTINGS.values():
        if row.default:
            row.read(row.default)


def test_all_problems_come_at_once_and_show_no_value(tmp_path: Path) -> None:
    said = problems(tmp_path, TELEGRAM_API_KEY="sesame!", ADMIN_CHAT_ID="sesame", WALLETS="sesame", MODEL="open sesame")
    assert [line.split()[0] for line in said] == [
        "TELEGRAM_API_KEY",
        "OPENAI_API_KEY",
        "ADMIN_CHAT_ID",
        "MODEL",
        "WALLETS",
    ]
    assert "sesame" not in "".join(said)


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    shown = repr(load({**NEEDED, "PROXY": "http://me:sesame@proxy:1"}, tmp_path))
    for secret in ("12:abc", "sk-secret", "sesame"):
        assert secret not in shown


def test_the_environment_wins_over_the_stage_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MODEL=a\nPREMIUM_MODEL=a\nTIME_ZONE=Europe/Moscow\nBOT_ENV=production\n")
    (tmp_path / ".env.production").write_text("MODEL=b\nPREMIUM_MODEL=b\n")
    made = load({**NEEDED, "MODEL": "c"}, tmp_path)
    assert (made.model, made.premium_model, made.time_zone.key) == ("c", "b", "Europe/Moscow")
    assert [path.name for path in made.sources] == [".env", ".env.production"]
    assert load({**NEEDED, "TIME_ZONE": ""}, tmp_path).time_zone.key == "UTC"


def test_a_stage_without_its_file_is_refused(tmp_path: Path) -> None:
    assert ".env.prodution" in problems(tmp_path, **NEEDED, BOT_ENV="prodution")[0]
    assert problems(tmp_path, **NEEDED, BOT_ENV="../x")[0].startswith("BOT_ENV must be")


def test_dotenv_is_read_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text('\ufeffMODEL=м\nSYSTEM_PROMPT="costs $HOME\\nand more"\n', encoding="utf-8")
    said = problems(tmp_path, **NEEDED)
    assert len(said) == 1  # the byte order mark did not hide MODEL
    assert "mend it in .env" in said[0]
    (tmp_path / ".env").write_text('SYSTEM_PROMPT="costs ${HOME}\\nand more"\n')
    assert load(NEEDED, tmp_path).system_prompt == "costs ${HOME}\nand more"
    (tmp_path / ".env").write_bytes(b"MODEL=\xff\n")
    assert problems(tmp_path, **NEEDED) == [".env is not UTF-8 text: save it again in that encoding."]


def test_older_names_are_taken_and_two_values_refused(tmp_path: Path) -> None:
    made = load({"BOT_TOKEN": "12:abc", "TELEGRAM_TOKEN": "12:abc", "OPENAI_KEY": "k", "ADMIN_ID": "7, 8,7"}, tmp_path)
    assert (made.telegram_api_key, made.openai_api_key, made.admin_ids) == ("12:abc", "k", (7, 8))
    said = problems(tmp_path, **NEEDED, BOT_TOKEN="12:other")
    assert said[0].startswith("TELEGRAM_API_KEY (the environment) and BOT_TOKEN (the environment) are the same")
    assert "other" not in said[0]


def test_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-from-file\n")
    given = {"TELEGRAM_API_KEY": "12:abc", "ADMIN_CHAT_ID": "1", "OPENAI_API_KEY_FILE": "key"}
    assert load(given, tmp_path).openai_api_key == "sk-from-file"
    assert problems(tmp_path, **{**given, "OPENAI_API_KEY_FILE": "none"})[0].startswith("OPENAI_API_KEY_FILE must")
    assert "different values" in problems(tmp_path, **given, OPENAI_API_KEY="sk-other")[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMIN_CHAT_ID", "-100123"),
        ("ADMIN_CHAT_ID", "@olga"),
        ("ADMIN_CHAT_ID", "1,1087968824"),
        ("ADMIN_CHAT_ID", ","),
        ("NEW_USER_BALANCE", "-1"),
        ("NEW_USER_BALANCE", "٣"),
        ("MAX_REQUEST_TOKENS", "199"),
        ("SYSTEM_PROMPT", "x" * 4001),
        ("OPENAI_BASE_URL", "api.openai.com/v1"),
        ("OPENAI_BASE_URL", "https://me:word@host/v1"),
        ("OPENAI_BASE_URL", "http://[::1"),
        ("OPENAI_BASE_URL", "http://api..example.org/v1"),
        ("TELEGRAM_API_URL", "http://host:99999"),
        ("TELEGRAM_API_URL", f"http://{'a' * 64}.org"),
        ("PROXY", "http://me:word@a..b:1"),
        ("METRICS_HOST", "a..b"),
        ("METRICS_HOST", "two words"),
        ("WEBHOOK_LISTEN", "a..b:8080"),
        ("WEBHOOK_URL", "https://bot..example.org/telegram"),
        ("STORAGE_URL", "postgresql://me@[127/db"),
        ("STORAGE_URL", "postgresql://host"),
        ("PROXY", "socks5://host:1"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", "../etc"),
        ("ACCESS", "friends"),
        ("DEFAULT_CONTEXT", "50001"),
        ("OPENAI_API_KEY", "ключ"),
        ("PRIVACY_FILE", "nowhere.txt"),
        ("PRIVACY_FILE", "empty.txt"),
        ("PRIVACY_FILE", "cp1251.txt"),
        ("PRIVACY_FILE", "~nobody-of-that-name/privacy.txt"),
        ("OPENAI_API_KEY_FILE", "~nobody-of-that-name/key"),
        ("DATA_FILE", "data"),
        ("DATA_FILE", "data.production"),
        ("DATA_FILE", "folder.json"),
    ],
)
def test_senseless_values_are_refused(tmp_path: Path, name: str, value: str) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    (tmp_path / "cp1251.txt").write_bytes("Данные".encode("cp1251"))
    (tmp_path / "folder.json").mkdir()
    said = problems(tmp_path, **{**NEEDED, name: value})
    assert len(said) == 1
    assert said[0].startswith(name)


def test_access_and_switches(tmp_path: Path) -> None:
    assert load({**NEEDED, "ACCESS": "Invited"}, tmp_path).access == "invited"
    assert load({**NEEDED, "ACCESS": "5, 6"}, tmp_path).access == frozenset({5, 6})
    assert load({**NEEDED, "STREAMING": "OFF", "DEBUG_MODE": "1"}, tmp_path).streaming is False


def test_addresses_lose_their_last_slash(tmp_path: Path) -> None:
    assert load({**NEEDED, "TELEGRAM_API_URL": "http://127.0.0.1:8081/"}, tmp_path).telegram_api_url.endswith("8081")


def test_hosts_of_every_kind_are_taken(tmp_path: Path) -> None:
    for host in ("::1", "0.0.0.0", "localhost", "bot_1", "example.org.", "пример.рф", "דומיין1.example", "é" * 60):
        assert load({**NEEDED, "PROXY": f"http://{f'[{host}]' if ':' in host else host}:1"}, tmp_path).proxy
    for host in ("::1", "0.0.0.0", "localhost"):
        assert load({**NEEDED, "METRICS_HOST": host}, tmp_path).metrics_host == host
    assert load({**NEEDED, "WEBHOOK_LISTEN": "[::1]:8080"}, tmp_path).webhook_listen.host == "::1"


def test_shared_ids_are_never_owners() -> None:
    assert {1087968824, 136817688, 777000} == config.SHARED_IDS
