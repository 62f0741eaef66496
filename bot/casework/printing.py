"""A case as a PDF file that can be read and printed, right-to-left text included, and as age."""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path

import fpdf
from fpdf.enums import XPos, YPos
from pyrage import encrypt, x25519

from bot.casework.machine import Message
from bot.casework.reading import Entry, entries, message_entries
from bot.reports.process import guide
from bot.reports.told import Opened

_FONTS = Path(__file__).parent / "fonts"
_MAIN, _ARABIC, _ETHIOPIC = "dejavu", "arabic", "ethiopic"
_RTL = {"R", "AL"}
_HEAD, _TEXT, _LINE = 9, 11, 6.0  # points, points, millimetres
_UNSAFE = re.compile(r"[^\w.-]+")


@cache
def _dejavu() -> Path:
    """DejaVu Sans comes with matplotlib: Latin, Greek, Cyrillic, Hebrew, Armenian, Georgian."""
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def pdf_of(case_id: str, opened: Opened, messages: Sequence[Message]) -> bytes:
    """A case as a PDF file. Letters that no font has are replaced, and the file says so."""
    pdf = fpdf.FPDF(format="A4")
    pdf.set_title(f"{guide().words['heading']['title']} {case_id}")
    pdf.add_font(_MAIN, "", _dejavu() / "DejaVuSans.ttf")
    pdf.add_font(_MAIN, "B", _dejavu() / "DejaVuSans-Bold.ttf")
    pdf.add_font(_ARABIC, "", _FONTS / "NotoSansArabic-Regular.ttf")
    pdf.add_font(_ETHIOPIC, "", _FONTS / "NotoSansEthiopic-Regular.ttf")
    pdf.set_text_shaping(True)
    pdf.set_margin(20)
    pdf.set_auto_page_break(True, 20)
    pdf.add_page()
    words = guide().words["heading"]
    pdf.set_font(_MAIN, "B", 16)
    pdf.cell(0, 10, f"{words['title']} {case_id}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_font(_MAIN, "", _HEAD)
    pdf.cell(0, _LINE, words["confidential"], new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    whole = True
    for entry in [*entries(opened), *message_entries(list(messages))]:
        whole = _write(pdf, entry) and whole
    if not whole:
        _write(pdf, Entry("", words["missing"]))
    return bytes(pdf.output())


def _write(pdf: fpdf.FPDF, entry: Entry) -> bool:
    """Heading and text; whether every letter could be shown."""
    pdf.ln(2)
    pdf.set_font(_MAIN, "B", _HEAD)
    whole = True
    if entry.heading:
        pdf.multi_cell(0, _LINE, entry.heading, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    for paragraph in entry.text.split("\n"):
        pdf.set_font(_font_for(paragraph), "", _TEXT)
        pdf.set_fallback_fonts([_MAIN, _ETHIOPIC, _ARABIC], exact_match=False)
        shown = "".join(c if c.isspace() or _has(c) else "\N{WHITE SQUARE}" for c in paragraph)
        whole = whole and shown == paragraph
        pdf.multi_cell(
            0,
            _LINE,
            shown,
            align="R" if right_to_left(paragraph) else "L",
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
    return whole


def right_to_left(paragraph: str) -> bool:
    """Whether a paragraph is read from the right: its first letter with a direction decides."""
    for letter in paragraph:
        direction = unicodedata.bidirectional(letter)
        if direction in _RTL:
            return True
        if direction == "L":
            return False
    return False


def _font_for(paragraph: str) -> str:
    """One font for a whole paragraph where it can be: letters that join need to be of one font."""
    if any("\u0600" <= letter <= "\u077f" for letter in paragraph):
        return _ARABIC
    if any("\u1200" <= letter <= "\u137f" for letter in paragraph):
        return _ETHIOPIC
    return _MAIN


@cache
def _letters() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    files = [
        _dejavu() / "DejaVuSans.ttf",
        _FONTS / "NotoSansArabic-Regular.ttf",
        _FONTS / "NotoSansEthiopic-Regular.ttf",
    ]
    return frozenset(number for file in files for number in TTFont(file).getBestCmap())


def _has(letter: str) -> bool:
    return ord(letter) in _letters() or unicodedata.combining(letter) > 0


def safe_name(number: int, name: str) -> str:
    """A file's name that can lead nowhere else."""
    kept = _UNSAFE.sub("_", name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]).strip("._")
    return f"{number:02}-{kept[-80:] or 'file'}"


def bundle_of(case_id: str, opened: Opened, messages: Sequence[Message]) -> bytes:
    """A case as a ZIP file: PDF, JSON and all files as they came."""
    told = asdict(opened.told)
    told["attachments"] = [file.name for file in opened.told.attachments]
    words = {
        "case": case_id,
        "received_on": opened.received_on.isoformat(),
        "told": told,
        "messages": [
            {
                "direction": message.direction,
                "on": message.on.isoformat() if message.on else None,
                "text": message.text,
            }
            for message in messages
        ],
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("case.json", json.dumps(words, ensure_ascii=False, indent=1))
        bundle.writestr("case.pdf", pdf_of(case_id, opened, messages))
        files = [(file.name, file.data) for file in opened.told.attachments]
        files += [file for message in messages for file in message.files]
        for number, (name, data) in enumerate(files, 1):
            bundle.writestr(f"files/{safe_name(number, name)}", data)
    return written.getvalue()


def age_of(bundle: bytes, keys: Sequence[str]) -> bytes:
    """A bundle sealed to these public keys; any age program opens it."""
    return bytes(encrypt(bundle, [x25519.Recipient.from_str(key) for key in keys]))
