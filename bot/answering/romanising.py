"""Texts of other scripts in Latin letters, and what remains of a word without its vowels.

People type Arabic, Persian, Russian, Ukrainian, Bulgarian and Greek in Latin letters, each a bit
differently ("kif bsajjel weldi", "kak oformit detskie dengi"). Index and message are both brought
to one rough spelling, so that character n-grams meet. Arabic writes few vowels, so there only the
consonants are compared.
"""

from functools import partial

import regex

from bot.answering.cleaning import fold, words

_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "j", "з": "z", "и": "i",
    "й": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
    "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "c", "ч": "q", "ш": "w", "щ": "w", "ъ": "a",
    "ы": "i", "ь": "", "э": "e", "ю": "iu", "я": "ia", "є": "ie", "і": "i", "ї": "i", "ў": "u",
}  # fmt: skip
_GREEK = {
    "αι": "e", "ει": "i", "οι": "i", "ου": "u", "υι": "i", "αυ": "av", "ευ": "ev", "ηυ": "iv",
    "μπ": "b", "ντ": "d", "γκ": "g", "γγ": "g", "τσ": "c", "τζ": "j",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "t", "ι": "i",
    "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "ks", "ο": "o", "π": "p", "ρ": "r", "σ": "s",
    "ς": "s", "τ": "t", "υ": "i", "φ": "f", "χ": "h", "ψ": "ps", "ω": "o",
}  # fmt: skip
_ARABIC = {
    "ا": "a", "ب": "b", "ت": "t", "ث": "t", "ج": "j", "ح": "h", "خ": "x", "د": "d", "ذ": "z",
    "ر": "r", "ز": "z", "س": "s", "ش": "w", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a",
    "غ": "g", "ف": "f", "ق": "k", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "و": "u",
    "ي": "i", "پ": "p", "چ": "q", "ژ": "j", "گ": "g", "ڤ": "v", "ٹ": "t", "ڈ": "d", "ڑ": "r",
    "ں": "n", "ے": "e", "ټ": "t", "ډ": "d", "ړ": "r", "ږ": "z", "ښ": "w", "ځ": "z", "څ": "c",
    "ڼ": "n", "ێ": "e", "ۆ": "o", "ڵ": "l", "ڕ": "r",
}  # fmt: skip
# Persian says these letters otherwise than Arabic.
_PERSIAN = _ARABIC | {"ث": "s", "ض": "z", "و": "u"}

_GREEK_PAIRS = regex.compile("|".join(sorted(_GREEK, key=len, reverse=True)))
_OTHER = {ord(letter): latin for letter, latin in (_CYRILLIC | _ARABIC).items()}
_OTHER_FA = {ord(letter): latin for letter, latin in (_CYRILLIC | _PERSIAN).items()}

# Latin spellings brought to the letters used above; longest first. `w` stands for "sh",
# `q` for "ch", `x` for the throat sound, `c` for "ts".
_LATIN_SLAVIC = {
    "shch": "w", "sch": "w", "sh": "w", "ch": "q", "tch": "q", "zh": "j", "kh": "h", "ts": "c",
    "tz": "c", "ck": "k", "yu": "iu", "ju": "iu", "ya": "ia", "ja": "ia", "ye": "e", "je": "e",
    "yo": "e", "jo": "e", "ie": "e", "yi": "i", "iy": "i", "ij": "i", "y": "i", "w": "v",
    "x": "h", "4": "q", "6": "w", "'": "", "ks": "ks", "ph": "f",
}  # fmt: skip
_LATIN_GREEK = {
    "ai": "e", "ei": "i", "oi": "i", "ou": "u", "au": "av", "eu": "ev", "mp": "b", "nt": "d",
    "gk": "g", "gg": "g", "ts": "c", "tz": "j", "th": "t", "8": "t", "ch": "h", "ks": "ks",
    "ph": "f", "ps": "ps", "x": "h", "3": "ks", "w": "o", "y": "i", "u": "i", "h": "i", "b": "v",
    "j": "ks", "c": "k", "q": "t",
}  # fmt: skip
_LATIN_ARABIC = {
    "sh": "w", "ch": "w", "kh": "x", "gh": "g", "th": "t", "dh": "d", "tch": "q", "ou": "u",
    "ee": "i", "oo": "u", "ei": "i", "ay": "i", "ai": "i", "aw": "u", "3'": "g", "7'": "x",
    "2": "a", "3": "a", "4": "d", "5": "x", "6": "t", "7": "h", "8": "g", "9": "k", "q": "k",
    "c": "k", "e": "i", "o": "u", "y": "i", "w": "u", "v": "f", "'": "", "dj": "j", "zh": "j",
}  # fmt: skip
_LATIN_PERSIAN = _LATIN_ARABIC | {"ch": "q", "e": "e", "v": "u", "zh": "j", "gh": "k", "c": "s"}

_SLAVIC = frozenset({"ru", "uk", "bg"})
_ARABIC_SCRIPT = frozenset({"ar", "ur", "ps", "ckb"})
_DOUBLED = regex.compile(r"(\w)\1+")
_VOWELS = regex.compile(r"[aeiouy]")
_SILENT_H = regex.compile(r"(?<=\w\w)h$")

ROMANISED = frozenset({"ar", "fa", "ur", "ps", "ckb", "ru", "uk", "bg", "el"})
"""Languages of other scripts that can be compared in Latin letters."""

SKELETONS = frozenset({"ar", "fa", "ur", "ps", "ckb"})
"""Languages written mostly without vowels: compared by their consonants."""


def _pattern(table: dict[str, str]) -> "regex.Pattern[str]":
    return regex.compile("|".join(sorted(map(regex.escape, table), key=len, reverse=True)))


_LATIN = {
    "el": (_pattern(_LATIN_GREEK), _LATIN_GREEK),
    "fa": (_pattern(_LATIN_PERSIAN), _LATIN_PERSIAN),
    **{code: (_pattern(_LATIN_SLAVIC), _LATIN_SLAVIC) for code in _SLAVIC},
    **{code: (_pattern(_LATIN_ARABIC), _LATIN_ARABIC) for code in _ARABIC_SCRIPT},
}


def _respelled(table: dict[str, str], match: "regex.Match[str]") -> str:
    return table[match[0]]


def romanised(text: str, language: str) -> str:
    """The words of a text of `language` in one rough Latin spelling, whichever script it is in.

    Text already in Latin letters is respelled in the same way, so that "kak oformit" and
    "как оформить" become equal or nearly so. Other languages: the folded words.
    """
    spelled = []
    for word in words(fold(text)):
        if word.isascii():
            if language in _LATIN:
                pattern, table = _LATIN[language]
                word = pattern.sub(partial(_respelled, table), word)
        else:
            word = _GREEK_PAIRS.sub(lambda match: _GREEK[match[0]], word)
            word = word.translate(_OTHER_FA if language == "fa" else _OTHER)
            if language in _SLAVIC:
                word = word.replace("ie", "e")
        word = _DOUBLED.sub(r"\1", word)
        if word:
            spelled.append(word)
    return " ".join(spelled)


def skeleton(text: str, language: str) -> str:
    """The consonants of each romanised word, one space between: "bsajjel weldi" → "bsjl ld".

    A final h goes too: it is the silent ending of most feminine words.
    """
    bare = (_VOWELS.sub("", word) for word in romanised(text, language).split())
    return " ".join(
        word[:-1] if len(word) > 2 and word[-1] == "h" else word for word in bare if word
    )
