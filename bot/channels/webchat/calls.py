"""Which call of the Bot API does what in the web chat."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot, methods
from aiogram.types import BotCommand

from bot.channels.webchat.editing import Editing
from bot.channels.webchat.messages import Refused, bot_person
from bot.channels.webchat.rooms import Rooms
from bot.channels.webchat.sending import Sending

ANSWER_LIMIT = 200

Call = Callable[[Bot, Any], Awaitable[Any]]

_HARMLESS = (
    methods.SetMyName, methods.SetMyDescription, methods.SetMyShortDescription,
    methods.SetChatMenuButton, methods.SetMyDefaultAdministratorRights, methods.SetWebhook,
    methods.DeleteWebhook, methods.SetMessageReaction, methods.PinChatMessage,
    methods.UnpinChatMessage, methods.UnpinAllChatMessages, methods.LogOut, methods.Close,
)  # fmt: skip


class Calls:
    """The Bot API of the web chat: every call this channel can carry out, by method class.

    Results are plain JSON values; the session turns them into aiogram's types.
    """

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.commands: dict[tuple[int | None, str], list[dict[str, Any]]] = {}
        sending, editing = Sending(rooms), Editing(rooms)
        self.known: dict[type[methods.TelegramMethod[Any]], Call] = {
            methods.GetMe: self._get_me,
            methods.SendMessage: sending.send_message,
            methods.SendPhoto: sending.send_photo,
            methods.SendDocument: sending.send_document,
            methods.SendMediaGroup: sending.send_media_group,
            methods.SendLocation: sending.send_location,
            methods.SendVenue: sending.send_venue,
            methods.SendContact: sending.send_contact,
            methods.SendChatAction: sending.send_chat_action,
            methods.EditMessageText: editing.edit_text,
            methods.EditMessageCaption: editing.edit_caption,
            methods.EditMessageMedia: editing.edit_media,
            methods.EditMessageReplyMarkup: editing.edit_reply_markup,
            methods.DeleteMessage: editing.delete_message,
            methods.DeleteMessages: editing.delete_messages,
            methods.AnswerCallbackQuery: self._answer_callback_query,
            methods.GetFile: self._get_file,
            methods.SetMyCommands: self._set_my_commands,
            methods.DeleteMyCommands: self._delete_my_commands,
            methods.GetMyCommands: self._get_my_commands,
            **dict.fromkeys(_HARMLESS, self._nothing),
        }

    def commands_for(self, chat_id: int, language: str) -> list[dict[str, Any]]:
        """The commands the page lists: those of this chat, else of everybody, in the language."""
        primary = language.split("-")[0]
        for key in ((chat_id, primary), (chat_id, ""), (None, primary), (None, "")):
            if key in self.commands:
                return self.commands[key]
        return []

    async def _nothing(self, bot: Bot, call: Any) -> bool:
        return True

    async def _get_me(self, bot: Bot, call: methods.GetMe) -> dict[str, Any]:
        rights = {"can_join_groups": False, "can_read_all_group_messages": False}
        return bot_person(bot, self.rooms) | rights

    async def _answer_callback_query(self, bot: Bot, call: methods.AnswerCallbackQuery) -> bool:
        if len(call.text or "") > ANSWER_LIMIT:
            raise Refused("MESSAGE_TOO_LONG")
        chat_id = call.callback_query_id.partition("-")[0]
        room = self.rooms.get(int(chat_id)) if chat_id.isascii() and chat_id.isdigit() else None
        client_id = room.callbacks.get(call.callback_query_id) if room is not None else None
        if room is None or client_id is None:
            raise Refused("query is too old and response timeout expired or query ID is invalid")
        room.whisper("answered", cid=client_id)
        if call.text:
            room.publish("notice", text=call.text, alert=bool(call.show_alert))
        return True

    async def _get_file(self, bot: Bot, call: methods.GetFile) -> dict[str, Any]:
        file = self.rooms.files.get(call.file_id)
        if file is None:
            raise Refused("wrong file_id or the file is temporarily unavailable")
        return {
            "file_id": file.file_id,
            "file_unique_id": file.unique_id,
            "file_size": len(file.data),
            "file_path": f"rooms/{file.file_id}",
        }

    async def _set_my_commands(self, bot: Bot, call: methods.SetMyCommands) -> bool:
        if len(call.commands) > 100:
            raise Refused("BOT_COMMANDS_TOO_MUCH")
        self.commands[_command_key(call)] = [_command(command) for command in call.commands]
        return True

    async def _delete_my_commands(self, bot: Bot, call: methods.DeleteMyCommands) -> bool:
        self.commands.pop(_command_key(call), None)
        return True

    async def _get_my_commands(self, bot: Bot, call: methods.GetMyCommands) -> list[dict[str, Any]]:
        return self.commands.get(_command_key(call), [])


def _command_key(call: Any) -> tuple[int | None, str]:
    chat_id = getattr(call.scope, "chat_id", None)
    return (int(chat_id) if chat_id is not None else None, call.language_code or "")


def _command(command: BotCommand) -> dict[str, Any]:
    if not 1 <= len(command.command) <= 32 or not 1 <= len(command.description) <= 256:
        raise Refused("BOT_COMMAND_INVALID")
    return {"command": command.command, "description": command.description}
