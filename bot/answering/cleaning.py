"""A message made safe to read: cleaned, folded, romanised, reduced to its consonants.

`clean` comes before everything else. The sentence encoder corrupts its heap on some characters
(eight times U+FDFA) unless NFKC ran first, raises on lone surrogates and takes minutes for
100,000 characters; all of that ends here. Nothing in this module raises on any text.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import regex

from bot.folding import ETHIOPIC_TWINS

LIMIT = 400
"""Characters of a message that are read at all."""

_RAW_LIMIT = 20_000
_TAIL_SHARE = 0.35

# Bidirectional controls, zero-width signs, tags, lone surrogates, private and unassigned signs.
_DROPPED = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Cf}\uFFFC\uFFFD]+")
_TO_SPACE = regex.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u200b\u200c\u2028\u2029]+")
_SPACES = regex.compile(r"\s+")
_MARKS = regex.compile(r"(\p{M}{3})\p{M}+")
# Digits keep their repeats: 1000 is not 10. Three equal letters stand in no language we speak.
_REPEATED = regex.compile(r"([^\d\s])\1{2,}")
_REPEATED_WORDS = regex.compile(r"(?<!\w)(\w[\w ]{0,24}?)(?: \1(?!\w)){3,}")

# Anything that cleaning changes, but for words that are said again and again.
_ODD = regex.compile(
    r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Cf}\uFFFC\uFFFD]|[^\S ]|\s\s|\p{M}{4}|([^\d\s])\1\1"
)
_FEW_REPEATS = 2
_MOST_WORDS_REPEATED = 13

_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’][\p{L}\p{M}]+)?")


def clean(text: str, limit: int = LIMIT) -> str:
    """The text as NFKC without control signs and long repeats, at most `limit` characters.

    A longer text keeps its start and its end, because the question often comes last.
    Line breaks become spaces. Never raises; an empty text may come out.
    """
    if len(text) > _RAW_LIMIT:
        text = text[: _RAW_LIMIT * 2 // 3] + " " + text[-_RAW_LIMIT // 3 :]
    if len(text) <= limit:
        spaced = _TO_SPACE.sub(" ", text)
        if _is_tame(spaced):
            return spaced.strip()
    text = _DROPPED.sub("", _TO_SPACE.sub(" ", text))
    text = unicodedata.normalize("NFKC", text)
    text = _DROPPED.sub("", _TO_SPACE.sub(" ", text))
    text = _MARKS.sub(r"\1", text)
    text = _REPEATED.sub(r"\1\1", text)
    text = shorten(_SPACES.sub(" ", text).strip(), limit * 4)
    text = _REPEATED_WORDS.sub(r"\1", text)
    # Cutting can leave a mark without its letter, which NFKC would move: once more for stability.
    return unicodedata.normalize("NFKC", shorten(text, limit))[:limit].strip()


def clean_all(texts: Sequence[str], limit: int = LIMIT) -> list[str]:
    """``clean`` of every text, quickly where most are clean as in the knowledge."""
    return [
        clean(text, limit)
        if odd or len(text) > limit or not _is_tame_in_words(text)
        else text.strip()
        for text, odd in zip(texts, _odd(texts), strict=True)
    ]


def _odd(texts: Sequence[str]) -> list[bool]:
    """Which texts deserve a closer look at their signs: all are looked at at once."""
    if not texts:
        return []
    together = "".join(f"{text}\n" for text in texts)
    signs = np.frombuffer(together.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    marked = [ord(sign) for sign in set(together) if _is_odd(sign)]
    found = np.isin(signs, np.array(marked, dtype=np.uint32))
    twice = signs[1:] == signs[:-1]
    found[1:] |= twice & (signs[1:] == ord(" "))
    found[2:] |= twice[1:] & twice[:-1]
    ends = np.cumsum([len(text) + 1 for text in texts])
    found[ends - 1] = False
    starts = np.append(0, ends[:-1])
    return [bool(number) for number in np.add.reduceat(found, starts, dtype=np.int64)]


@lru_cache(maxsize=4096)
def _is_odd(sign: str) -> bool:
    return bool(_ODD.search(sign)) or unicodedata.category(sign).startswith("M")


def _is_tame(text: str) -> bool:
    """Whether cleaning would change nothing, as with nearly all sentences of the knowledge."""
    return not _ODD.search(text) and _is_tame_in_words(text)


def _is_tame_in_words(text: str) -> bool:
    if not unicodedata.is_normalized("NFKC", text):
        return False
    parts = text.split()
    if len(parts) - len(set(parts)) < _FEW_REPEATS:
        return True
    # The same four times, of which signs may hide the last: "no no no no!"
    return max(Counter(parts).values()) <= _FEW_REPEATS or not any(
        first == second == third
        for words in range(1, _MOST_WORDS_REPEATED + 1)
        for first, second, third in zip(parts, parts[words:], parts[2 * words :], strict=False)
    )


def shorten(text: str, limit: int) -> str:
    """The text itself, or its start and its end when it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    tail = int(limit * _TAIL_SHARE)
    head = limit - tail - 1
    return f"{text[:head].rstrip()} {text[len(text) - tail :].lstrip()}"


def words(text: str) -> list[str]:
    """The words of a text in their order: letters with their marks, numbers; no punctuation."""
    return [str(word) for word in _WORD.findall(text)]


_LETTERS = str.maketrans(
    {
        **ETHIOPIC_TWINS,
        "ı": "i",
        "ł": "l",
        "đ": "d",
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "’": "'",
        "ʼ": "'",
        "`": "'",
        "´": "'",
        # Arabic and Persian letters that differ by keyboard only.
        "ی": "ي",
        "ى": "ي",
        "ې": "ي",
        "ۍ": "ي",
        "ئ": "ي",
        "ک": "ك",
        "ګ": "گ",
        "ة": "ه",
        "ۀ": "ه",
        "ە": "ه",
        "ھ": "ه",
        "ہ": "ه",
        "ؤ": "و",
        "ٱ": "ا",
        "ء": "",
        "ـ": "",
        "\u200c": " ",
        # Ukrainian and old letters beside the ones people type instead.
        "ґ": "г",
    }
)
_FOLDED_UMLAUTS = regex.compile(r"ae|oe|ue")
_UMLAUTS = {"ae": "a", "oe": "o", "ue": "u"}


class _Bare(dict[int, int | str | None]):
    """For ``str.translate``: no accents, and digits of any script as 0 to 9."""

    def __missing__(self, code: int) -> int | str | None:
        sign = chr(code)
        found: int | str | None = code
        if unicodedata.combining(sign):
            found = None
        elif sign.isdigit():
            value = unicodedata.digit(sign, None)
            found = code if value is None else str(value)
        if len(self) < _MOST_SIGNS:
            self[code] = found
        return found


_MOST_SIGNS = 4096
_BARE = _Bare()


def fold(text: str) -> str:
    """The text without case, accents and keyboard differences: "Kündigung" = "kuendigung".

    ß becomes ss; ä, ae and a are one, so are ö/oe/o and ü/ue/u; Arabic and Persian letter
    variants, vowel signs and digits are unified; Greek loses its accents.
    """
    text = text.casefold().translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text)
    text = text.translate(_BARE).translate(_LETTERS)
    return _FOLDED_UMLAUTS.sub(lambda match: _UMLAUTS[match[0]], text)


def plain(text: str) -> str:
    """The words of a text in lower case, one space between, accents kept."""
    return " ".join(words(text.casefold()))


def folded(text: str) -> str:
    """The words of the folded text, one space between."""
    return " ".join(words(fold(text)))
