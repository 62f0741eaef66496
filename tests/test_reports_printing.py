"""A case on paper: readable in every script, right-to-left correct, and honest about gaps."""

from datetime import date

import pytest

from bot.casework.machine import Message
from bot.casework.printing import bundle_of, pdf_of, right_to_left, safe_name
from bot.reports import Told
from bot.reports.told import Opened
from tests.case_reports import told

TEXTS = {
    "ar": "قال لي رجل في محطة الحافلات: ارجع إلى بلدك.",
    "fa": "مردی در ایستگاه اتوبوس به من گفت برو به کشورت.",
    "ps": "یوه سړي په تمځای کې راته وویل: خپل هېواد ته لاړ شه، زه ویرېږم ۍ",
    "ckb": "پیاوێک لە وێستگەی پاس پێی گوتم بگەڕێوە وڵاتەکەت.",
    "ti": "ሓደ ሰብኣይ ኣብ መዕረፊ ኣውቶቡስ ናብ ዓድኻ ተመለስ በለኒ።",
    "uk": "Чоловік на зупинці сказав мені їхати додому.",
    "tr": "Otobüs durağında bir adam bana ülkene dön dedi.",
    "de": "Ein Mann an der Haltestelle sagte: Geh nach Hause. Straße, Größe, „Zitat“ – 5 €",
}


def _opened(language: str, text: str) -> Opened:
    return Opened(Told(language, texts=[text]), date(2026, 11, 24), "age1")


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_can_be_printed(language: str) -> None:
    """All of its letters are in our fonts: nothing is replaced."""
    from bot.casework.printing import _has

    text = TEXTS[language]
    assert [c for c in text if not c.isspace() and not _has(c)] == []
    assert pdf_of("k7m2q9xdpa", _opened(language, text), []).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("text", "from_the_right"),
    [("12. مرحبا", True), ("Hallo مرحبا", False), ("… שלום", True), ("123", False), ("", False)],
)
def test_the_first_letter_decides_the_direction(text: str, from_the_right: bool) -> None:
    """As in the Unicode rules for paragraphs."""
    assert right_to_left(text) is from_the_right


def test_right_to_left_text_stands_at_the_right_edge() -> None:
    """Arabic glyphs are drawn from the right margin, joined; Latin from the left."""
    import fpdf

    placed: list[tuple[str, str]] = []
    whole = fpdf.FPDF.multi_cell

    def spy(self: fpdf.FPDF, *given: object, **more: object) -> object:
        placed.append((str(given[2]), str(more.get("align"))))
        return whole(self, *given, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fpdf.FPDF, "multi_cell", spy)
        pdf_of("k7m2q9xdpa", _opened("ar", TEXTS["ar"]), [])
    assert (TEXTS["ar"], "R") in placed
    assert ("Arabisch", "L") in placed


def test_letters_without_a_font_are_admitted() -> None:
    """The file says that something is missing, and where it stands in full."""
    written: list[str] = []
    import fpdf

    whole = fpdf.FPDF.multi_cell

    def spy(self: fpdf.FPDF, *given: object, **more: object) -> object:
        written.append(str(given[2]))
        return whole(self, *given, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fpdf.FPDF, "multi_cell", spy)
        pdf_of("k7m2q9xdpa", _opened("en", "漢字 \U0001faf6 ok"), [])
        pdf_of("k7m2q9xdpa", _opened("en", "all here"), [])
    assert sum("Einige Zeichen" in text for text in written) == 1
    assert "\N{WHITE SQUARE}\N{WHITE SQUARE} \N{WHITE SQUARE} ok" in written


def test_a_long_case_with_messages_has_pages() -> None:
    """Two hundred paragraphs, notes and answers."""
    report = told(texts=["Absatz mit Worten. " * 12] * 60)
    message = Message("m", "note", date(2026, 11, 25), 1, "Notiz " * 50, {}, b"")
    pdf = pdf_of("k7m2q9xdpa", Opened(report, date(2026, 11, 24), "age1"), [message] * 20)
    assert pdf.count(b"/Type /Page\n") > 3


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\x\\y.png", "a" * 300, "", "..", "ä b.jpg"]
)
def test_names_of_files_lead_nowhere_else(name: str) -> None:
    """Whatever somebody called a file."""
    safe = safe_name(3, name)
    assert safe.startswith("03-")
    assert "/" not in safe
    assert "\\" not in safe
    assert len(safe) < 90


def test_a_bundle_holds_everything() -> None:
    """And a file of the same name does not hide another."""
    opened = Opened(told(), date(2026, 11, 24), "age1")
    head = {"files": [{"name": "bild.png", "size": 3}]}
    message = Message("m", "from-reporter", date(2026, 11, 25), 1, "x", head, b"abc")
    bundle = bundle_of("k7m2q9xdpa", opened, [message])
    assert bundle.count(b"files/01-bild.png") == bundle.count(b"files/02-bild.png") == 2
