"""A house for each test, with pages and an HTTP client."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import httpx
import pytest

from bot.channels.webchat import WebChatSettings
from tests.test_webchat.house import House, Page

OpenHouse = Callable[..., Awaitable[House]]


def build(**settings: object) -> House:
    """A house with the usual settings, but for the speed of tests."""
    usual: dict[str, object] = {
        "frames_per_second": 500.0,
        "frames_at_once": 500,
        "rooms_per_minute": 100_000,
        "poll_for": timedelta(seconds=2),
    }
    return House(WebChatSettings(**(usual | settings)))  # type: ignore[arg-type]


@pytest.fixture
async def open_house() -> AsyncIterator[OpenHouse]:
    """Opens houses with other settings than usual."""
    async with AsyncExitStack() as stack:

        async def opened(**settings: object) -> House:
            return await stack.enter_async_context(build(**settings).open())

        yield opened


@pytest.fixture(scope="session")
async def running_house() -> AsyncIterator[House]:
    """One web server for many tests: starting and stopping one takes longer than most tests."""
    async with build().open() as house:
        yield house


@pytest.fixture
async def house(running_house: House) -> AsyncIterator[House]:
    """The running house, empty."""
    await running_house.reset()
    yield running_house
    await running_house.reset()


@pytest.fixture
async def page(house: House) -> AsyncIterator[Page]:
    """A page that was opened and has read the greeting."""
    page = await Page(house).open()
    await page.hears("Welcome")
    yield page
    await page.leave()


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Plain HTTP requests to the house."""
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as client:
        yield client
