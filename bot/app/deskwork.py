"""What the office does on the command line: staff invitations, practices, events."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from bot.app.calendars import export_to, import_events
from bot.app.opening import opened
from bot.app.practices import export_practices, import_practices
from bot.db import Sessions
from bot.errors import InvitationInvalid, NothingToDo
from bot.settings import Settings
from bot.staff import (
    TOKEN_PREFIX,
    Invited,
    Role,
    bot_username,
    confirm,
    invite,
    members,
    remove,
    waiting_invitation,
)

_LOOK_EVERY = 1.0  # seconds between two looks whether an invitation was opened


async def do(settings: Settings, options: argparse.Namespace) -> int:
    """Carry out a ``staff``, ``directory`` or ``events`` verb; returns the exit code."""
    async with opened(settings) as sessions:
        if options.verb == "events":
            if options.events_verb == "import":
                return await import_events(sessions, options.file, options.dry_run)
            return await export_to(sessions, options.file)
        if options.verb == "directory":
            if options.list_verb == "import":
                return await import_practices(sessions, options.file, options.dry_run)
            return await export_practices(sessions, options.file)
        match options.staff_verb:
            case "invite":
                return await _invite(sessions, Role(options.role), not options.no_wait)
            case "confirm":
                return await _confirm(sessions, options.invitation, options.digits)
            case "list":
                return await _list(sessions)
            case _:
                return await _remove(sessions, options.number)


def _say(text: str) -> None:
    print(text, flush=True)


async def _invite(sessions: Sessions, role: Role, wait: bool) -> int:
    async with sessions.begin() as session:
        invited = await invite(session, role, datetime.now(UTC))
        username = await bot_username(session, "telegram")
    start = f"{TOKEN_PREFIX}{invited.token}"
    _say(f"Invitation {invited.id} for the role {role}, valid once, for 24 hours.")
    if username:
        _say(f"  Telegram:  https://t.me/{username}?start={start}")
    _say(f"  In a chat: /start {start}")
    _say(
        "Whoever opens it sees two digits. Let them read the digits to you, by phone or in person."
    )
    if not wait or not sys.stdin.isatty():
        _say(f"Then: python bot.py staff confirm {invited.id} DIGITS")
        return 0
    return await _wait_and_confirm(sessions, invited)


async def _wait_and_confirm(sessions: Sessions, invited: Invited) -> int:
    _say("Waiting until it is opened (Ctrl+C to stop waiting) …")
    while True:
        async with sessions.begin() as session:
            opened = await waiting_invitation(session, invited.id)
        if opened is not None:
            break
        if datetime.now(UTC) > invited.expires_at:
            _say("The invitation has expired.")
            return 1
        await asyncio.sleep(_LOOK_EVERY)
    typed = await asyncio.to_thread(input, "It was opened. The two digits: ")
    if not typed.strip().isdecimal():
        _say(f"These are no digits. Try: python bot.py staff confirm {invited.id} DIGITS")
        return 1
    return await _confirm(sessions, invited.id, int(typed))


async def _confirm(sessions: Sessions, invitation_id: int, digits: int) -> int:
    try:
        async with sessions.begin() as session:
            role = await confirm(session, invitation_id, digits, datetime.now(UTC))
    except InvitationInvalid:
        _say("This invitation is unknown, expired, used, or nobody has opened it yet.")
        return 1
    if role is None:
        _say("These digits are wrong. The invitation is void; make a new one.")
        return 1
    _say(f"The role {role} is active.")
    return 0


async def _list(sessions: Sessions) -> int:
    async with sessions.begin() as session:
        everybody = await members(session)
    if not everybody:
        _say("Nobody yet. Begin with: python bot.py staff invite --role admin")
    for member in everybody:
        since = f"since {member.added_at:%Y-%m-%d}"
        _say(f"{member.id:>4}  {member.role:<12} {member.channel:<9} {since}")
    return 0


async def _remove(sessions: Sessions, number: int) -> int:
    try:
        async with sessions.begin() as session:
            role = await remove(session, number, datetime.now(UTC))
    except NothingToDo:
        _say(f"There is no number {number}. See: python bot.py staff list")
        return 1
    _say(f"Removed: {role}, number {number}.")
    return 0
