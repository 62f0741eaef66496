"""The gate: in which languages the bot answers by itself, and in which it only offers titles.

Decided by measured answers, never by hand: ``bot.py evaluate --gate`` writes
``knowledge/languages.toml`` and the page for people, ``docs/languages.md``.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from bot.knowledge import KNOWLEDGE

AT_LEAST = {"hit1": 80.0, "hit3": 90.0, "sure_right": 90.0, "emergency_recall": 95.0}
AT_MOST = {"refused_wrong": 5.0}
"""What a language must reach on the development questions, in percent.

``sure_right`` matters most: an answer that is given alone must be the right one, nine times in ten
at the least. Below that several titles are shown, and people choose. Limits leave room for chance:
a language has some 25 cries for help and 170 questions in these sets.
"""

LEEWAY = 1.0
"""Points by which a measure may differ between machines: two questions of 200."""


class Offer(StrEnum):
    """What a language gets."""

    FULL = "full"
    CHOICES = "choices"


def decide(measures: Mapping[str, float | int | None], leeway: float = 0.0) -> Offer:
    """What a language gets for these measures; one that was not measured counts as not reached.

    ``leeway`` in points makes every limit softer, or stricter when it is below 0.
    """
    reached = all((measures.get(name) or 0) >= least - leeway for name, least in AT_LEAST.items())
    kept = all((measures.get(name) or 0) <= most + leeway for name, most in AT_MOST.items())
    return Offer.FULL if reached and kept else Offer.CHOICES


def still_right(offer: Offer | None, measures: Mapping[str, float | int | None]) -> bool:
    """Whether an earlier decision holds for measures made on another machine.

    Arithmetic differs in its last digits from processor to processor: one question more or less
    at a limit turns no decision over.
    """
    return offer in {decide(measures, leeway) for leeway in (-LEEWAY, LEEWAY)}


@lru_cache(maxsize=4)
def offers(folder: Path = KNOWLEDGE) -> Mapping[str, Offer]:
    """What each language gets, as it was decided last; nothing where nobody has measured."""
    try:
        table = tomllib.loads((folder / "languages.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {language: Offer(each["offer"]) for language, each in table.items()}


def answers_alone(language: str) -> bool:
    """Whether one clear answer may be given alone; else titles are offered.

    A language that nobody has measured gets titles, unless nothing was ever measured.
    """
    decided = offers()
    return not decided or decided.get(language, Offer.CHOICES) is Offer.FULL


def table_of(measured: Mapping[str, Mapping[str, float | int | None]]) -> str:
    """``languages.toml``: what each measured language gets."""
    lines = [
        '# What the bot offers in each language: "full", or "choices" (menu and titles only).',
        "# Written by `bot.py evaluate --gate`; the figures stand in docs/languages.md.",
    ]
    for language, measures in measured.items():
        lines += ["", f"[{language}]", f'offer = "{decide(measures)}"']
    return "\n".join(lines) + "\n"


def page_of(
    measured: Mapping[str, Mapping[str, float | int | None]], names: Mapping[str, str]
) -> str:
    """``docs/languages.md``: the measures by language, and what follows from them."""
    limits = [f"{name} ≥ {least:g}" for name, least in AT_LEAST.items()]
    limits += [f"{name} ≤ {most:g}" for name, most in AT_MOST.items()]
    heads = {
        "questions": "questions",
        "hit1": "hit@1",
        "hit3": "hit@3",
        "sure": "one answer",
        "sure_right": "of these right",
        "refused_right": "off refused",
        "refused_wrong": "good refused",
        "emergency_recall": "danger seen",
        "false_alarms": "false alarms",
        "slots_right": "doctor slots",
    }
    lines = [
        "# Languages, and how well each is understood",
        "",
        "Written by `.venv/bin/python bot.py evaluate --gate tests/questions/*.jsonl`; CI checks",
        "that what is offered still follows from it. In percent, on all questions, written",
        "apart from the articles. Some chose the weights of the decision: the README has a table",
        "of those that nothing was learnt from. Columns: see `bot/evaluation.py`.",
        "",
        f"A language is offered in full where {', '.join(limits)};",
        "else the bot shows titles to choose from, and `/language` says so. Languages without",
        "articles are answered in the language that a person has chosen.",
        "",
        "| Language | offered | " + " | ".join(heads.values()) + " |",
        "| --- | --- |" + " --- |" * len(heads),
    ]
    for language, measures in measured.items():
        cells = ["–" if measures.get(name) is None else f"{measures[name]:g}" for name in heads]
        offered = decide(measures) if language in names else "not spoken"
        name = names.get(language, language)
        lines.append(f"| {name} ({language}) | {offered} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
