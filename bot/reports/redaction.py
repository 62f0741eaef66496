"""What a report may reveal without meaning to: numbers, addresses, names; to leave out by a tap.

Only highlighting: nothing is left out by itself, because the place of an incident or the name of an
attacker may be just what somebody wants to tell. A false find costs a look, a missed one may cost
more; so in doubt something is found.
"""

import tomllib
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import regex

_NAMES = Path(__file__).parent / "first_names.toml"


class Reveals(StrEnum):
    """What a passage may reveal."""

    IBAN = "iban"
    EMAIL = "email"
    ACCOUNT = "account"
    PHONE = "phone"
    PLATE = "plate"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of a text, from and up to a letter."""

    start: int
    end: int
    reveals: Reveals
    words: str


# Digits of any script: people type numbers as they write them at home.
_IBAN = regex.compile(r"(?<![\p{L}\p{N}])[A-Za-z]{2}\p{Nd}{2}(?:[ ]?[A-Za-z0-9]{2,4}){3,8}")
_EMAIL = regex.compile(
    r"(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?"
    r"[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+"
)
_ACCOUNT = regex.compile(
    r"(?<![\p{L}\p{N}@./])@[A-Za-z0-9_.]{2,31}[A-Za-z0-9_]"
    r"|(?:https?://)?(?:www\.)?"
    r"(?:t\.me|wa\.me|instagram\.com|facebook\.com|fb\.com|tiktok\.com|x\.com|twitter\.com"
    r"|linkedin\.com|youtube\.com|snapchat\.com|vk\.com)/[^\s<>]+",
    regex.IGNORECASE,
)
_DATE = regex.compile(
    r"(?<!\p{N})(?:\p{Nd}{1,2}[./-]\p{Nd}{1,2}[./-](?:\p{Nd}{4}|\p{Nd}{2})"
    r"|\p{Nd}{4}[./-]\p{Nd}{1,2}[./-]\p{Nd}{1,2}|(?:19|20)\d\d\s?[-–/]\s?(?:19|20)\d\d)(?!\p{N})"
)
_PHONE = regex.compile(
    r"(?<![\p{L}\p{N}])(?:\+|00)?\(?\p{Nd}(?:[\s()/.\-–]{0,2}\p{Nd}){5,18}(?![\p{L}\p{N}])"
)
_PLATE = regex.compile(
    r"(?<![\p{L}\p{N}])(?:"
    r"[A-ZÄÖÜ]{1,3}\s?[-–·:]\s?[A-Z]{1,2}\s?[-–]?\s?\d{1,4}\s?[EH]?"
    r"|[A-ZÄÖÜ]{1,3} [A-Z]{1,2} ?\d{1,4} ?[EH]?"
    r"|[a-zäöü]{1,3}[-–][a-z]{1,2}[ -]?\d{1,4}[eh]?"
    r")(?![\p{L}\p{N}])"
)
_STREET = (
    r"(?:stra(?:ß|ss)e|str\.?|weg|platz|allee|gasse|ring|ufer|damm|hof|steig|chaussee"
    r"|promenade|pfad)"
)
_ADDRESS = regex.compile(
    r"(?<![\p{L}\p{N}-])(?:"
    rf"[\p{{L}}-]{{3,40}}(?i:{_STREET})"
    rf"|(?:\p{{Lu}}\p{{L}}+[ -]){{1,2}}(?i:{_STREET})"
    r"|(?:Am|An der|An den|Auf der|Auf dem|In den|Zum|Zur) \p{Lu}\p{L}+"
    r")\s?(?:Nr\.?\s?)?\d{1,3}\s?[a-z]?(?![\p{L}\p{N}])(?!\s+\p{Lu})"
)
_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*")
_NEXT = r"\p{Lu}[\p{L}\p{M}'’-]{1,40}"
_TITLES = (
    r"Herrn?|Frau|Fräulein|Familie|Fam\.|Hr\.|Fr\.|Mr\.?|Mrs\.?|Ms\.?|Miss|Sir|Madame|Monsieur"
    r"|Signora?|Señora?|Pan|Pani|Пан|Пані|пан|пані|господин|госпожа|κύριος|κυρία"
)
_TITLED = regex.compile(
    rf"(?<!\p{{L}})(?:"
    rf"(?:(?:{_TITLES})\s+(?:(?:Dr|Prof)\.?\s+)*|(?:Dr|Prof)\.\s+(?:Dr\.\s+)?)"
    rf"(?P<name>{_NEXT}(?:\s+{_NEXT}){{0,2}})"
    rf"|(?P<name>{_NEXT}(?:\s+{_NEXT})?)\s+(?:Bey|Hanım|Hanim|Abi|Abla)(?!\p{{L}})"
    r"|(?:السيد|السيدة|الأستاذ|الأستاذة|الدكتور|الدكتورة|آقای|خانم)\s+(?P<name>[\p{L}\p{M}]+)"
    r")"
)
_I_AM = (
    r"mein name ist|ich hei(?:ß|ss)e|ich bin der|my name is|my name's|i am called"
    r"|je m['’]appelle|me llamo|mi nombre es|mi chiamo|nazywam się|mam na imię"
    r"|benim adım|adım|ismim|меня зовут|мене звати|мене звуть|navê min|quhem|zovem se"
    r"|ma numesc|mă numesc"
)
_OWN = regex.compile(
    rf"(?<!\p{{L}})(?:(?i:{_I_AM})\s+(?P<name>[\p{{L}}\p{{M}}'’-]+(?:\s+{_NEXT}){{0,2}})"
    r"|(?:اسمي|انا اسمي|أنا اسمي|اسم من|نام من|ስመይ|ስሜ)\s+(?P<name>[\p{L}\p{M}]+))"
)
_ENDINGS = regex.compile(
    r"(?:['’]?(?:s|n|in|ın|un|ün|i|ı|u|ü|e|a|de|da|den|dan|nin|nın|la|le)"
    r"|['’]?(?:а|у|ом|ем|ою|ой|і|и|ы|е|я|ю|ові|еві|єві|ем|ём))"
)
_ARABIC_BEFORE = "وبلف"


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    """The first names of the shipped list, folded."""
    groups = tomllib.loads(_NAMES.read_text(encoding="utf-8"))
    return frozenset(_folded(name) for group in groups.values() for name in group.split())


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()


def passages(text: str) -> list[Passage]:
    """Every passage that may reveal somebody, in order, none inside another."""
    found: list[Passage] = []
    taken: list[tuple[int, int]] = [(m.start(), m.end()) for m in _DATE.finditer(text)]
    for reveals, spans in (
        (Reveals.IBAN, _ibans(text)),
        (Reveals.EMAIL, _spans(_EMAIL, text)),
        (Reveals.ACCOUNT, _spans(_ACCOUNT, text)),
        (Reveals.PLATE, _spans(_PLATE, text)),
        (Reveals.ADDRESS, _spans(_ADDRESS, text)),
        (Reveals.PHONE, _phones(text)),
        (Reveals.NAME, _names(text)),
    ):
        for start, end in spans:
            if all(end <= first or start >= last for first, last in taken):
                taken.append((start, end))
                found.append(Passage(start, end, reveals, text[start:end]))
    return sorted(found, key=lambda passage: passage.start)


def leave_out(text: str, words: Collection[str], mark: Callable[[Reveals], str]) -> str:
    """The text with every passage of these words replaced by a mark, such as "[name]"."""
    out, last = [], 0
    for passage in passages(text):
        if passage.words in words:
            out += [text[last : passage.start], mark(passage.reveals)]
            last = passage.end
    return "".join([*out, text[last:]])


def _spans(pattern: "regex.Pattern[str]", text: str) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text):
        yield _trimmed(text, match.start(), match.end())


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".,;:!?)"):
        end -= 1
    return start, end


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for match in _IBAN.finditer(text):
        account = "".join(match[0].split()).upper()
        # A German one counts also when a digit is wrong: what is meant is clear.
        if (15 <= len(account) <= 34 and _checks(account)) or (
            account.startswith("DE") and 18 <= len(account) <= 24 and account[2:].isdecimal()
        ):
            yield _trimmed(text, match.start(), match.end())


def _checks(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    if not (turned.isascii() and turned.isalnum()):
        return False
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for match in _PHONE.finditer(text):
        digits = "".join(str(unicodedata.digit(c)) for c in match[0] if c.isdecimal())
        said = match[0].strip()
        dialled = said.startswith(("+", "(")) or digits.startswith("0")
        if len(digits) >= 7 or (dialled and len(digits) >= 6):
            yield _trimmed(text, match.start(), match.end())


def _names(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_OWN, _TITLED):
        for match in pattern.finditer(text):
            yield match.span("name")
    words = list(_WORD.finditer(text))
    at = 0
    while at < len(words):
        if not _is_first_name(words[at][0]):
            at += 1
            continue
        last = at
        # The family name goes along: "Mehmet Yılmaz", "Anna von Berg".
        while last + 1 < len(words) and last < at + 3 and _goes_on(text, words, last):
            last += 1
        while last > at and not words[last][0][:1].isupper() and not _caseless(words[last][0]):
            last -= 1
        yield words[at].start(), words[last].end()
        at = last + 1


def _goes_on(text: str, words: "list[regex.Match[str]]", last: int) -> bool:
    between = text[words[last].end() : words[last + 1].start()]
    word = words[last + 1][0]
    if between not in {" ", "-"} or _caseless(word):
        return False
    return word[:1].isupper() or word in {"von", "van", "de", "da", "al", "el", "bin", "ibn"}


def _caseless(word: str) -> bool:
    return word.upper() == word.lower()


def _is_first_name(word: str) -> bool:
    """Whether a word is on the list, also with an ending: "Mehmets", "Ivanom", "ومحمد"."""
    names = first_names()
    folded = _folded(word)
    if _caseless(word):
        return folded in names or (folded[:1] in _ARABIC_BEFORE and folded[1:] in names)
    if not word[:1].isupper():
        return False
    if folded in names or all(part in names for part in folded.split("-")):
        return True
    if any(
        folded[:cut] in names and _ENDINGS.fullmatch(folded[cut:])
        for cut in range(max(3, len(folded) - 4), len(folded))
    ):
        return True
    # Сергей → Сергеем, Анна → Анне: the last letter gives way to the ending.
    stems = {folded[:-1], folded[:-2]} if len(folded) > 4 else set()
    return any(stem + last in names for stem in stems for last in "аяй")
