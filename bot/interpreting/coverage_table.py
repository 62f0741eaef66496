"""The coverage report as a table for the office: language by month and by town, as CSV."""

import csv
from io import StringIO
from typing import Any

from bot.interpreting.coverage import SMALLEST, Coverage, Table
from bot.interpreting.languages import pool_language_name

HIDDEN = "nicht gezeigt"
"""Stands for a number below the smallest one shown, and for what would tell such a number."""


def coverage_csv(report: Coverage) -> bytes:
    """Four tables below each other, as CSV that a German Excel opens."""
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([f"{HIDDEN}: weniger als {SMALLEST}, oder eine Zahl, die so eine verrät"])
    for title, table in (
        ("Angefragt, Sprache nach Monat", report.requested),
        ("Niemand gefunden, Sprache nach Monat", report.unmet),
        (f"Angefragt, Sprache nach Ort, {report.year}", report.requested_by_town),
        (f"Niemand gefunden, Sprache nach Ort, {report.year}", report.unmet_by_town),
    ):
        writer.writerow([])
        writer.writerow([title])
        _write(writer, table)
    return text.getvalue().encode("utf-8-sig")


def _write(writer: Any, table: Table) -> None:
    def shown(value: int | None) -> str:
        return HIDDEN if value is None else str(value)

    writer.writerow(["Sprache", *table.columns, "Summe"])
    for row in table.rows:
        cells = [shown(table.cells[row, column]) for column in table.columns]
        writer.writerow([pool_language_name(row, "de"), *cells, shown(table.row_sums[row])])
    sums = [shown(table.column_sums[column]) for column in table.columns]
    writer.writerow(["Summe", *sums, shown(table.total)])
