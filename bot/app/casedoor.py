"""The case workers' door: what their machines fetch and bring, over HTTPS with a staff token.

Everything that says what a case is about goes through here sealed. It is mounted beside the chat
page, has no cookie and answers only with a token.
"""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.errors import FiguresHeldBack, NothingToDo, NotStaff, NotYourCase, Refusal, ReportsNotReady
from bot.office import Office
from bot.reports import cases, figures
from bot.reports.arrivals import random_id, today
from bot.reports.sealing import SIZES
from bot.staff import Role, members

PREFIX = "/cases/api"
_BEARER = "bearer "
_BODY_BYTES = 40 * 1024 * 1024
_STATUS = {NotStaff: 403, NotYourCase: 409, NothingToDo: 404}
_AGE = b"age-encryption.org/v1\n"
_LEAST_SEALED = SIZES[0]

Ask = Callable[["Asked"], Awaitable[Any]]


class Asked:
    """One request of a case worker's machine, inside its transaction."""

    def __init__(
        self, office: Office, session: AsyncSession, worker: int, request: Request, body: bytes
    ) -> None:
        self.office = office
        self.session = session
        self.worker = worker
        self.path = request.path_params
        self.body = body
        self.now: datetime = office.now()
        self.today: date = today(self.now)

    @property
    def case_id(self) -> str:
        """The case that the address names."""
        return str(self.path["case_id"])

    @property
    def words(self) -> dict[str, Any]:
        """The JSON object of the body; 400 for anything else."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            raise HTTPException(400) from None
        if not isinstance(found, dict):
            raise HTTPException(400)
        return found

    def word(self, name: str, most: int = 64) -> str:
        """A short word of the body; 400 when it is missing or long."""
        found = self.words.get(name)
        if not isinstance(found, str) or not 0 < len(found) <= most:
            raise HTTPException(400)
        return found


def sealed_bytes(text: object) -> bytes:
    """Ciphertext from base64; 400 for what is not sealed with age and padded."""
    try:
        found = base64.b64decode(text if isinstance(text, str) else "", validate=True)
    except (ValueError, binascii.Error):
        raise HTTPException(400) from None
    if not found.startswith(_AGE) or len(found) < _LEAST_SEALED:
        raise HTTPException(400)
    return found


def case_routes(office: Office) -> list[BaseRoute]:
    """The door's routes, for the same server as the chat page."""

    def door(path: str, ask: Ask, method: str = "POST") -> BaseRoute:
        async def endpoint(request: Request) -> Response:
            return await _answer(office, request, ask)

        return Route(PREFIX + path, endpoint, methods=[method])

    return [
        door("/list", _list, "GET"),
        door("/figures", _add_figures),
        door("/releases", _release),
        door("/reseal", _reseal),
        door("/{case_id}/report", _report, "GET"),
        door("/{case_id}/messages", _messages, "GET"),
        door("/{case_id}/messages", _add_message),
        door("/{case_id}/opened", _opened),
        door("/{case_id}/openings", _openings, "GET"),
        door("/{case_id}/step", _step),
        door("/{case_id}/task", _task),
        door("/{case_id}/hand", _hand),
        door("/{case_id}/closing", _closing),
        door("/{case_id}/closed", _closed),
    ]


async def _answer(office: Office, request: Request, ask: Ask) -> Response:
    given = request.headers.get("authorization", "")
    if not given.lower().startswith(_BEARER):
        return _refused("token", 401)
    # Who it is comes first: nobody else may send a large body.
    try:
        async with office.sessions.begin() as session:
            await cases.worker_of(session, given[len(_BEARER) :], office.now())
    except NotStaff:
        return _refused("token", 401)
    body = await _body(request)
    try:
        async with office.sessions.begin() as session:
            worker = await cases.worker_of(session, given[len(_BEARER) :], office.now())
            answer = await ask(Asked(office, session, worker, request, body))
    except FiguresHeldBack as held:
        return _refused(held.reason, 409)
    except Refusal as refusal:
        return _refused(type(refusal).__name__, _STATUS.get(type(refusal), 409))
    if isinstance(answer, bytes):
        return Response(answer, media_type="application/octet-stream")
    return JSONResponse(answer if answer is not None else {})


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > _BODY_BYTES:
            raise HTTPException(413)
        parts.append(part)
    return b"".join(parts)


def _refused(reason: str, status: int) -> Response:
    return JSONResponse({"reason": reason}, status_code=status)


def _plain(value: Any) -> Any:
    """Days as text, so that JSON can hold them."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


async def _list(asked: Asked) -> Any:
    try:
        recipients = list(asked.office.reporting.recipients().names)
    except ReportsNotReady:
        recipients = []
    workers = [m.id for m in await members(asked.session) if m.role == Role.CASE_WORKER]
    return {
        "you": asked.worker,
        "workers": workers,
        "recipients": recipients,
        "cases": [_plain(asdict(line)) for line in await cases.case_lines(asked.session)],
    }


async def _report(asked: Asked) -> bytes:
    return await cases.open_case(asked.session, asked.case_id, asked.worker, asked.now)


async def _messages(asked: Asked) -> Any:
    return {
        "messages": [
            {
                "id": row.id,
                "direction": row.direction,
                "week": row.week,
                "sealed": base64.b64encode(row.sealed).decode(),
            }
            for row in await cases.messages_of(asked.session, asked.case_id)
        ]
    }


async def _add_message(asked: Asked) -> None:
    direction = asked.word("direction")
    if direction not in {"to-reporter", "note"}:
        raise HTTPException(400)
    await cases.add_message(
        asked.session,
        asked.case_id,
        asked.word("id", 16),
        direction,
        sealed_bytes(asked.words.get("sealed")),
        asked.today,
    )


async def _opened(asked: Asked) -> None:
    await cases.log_opening(asked.session, asked.case_id, asked.worker, asked.now)


async def _openings(asked: Asked) -> Any:
    rows = await cases.openings(asked.session, asked.case_id)
    return {"openings": [{"worker": row.staff_id, "at": row.at.isoformat()} for row in rows]}


async def _step(asked: Asked) -> None:
    to = asked.word("state")
    await cases.take_step(asked.session, asked.case_id, to, asked.worker, asked.now, asked.today)


async def _task(asked: Asked) -> None:
    await cases.finish_task(asked.session, asked.case_id, asked.word("task"), asked.today)


async def _hand(asked: Asked) -> None:
    to = asked.words.get("to")
    if not isinstance(to, int):
        raise HTTPException(400)
    await cases.hand_over(asked.session, asked.case_id, to, asked.worker, asked.now)


async def _closing(asked: Asked) -> None:
    await cases.ask_closing(
        asked.session, asked.case_id, asked.word("substatus"), asked.worker, asked.now
    )


async def _closed(asked: Asked) -> None:
    await cases.confirm_closing(asked.session, asked.case_id, asked.worker, asked.now, asked.today)


async def _reseal(asked: Asked) -> Any:
    case_id, message_id = asked.word("case_id", 16), asked.words.get("message_id")
    try:
        was = bytes.fromhex(asked.word("was"))
    except ValueError:
        raise HTTPException(400) from None
    item = cases.Resealed(
        case_id,
        str(message_id) if message_id is not None else None,
        was,
        sealed_bytes(asked.words.get("sealed")),
    )
    return {"replaced": await cases.reseal(asked.session, [item])}


async def _add_figures(asked: Asked) -> None:
    rows = asked.words.get("rows")
    if not isinstance(rows, list):
        raise HTTPException(400)
    try:
        counted = [
            figures.Counted(
                id=str(row.get("id") or random_id())[:16],
                form=str(row["form"]),
                motive=str(row["motive"]),
                town=str(row["town"]),
                month=date.fromisoformat(row["month"]),
            )
            for row in rows
        ]
        await figures.count(asked.session, counted)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise HTTPException(400) from None


async def _release(asked: Asked) -> Any:
    try:
        period = figures.Period.parse(asked.word("period"))
    except ValueError:
        raise HTTPException(400) from None
    return await figures.release(asked.session, period, asked.today)
