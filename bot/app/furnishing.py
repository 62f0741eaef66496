"""The office with everything that handlers use: knowledge, answers, rules."""

import asyncio

from bot.answering.encoder import Encoder
from bot.answering.understanding import Answerer
from bot.db import Sessions
from bot.gaps import GapCounter, vocabulary, word_lists
from bot.knowledge import Knowledge, load
from bot.limits import Pace
from bot.office import Office
from bot.reports import open_desk
from bot.settings import Settings
from bot.texts import catalog_words


async def build_office(settings: Settings, sessions: Sessions, encoder: Encoder | None) -> Office:
    """The office: knowledge, answers and rules, on an open database."""
    knowledge = await asyncio.to_thread(load)
    answerer = await asyncio.to_thread(Answerer.build, knowledge, encoder)
    return furnished(settings, sessions, knowledge, answerer)


def furnished(
    settings: Settings, sessions: Sessions, knowledge: Knowledge, answerer: Answerer
) -> Office:
    """The office around knowledge and answers that are there already."""
    return Office(
        settings=settings,
        sessions=sessions,
        knowledge=knowledge,
        answerer=answerer,
        gaps=GapCounter(vocabulary(knowledge, [*catalog_words(), *word_lists()])),
        pace=Pace(settings.messages_per_minute),
        reporting=open_desk(settings),
    )
