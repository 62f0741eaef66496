"""What Telegram shows about the bot before the first word: commands and descriptions."""

import logging

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import BotCommand, MenuButtonCommands

from bot.texts import OFFICE_LANGUAGE, _, languages, speaking

logger = logging.getLogger(__name__)


def commands() -> list[BotCommand]:
    """The commands in the language being spoken."""
    return [
        BotCommand(command="menu", description=_("Menu")),
        BotCommand(command="events", description=_("What is on")),
        BotCommand(command="report", description=_("Report racism")),
        BotCommand(command="receipt", description=_("Open a report with its receipt")),
        BotCommand(command="language", description=_("Choose a language")),
        BotCommand(command="place", description=_("Name your town")),
        BotCommand(command="interpreter", description=_("Interpreters: ask, or help")),
        BotCommand(command="help", description=_("Help and contact")),
        BotCommand(command="privacy", description=_("What we keep")),
        BotCommand(command="mydata", description=_("Your data as a file")),
        BotCommand(command="forget", description=_("Delete everything")),
        BotCommand(command="stop", description=_("No more messages")),
        BotCommand(command="impressum", description=_("Who is responsible")),
    ]


async def register(bot: Bot) -> None:
    """Tell Telegram the commands and descriptions in every language.

    The office's language is also the one for everybody else. A refusal is logged and does not
    keep the bot from working.
    """
    try:
        for language in languages():
            with speaking(language):
                codes = [language, None] if language == OFFICE_LANGUAGE else [language]
                for code in codes:
                    await bot.set_my_commands(commands(), language_code=code)
                    await bot.set_my_description(
                        _(
                            "Questions about living in the Kreis Groß-Gerau? Ask me in your "
                            "language. I answer automatically. I belong to the Büro für "
                            "Integration. In an emergency call 112 or 110."
                        ),
                        language_code=code,
                    )
                    await bot.set_my_short_description(
                        _("Help for newcomers in the Kreis Groß-Gerau, in your language"),
                        language_code=code,
                    )
        await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    except TelegramAPIError as error:
        logger.warning("Telegram did not take the commands: %s", type(error).__name__)
