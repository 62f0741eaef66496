"""A real Chromium, and pages in it. Without a Chromium these tests say so and are skipped."""

import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    async_playwright,
    expect,
)

from bot.channels.webchat import ENGLISH
from tests.browser.samples import WORDS, add_samples
from tests.test_webchat.conftest import build
from tests.test_webchat.house import House

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"

OpenPage = Callable[..., Awaitable[Page]]

# A busy machine may take its time; what never comes still fails.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a screen, in a new profile."""
    if shutil.which(CHROMIUM) is None:
        pytest.skip(f"no Chromium at {CHROMIUM}: install Debian's chromium or set CHROMIUM")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def browser_house() -> AsyncIterator[House]:
    """One web server for all browser tests."""
    house = build(
        languages=("de", "en", "ar", "fa", "el", "uk"), default_language="en", upload_bytes=200_000
    )
    house.session.strings = lambda language: WORDS.get(language, ENGLISH)
    add_samples(house)
    async with house.open():
        yield house


@pytest.fixture
async def house(browser_house: House) -> AsyncIterator[House]:
    """The house, empty."""
    await browser_house.reset()
    yield browser_house
    await browser_house.reset()


@pytest.fixture
async def open_page(browser: Browser, house: House) -> AsyncIterator[OpenPage]:
    """Opens pages, each as somebody else; no page may complain or ask another host."""
    complaints: list[str] = []
    addresses: list[str] = []
    forgiven = ["^$"]

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    async with AsyncExitStack() as stack:

        async def opened(
            *,
            path: str = "/",
            context: BrowserContext | None = None,
            script: str = "",
            forgive: str = "^$",
            **options: Any,
        ) -> Page:
            forgiven.append(forgive)
            if context is None:
                options.setdefault("locale", "en")
                context = await browser.new_context(**options)
                stack.push_async_callback(context.close)
            page = await context.new_page()
            page.on("console", listen)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: addresses.append(request.url))
            page.on("websocket", lambda socket: addresses.append(socket.url))
            if script:
                await page.add_init_script(script)
            await page.goto(house.url + path)
            await page.wait_for_selector(".bubble.office")
            return page

        yield opened

    assert [text for text in complaints if not re.search("|".join(forgiven), text)] == []
    assert addresses
    ours = (house.url, house.url.replace("http", "ws"), "blob:")
    assert [address for address in addresses if not address.startswith(ours)] == []
