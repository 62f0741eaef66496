"""An empty office with people to come."""

import pytest_asyncio

from bot.app.serving import House
from bot.db import Sessions
from tests.conftest import Clock, Meet
from tests.pool_talks import Talks


@pytest_asyncio.fixture
async def talks(house: House, meet: Meet, clock: Clock, empty: Sessions) -> Talks:
    """People and the post between them."""
    return Talks(house, meet, clock)
