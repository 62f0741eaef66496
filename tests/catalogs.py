"""``python -m tests.catalogs``: collects the bot's sentences into ``locales/``.

New sentences appear empty in every language; sentences that are gone disappear. Nothing is ever
guessed: no fuzzy entries.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from bot.texts import LOCALES
from bot.translating.catalogs import TEMPLATE
from bot.translating.catalogs import read_catalog as read
from bot.translating.catalogs import written_catalog as written

__all__ = ["LOCALES", "TEMPLATE", "extracted", "languages", "read", "updated", "written"]

ROOT = Path(__file__).parent.parent
_KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
_HEADER = """\
# Sentences of the bot of the Büro für Integration, Kreis Groß-Gerau.
# Licensed under the EUPL-1.2, as the project."""


def extracted() -> Catalog:
    """Every sentence in the code, in the order of files and lines."""
    catalog = Catalog(project="kreis-bot", header_comment=_HEADER, charset="utf-8", fuzzy=False)
    for folder in ("handlers", "bot"):
        found = extract_from_dir(
            ROOT / folder, [("**.py", "python")], keywords=_KEYWORDS, comment_tags=("i18n:",)
        )
        for filename, _line, message, comments, context in sorted(found, key=lambda f: f[:2]):
            catalog.add(
                message,
                locations=[(f"{folder}/{filename}", 0)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def updated(path: Path, template: Catalog) -> Catalog:
    """A language's catalog with the template's sentences, translations kept."""
    catalog = read(path)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def languages() -> list[Path]:
    """The catalogs of all languages."""
    return sorted(LOCALES.glob("*/LC_MESSAGES/messages.po"))


def main() -> int:
    """Write the template and bring every language up to date."""
    template = extracted()
    LOCALES.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(written(template))
    for path in languages():
        catalog = updated(path, template)
        path.write_bytes(written(catalog))
        empty = len([m for m in catalog if m.id and not all(_texts(m.string))])
        sys.stdout.write(f"{path.parent.parent.name}: {len(catalog)} sentences, {empty} empty\n")
    return 0


def _texts(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (string or "",)


if __name__ == "__main__":
    raise SystemExit(main())
