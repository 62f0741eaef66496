"""Units as a table (XLSX) or for a translator's program (XLIFF 1.2), and back."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils.exceptions import InvalidFileException

from bot.errors import SettingsError
from bot.translating.units import State, Unit

_HEADS = ("id", "state", "German", "English", "translation", "made from")
_TRANSLATION = 5
_WIDTHS = (34, 12, 60, 60, 60, 18)
_NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_LARGEST = 20_000_000


def write_units(units: Sequence[Unit], language: str, path: Path) -> None:
    """Write a file to work in; its ending says which. Raises ``SettingsError``."""
    try:
        if path.suffix == ".xlsx":
            _table(units).save(path)
        elif path.suffix in {".xlf", ".xliff"}:
            path.write_bytes(_xliff(units, language))
        else:
            raise SettingsError(f"translations: {path.name} must end in .xlsx or .xlf")
    except OSError as error:
        raise SettingsError(f"translations: {path} cannot be written ({error.strerror})") from None


def read_units(path: Path) -> list[Unit]:
    """The units of a file that came back. Raises ``SettingsError`` that names what is wrong."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"translations: {path} cannot be read ({error.strerror})") from None
    if len(data) > _LARGEST:
        raise SettingsError(f"translations: {path} is too large")
    if path.suffix == ".xlsx":
        return _from_table(path)
    if path.suffix in {".xlf", ".xliff"}:
        return _from_xliff(data, path)
    raise SettingsError(f"translations: {path.name} must end in .xlsx or .xlf")


def _table(units: Sequence[Unit]) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("translations")
    sheet.append(_HEADS)
    for unit in units:
        row = (unit.id, unit.state.value, unit.german, unit.english, unit.text, unit.made_from)
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDEF", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.protection = Protection(locked=cell.column != _TRANSLATION)
            cell.data_type = "s"  # a text that begins with "=" is no formula
    sheet.freeze_panes = "A2"
    return book


def _from_table(path: Path) -> list[Unit]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        rows = [[str(v) if v is not None else "" for v in r] for r in book.worksheets[0].values]
        book.close()
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise SettingsError(f"translations: {path} is no table ({type(error).__name__})") from None
    if not rows or tuple(rows[0][: len(_HEADS)]) != _HEADS:
        raise SettingsError(f"translations: {path}: the first row must be {', '.join(_HEADS)}")
    units = []
    for number, row in enumerate(rows[1:], start=2):
        row = [*row, *[""] * len(_HEADS)][: len(_HEADS)]
        if any(row):
            units.append(_unit(row, f"{path}, row {number}"))
    return units


def _unit(row: Sequence[str], where: str) -> Unit:
    name, state, german, english, text, made_from = row
    if not name.strip() or state not in set(State):
        raise SettingsError(f"translations: {where}: id and state must stay as they were")
    return Unit(name.strip(), State(state), german, english, _lines(text), made_from.strip())


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "").strip()


def _xliff(units: Sequence[Unit], language: str) -> bytes:
    ElementTree.register_namespace("", _NAMESPACE)
    root = ElementTree.Element(f"{{{_NAMESPACE}}}xliff", version="1.2")
    file = ElementTree.SubElement(
        root,
        f"{{{_NAMESPACE}}}file",
        {
            "original": "kreis-bot",
            "source-language": "de",
            "target-language": language,
            "datatype": "plaintext",
        },
    )
    body = ElementTree.SubElement(file, f"{{{_NAMESPACE}}}body")
    for unit in units:
        each = ElementTree.SubElement(
            body,
            f"{{{_NAMESPACE}}}trans-unit",
            {"id": unit.id, "resname": unit.made_from, _SPACE: "preserve"},
        )
        ElementTree.SubElement(each, f"{{{_NAMESPACE}}}source").text = unit.german or unit.english
        state = "new" if unit.state is State.MISSING else "needs-review-translation"
        target = ElementTree.SubElement(each, f"{{{_NAMESPACE}}}target", {"state": state})
        target.text = unit.text
        ElementTree.SubElement(each, f"{{{_NAMESPACE}}}note").text = f"[{unit.state}]"
        ElementTree.SubElement(each, f"{{{_NAMESPACE}}}note").text = f"English: {unit.english}"
    ElementTree.indent(root)
    found: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _from_xliff(data: bytes, path: Path) -> list[Unit]:
    try:
        written = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"translations: {path} is not UTF-8") from None
    if "<!DOCTYPE" in written or "<!ENTITY" in written:
        raise SettingsError(f"translations: {path} holds declarations; they are not read")
    try:
        root = ElementTree.fromstring(data)  # noqa: S314 - declarations are refused above
    except ElementTree.ParseError as error:
        line = error.position[0]
        raise SettingsError(f"translations: {path}, line {line}: this is no XML") from None
    units = []
    for each in root.iter(f"{{{_NAMESPACE}}}trans-unit"):
        name = each.get("id", "").strip()
        notes = [note.text or "" for note in each.findall(f"{{{_NAMESPACE}}}note")]
        state = next((n.strip("[]") for n in notes if n.strip("[]") in set(State)), None)
        if not name or state is None:
            raise SettingsError(f"translations: {path}: a unit has lost its id or its first note")
        source = each.findtext(f"{{{_NAMESPACE}}}source") or ""
        target = each.find(f"{{{_NAMESPACE}}}target")
        text = "".join(target.itertext()) if target is not None else ""
        units.append(Unit(name, State(state), source, "", _lines(text), each.get("resname", "")))
    if not units:
        raise SettingsError(f"translations: {path} holds no texts")
    return units
