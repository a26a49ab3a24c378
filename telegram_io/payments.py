"""Payments in Telegram Stars: invoices, checkouts, refunds, Telegram's own list.

https://core.telegram.org/bots/payments-stars
"""

import itertools
import logging
from collections.abc import Iterator
from typing import Any

from telebot import apihelper, types
from telebot.apihelper import ApiTelegramException

from stars import CURRENCY, Invoice, Transaction, read_transaction
from telegram_io.line import UNCERTAIN, Away, Line, Place, Unreachable

log = logging.getLogger(__name__)

CHECKOUT_SECONDS = 9.0  # for the answer to a checkout; Telegram waits 10. #answerprecheckoutquery
CHECKOUT_TRY_SECONDS = 2.5  # of one try: a second and a third must fit in
TRANSACTIONS = 100  # a call. https://core.telegram.org/bots/api#getstartransactions


class NotRefunded(Exception):
    """Telegram does not give a payment back; the message is its reason, such as CHARGE_NOT_FOUND."""


class Payments(Line):
    """Stars asked for, taken and given back."""

    def send_invoice(self, place: Place, invoice: Invoice) -> int:
        """Offer something for Stars and return the message's id; forwarded, it leads to the bot and cannot be paid."""
        sent = self._insist(
            lambda: apihelper.send_invoice(
                self._token,
                place.chat_id,
                invoice.title,
                invoice.description,
                invoice.payload,
                "",
                CURRENCY,
                [types.LabeledPrice(invoice.title, invoice.stars)],
                start_parameter="topup",
                message_thread_id=place.thread or None,
            )
        )
        return int(sent["message_id"])

    def answer_checkout(self, query_id: str, refusal: str = "") -> None:
        """Let a payment go on, or refuse it with a sentence; an answer that comes too late changes nothing."""
        asked = {"pre_checkout_query_id": query_id, "ok": not refusal, "timeout": CHECKOUT_TRY_SECONDS}
        asked |= {"error_message": refusal} if refusal else {}
        try:
            self._insist(
                lambda: apihelper._make_request(self._token, "answerPreCheckoutQuery", params=dict(asked)),
                "first",
                seconds=CHECKOUT_SECONDS,
            )
        except (ApiTelegramException, Unreachable, Away, *UNCERTAIN) as error:
            log.warning("checkout not answered: %s", type(error).__name__)

    def refund(self, user_id: int, charge: str) -> None:
        """Give a payment's Stars back; once only, however often this is asked. Raises NotRefunded."""
        refusal = self._insist(lambda: self._refund(user_id, charge), "first")
        if refusal and "CHARGE_ALREADY_REFUNDED" not in refusal:
            raise NotRefunded(refusal)

    def _refund(self, user_id: int, charge: str) -> str:
        """Why Telegram does not, "" when it did: a refusal after a lost answer is as good as any."""
        try:
            apihelper.refund_star_payment(self._token, user_id, charge)
        except ApiTelegramException as error:
            if error.error_code not in (400, 403):
                raise
            return str(error.description)
        return ""

    def transactions(self) -> Iterator[Transaction]:
        """All payments in Stars and their refunds, oldest first."""
        for offset in itertools.count(0, TRANSACTIONS):
            page = self._transactions(offset)
            yield from filter(None, map(read_transaction, page))
            if len(page) < TRANSACTIONS:
                return

    def _transactions(self, offset: int) -> list[dict[str, Any]]:
        answer = self._insist(lambda: apihelper.get_star_transactions(self._token, offset, TRANSACTIONS))
        return list(answer["transactions"])
