"""What nobody could answer, kept so that no question can be traced to a person.

Only words that occur in our own articles and word lists are kept, never free text or names, and
never from a danger, a report or a private dialogue. Who asked is told apart by a salt that lives
in memory for a day, and staff see a gap only once three different people asked on one day: two
days cannot be added up, because the salt does not know whether they were the same people.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import regex
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.knowledge import KNOWLEDGE, Knowledge
from bot.models import Chat, Gap
from bot.places import places_in

SHOWN_FROM = 3
_WORD = regex.compile(r"[\p{L}\p{M}]{3,}")
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class OpenGap:
    """Words that were asked for in vain: the most different people on one day, and the last day."""

    terms: str
    language: str
    residents: int
    last_asked_on: date


def words(text: str) -> list[str]:
    """The words of a text in lower case; scripts with vowel signs stay whole."""
    return _WORD.findall(text.casefold())


def vocabulary(knowledge: Knowledge, more: Iterable[str] = ()) -> frozenset[str]:
    """Every word of our own articles, ways of asking and word lists: what a gap may hold."""
    known: set[str] = set()
    for topic in knowledge.topics.values():
        for article in topic.articles.values():
            for text in (article.title, article.body, *article.questions, *article.keywords):
                known.update(words(text))
    for text in more:
        known.update(words(text))
    return frozenset(known)


def word_lists() -> Iterator[str]:
    """The words of knowledge/words, except for places: a town's name is never kept."""
    for path in sorted((KNOWLEDGE / "words").glob("*.toml")):
        if path.stem != "places":
            yield path.read_text(encoding="utf-8")


class GapCounter:
    """Counts gaps of this run of the program; holds the salt that tells people apart for a day."""

    def __init__(self, vocabulary: frozenset[str]) -> None:
        self._vocabulary = vocabulary
        self._run = secrets.token_hex(8)
        self._day: date | None = None
        self._salt = b""
        self._seen: set[bytes] = set()

    def terms(self, text: str) -> str:
        """The known words of a question, each once, in alphabetical order; may be empty."""
        said = {word for word in words(text) if word in self._vocabulary}
        # A town is left out however many ask: with a rare language it may name one family.
        known = sorted(word for word in said if not places_in(word))
        return " ".join(known[:_MOST_WORDS])[:400]

    async def note(
        self, session: AsyncSession, text: str, language: str, chat: Chat, today: date
    ) -> bool:
        """Count a question that had no answer; says whether anything was kept."""
        if today != self._day:
            self._day, self._salt, self._seen = today, secrets.token_bytes(32), set()
        terms = self.terms(text)
        if not terms:
            return False
        who = hashlib.blake2b(
            f"{chat.channel}:{chat.id}:{language}:{terms}".encode(), key=self._salt
        ).digest()
        if who in self._seen:
            return False
        row = (
            Gap.terms == terms,
            Gap.language == language,
            Gap.asked_on == today,
            Gap.run == self._run,
        )
        counted = await session.scalar(
            update(Gap).where(*row).values(residents=Gap.residents + 1).returning(Gap.id)
        )
        if counted is None:
            try:
                async with session.begin_nested():
                    session.add(
                        Gap(
                            terms=terms,
                            language=language,
                            asked_on=today,
                            run=self._run,
                            residents=1,
                        )
                    )
            except IntegrityError:
                # Another chat of this process was first between the two statements.
                await session.execute(update(Gap).where(*row).values(residents=Gap.residents + 1))
        self._seen.add(who)
        return True


async def open_gaps(session: AsyncSession, at_least: int = SHOWN_FROM) -> list[OpenGap]:
    """Gaps that enough different people met, most first."""
    most = func.max(Gap.residents)
    rows = await session.execute(
        select(Gap.terms, Gap.language, most, func.max(Gap.asked_on))
        .group_by(Gap.terms, Gap.language)
        .having(most >= at_least)
        .order_by(most.desc(), Gap.terms, Gap.language)
        .limit(50)
    )
    return [OpenGap(terms, language, int(count), last) for terms, language, count, last in rows]
