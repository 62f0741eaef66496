"""What the chat page is told besides messages; on other channels nothing happens."""

from aiogram import Bot

from bot.channels.webchat import ENGLISH, WebChatSession
from bot.texts import gettext_in


def page_words(language: str) -> dict[str, str]:
    """The page's own words (buttons, hints, faults) in a language."""
    return {name: gettext_in(language, words) for name, words in ENGLISH.items()}


async def page_speaks(bot: Bot, chat_id: int, language: str) -> None:
    """Turn the page's own words and reading direction to a language."""
    if isinstance(bot.session, WebChatSession):
        await bot.session.announce_language(chat_id, language)


async def page_forgets(bot: Bot, chat_id: int) -> None:
    """Clear the page: what was said is gone there too, and its secret opens nothing more."""
    if isinstance(bot.session, WebChatSession):
        await bot.session.forget(chat_id)
