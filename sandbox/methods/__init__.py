"""The methods of the Bot API that exist here, by their lower-case names; any other is Telegram's own 404."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from sandbox.call import Call
from sandbox.methods import chats, drafts, media, menus, messages, payments, polling, queries, webhooks
from sandbox.world import World

Method = Callable[[World, Call], Any | Awaitable[Any]]

_METHODS: Final[dict[str, Method]] = {
    "getMe": polling.get_me,
    "getUpdates": polling.get_updates,
    "setWebhook": webhooks.set_webhook,
    "deleteWebhook": webhooks.delete_webhook,
    "getWebhookInfo": webhooks.get_webhook_info,
    "sendMessage": messages.send_message,
    "sendRichMessage": messages.send_rich_message,
    "editMessageText": messages.edit_message_text,
    "editMessageCaption": messages.edit_message_caption,
    "editMessageMedia": media.edit_message_media,
    "editMessageReplyMarkup": messages.edit_message_reply_markup,
    "deleteMessage": messages.delete_message,
    "deleteMessages": messages.delete_messages,
    "copyMessage": messages.copy_message,
    "forwardMessage": messages.forward_message,
    "setMessageReaction": messages.set_message_reaction,
    "sendMessageDraft": drafts.send_message_draft,
    "sendRichMessageDraft": drafts.send_rich_message_draft,
    "sendChatAction": drafts.send_chat_action,
    "answerCallbackQuery": queries.answer_callback_query,
    "answerPreCheckoutQuery": payments.answer_pre_checkout_query,
    "sendPhoto": media.sender("photo"),
    "sendDocument": media.sender("document"),
    "sendVoice": media.sender("voice"),
    "sendAudio": media.sender("audio"),
    "sendVideo": media.sender("video"),
    "sendAnimation": media.sender("animation"),
    "sendMediaGroup": media.send_media_group,
    "getFile": media.get_file,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatMemberCount": chats.get_chat_member_count,
    "getChatAdministrators": chats.get_chat_administrators,
    "leaveChat": chats.leave_chat,
    "createForumTopic": chats.create_forum_topic,
    "editForumTopic": chats.edit_forum_topic,
    "deleteForumTopic": chats.delete_forum_topic,
    "pinChatMessage": chats.pin_chat_message,
    "setMyCommands": menus.set_my_commands,
    "getMyCommands": menus.get_my_commands,
    "deleteMyCommands": menus.delete_my_commands,
    "setMyName": menus.setter("name", 64),
    "getMyName": menus.getter("name"),
    "setMyDescription": menus.setter("description", 512),
    "getMyDescription": menus.getter("description"),
    "setMyShortDescription": menus.setter("short_description", 120),
    "getMyShortDescription": menus.getter("short_description"),
    "setChatMenuButton": menus.set_chat_menu_button,
    "getChatMenuButton": menus.get_chat_menu_button,
    "sendInvoice": payments.send_invoice,
    "createInvoiceLink": payments.create_invoice_link,
    "refundStarPayment": payments.refund_star_payment,
    "getStarTransactions": payments.get_star_transactions,
    "getMyStarBalance": payments.get_my_star_balance,
}
METHODS: Final = {name.lower(): method for name, method in _METHODS.items()}
