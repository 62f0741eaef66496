"""Speaks a language: gettext catalogs, and Babel's dates, numbers and names.

``_()`` finds the sentence in the language of the person who is being answered; ``speaking()`` says
whose language that is. Sentences are written in English in the code; ``locales/`` holds the
others. Catalogs are read from ``.po`` files directly, so nothing compiled can go stale.
"""

import gettext
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent.parent / "locales"
HOUSE_TIME = ZoneInfo("Europe/Berlin")
SOURCE_LANGUAGE = "en"
OFFICE_LANGUAGE = "de"
RIGHT_TO_LEFT = frozenset({"ar", "fa", "ur", "ps", "ckb", "he", "ku-arab"})

# First strong isolate … pop directional isolate: keeps a number or a name in its own direction.
_ISOLATE, _POP = "\u2066", "\u2069"
_FIRST_STRONG = "\u2068"

_language: ContextVar[str | None] = ContextVar("language", default=None)

# Persian is read by Dari speakers; German is written in Leichte Sprache.
_NATIVE_NAMES = {"de": "Deutsch (Leichte Sprache)", "fa": "فارسی / دری"}


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages the bot speaks, the office's language first, then by native name."""
    found = {path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/messages.po")}
    others = sorted((found | {SOURCE_LANGUAGE}) - {OFFICE_LANGUAGE}, key=native_name)
    return (OFFICE_LANGUAGE, *others)


@lru_cache(maxsize=64)
def native_name(language: str) -> str:
    """A language's name in itself, as it stands on a button: "Türkçe", "العربية"."""
    known = _NATIVE_NAMES.get(language)
    if known:
        return known
    name = Locale.parse(language, sep="-").get_display_name(language) or language
    return name[:1].upper() + name[1:]


def language_name(language: str, in_language: str | None = None) -> str:
    """A language's name for a reader: "Arabic", "Arabisch"; the code itself when CLDR has none."""
    reader = locale(in_language)
    return str(reader.languages.get(language.replace("-", "_"), language))


def speaks(language: str | None) -> bool:
    """Whether the bot has this language."""
    return language in languages()


def nearest_language(code: str | None) -> str | None:
    """The language we speak for a BCP 47 code such as Telegram's "de-AT"; None if there is none."""
    if not code:
        return None
    primary = code.replace("_", "-").split("-")[0].lower()
    primary = {"prs": "fa", "gsw": "de", "nds": "de"}.get(primary, primary)
    return primary if speaks(primary) else None


@lru_cache(maxsize=64)
def _catalog(language: str) -> gettext.NullTranslations:
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    if language == SOURCE_LANGUAGE or not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def catalog_words() -> Iterator[str]:
    """Every sentence of the catalogs, in every language."""
    for path in LOCALES.glob("*/LC_MESSAGES/messages.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                for text in (message.id, message.string):
                    yield from [text] if isinstance(text, str) else text or ()


def current_language() -> str:
    """The language that is being spoken; the office's where nobody is spoken to."""
    return _language.get() or OFFICE_LANGUAGE


def spoken_language() -> str | None:
    """The language that is being spoken to somebody, if so: channels mark messages with it."""
    return _language.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within the block ``_()`` and the formats speak this language."""
    token = _language.set(language if speaks(language) else OFFICE_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(token)


def N_(message: str) -> str:
    """Mark a sentence for the catalogs that is spoken later, by ``gettext_in``."""
    return message


def gettext_in(language: str, message: str) -> str:
    """A marked sentence in a language."""
    return _catalog(language).gettext(message)


def _(message: str) -> str:
    """The sentence in the language that is being spoken."""
    return _catalog(current_language()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The sentence in the plural form that ``count`` asks for."""
    return _catalog(current_language()).ngettext(one, many, count)


def locale(language: str | None = None) -> Locale:
    """Babel's locale of a language, or of the one being spoken."""
    code = language or current_language()
    # English as it is written in Europe: day before month, hours to 24.
    return Locale.parse("en-GB" if code == SOURCE_LANGUAGE else code, sep="-")


def is_right_to_left(language: str | None = None) -> bool:
    """Whether a language is written from right to left."""
    return (language or current_language()).lower() in RIGHT_TO_LEFT


def left_to_right(text: str) -> str:
    """A phone number, address or code that keeps its order inside right-to-left text."""
    return f"{_ISOLATE}{text}{_POP}" if is_right_to_left() else text


def isolated(text: str) -> str:
    """Words of another language (a German name, say) that must not disturb the line around them."""
    return f"{_FIRST_STRONG}{text}{_POP}" if is_right_to_left() else text


# A run of Latin letters and figures that has an order of its own: several words, a number in
# groups, a span, an address, a command. One word or one number alone needs no help.
_LEFT_ALONE = re.compile(
    r"(<code>.*?</code>|<pre>.*?</pre>|<[^>]*>|[\u2066-\u2068][^\u2069]*\u2069|&#?\w+;)", re.DOTALL
)
_RUN = re.compile(
    r"(?:https?://|www\.)[^\s<>\u2066-\u2069]+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|/[a-z]+\b"
    r"|[A-Za-zÀ-ɏ0-9§+][A-Za-zÀ-ɏ0-9 \u00a0.,:;/'’%€*§+_=?#–-]*[A-Za-zÀ-ɏ0-9%€*]"
)
# Parts that the code puts together with a Latin comma: after Arabic letters it is another one.
_COMMA = re.compile(r"(?<=[\u0620-\u06ff\u2069]),[ \u00a0]")
_INNER_ORDER = re.compile(r"[^A-Za-zÀ-ɏ0-9]|\d[A-Za-z]|[A-Za-z]\d")


def with_runs_isolated(text: str) -> str:
    """Telegram HTML in a right-to-left language whose left-to-right runs keep their own order.

    "116 117" would be read as "117 116", "/stop" as "stop/". What is isolated already, and what
    stands inside a tag or is to be copied as it is, is left alone.
    """
    parts = _LEFT_ALONE.split(text)
    parts[::2] = [_RUN.sub(_isolated_run, part) for part in parts[::2]]
    return _COMMA.sub("، ", "".join(parts))


def _isolated_run(match: re.Match[str]) -> str:
    run = match[0]
    return f"{_ISOLATE}{run}{_POP}" if _INNER_ORDER.search(run) else run


def day(value: date) -> str:
    """A date in words: "24. November 2026"."""
    return format_date(value, format="long", locale=locale())


def moment(value: datetime) -> str:
    """A moment in the county's time: "24. November 2026, 14:20"."""
    local = value.astimezone(HOUSE_TIME)
    return format_datetime(local, format="medium", tzinfo=HOUSE_TIME, locale=locale())


def listing(items: Sequence[str]) -> str:
    """Several things in a sentence: "a, b und c"."""
    return format_list(list(items), locale=locale())
