"""Incident reports: the conversation with people who may be afraid, and their mailbox.

What is told here is heard by these doors alone; see ``handlers/private.py``.
"""

from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, Filter
from aiogram.types import CallbackQuery, Message

from bot.reports import Private
from bot.reports.telling import TELLS, Screen, talk_of
from bot.texts import _
from handlers.buttons import Go
from handlers.reports import (
    changing,
    door,
    files,
    finishing,
    leaving,
    mailbox,
    preview,
    probing,
    sending,
    telling,
)
from handlers.reports.buttons import Report
from handlers.reports.telling import show_telling


class On(Filter):
    """Words typed while a private dialogue shows one of these screens."""

    def __init__(self, *screens: Screen) -> None:
        self._screens = screens

    async def __call__(self, message: Message, private: Private | None) -> bool:
        """Whether it is so; a command never is."""
        if private is None or not message.text or message.text.startswith("/"):
            return False
        return talk_of(private).screen in self._screens


class InReport(Filter):
    """A report is being told, whatever its screen; a mailbox is not."""

    async def __call__(self, message: Message, private: Private | None) -> bool:
        """Whether it is so."""
        return private is not None and talk_of(private).screen in TELLS


async def first_finish(message: Message, private: Private) -> None:
    """Another dialogue is wished for in the middle of a report, which would get lost between."""
    note = _("Your report is not sent yet. Please send it or delete it first.")
    await show_telling(message, private, note)


def build_one_at_a_time_router() -> Router:
    """Commands that begin another dialogue wait until a report is told. Before their own doors."""
    router = Router(name="one at a time")
    others = Command("interpreter", "pause", "place", "staff")
    router.message.register(first_finish, others, InReport())
    return router


class Adding(Filter):
    """Something is being added to a report that was sent."""

    async def __call__(self, message: Message, private: Private | None) -> bool:
        """Whether it is so."""
        return private is not None and talk_of(private).screen is Screen.ADDING


class Inside(Filter):
    """A private dialogue is open, and this is no command."""

    async def __call__(self, event: Message | CallbackQuery, private: Private | None) -> bool:
        """Whether it is so."""
        command = isinstance(event, Message) and (event.text or "").startswith("/")
        return private is not None and not command


_STEPS: dict[str, Any] = {
    "done": probing.done_telling,
    "pick": probing.pick,
    "town": probing.pick,
    "next": probing.go_on_asking,
    "skip": probing.pass_over,
    "rest": probing.no_more,
    "asis": files.keep_as_it_is,
    "drop": files.drop_file,
    "consent": finishing.take_consent,
    "answer": finishing.take_way,
    "way-again": finishing.change_way,
    "preview": preview.back_to_preview,
    "leave": preview.leave_out,
    "page": preview.turn_page,
    "urgent": preview.turn_urgent,
    "more": telling.tell_more,
    "change": changing.list_parts,
    "piece": changing.open_piece,
    "del-piece": changing.delete_piece,
    "answer-of": changing.open_answer,
    "open-ones": changing.ask_open_ones,
    "file": changing.open_file,
    "no-original": changing.without_original,
    "consent-again": changing.consent_again,
    "send": sending.ask_receipt,
    "send-now": sending.send,
    "away": leaving.ask_away,
    "away-now": leaving.away,
    "shut": leaving.shut,
    "mail": mailbox.back_to_mailbox,
    "mail-page": mailbox.back_to_mailbox,
    "add": mailbox.ask_addition,
    "link": mailbox.ask_link,
    "link-now": mailbox.link,
    "unlink": mailbox.unlink,
    "delete": mailbox.ask_delete,
    "delete-now": mailbox.delete,
}
"""What each button of a private dialogue does; only inside one."""

_OPEN_STEPS: dict[str, Any] = {
    "door": door.back_to_door,
    "door-new": door.report_pressed,
    "way": door.show_way,
    "go": door.go_on,
    "receipt": mailbox.receipt_pressed,
    "exit": leaving.quick_exit,
    "noted": sending.noted,
}
"""What can be pressed before and after."""


def build_reports_router() -> Router:
    """After danger, commands and the staff lock; before everything that would keep a word."""
    router = Router(name="reports")
    router.message.register(door.report_command, Command("report"))
    router.message.register(mailbox.ask_for_receipt, Command("receipt"))
    router.callback_query.register(door.report_pressed, Go.filter(F.screen == "report"))
    for do, step in _OPEN_STEPS.items():
        router.callback_query.register(step, Report.filter(F.do == do))
    for do, step in _STEPS.items():
        router.callback_query.register(step, Report.filter(F.do == do), Inside())
    router.callback_query.register(leaving.gone, Report.filter())
    router.message.register(leaving.come_back, leaving.Lost())
    router.edited_message.register(leaving.come_back, leaving.Lost())
    router.message.register(files.take_file, InReport(), files.HasFile())
    router.message.register(mailbox.add_file, Adding(), files.HasFile())
    router.message.register(telling.hear, On(Screen.TELLING))
    router.message.register(probing.answer_in_words, On(Screen.PROBE))
    router.message.register(changing.rewrite, On(Screen.REWRITING))
    router.message.register(mailbox.try_receipt, On(Screen.OPENING))
    router.message.register(mailbox.add, On(Screen.ADDING))
    router.message.register(mailbox.listen, On(Screen.MAILBOX))
    router.message.register(
        preview.preview_again, On(Screen.PREVIEW, Screen.CHANGING, Screen.CONSENT, Screen.WAY)
    )
    router.edited_message.register(telling.correct, Inside())
    router.message.register(leaving.still_here, Inside())
    router.message.register(mailbox.receipt_typed, mailbox.LooksLikeReceipt())
    return router
