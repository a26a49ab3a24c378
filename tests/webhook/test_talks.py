"""What people see is the same whether their updates are asked for or posted: the very tests of other files, posted."""

from collections.abc import Iterator

import pytest

from tests.bot_commands import test_look, test_payments
from tests.bot_commands.test_account import test_an_invitation_pays_both_once  # noqa: F401
from tests.bot_commands.test_look import (  # noqa: F401
    test_an_album_is_asked_about_once_through_a_restart,
    test_an_album_is_one_question_with_all_its_pictures_and_one_charge,
)
from tests.bot_commands.test_payments import (  # noqa: F401
    test_a_checkout_waits_for_nobody,
    test_a_payment_delivered_again_is_credited_once,
    test_an_invoice_paid_twice_is_credited_twice,
)
from tests.bot_commands.test_talk import (  # noqa: F401
    test_an_answer_is_charged_by_real_usage,
    test_groups_are_answered_when_mentioned_or_replied_to,
    test_messages_of_a_chat_are_answered_in_order_and_the_sixth_waiting_is_refused,
    test_stop_ends_a_growing_answer_and_charges_what_came,
    test_the_answer_grows_as_a_draft_and_no_draft_follows_it,
)
from tests.conftest import ALICE, Conversation
from tests.test_bot import test_what_was_left_is_answered_once_in_order  # noqa: F401
from tests.webhook.conftest import hooked


@pytest.fixture
def settings() -> dict[str, str]:
    return hooked() | test_payments.settings.__wrapped__() | test_look.settings.__wrapped__()


@pytest.fixture(autouse=True)
def posted_all_the_time(people: Conversation) -> Iterator[None]:
    yield
    assert not people.world.calls("getUpdates")
    assert people.world.calls("setWebhook")


def test_what_came_while_the_bot_was_off_is_answered_in_order(alice: Conversation) -> None:
    alice.write("Hello")
    alice.bot.stop()
    for text in ("one", "two", "three"):
        alice.world.send(text, user=ALICE)
    alice.start()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: three" or None)
    assert [each["text"] for each in alice.said(ALICE)[-3:]] == [
        f"You said: {text}" for text in ("one", "two", "three")
    ]
