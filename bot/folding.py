"""Spellings made comparable: one form for a word however it was typed.

People write without diacritics, with ae for ä, in Latin letters though their language has others,
and with a letter too many. Two forms serve two purposes: `fold` keeps the script and is exact
enough to compare words of one language; `romanise` brings Cyrillic, Greek, Arabic and Latin
letters into one loose Latin form in which "ne dyshit", "ne dishit" and "не дышит" are alike.
"""

import unicodedata
from functools import lru_cache

import regex

WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_APOSTROPHE_SIGNS = frozenset("'’`´ʼ‘\u200c")
_APOSTROPHES = regex.compile("(?<=\\p{L})['’`´ʼ‘\u200c](?=\\p{L})")
_ELISION = regex.compile(
    r"(?<!\w)([dljmtsnc]|qu|un|dell|nell|all|sull|dall|quell|dans)['’`´ʼ](?=[aeiouyhàâéèêëîïôöûù])"
)
_HIDDEN = regex.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u0640]")
_MARK = regex.compile(r"\p{M}")
_RUNS = regex.compile(r"(\p{L})\1{2,}")
_SHORTEST_RUN = 3
_UMLAUT_IN_ASCII = regex.compile(r"([aou])e")

ETHIOPIC_TWINS = {
    # Letters of one sound, written one for the other: ሐ and ኀ for ሀ, ሠ for ሰ, ዐ for አ, ፀ for ጸ.
    **{chr(0x1210 + order): chr(0x1200 + order) for order in range(7)},
    **{chr(0x1280 + order): chr(0x1200 + order) for order in range(7)},
    **{chr(0x1220 + order): chr(0x1230 + order) for order in range(8)},
    **{chr(0x12D0 + order): chr(0x12A0 + order) for order in range(7)},
    **{chr(0x1340 + order): chr(0x1338 + order) for order in range(7)},
    # The first and the fourth order of these two sound the same, too: ኣ and አ, ሃ and ሀ.
    **dict.fromkeys("ኣዓዐ", "አ"),
    **dict.fromkeys("ሃሓኃሐኀ", "ሀ"),
}

_LETTERS = str.maketrans(
    {
        **ETHIOPIC_TWINS,
        "ı": "i",
        "ł": "l",
        "đ": "d",
        "ø": "o",
        "æ": "a",
        "œ": "o",
        "ð": "d",
        "þ": "t",
        "ə": "a",
        "ё": "е",
        # Arabic letters that are typed for each other
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ۍ": "ي",
        "ے": "ي",
        "ئ": "ي",
        "ێ": "ي",
        "ؤ": "و",
        "ۆ": "و",
        "ۇ": "و",
        "ة": "ه",
        "ہ": "ه",
        "ە": "ه",
        "ھ": "ه",
        "ۀ": "ه",
        "ک": "ك",
        "ګ": "گ",
        "ڵ": "ل",
        "ڕ": "ر",
        "ړ": "ر",
        "ښ": "ش",
        "ء": "",
    }
)

_LATIN = {
    # Cyrillic
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh",
    "з": "z", "и": "i", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m", "н": "n",
    "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "ts",
    "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "a", "ы": "i", "ь": "", "э": "e", "ю": "iu",
    "я": "ia",
    # Greek
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "u", "φ": "f", "χ": "ch", "ψ": "ps", "ω": "o",
    # Arabic, Persian, Urdu, Pashto, Sorani
    "ا": "a", "ب": "b", "پ": "p", "ت": "t", "ٹ": "t", "ټ": "t", "ث": "s", "ج": "j", "چ": "ch",
    "ح": "h", "خ": "kh", "د": "d", "ڈ": "d", "ډ": "d", "ذ": "z", "ر": "r", "ڑ": "r", "ز": "z",
    "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a",
    "غ": "gh", "ف": "f", "ڤ": "v", "ق": "k", "ك": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n",
    "ں": "n", "ڼ": "n", "ه": "h", "و": "u", "ي": "i",
}  # fmt: skip

_LATIN_LETTERS = str.maketrans(_LATIN)

_LOOSE = (
    ("tsch", "c"), ("shch", "s"), ("sch", "s"), ("tch", "c"), ("tzh", "z"), ("kh", "h"),
    ("gh", "g"), ("sh", "s"), ("zh", "z"), ("ch", "c"), ("th", "t"), ("ph", "f"), ("ts", "c"),
    ("tz", "c"), ("ou", "u"), ("ck", "k"), ("qu", "k"), ("q", "k"), ("x", "h"), ("w", "v"),
    ("y", "i"), ("j", "i"),
)  # fmt: skip
_CHAT_DIGITS = str.maketrans({"2": "", "3": "a", "5": "h", "6": "t", "7": "h", "8": "gh", "9": "s"})
_DOUBLES = regex.compile(r"(.)\1+")
_LATIN_WORD = regex.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """The text in one plain spelling: lower case, no diacritics, ae like ä, runs of letters cut.

    Scripts are kept. Apostrophes and zero-width joiners inside words vanish, so "can't" and
    "cant", "نمی‌تونه" and "نمیتونه" are one. Every stem and every message go through here, so
    what is lost is lost on both sides alike.
    """
    text = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    if not _APOSTROPHE_SIGNS.isdisjoint(text):
        text = _ELISION.sub(r"\1 ", text)
        text = _APOSTROPHES.sub("", text)
    if text.isascii():
        return _shortened(text)
    text = _HIDDEN.sub("", text)
    decomposed = unicodedata.normalize("NFD", text.translate(_LETTERS))
    if _MARK.search(decomposed):
        # й and ї are letters of their own, not и and і with a mark.
        plain = unicodedata.normalize("NFC", _without_marks(decomposed))
        plain = _MARK.sub("", plain)
    else:
        plain = unicodedata.normalize("NFC", decomposed)
    return _shortened(plain.translate(_LETTERS))


def _shortened(text: str) -> str:
    """Runs of letters cut, then ae, oe, ue; looked for only where there may be any."""
    if len(text) - len(set(text)) >= _SHORTEST_RUN - 1:
        text = _RUNS.sub(r"\1", text)
    return _UMLAUT_IN_ASCII.sub(r"\1", text) if "e" in text else text


def _without_marks(decomposed: str) -> str:
    kept: list[str] = []
    for letter in decomposed:
        own_letter = kept and kept[-1] in "иі" and letter in "\u0306\u0308"
        if own_letter or not unicodedata.category(letter).startswith("M"):
            kept.append(letter)
    return "".join(kept)


def words(text: str) -> list[str]:
    """The words of a text, folded, in order; digits count as words."""
    return WORD.findall(fold(text))


@lru_cache(maxsize=20_000)
def romanise(word: str) -> str:
    """One folded word in loose Latin letters; letters without an equivalent are dropped.

    Loose means that spellings of one sound fall together (kh, x and h; y, j and i; sh and sch),
    doubled letters become one, and the digits of chat Arabic inside a word become letters.
    """
    latin = word.translate(_LATIN_LETTERS)
    if not latin.isdigit():
        latin = latin.translate(_CHAT_DIGITS)
    for spelling, sound in _LOOSE:
        latin = latin.replace(spelling, sound)
    return _DOUBLES.sub(r"\1", "".join(_LATIN_WORD.findall(latin)))


def is_latin(word: str) -> bool:
    """Whether a folded word is written in plain Latin letters or digits."""
    return word.isascii()
