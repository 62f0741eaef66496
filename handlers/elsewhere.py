"""Everything Telegram can send besides private messages: politely declined or left alone."""

import logging
from contextlib import suppress

from aiogram import Bot, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.context import FSMContext
from aiogram.types import ChatMemberUpdated, InlineQuery, PreCheckoutQuery, ShippingQuery

from bot.broadcasts import note_unreachable, reachable_again
from bot.channels import Channel
from bot.models import Chat
from bot.office import Office
from bot.reports import unlink_chat
from bot.residents import forget
from bot.texts import _
from handlers.private import close

logger = logging.getLogger(__name__)
_PRESENT = {"member", "administrator", "restricted"}


async def membership(
    event: ChatMemberUpdated,
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
    state: FSMContext | None = None,
) -> None:
    """Leave groups and channels; note quietly that somebody blocked us or came back."""
    if event.chat.type == "private":
        async with office.sessions.begin() as session:
            if event.new_chat_member.status in _PRESENT:
                await reachable_again(session, here)
                return
            if channel.can_push:
                await note_unreachable(session, here, "blocked", office.now())
        if state is not None:
            await state.clear()
        close(office, here)
        if not channel.can_push:
            # The page was closed for good: nobody can open this chat again.
            async with office.sessions.begin() as session:
                await forget(session, here)
                await unlink_chat(session, office.reporting.site, here)
        return
    if event.new_chat_member.status not in _PRESENT:
        return
    # In a channel, or where we may not write, the sentence is refused; leaving is what counts.
    with suppress(TelegramAPIError):
        if event.chat.type != "channel":
            await bot.send_message(
                event.chat.id,
                _("I only work in private chats, so that the group does not read along. Goodbye!"),
            )
    with suppress(TelegramAPIError):
        await bot.leave_chat(event.chat.id)


async def no_payments(event: PreCheckoutQuery | ShippingQuery) -> None:
    """Nothing is sold here."""
    await event.answer(ok=False, error_message=_("Nothing is sold here. This bot is free."))


async def nothing_inline(event: InlineQuery) -> None:
    """Questions are answered in the private chat only."""
    await event.answer(results=[], cache_time=3600, is_personal=False)


def build_elsewhere_router() -> Router:
    """What is not a private message."""
    router = Router(name="elsewhere")
    router.my_chat_member.register(membership)
    router.pre_checkout_query.register(no_payments)
    router.shipping_query.register(no_payments)
    router.inline_query.register(nothing_inline)
    return router
