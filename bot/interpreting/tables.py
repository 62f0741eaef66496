"""The allowance ledger of a month as a table for the office: CSV and XLSX."""

import csv
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.interpreting.hours import hours_of_row
from bot.interpreting.languages import pool_language_name
from bot.models import Assignment
from bot.texts import HOUSE_TIME

COLUMNS = (
    "Nr.",
    "Datum",
    "Beginn",
    "Ende",
    "Ehrenamtlich dolmetschend",
    "Einrichtung",
    "Ort",
    "Sprache",
    "Art",
    "Minuten geplant",
    "Minuten laut Dolmetschende",
    "Minuten laut Einrichtung",
    "Minuten festgestellt",
    "Stand",
)
_MODES = {"on-site": "vor Ort", "phone": "Telefon", "video": "Video"}
_STATES = {"waiting": "offen", "agreed": "bestätigt", "different": "WEICHT AB"}
_NO_SHOW = "nicht erschienen"
# A cell that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _rows(rows: Sequence[Assignment]) -> Iterator[list[str | int | None]]:
    for row in rows:
        begins, ends = row.starts_at.astimezone(HOUSE_TIME), row.ends_at.astimezone(HOUSE_TIME)
        yield [
            row.id,
            begins.strftime("%d.%m.%Y"),
            begins.strftime("%H:%M"),
            ends.strftime("%H:%M"),
            _plain(row.volunteer_name),
            _plain(row.institution_name),
            _plain(row.municipality),
            pool_language_name(row.language, "de"),
            _MODES.get(row.mode, row.mode),
            row.planned_minutes,
            row.volunteer_minutes,
            row.institution_minutes,
            row.settled_minutes,
            _NO_SHOW if row.no_show else _STATES[hours_of_row(row).state.value],
        ]


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def ledger_csv(rows: Sequence[Assignment]) -> bytes:
    """The table as CSV that a German Excel opens: semicolons, UTF-8 with its mark."""
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(rows))
    return text.getvalue().encode("utf-8-sig")


def ledger_xlsx(rows: Sequence[Assignment]) -> bytes:
    """The table as a workbook: a bold head that stays, a filter, and the sum of settled minutes."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise LookupError("a new workbook has a sheet")
    sheet.title = "Einsätze"
    sheet.append(COLUMNS)
    for row in _rows(rows):
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for column, name in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = max(len(name), 12) + 2
    last = len(rows) + 1
    sheet.cell(row=last + 1, column=1, value="Summe").font = Font(bold=True)
    sheet.cell(row=last + 1, column=13, value=f"=SUM(M2:M{last})" if rows else 0)
    file = BytesIO()
    book.save(file)
    return file.getvalue()
