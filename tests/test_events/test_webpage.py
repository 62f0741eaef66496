"""Events on the chat page, which cannot write first: looking, calendar files, and why Telegram."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import icalendar
import pytest_asyncio
from sqlalchemy import func, select

from bot.app.serving import House, Server
from bot.db import Sessions
from bot.events import set_picture
from bot.events.pictures import small_picture
from bot.models import Attendance, StaffMember, Subscription, WebVisitor
from bot.staff import Role, keep_bot_username
from tests.conftest import Meet
from tests.test_events.pictures import photo
from tests.test_events.program import put
from tests.test_events.test_calendar import WHEN, file
from tests.test_webchat.house import Page, plain


@pytest_asyncio.fixture
async def page(house: House, meet: Meet, empty: Sessions) -> AsyncIterator[Page]:
    """A page of the real bot on which a language and no town was chosen."""
    async with empty.begin() as session:
        await keep_bot_username(session, "telegram", "kreis_test_bot")
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(8)
    server = Server(house.page([]))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    port = listening.getsockname()[1]
    address: Any = SimpleNamespace(port=port, url=f"http://127.0.0.1:{port}")
    page = await Page(address).open()
    greeting = await page.hears("Ich bin der Bot von")
    await press(page, greeting, "Deutsch")
    await press(page, await page.hears("Wo wohnen Sie?"), "Überspringen")
    await page.hears("/place")
    yield page
    await page.leave()
    server.should_exit = True
    await serving
    listening.close()


def labels(message: dict[str, Any]) -> list[str]:
    """What stands on the buttons, without numbers."""
    return [b["text"].partition(" · ")[2] for row in message.get("buttons", []) for b in row]


async def press(page: Page, message: dict[str, Any], label: str) -> None:
    """Press the button that begins with these words."""
    found = [
        button["text"]
        for row in message["buttons"]
        for button in row
        if button["text"].partition(" · ")[2].startswith(label)
    ]
    await page.press(message, found[0])


async def ask(page: Page, text: str, expected: str) -> dict[str, Any]:
    """Write something; the message that holds the expected words."""
    await page.say(text)
    return await page.hears(expected)


async def download(page: Page, file_id: str) -> bytes:
    """A file of the page's own room."""
    async with httpx.AsyncClient(base_url=page.house.url, trust_env=False) as client:
        headers = {"authorization": f"Visitor {page.secret}", "origin": page.house.url}
        answer = await client.post("/file", json={"id": file_id}, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.content


async def test_looking_and_a_calendar_file_but_no_promise_that_cannot_be_kept(
    house: House, page: Page, empty: Sessions
) -> None:
    """No places, reminders or subscriptions are offered; the way to Telegram is named."""
    event_id = await put(house, title="Sprachcafé", cost_cents=0)
    async with empty.begin() as session:
        await set_picture(session, event_id, small_picture(photo()), house.office.now())
    listed = await ask(page, "Was findet statt?", "Sprachcafé")
    assert "Ich komme" not in plain(listed["body"])
    await press(page, listed, "Sprachcafé")
    shown = await page.hears("Kosten: kostenlos")
    assert "Kalender-Datei" in labels(shown)
    assert "Weitersagen" in labels(shown)
    for label in ("Ich komme", "Das interessiert mich", "Am Tag vorher erinnern"):
        assert label not in labels(shown)
    await press(page, shown, "Kalender-Datei")
    sent = await page.hears("Öffnen Sie die Datei")
    content = await download(page, sent["media"]["file"])
    read: Any = icalendar.Calendar.from_ical(content)
    assert [event["SUMMARY"] for event in read.walk("VEVENT")] == ["Sprachcafé"]
    await press(page, shown, "Weitersagen")
    told = await page.hears("Schicken Sie das weiter")
    assert f"https://t.me/kreis_test_bot?start=event_{event_id}" in plain(told["body"])
    await press(page, listed, "Nachrichten bestellen")
    why = await page.hears("kann Ihnen nicht schreiben, wenn sie zu ist")
    assert "https://t.me/kreis_test_bot" in plain(why["body"])
    async with empty.begin() as session:
        for model in (Subscription, Attendance):
            assert await session.scalar(select(func.count()).select_from(model)) == 0


async def test_a_link_opens_on_the_page_too(house: House, page: Page) -> None:
    """Whoever was sent the number in words."""
    event_id = await put(house, title="Theater im Hof")
    await ask(page, f"/start event_{event_id}", "Theater im Hof")


async def test_staff_send_files_on_the_page(house: House, page: Page, empty: Sessions) -> None:
    """A calendar file and a picture, by upload instead of Telegram's download."""
    async with empty.begin() as session:
        chat_id = (await session.scalars(select(WebVisitor.chat_id))).one()
        session.add(
            StaffMember(
                channel="webchat",
                chat_id=chat_id,
                role=Role.EDITOR.value,
                added_at=house.office.now(),
            )
        )
    desk = await ask(page, "/staff", "Übersicht")
    await press(page, desk, "Veranstaltungen")
    await press(page, await page.hears("Es gibt noch keine"), "Neue Veranstaltung")
    await page.hears("Kalender-Datei")
    await upload(page, file(f"UID:1|SUMMARY:Jobmesse|DESCRIPTION:x|{WHEN}"), "feed.ics")
    draft = await page.hears("Jobmesse")
    await press(page, draft, "Als Entwurf speichern")
    await press(page, await page.hears("Gespeichert"), "Zur Veranstaltung")
    await press(page, await page.hears("Entwurf, nur für Mitarbeitende"), "Bild")
    await page.hears("Bitte schicken Sie ein Bild")
    await upload(page, photo(), "bild.jpg")
    await page.hears("Das Bild ist gespeichert")
    with contextlib.suppress(TimeoutError):
        assert not [e for e in await page.quiet() if e["kind"] == "refused"]


async def upload(page: Page, content: bytes, name: str) -> None:
    """Send a file from the page."""
    async with httpx.AsyncClient(base_url=page.house.url, trust_env=False) as client:
        headers = {
            "authorization": f"Visitor {page.secret}",
            "origin": page.house.url,
            "x-file-name": name,
            "x-client-id": secrets.token_hex(8),
        }
        answer = await client.post("/upload", content=content, headers=headers)
        assert answer.status_code == 200, answer.text
