"""Case workers with machines of their own, as tests need them."""

import asyncio
import contextlib
import io
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pyrage import x25519

from bot.app import _parser
from bot.app.serving import House, Server
from bot.casework.verbs import do
from bot.db import Sessions
from bot.models import StaffMember
from bot.reports.cases import make_token

_chats = itertools.count(900_001)


@dataclass
class CaseWorker:
    """One of the office's case workers at a machine with a key."""

    staff_id: int
    folder: Path
    public: str
    token: str = ""

    @property
    def identity(self) -> x25519.Identity:
        """The private key."""
        return x25519.Identity.from_str((self.folder / "identity.txt").read_text().strip())

    async def run(self, *arguments: str, typed: str = "") -> tuple[int, str]:
        """Type ``bot.py cases …``; the exit code, and what was printed."""
        return await asyncio.to_thread(self._run, arguments, typed)

    def _run(self, arguments: tuple[str, ...], typed: str) -> tuple[int, str]:
        printed = io.StringIO()
        options = _parser().parse_args(["cases", "--home", str(self.folder), *arguments])
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            code = do(options)
        return code, printed.getvalue()

    async def says(self, *arguments: str) -> str:
        """The same, where it must work."""
        code, printed = await self.run(*arguments)
        assert code == 0, printed
        return printed


async def employ(sessions: Sessions, folder: Path, name: str, now: datetime) -> CaseWorker:
    """A new case worker with a role, a machine, a key and a token."""
    home = folder / name
    worker = CaseWorker(0, home, "")
    printed = await worker.says("keygen")
    worker.public = printed.strip().splitlines()[-1]
    async with sessions.begin() as session:
        member = StaffMember(
            channel="telegram",
            chat_id=next(_chats),
            role="case-worker",
            added_at=now,
        )
        session.add(member)
        await session.flush()
        worker.staff_id = member.id
        token = await make_token(session, member.id, now)
    worker.token = token
    return worker


def publish(workers: list[CaseWorker], recipients: Path) -> None:
    """Put the public keys where the server reads them."""
    recipients.write_text("\n".join(worker.public for worker in workers) + "\n")


async def equip(workers: list[CaseWorker], recipients: Path, url: str) -> None:
    """All keys on the server, everybody connected, everybody trusts everybody."""
    publish(workers, recipients)
    for worker in workers:
        os.environ["CASES_TOKEN"] = worker.token
        try:
            await worker.says("connect", url)
        finally:
            del os.environ["CASES_TOKEN"]
        for other in workers:
            await worker.says("trust", other.public)


@asynccontextmanager
async def open_door(house: House) -> AsyncIterator[str]:
    """The running bot's web server on loopback."""
    import socket

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    server = Server(house.page([]))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:  # noqa: ASYNC110 - uvicorn sends no event
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        listener.close()
