"""Questions on the command line: one answered for reading, a file for a program, a set measured."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.answering.directory import Practice, search, shipped
from bot.answering.encoder import Encoder
from bot.answering.offering import offers, page_of, still_right, table_of
from bot.answering.questions import Question, QuestionError, read_questions
from bot.answering.slots import SPECIALTIES, Slots
from bot.answering.understanding import Answerer, Understanding
from bot.errors import SettingsError
from bot.evaluation import Report, ask_lines
from bot.evaluation import evaluate as measure
from bot.knowledge import KNOWLEDGE, Contact, Knowledge, Scope, load, render_plain
from bot.places import find_place
from bot.settings import read_settings
from bot.texts import (
    HOUSE_TIME,
    OFFICE_LANGUAGE,
    _,
    language_name,
    languages,
    listing,
    native_name,
    speaking,
    speaks,
)

_SHOWN = 5
_DROPPED: dict[str, Callable[[Slots], str]] = {
    "barrier_free": lambda wanted: _("barrier-free"),
    "municipality": lambda wanted: wanted.municipality or "",
    "language": lambda wanted: language_name(wanted.language or OFFICE_LANGUAGE),
}


@asynccontextmanager
async def _answering(knowledge: Knowledge) -> AsyncIterator[Answerer]:
    encoder = Encoder(time_limit=10)
    starting = asyncio.create_task(encoder.start())
    try:
        answerer = Answerer.build(knowledge, encoder)
        await starting
        yield answerer
    finally:
        await encoder.close()


def ask(text: str | None, language: str | None, place: str | None, lines: Path | None) -> int:
    """Print the answer to one question, or a JSON object for each line of a file."""
    if (text is None) == (lines is None):
        raise SettingsError("ask: give one question, or --jsonl FILE")
    if lines is not None:
        return asyncio.run(_ask_file(lines))
    municipality = None
    if place:
        found = find_place(place)
        if found is None:
            raise SettingsError(f"ask: --place {place} is no town of the Kreis Groß-Gerau")
        municipality = found.municipality
    return asyncio.run(_ask_one(text or "", language, municipality))


async def _ask_file(path: Path) -> int:
    try:
        lines = await asyncio.to_thread(lambda: path.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"ask: {path} cannot be read ({type(error).__name__})") from None
    async with _answering(load()) as answerer:
        try:
            answers = await ask_lines(lines, answerer)
        except QuestionError as error:
            raise SettingsError(f"ask: {path}: {error}") from None
    sys.stdout.write("".join(f"{answer}\n" for answer in answers))
    return 0


async def _ask_one(text: str, language: str | None, municipality: str | None) -> int:
    knowledge = load()
    async with _answering(knowledge) as answerer:
        found = await answerer.understand(text, language=language, municipality=municipality)
    spoken = found.language if speaks(found.language) else (language or OFFICE_LANGUAGE)
    with speaking(spoken):
        sys.stdout.write(_answer(knowledge, found, spoken, municipality) + "\n")
    return 0


def _answer(
    knowledge: Knowledge, found: Understanding, language: str, municipality: str | None
) -> str:
    """The answer as plain text; the chat shows the same with buttons."""
    titles = []
    for hit in found.hits:
        article = knowledge.topics[hit.topic_id].article(language)
        if article is not None:
            titles.append(f"• {article.title} [{hit.topic_id}]")
    if found.kind == "directory":
        return f"[{found.kind}] " + _directory(found.slots, municipality)
    if found.kind == "smalltalk":
        return f"[{found.kind}] {found.smalltalk}"
    if not found.hits:
        return f"[{found.kind}] " + _("I am sorry, I do not know that.")
    if not found.sure:
        return "\n".join([_("I am not sure what you mean. Is it one of these?"), *titles[:3]])
    topic = knowledge.topics[found.hits[0].topic_id]
    article = topic.article(language)
    if article is None:
        return f"[{found.kind}]"
    body = render_plain(
        article.body,
        knowledge.facts,
        article.language,
        lambda when: _("as of {when}").format(when=when),
    )
    cards = [
        _contact(contact, scope if municipality is None else None, language)
        for contact, scope in knowledge.contacts_for(topic.id, municipality)
    ]
    return "\n\n".join([f"[{found.kind}] {article.title}", body, *cards])


def _directory(wanted: Slots, municipality: str | None) -> str:
    """The first practices that fit, from the list that ships with the bot, and what was dropped."""
    if wanted.specialty is None:
        return "\n".join([_("Which doctor or help do you need?"), *(f"• {s}" for s in SPECIALTIES)])
    wanted = replace(wanted, municipality=wanted.municipality or municipality)
    samples = read_settings(os.environ).samples
    found = search(
        shipped(samples=samples),
        wanted,
        barrier_free=wanted.barrier_free,
        today=datetime.now(HOUSE_TIME).date(),
    )
    named = [wanted.specialty, wanted.language and language_name(wanted.language)]
    lines = [
        _("You look for: {wishes}").format(
            wishes=", ".join(name for name in (*named, wanted.municipality) if name)
        )
    ]
    if not found.results:
        return "\n\n".join(
            [*lines, _("I found nothing. Please ask your health insurance or 116 117.")]
        )
    if found.relaxed:
        wishes = listing([_DROPPED[wish](wanted) for wish in found.relaxed])
        lines.append(
            _("Nothing fits all your wishes. I looked without: {wishes}").format(wishes=wishes)
        )
    return "\n\n".join([*lines, *(_practice(practice) for practice in found.results[:_SHOWN])])


def _practice(practice: Practice) -> str:
    lines = [practice.name]
    if practice.sample:
        lines.append(_("EXAMPLE: this practice does not exist."))
    if practice.languages:
        spoken = listing([language_name(code) for code in practice.languages])
        lines.append(_("Languages: {languages}").format(languages=spoken))
    town = f"{practice.postcode} {practice.town}".strip()
    lines.append(", ".join(part for part in (practice.street, town) if part))
    lines.extend(part for part in (practice.phone_display, practice.email, practice.web) if part)
    return "\n".join(line for line in lines if line)


def _contact(contact: Contact, scope: Scope | None, language: str) -> str:
    lines = []
    if scope is not None and scope.kind == "only":
        lines.append(
            _("Only for people who live in {places}:").format(places=listing(scope.municipalities))
        )
    elif scope is not None and scope.kind == "all_but":
        lines.append(
            _("For all other towns of the county (not {places}):").format(
                places=listing(scope.municipalities)
            )
        )
    lines.append(contact.name(language))
    town = f"{contact.postcode} {contact.town}".strip()
    lines.append(", ".join(part for part in (contact.street, town) if part))
    lines.extend(phone.display for phone in contact.phones)
    lines.extend(part for part in (contact.email, contact.web) if part)
    return "\n".join(line for line in lines if line)


def evaluate(files: Sequence[Path], split: str | None, as_json: bool) -> int:
    """Print how good the answers to files of questions are, all or those of one split."""
    try:
        questions = [question for path in files for question in read_questions(path, split)]
    except (OSError, QuestionError) as error:
        raise SettingsError(f"evaluate: {error}") from None
    return asyncio.run(_evaluate(questions, as_json))


def gate(files: Sequence[Path], *, only_check: bool) -> int:
    """Decide by measuring what each language gets; exit code 1 when a check finds it differs."""
    try:
        questions = [question for path in files for question in read_questions(path)]
    except (OSError, QuestionError) as error:
        raise SettingsError(f"evaluate: {error}") from None
    report = asyncio.run(_measured(questions))
    order = [*languages(), *sorted(set(report.by_language) - set(languages()))]
    missing = [code for code in languages() if code not in report.by_language]
    if missing:
        raise SettingsError(f"evaluate --gate: no questions in {', '.join(missing)}")
    measured = {
        code: report.by_language[code].as_json() for code in order if code in report.by_language
    }
    spoken = {code: native_name(code) for code in languages()}
    if only_check:
        return _gate_check({code: measured[code] for code in spoken})
    wanted = {
        KNOWLEDGE / "languages.toml": table_of({code: measured[code] for code in spoken}),
        KNOWLEDGE.parent / "docs" / "languages.md": page_of(measured, spoken),
    }
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
        print(f"{path.name} written")
    return 0


def _gate_check(measured: Mapping[str, Mapping[str, float | int | None]]) -> int:
    """Exit code 1, and a line each, where an offer does not follow from today's measures."""
    offered = offers()
    stale = [code for code, each in measured.items() if not still_right(offered.get(code), each)]
    for code in stale:
        print(f"languages.toml is not of today for {code}: run bot.py evaluate --gate")
    return 1 if stale or set(offered) != set(measured) else 0


async def _measured(questions: Sequence[Question]) -> Report:
    async with _answering(load()) as answerer:
        return await measure(questions, answerer)


async def _evaluate(questions: list[Question], as_json: bool) -> int:
    report = await _measured(questions)
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(report.table() + "\n")
    return 0
