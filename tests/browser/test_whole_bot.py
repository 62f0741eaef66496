"""The whole bot behind the chat page, as a newcomer meets it in a browser."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, Page, expect

from bot.answering.understanding import Answerer
from bot.app.furnishing import furnished
from bot.app.serving import House, Server
from bot.app.tryout import prepare_trial
from bot.db import open_database
from bot.knowledge import Knowledge
from bot.settings import read_settings
from handlers.registration import register
from tests.browser.conftest import SCREENSHOTS


@pytest_asyncio.fixture(scope="session")
async def address(
    knowledge: Knowledge, answerer: Answerer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    """A running bot with its chat page, no Telegram."""
    settings = read_settings({"DATA_DIR": str(tmp_path_factory.mktemp("whole"))})
    prepare_trial(settings)
    sessions = await open_database(settings.database)
    house = House(furnished(settings, sessions, knowledge, answerer))
    await register(house.web)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    server: uvicorn.Server = Server(house.page([]))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    await house.web_session.close()
    server.should_exit = True
    await serving
    await house.close()
    await sessions.close()


async def _say(page: Page, text: str) -> None:
    box = page.get_by_role("textbox")
    await box.fill(text)
    await box.press("Enter")


async def test_a_newcomer_at_the_chat_page(browser: Browser, address: str) -> None:
    """Opens straight into the conversation: language, town, question, doctor, danger, forget."""
    context = await browser.new_context(locale="de-DE", viewport={"width": 480, "height": 900})
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(address)
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Ich bin der Bot von")
    await page.get_by_role("button", name="Deutsch").click()
    await expect(log).to_contain_text("Wo wohnen Sie?")
    await _say(page, "rüsselheim")
    await expect(log).to_contain_text("Ihr Ort ist Rüsselsheim am Main")
    await _say(page, "Wo muss ich meinen Wohnsitz anmelden?")
    await expect(log).to_contain_text("Wohnsitz anmelden")
    await expect(log).to_contain_text("Marktplatz 4")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.wait_for_timeout(400)
    await page.screenshot(path=SCREENSHOTS / "whole-bot-answer.png")
    await _say(page, "zahnarzt türkisch")
    await expect(log).to_contain_text("BEISPIEL")
    await _say(page, "mein mann atmet nicht mehr")
    await expect(page.get_by_role("link", name="112").last).to_have_attribute("href", "tel:112")
    await page.wait_for_timeout(400)
    await page.screenshot(path=SCREENSHOTS / "whole-bot-danger.png")
    await _say(page, "/language")
    await page.get_by_role("button", name="English").last.click()
    await expect(log).to_contain_text("We write in English now.")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await _say(page, "/forget")
    await page.get_by_role("button", name="Yes, delete everything").click()
    await expect(page.locator("body")).to_contain_text("deleted")
    assert all(url.startswith((address, "blob:")) for url in asked)
    assert await context.cookies() == []
    await context.close()


SPOKEN = {
    "de": ("Deutsch", "wo muss ich meine neue Adresse anmelden", "Wohnsitz anmelden", "ltr"),
    "ar": ("العربية", "أين أسجل عنوان سكني الجديد", "Anmeldung", "rtl"),
    "fa": ("فارسی", "کجا باید آدرس جدیدم را ثبت کنم", "Anmeldung", "rtl"),
    "el": ("Ελληνικά", "πού δηλώνω τη νέα μου διεύθυνση", "Anmeldung", "ltr"),
    "uk": ("Українська", "де зареєструвати нову адресу проживання", "Anmeldung", "ltr"),
}


@pytest.mark.parametrize("language", SPOKEN)
async def test_the_page_speaks_it(browser: Browser, address: str, language: str) -> None:
    """The whole bot in a language and its direction, with a picture to look at."""
    name, question, answer, direction = SPOKEN[language]
    context = await browser.new_context(locale="en-GB", viewport={"width": 480, "height": 1000})
    page = await context.new_page()
    await page.goto(address)
    log = page.get_by_role("log")
    await page.get_by_role("button", name=name).click()
    await expect(page.locator("html")).to_have_attribute("lang", language)
    await expect(page.locator("html")).to_have_attribute("dir", direction)
    await _say(page, "Raunheim")
    await _say(page, question)
    await expect(log).to_contain_text(answer)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.wait_for_timeout(400)
    await page.screenshot(path=SCREENSHOTS / f"whole-bot-{language}.png")
    await context.close()


async def test_a_report_from_the_page(browser: Browser, address: str) -> None:
    """A fresh copy says that reports are only being tried out, does its task, keeps nothing."""
    context = await browser.new_context(locale="en-GB", viewport={"width": 480, "height": 900})
    page = await context.new_page()
    await page.goto(address)
    log = page.get_by_role("log")
    await page.get_by_role("button", name="English").click()
    await _say(page, "/report")
    await expect(log).to_contain_text("only being tried out")
    await page.get_by_role("button", name="Go on here").click()
    await expect(log).to_contain_text("tell it in your own words")
    await _say(page, "A man shouted at me on the bus.")
    await expect(log).to_contain_text("I have it.")
    for label in (
        "That is everything",
        "No more questions",
        "Yes, an interpreter may read it",
        "Send",
        "Send, receipt as 19 digits",
    ):
        await page.get_by_role("button", name=re.compile(rf"· {label}$")).last.click()
    await expect(log).to_contain_text("Your report has arrived")
    await expect(log).not_to_contain_text("A man shouted")
    await context.close()
