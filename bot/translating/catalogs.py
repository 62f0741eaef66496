"""Catalogs of the bot's sentences as they stand in the repository."""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from bot.texts import LOCALES

TEMPLATE = LOCALES / "messages.pot"
_CHANGING = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By', b'"Last-Translator')


def catalog_path(language: str, folder: Path = LOCALES) -> Path:
    """The catalog of a language."""
    return folder / language / "LC_MESSAGES" / "messages.po"


def read_catalog(path: Path) -> Catalog:
    """A catalog of the repository."""
    with path.open("rb") as file:
        return read_po(file, locale=None if path.name == TEMPLATE.name else path.parent.parent.name)


def written_catalog(catalog: Catalog) -> bytes:
    """A catalog as it stands in the repository: no dates and lines that change by themselves."""
    out = io.BytesIO()
    write_po(out, catalog, width=100, include_lineno=False, omit_header=False, sort_by_file=True)
    lines = [line for line in out.getvalue().splitlines() if not line.startswith(_CHANGING)]
    return b"\n".join(lines).rstrip() + b"\n"
