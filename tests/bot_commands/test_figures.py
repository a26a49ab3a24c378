"""The owner's figures and everybody's own, as conversations in both languages; amounts are those of the ledger."""

import io
import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot_commands import costs
from bot_commands.figures import MEASURES
from bot_commands.table import BY_PRESS
from records import Bill, Person, Usage
from services import chart
from tests.conftest import ALICE, BORIS, OWNER, Conversation, buttons, on_files
from texts import day_month, day_year

PRICED = {"OPENAI_PRICE_PER_1K_TOKENS": "0.5", "NEW_USER_PREMIUM_BALANCE": "20000", "NEW_USER_IMAGE_BALANCE": "5"}


def ask_model(people: Conversation, prompt: int, answer: int, user: int = ALICE) -> None:
    usage = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
    people.script.queue({"text": "Here.", "usage": usage})
    assert people.write("Hello", user=user) == "Here."


def hear_and_draw(people: Conversation, user: int, usd: float | None = 0.04) -> None:
    """A voice of 95 seconds and a picture, as their commands charge them."""
    store = people.bot.store
    heard = Bill("whisper-1", seconds=94.6, usd=0.0095, price=570)
    store.charge(store.reserve(user, "premium_balance", 570), heard, "voice", 0)
    drawn = Bill("gpt-image-2.6-flare", pictures=1, usd=usd, price=1)
    store.charge(store.reserve(user, "image_balance", 1), drawn, "picture", 0)


def english(people: Conversation) -> None:
    people.write("/language en", user=OWNER)


def ledger(people: Conversation) -> list[dict[str, Any]]:
    """Every paid step of the files that a stopped bot leaves."""
    folder: Path = people.folder / "data-ledger"
    lines = [line for path in folder.glob("*.jsonl") for line in path.read_text().splitlines()]
    return [entry for entry in map(json.loads, lines) if entry.get("model")]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


# -- /recent


@pytest.mark.parametrize(
    ("command", "days"), [("recent", "день"), ("recent 7", "дней"), ("LAST 2", "дня"), ("recent_users 3650", "дней")]
)
def test_recent_lists_who_wrote_newest_first(alice: Conversation, command: str, days: str) -> None:
    for user, minute in ((ALICE, 1), (BORIS, 3), (OWNER, 2)):
        day = alice.bot.store.today().isoformat()
        alice.bot.store.set_fields(str(user), last_request=f"{day} 23:0{minute}:00")
    said = alice.write(f"/{command}", user=OWNER).splitlines()
    assert re.fullmatch(rf"Активны за [\d\s]+{days}: 3 пользователя", said[0])
    assert [line.split(" ")[1] for line in said[2:]] == ["Борис", "Olga", "Alice"]
    assert said[2].endswith(f"(id 102, @boris): {day} 23:03, 0 запросов")


def test_recent_in_english_with_literal_names(alice: Conversation) -> None:
    english(alice)
    alice.bot.store.refresh(Person(ALICE, "*A* <b>_x_</b>\n`" + "y" * 60, None, "en"))
    ask_model(alice, 100, 20)
    alice.bot.store.refresh(Person(ALICE, "*A* <b>_x_</b>\n`" + "y" * 60, None, "en"))
    message = alice.ask("/recent 30", user=OWNER)
    assert message["text"].startswith("Active in the last 30 days: 2 users\n\n")
    line = next(line for line in message["text"].splitlines() if "id 101" in line)
    assert "*A* <b>_x_</b> `yyyyyyyyyyyyyyyyyyyyyyy… (id 101): 20" in line
    assert line.endswith(", 1 request")
    assert {each["type"] for each in message.get("entities", ())} <= {"mention"}


@pytest.mark.parametrize("words", ["0", "3651", "-1", "1.5", "week", "7 8", "9" * 30])
def test_bad_days_say_what_is_possible(alice: Conversation, words: str) -> None:
    assert alice.write(f"/recent {words}", user=OWNER).startswith(
        "За сколько дней: /recent и число от 1 до 3\u00a0650."
    )


def test_nobody_recent_says_so(alice: Conversation) -> None:
    for user in (ALICE, BORIS, OWNER):
        alice.bot.store.set_fields(str(user), last_request="2020-01-01 00:00:00")
    assert alice.write("/recent", user=OWNER) == "За 1 день никто не писал. Больше дней: /recent 30"


def test_a_long_list_fits_one_message_and_counts_who_is_left_out(alice: Conversation) -> None:
    for user in range(1000, 1200):
        alice.bot.store.register(Person(user, "😀" * 30, f"name_{user}", "en"), None)
    said = alice.write("/recent", user=OWNER)
    assert units(said) <= 4096
    assert units(said) > 3600
    *lines, rest = said.splitlines()[2:]
    left = int(re.fullmatch(r"…и ещё (\d+)", rest)[1])  # type: ignore[index]
    assert len(lines) + left == 202


# -- /top


def test_top_by_requests_with_buttons_for_the_rest(alice: Conversation) -> None:
    for user, times in ((ALICE, 1), (BORIS, 2), (OWNER, 1)):
        for _ in range(times):
            ask_model(alice, 100, 20, user)
    message = alice.ask("/top", user=OWNER)
    assert message["text"].splitlines() == [
        "Больше всех: запросы",
        "",
        "1. Борис (id 102, @boris): 2",
        "2. Olga (id 1, @owner_olga): 1",
        "3. Alice (id 101, @alice): 1",
    ]
    shown = [button["callback_data"] for button in buttons(message)]
    assert shown == [f"top:{measure}:10" for measure in MEASURES if measure != "requests"]
    assert max(map(len, message["reply_markup"]["inline_keyboard"])) == 2, "a phone cuts the words of three"
    alice.press(message, "top:tokens:10", user=OWNER)
    alice.wait_for(lambda: "токены" in alice.message(OWNER, message["message_id"])["text"] or None)
    shown = alice.message(OWNER, message["message_id"])
    assert "1. Борис (id 102, @boris): 240" in shown["text"]
    assert "top:requests:10" in [button["callback_data"] for button in buttons(shown)]


@pytest.mark.parametrize(
    ("words", "heading", "line"),
    [
        ("1 tokens", "tokens", "1. Alice (id 101, @alice): 120"),
        ("Tokens 1", "tokens", "1. Alice (id 101, @alice): 120"),
        ("1 balance", "ordinary wallet", "1. Olga (id 1, @owner_olga): 777,777"),
        ("premium_balance", "premium wallet", "4. Alice (id 101, @alice): 19,430"),
        ("image_balance 4", "picture wallet", "4. Alice (id 101, @alice): 4"),
        ("images", "pictures", "1. Alice (id 101, @alice): 1"),
        ("voice", "voice", "1. Alice (id 101, @alice): 1 min 35 s"),
        ("price", "cost", "1. Alice (id 101, @alice): $0.11"),
        ("cost", "cost", "1. Alice (id 101, @alice): $0.11"),
        ("referrals", "invitations", "1. Alice (id 101, @alice): 1"),
        ("invites", "invitations", "1. Alice (id 101, @alice): 1"),
        ("ref", "invitations", "1. Alice (id 101, @alice): 1"),
        ("favors", "favours", "1. Борис (id 102, @boris): 3"),
        ("просьбы", "favours", "1. Борис (id 102, @boris): 3"),
        ("premium_tokens", "premium tokens", "Nobody has any yet."),
    ],
)
@pytest.mark.parametrize("settings", [PRICED])
def test_top_measures_in_any_order(alice: Conversation, words: str, heading: str, line: str) -> None:
    english(alice)
    ask_model(alice, 100, 20)
    hear_and_draw(alice, ALICE)
    alice.bot.store.register(Person(201, "Guest", None, "en"), ALICE)
    alice.bot.store.set_fields(str(BORIS), favors=3)
    said = alice.write(f"/top {words}", user=OWNER).splitlines()
    assert said[0] == f"The most: {heading}"
    assert line in said
    assert len(said) <= 2 + 4
    if "1" in words:
        assert len(said) == 3


@pytest.mark.parametrize("words", ["0", "1001", "-3", "tokens cost", "5 6", "gold", "5 tokens now", "²"])
def test_bad_tops_say_what_is_possible(alice: Conversation, words: str) -> None:
    assert alice.write(f"/top {words}", user=OWNER).startswith("Сколько и чего: /top n что, n от 1 до 1\u00a0000")


@pytest.mark.parametrize("settings", [{"WALLETS": "off"}])
def test_without_wallets_no_button_asks_for_them(alice: Conversation) -> None:
    shown = [button["callback_data"] for button in buttons(alice.ask("/top", user=OWNER))]
    assert not [data for data in shown if "balance" in data]


@pytest.mark.parametrize("command", ["recent", "last 5", "top", "top_users 5 cost", "stat", "stat all"])
def test_figures_are_the_admins_alone(alice: Conversation, command: str) -> None:
    assert alice.write(f"/{command}").startswith(f"I have no command /{command.split()[0]}")


@pytest.mark.parametrize("data", ["top:cost:10", "stat:all"])
def test_a_forged_press_shows_nobody_the_owners_figures(alice: Conversation, data: str) -> None:
    assert BY_PRESS[data.split(":")[0]].role == "admin"
    message = alice.ask("/settings")
    assert alice.press(message, data, forged=True) == "This button does not work any more."
    assert "Settings" in alice.message(ALICE, message["message_id"])["text"]


# -- /stat


def stat(people: Conversation, words: str = "") -> tuple[dict[str, Any], dict[str, Any]]:
    """The two messages of /stat: words and picture."""
    message = people.ask(f"/stat {words}", user=OWNER)
    after = people.wait_for(lambda: people.said(OWNER, message["message_id"]))
    return message, after[0]


@pytest.mark.parametrize("settings", [PRICED])
def test_stat_begins_with_totals_and_brings_a_picture(alice: Conversation) -> None:
    ask_model(alice, 1000, 200)
    ask_model(alice, 2000, 400, BORIS)
    hear_and_draw(alice, BORIS)
    message, picture = stat(alice)
    today = alice.bot.store.today()
    year, monday = day_year("ru", today), day_month("ru", today - timedelta(days=today.weekday()))
    assert message["text"].replace("\u00a0", " ").split("\n\n") == [
        "С самого начала\nПользователей: 3\nЗапросов: 3\nТокенов: 3 600\nПремиум-токенов: 0\nКартинок: 1\n"
        f"Голос: 1 мин 35 с\nСтоимость: 1,85 $ (считается с {year})",
        "Сегодня: 1,85 $\n7 дней: 1,85 $\n30 дней: 1,85 $",
        "За 30 дней: 1,85 $",
        f"По неделям, начиная с\n• {monday}: 1,85 $",
        "По моделям\n• gpt-6-luna: 1,80 $ (3 600 токенов)\n• gpt-image-2.6-flare: 0,04 $ (1 картинка)\n"
        "• whisper-1: 0,0095 $ (1 мин 35 с)",
        "Дороже всех\n1. Борис (id 102, @boris): 1,25 $\n2. Alice (id 101, @alice): 0,60 $",
    ]
    shown = Image.open(io.BytesIO(alice.world.file(picture["photo"][-1]["file_id"])))
    assert shown.size == (1024, 1280)


def test_an_unknown_price_is_counted_and_said(alice: Conversation) -> None:
    english(alice)
    ask_model(alice, 100, 20)
    alone = stat(alice, "day")[0]["text"]
    assert "Cost: price unknown (counted since" in alone
    assert "• gpt-6-luna: price unknown (120 tokens)" in alone
    assert "1. Alice (id 101, @alice): price unknown" in alone
    assert "$" not in alone
    hear_and_draw(alice, ALICE)
    assert "Today: $0.05 and 1 call of unknown price" in stat(alice, "week")[0]["text"]
    assert "1. Alice (id 101, @alice): $0.05 and 1 call of unknown price" in alice.write("/top cost", user=OWNER)


@pytest.mark.parametrize("settings", [PRICED])
def test_periods_by_word_number_and_button(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    english(alice)
    now = alice.bot.store._timestamp
    today = alice.bot.store.today()
    for ago, user in ((400, BORIS), (20, ALICE), (3, ALICE), (0, BORIS)):
        stamp = now().replace(today.isoformat(), (today - timedelta(days=ago)).isoformat())
        monkeypatch.setattr(alice.bot.store, "_timestamp", lambda stamp=stamp: stamp)
        ask_model(alice, 900, 100, user)

    def lines(words: str) -> list[str]:
        return str(stat(alice, words)[0]["text"]).splitlines()

    for words, heading, dearest in (
        ("day", "Today: $0.50", "1. Борис (id 102, @boris): $0.50"),
        ("неделя", "Last 7 days: $1.00", "1. Alice (id 101, @alice): $0.50"),
        ("", "Last 30 days: $1.50", "1. Alice (id 101, @alice): $1.00"),
        ("21", "Last 21 days: $1.50", "1. Alice (id 101, @alice): $1.00"),
        ("20", "Last 20 days: $1.00", "1. Alice (id 101, @alice): $0.50"),
        ("ALL", "All the time: $2.00", "1. Alice (id 101, @alice): $1.00"),
    ):
        said = lines(words)
        assert heading in said
        assert dearest in said
        assert "Cost: $2.00 (counted since " + day_year("en", today - timedelta(400)) + ")" in said
    assert f"• {day_month('en', today - timedelta(20))}: $0.50" in lines("21"), "a week cut by the period"
    assert "By month" in lines("all")
    assert "By week, beginning" in lines("month")
    assert "By day" in lines("week")
    message, _ = stat(alice, "day")
    assert [button["text"] for button in buttons(message)] == ["7 days", "30 days", "All"]
    alice.press(message, "stat:all", user=OWNER)
    alice.wait_for(lambda: "All the time" in alice.message(OWNER, message["message_id"])["text"] or None)


@pytest.mark.parametrize("words", ["0", "3651", "-7", "year", "7 days", "1.5"])
def test_bad_periods_say_what_is_possible(alice: Conversation, words: str) -> None:
    said = alice.write(f"/stat {words}", user=OWNER)
    assert said == "За какое время: /stat day, week, month, all или число дней от 1 до 3\u00a0650."


def test_without_the_picture_the_words_stand_and_say_so(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart, "TIME_LIMIT", 0.01)
    message = alice.ask("/stat", user=OWNER)
    assert message["text"].startswith("С самого начала")
    assert "Стоимость: 0,00\u00a0$\n" in message["text"]
    after = alice.wait_for(lambda: alice.said(OWNER, message["message_id"]))
    assert [each["text"] for each in after] == ["Картинку за 30 дней нарисовать не удалось; причина в журнале."]


def test_the_pictures_days_count_answers_and_unknown_prices() -> None:
    today = date(2026, 11, 21)
    models = {
        "luna": Usage(3, 300, 0.0, 0, 0.2, 1),
        "local": Usage(2, 10, 0.0, 0, 0.0, 2),
        "whisper-1": Usage(4, 0, 12.5, 0, 0.1, 0),
    }
    assert costs._chart_day(today, {today: models}) == chart.Day(today, 5, {"luna": 0.2, "whisper-1": 0.1}, 3)
    assert costs._chart_day(today, {}) == chart.Day(today, 0, {}, 0)


# -- /stats


@pytest.mark.parametrize("settings", [PRICED])
def test_stats_tell_everything_of_mine(alice: Conversation) -> None:
    alice.bot.store.register(Person(201, "Guest *1*", None, "en"), ALICE)
    alice.bot.store.register(Person(202, "Guest 2", None, "en"), ALICE)
    alice.write("/switch")
    ask_model(alice, 1000, 200)
    alice.write("/switch")
    ask_model(alice, 300, 100)
    hear_and_draw(alice, ALICE)
    user = alice.bot.store.user(ALICE)
    assert user is not None
    models = (
        "• gpt-6.1-terra: $0.60 (1,200 tokens)\n• gpt-6-luna: $0.20 (400 tokens)\n"
        "• gpt-image-2.6-flare: $0.04 (1 picture)\n• whisper-1: $0.0095 (1 min 35 s)"
    )
    assert alice.write("/profile").split("\n\n") == [
        "Requests: 3\nTokens of the ordinary model: 400\nPremium tokens: 1,200\nPictures: 1\n"
        f"Voice: 1 min 35 s\nLast request: {user.last_request}",
        "Who invited you: nobody, you came by yourself\nWhom you invited: Guest *1*, Guest 2",
        f"This month: $0.85\n{models}",
        f"All the time: $0.85\n{models}",
    ]


def test_stats_of_who_used_nothing_in_russian(alice: Conversation) -> None:
    said = alice.write("/stats", user=BORIS)
    assert said.endswith("\n\nКто вас пригласил: никто, вы пришли сами\nКого пригласили вы: пока никого")
    for user in range(300, 325):
        alice.bot.store.register(Person(user, f"Гость {user}", None, "ru"), BORIS)
    assert alice.write("/stats", user=BORIS).endswith("Гость 319, …и ещё 5")


# -- the ledger


@on_files
@pytest.mark.parametrize("settings", [PRICED])
def test_all_figures_agree_with_the_ledger_to_the_token_and_the_cent(alice: Conversation) -> None:
    english(alice)
    for user, prompt, answer in ((ALICE, 611, 97), (BORIS, 1203, 411), (ALICE, 77, 1013), (OWNER, 503, 29)):
        ask_model(alice, prompt, answer, user)
    hear_and_draw(alice, ALICE)
    hear_and_draw(alice, OWNER, usd=None)
    alice.restart()
    ask_model(alice, 333, 222, BORIS)
    figures = [stat(alice, words)[0]["text"] for words in ("all", "day", "30")]
    tops = {measure: alice.write(f"/top {measure}", user=OWNER) for measure in ("tokens", "cost", "voice")}
    own = alice.write("/stats")
    alice.bot.stop()
    entries = ledger(alice)
    tokens = dict.fromkeys((OWNER, ALICE, BORIS), 0)
    usd = dict.fromkeys(tokens, 0.0)
    for entry in entries:
        tokens[entry["user"]] += entry.get("tokens_in", 0) + entry.get("tokens_out", 0)
        usd[entry["user"]] += entry.get("usd") or 0.0
    unknown = "and 1 call of unknown price"
    for said in figures:
        assert f"\nTokens: {sum(tokens.values()):,}\n" in said
        assert f"\nCost: ${sum(usd.values()):,.2f} {unknown} (" in said
        assert f"\n30 days: ${sum(usd.values()):,.2f} {unknown}\n" in said
        assert f"Alice (id 101, @alice): ${usd[ALICE]:,.2f}" in said
        assert f"Olga (id 1, @owner_olga): ${usd[OWNER]:,.2f} {unknown}" in said
    for user, name in ((ALICE, "Alice (id 101, @alice)"), (BORIS, "Борис (id 102, @boris)")):
        assert f"{name}: {tokens[user]:,}" in tops["tokens"]
        assert f"{name}: ${usd[user]:,.2f}" in tops["cost"]
    assert "Alice (id 101, @alice): 1 min 35 s" in tops["voice"]
    assert f"Tokens of the ordinary model: {tokens[ALICE]:,}\n" in own
    assert f"All the time: ${usd[ALICE]:,.2f}\n" in own
    alice.start()
