"""Published figures as files: CSV, XLSX and a chart a table. Hidden cells are said to be hidden."""

import csv
import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from bot.charts import bar_chart
from bot.reports.process import guide
from bot.reports.suppression import K

HIDDEN = f"<{K} *"


def rows_of(tables: dict[str, Any], dimension: str) -> list[tuple[str, int | None]]:
    """The rows of one table, in words."""

    def word(name: str) -> str:
        if dimension != "month":
            return guide().word(dimension, name)
        first, _, rest = name.partition(" ")
        return f"{guide().word('dimension', first)} {rest}".strip()

    return [(word(name), count) for name, count in tables["tables"][dimension].items()]


def note_of(tables: dict[str, Any]) -> str:
    """What stands below each table."""
    words = guide().words["heading"]
    return f"{words['about']} {tables['about']}; {HIDDEN} = {words['hidden']}"


def csv_of(tables: dict[str, Any], dimension: str) -> bytes:
    """One table as CSV, with a byte order mark: spreadsheets then read the umlauts."""
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";")
    rows.writerow([guide().word("dimension", dimension), tables["period"]])
    for name, count in rows_of(tables, dimension):
        rows.writerow([name, HIDDEN if count is None else count])
    rows.writerow([note_of(tables), ""])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def write_tables(tables: dict[str, Any], folder: Path) -> list[Path]:
    """Write all tables of a period; the files that were made."""
    folder.mkdir(parents=True, exist_ok=True)
    book, made = Workbook(), []
    for number, dimension in enumerate(tables["tables"]):
        title = guide().word("dimension", dimension)
        stem = f"figures-{tables['period']}-{dimension}"
        sheet = book.active if number == 0 else book.create_sheet()
        if sheet is None:
            raise ValueError("a new workbook has a sheet")
        sheet.title = title[:31]
        sheet.append([title, tables["period"]])
        for name, count in rows_of(tables, dimension):
            sheet.append([name, HIDDEN if count is None else count])
        sheet.append([note_of(tables)])
        sheet.column_dimensions["A"].width = 44
        (folder / f"{stem}.csv").write_bytes(csv_of(tables, dimension))
        picture = bar_chart(
            f"{title}, {tables['period']}",
            rows_of(tables, dimension),
            hidden=HIDDEN,
            note=note_of(tables),
        )
        (folder / f"{stem}.png").write_bytes(picture)
        made += [folder / f"{stem}.csv", folder / f"{stem}.png"]
    workbook = folder / f"figures-{tables['period']}.xlsx"
    book.save(workbook)
    return [*made, workbook]
