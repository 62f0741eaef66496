"""What the office knows, as values: facts, contacts, municipalities, topics and their articles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

from bot.knowledge.formatting import phone_display, phone_uri

GERMAN = "de"
REQUIRED_LANGUAGES = (GERMAN, "en")
"""Every topic has an article in these; the others follow."""

TOWN_HALL = "@town_hall"
"""Stands in a topic's contacts for the town hall of the reader's own municipality."""

ScopeKind = Literal["everyone", "only", "all_but"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A named figure, date or time with its source. ``value`` is as in the file; dates stay text.

    A date that comes every year is ``--MM-DD``. ``confidence`` is ``high`` or ``medium``; a medium
    fact is always shown with ``as_of``.
    """

    name: str
    value: int | float | str
    unit: str
    per: str
    source: str
    source_url: str
    as_of: str
    confidence: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone number and whose it is ("Leitung"), by language."""

    number: str
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def display(self) -> str:
        """The number for reading: "+49 6152 989630", "116 117"."""
        return phone_display(self.number)

    @property
    def uri(self) -> str:
        """The number for tapping: "tel:+496152989630"."""
        return phone_uri(self.number)

    def note(self, language: str) -> str:
        """Whose number it is, in the language or else in German; "" for the main number."""
        return in_language(self.notes, language)


@dataclass(frozen=True, slots=True)
class Hours:
    """Open on these days (``mon`` … ``sun``) from ``start`` to ``end`` ("08:00").

    "24:00" is midnight; ``00:00`` to ``24:00`` on all days means day and night.
    """

    days: tuple[str, ...]
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where a contact's details come from."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Contact:
    """An office, a helpline, a counselling centre or a website, and whom it serves.

    Text fields that no source gives are empty, ``lat`` and ``lon`` then are None.
    """

    id: str
    names: Mapping[str, str]
    street: str
    postcode: str
    town: str
    lat: float | None
    lon: float | None
    phones: tuple[Phone, ...]
    email: str
    web: str
    hours: tuple[Hours, ...]
    serves: tuple[str, ...]
    serves_not: tuple[str, ...]
    about: Mapping[str, str]
    sources: tuple[Source, ...]
    as_of: str
    confidence: str

    def name(self, language: str) -> str:
        """The contact's name in the language or else in German."""
        return in_language(self.names, language)

    def about_in(self, language: str) -> str:
        """One line about what is done there, in the language or else in German; may be ""."""
        return in_language(self.about, language)

    @property
    def scope(self) -> "Scope":
        """Whom the contact serves."""
        if self.serves:
            return Scope("only", self.serves)
        if self.serves_not:
            return Scope("all_but", self.serves_not)
        return Scope("everyone", ())


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a contact serves: everyone, only these municipalities, or all but these."""

    kind: ScopeKind
    municipalities: tuple[str, ...]

    def includes(self, municipality: str) -> bool:
        """Whether people of this municipality may go there."""
        if self.kind == "only":
            return municipality in self.municipalities
        return self.kind == "everyone" or municipality not in self.municipalities


@dataclass(frozen=True, slots=True)
class ContactsShown:
    """The contacts for one reader, each with whom it serves.

    ``ask_place`` is true when the reader's municipality is not known and would change the answer.
    Iterating gives the (contact, scope) pairs.
    """

    shown: tuple[tuple[Contact, Scope], ...]
    ask_place: bool

    def __iter__(self) -> Iterator[tuple[Contact, Scope]]:
        return iter(self.shown)

    def __len__(self) -> int:
        return len(self.shown)


@dataclass(frozen=True, slots=True)
class Article:
    """One topic in one language. ``body`` is Markdown with {fact} names in it.

    ``translation`` is ``original``, ``machine`` or ``reviewed``; ``translated_from`` holds the
    ``content_hash`` of the German article that was translated. ``reviewer`` is the role of who has
    read a ``reviewed`` one, never a name.
    """

    topic_id: str
    language: str
    title: str
    body: str
    questions: tuple[str, ...]
    keywords: tuple[str, ...]
    translation: str
    translated_from: str
    content_hash: str
    reviewer: str = ""
    reviewed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Topic:
    """What an article is about, in any language: its place in the books, its contacts."""

    id: str
    book: str
    chapter: str
    contacts: tuple[str, ...]
    related: tuple[str, ...]
    reviewed_on: date
    articles: Mapping[str, Article]

    def article(self, language: str) -> Article | None:
        """The article in the language, or else the German one; None while neither is written."""
        return self.articles.get(language) or self.articles.get(GERMAN)


@dataclass(frozen=True, slots=True)
class Municipality:
    """One of the towns of the county, under its official name. ``town_hall`` is a contact id."""

    name: str
    postcodes: tuple[str, ...]
    lat: float
    lon: float
    districts: tuple[str, ...]
    aliases: tuple[str, ...]
    town_hall: str


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything the office knows, read once at the start and never changed."""

    topics: Mapping[str, Topic]
    facts: Mapping[str, Fact]
    contacts: Mapping[str, Contact]
    municipalities: Mapping[str, Municipality]
    phrasings: Mapping[str, Mapping[str, tuple[str, ...]]]
    wishes: Mapping[str, Mapping[str, tuple[str, ...]]]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have articles, German first."""
        found = {language for topic in self.topics.values() for language in topic.articles}
        return tuple(sorted(found, key=lambda language: (language != GERMAN, language)))

    def articles(self, language: str) -> tuple[Article, ...]:
        """All articles of a language, in the order of the topics."""
        return tuple(
            topic.articles[language] for topic in self.topics.values() if language in topic.articles
        )

    def needs_place(self, topic_id: str) -> bool:
        """Whether the answer to a topic depends on the reader's municipality."""
        return any(
            name == TOWN_HALL
            or (name in self.contacts and self.contacts[name].scope.kind != "everyone")
            for name in self._contact_names(topic_id)
        )

    def contacts_for(self, topic_id: str, municipality: str | None) -> ContactsShown:
        """The contacts of a topic for people of a municipality, in the topic's order.

        Without a municipality all are shown with whom they serve, except the town hall, which
        cannot be known; ``ask_place`` then says so. A municipality outside the county counts as
        unknown. Names of contacts that do not exist are left out (``problems`` reports them).
        """
        here = self.municipalities.get(municipality or "")
        shown: dict[str, tuple[Contact, Scope]] = {}
        for name in self._contact_names(topic_id):
            real_name = (here.town_hall if here else "") if name == TOWN_HALL else name
            contact = self.contacts.get(real_name)
            if contact and (here is None or contact.scope.includes(here.name)):
                shown.setdefault(contact.id, (contact, contact.scope))
        return ContactsShown(tuple(shown.values()), here is None and self.needs_place(topic_id))

    def _contact_names(self, topic_id: str) -> tuple[str, ...]:
        topic = self.topics.get(topic_id)
        return topic.contacts if topic else ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the knowledge folder: ``path`` from the folder's parent, and the line.

    An ``error`` must be repaired, a ``warning`` should be looked at.
    """

    path: Path
    line: int
    message: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        word = "Fehler" if self.severity == "error" else "Hinweis"
        return f"{self.path.as_posix()}:{self.line}: {word}: {self.message}"


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in the language, or else in German, or else ""."""
    return texts.get(language) or texts.get(GERMAN, "")


def content_hash(title: str, body: str) -> str:
    """Sixteen hex digits that change when what residents read changes.

    Ways of asking and keywords are not part of it: they do not make a translation stale.
    """
    words: Sequence[str] = (title.strip(), *body.split())
    return sha256("\x1f".join(words).encode()).hexdigest()[:16]
