"""``translations list|export|import``: what a translator has to do in a language, and back."""

import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

from bot.errors import SettingsError
from bot.knowledge import load
from bot.texts import HOUSE_TIME, SOURCE_LANGUAGE, languages
from bot.translating import State, open_units, read_units, take, write_units


def _demand_language(language: str) -> None:
    if language not in languages() or language == "de":
        known = ", ".join(code for code in languages() if code != "de")
        raise SettingsError(f"translations: {language} is not one of {known}")


def list_open() -> int:
    """Print how many texts of each language are missing, stale or unreviewed."""
    knowledge = load()
    print(f"{'':10}{'missing':>10}{'stale':>10}{'unreviewed':>12}")
    for language in languages():
        if language == "de":
            continue
        counted = Counter(unit.state for unit in open_units(knowledge, language, unreviewed=True))
        print(
            f"{language:10}{counted[State.MISSING]:>10}{counted[State.STALE]:>10}"
            f"{counted[State.UNREVIEWED]:>12}"
        )
    return 0


def export_file(language: str, path: Path, unreviewed: bool) -> int:
    """Write what is open in a language to a file."""
    _demand_language(language)
    units = open_units(load(), language, unreviewed=unreviewed)
    if not units:
        print(f"{language}: nothing is open; add --unreviewed for what no person has read.")
        return 0
    write_units(units, language, path)
    print(f"{len(units)} texts written to {path}.")
    return 0


def import_file(language: str, path: Path, reviewer: str, dry_run: bool) -> int:
    """Take over a file that came back; exit code 1 when something in it was refused."""
    _demand_language(language)
    if reviewer and (len(reviewer) > 60 or not reviewer.isprintable()):
        raise SettingsError('translations: --reviewed-by is a role such as "translator"')
    today = datetime.now(HOUSE_TIME).date()
    taken = take(
        load(), language, read_units(path), today=today, reviewer=reviewer, dry_run=dry_run
    )
    for name, why in taken.refused:
        print(f"{name}: {why}")
    print(
        f"{len(taken.written)} written, {taken.unchanged} unchanged, {len(taken.refused)} refused."
    )
    if dry_run:
        print("This was a dry run; nothing was written.")
    elif taken.written and language != SOURCE_LANGUAGE:
        print("Now run: make vectors", file=sys.stderr)
    return 1 if taken.refused else 0
