"""An empty pool."""

import pytest_asyncio

from bot.db import Sessions
from tests.pool import Pool


@pytest_asyncio.fixture
async def pool(empty: Sessions) -> Pool:
    """The pool without a person, and somebody who arranges interpreters."""
    pool = Pool(empty)
    await pool.hire()
    return pool
