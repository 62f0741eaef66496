"""A question nobody could answer is kept so that it cannot be traced to a person."""

from datetime import date, timedelta

from bot.db import Sessions
from bot.gaps import GapCounter, open_gaps
from bot.models import Chat

WORDS = frozenset({"fahrrad", "anmelden", "schwimmbad", "kurs"})
TODAY = date(2026, 11, 24)


def _somebody(number: int) -> Chat:
    return Chat("telegram", number)


async def _ask(
    sessions: Sessions, counter: GapCounter, text: str, who: int, day: date = TODAY
) -> bool:
    async with sessions.begin() as session:
        return await counter.note(session, text, "de", _somebody(who), day)


async def test_three_people_on_one_day_show_a_gap(empty: Sessions) -> None:
    """Two do not, and the same person asking again does not count."""
    counter = GapCounter(WORDS)
    for who in (1, 2, 1, 2, 2):
        await _ask(empty, counter, "Fahrrad anmelden?", who)
    async with empty.begin() as session:
        assert await open_gaps(session) == []
    await _ask(empty, counter, "anmelden: mein Fahrrad", 3)
    async with empty.begin() as session:
        [gap] = await open_gaps(session)
    assert (gap.terms, gap.residents) == ("anmelden fahrrad", 3)


async def test_one_person_on_three_days_shows_nothing(empty: Sessions) -> None:
    """The salt of a day cannot know a person again, so days are never added up."""
    counter = GapCounter(WORDS)
    for days in range(3):
        await _ask(empty, counter, "Schwimmbad Kurs", 1, TODAY + timedelta(days=days))
    async with empty.begin() as session:
        assert await open_gaps(session) == []


async def test_a_restart_does_not_count_anyone_twice(empty: Sessions) -> None:
    """The salt is gone with the process; so its counts are never added up either."""
    for _ in range(3):
        await _ask(empty, GapCounter(WORDS), "Schwimmbad Kurs", 1)
    async with empty.begin() as session:
        assert await open_gaps(session) == []


async def test_only_known_words_are_kept(empty: Sessions) -> None:
    """Names and free text never reach the database."""
    counter = GapCounter(WORDS)
    assert counter.terms("Fatma Yılmaz, Mainzer Str. 4, will ihr Fahrrad anmelden") == (
        "anmelden fahrrad"
    )
    assert not await _ask(empty, counter, "Fatma Yılmaz 0170 1234567", 1)
