"""The receipt: shown once, kept nowhere, and all that opens a case's mailbox again.

Either 19 digits or six words of the reader's language. Argon2id with the site's salt turns it
into bytes; HKDF turns those into the look-up id and the mailbox's key.
"""

import re
import secrets
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import log2

from argon2.low_level import Type, hash_secret_raw
from pyrage import x25519
from rapidfuzz.distance import DamerauLevenshtein

from bot.knowledge.folder import KNOWLEDGE
from bot.reports.sealing import identity_from
from bot.reports.site import derived

DIGITS = 19
WORDS = 6
LEAST_WORDS = 1_024
LEAST_BITS = 60
# The 19 digits as a number are a multiple of this: most slips of the finger are noticed.
_CHECK = 7
_GROUPS = (4, 4, 4, 4, 3)
# OWASP's second choice for Argon2id, doubled: about 60 ms and 64 MiB for each guess.
_MEMORY_KIB, _PASSES, _LANES = 64 * 1024, 3, 1
_APART = re.compile(r"[^\w]+|_+")
_LISTS = KNOWLEDGE / "words" / "receipts"


# Letters that are typed for each other, beside accents. Never take one out, nor use another
# folding: receipts that were handed out would open nothing.
_ALIKE = str.maketrans("ıłđøёىیئةکأإآٱؤ", "ildoеيييهكاااا" + "و")


class NoReceipt(Exception):
    """What was typed has not the form of a receipt; ``word`` is the first that is not known."""

    def __init__(self, word: str | None = None) -> None:
        super().__init__()
        self.word = word


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt in its one true form, such as ``d:1234…`` or ``w:apfelbaum …``."""

    canonical: str = field(repr=False)

    @property
    def shown(self) -> str:
        """In groups that can be read out and copied by hand."""
        kind, _, code = self.canonical.partition(":")
        if kind == "w":
            return _as_listed(code)
        groups, rest = [], code
        for length in _GROUPS:
            groups.append(rest[:length])
            rest = rest[length:]
        return " ".join(groups)


@dataclass(frozen=True, slots=True)
class MailboxKey:
    """What a receipt opens: the look-up id of a case, and the key of its mailbox."""

    lookup: bytes = field(repr=False)
    identity: x25519.Identity = field(repr=False)

    @property
    def public(self) -> x25519.Recipient:
        """What messages to the reporter are sealed to."""
        return self.identity.to_public()


def folded(word: str) -> str:
    """A word as it is compared: small letters, umlauts written out, other accents left away."""
    small = word.casefold()
    for letter, written in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        small = small.replace(letter, written)
    plain = unicodedata.normalize("NFKD", small.translate(_ALIKE))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@cache
def word_list(language: str) -> tuple[str, ...]:
    """The words of a language for receipts; empty where there is no list: digits are used there."""
    file = _LISTS / f"{language}.txt"
    if not file.is_file():
        return ()
    lines = file.read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@cache
def _known_words() -> tuple[Mapping[str, str], ...]:
    """The words of each list by their folded form."""
    languages = sorted(file.stem for file in _LISTS.glob("*.txt"))
    return tuple({folded(word): word for word in word_list(name)} for name in languages)


def _as_listed(code: str) -> str:
    """Folded words as their list writes them."""
    words = code.split()
    spelled = next((known for known in _known_words() if all(w in known for w in words)), {})
    return " ".join(spelled.get(word, word) for word in words)


def bits(language: str | None) -> float:
    """How many bits of chance a receipt holds."""
    if language is None:
        return log2(10**DIGITS / _CHECK)
    return WORDS * log2(len(word_list(language)))


def draw_digits() -> Receipt:
    """A new receipt of 19 digits."""
    most = (10**DIGITS - 1) // _CHECK
    return Receipt(f"d:{secrets.randbelow(most + 1) * _CHECK:0{DIGITS}d}")


def draw_words(language: str) -> Receipt | None:
    """A new receipt of six words, or nothing where the language has no list."""
    words = word_list(language)
    if len(words) < LEAST_WORDS:
        return None
    return Receipt("w:" + " ".join(folded(secrets.choice(words)) for _ in range(WORDS)))


def read_receipt(text: str) -> Receipt:
    """A receipt from what somebody typed: any spaces, any digits, one slip a word.

    Raises ``NoReceipt``.
    """
    text = unicodedata.normalize("NFC", text)
    digits = "".join(str(int(c)) for c in text if c.isdecimal())
    letters = any(c.isalpha() for c in text)
    if digits and not letters:
        if len(digits) != DIGITS or int(digits) % _CHECK:
            raise NoReceipt
        return Receipt(f"d:{digits}")
    words = [folded(word) for word in _APART.split(text) if word and not word.isdecimal()]
    if len(words) != WORDS:
        raise NoReceipt
    lists = sorted(_known_words(), key=lambda known: -sum(word in known for word in words))
    return Receipt("w:" + " ".join(_nearest(word, lists[0]) for word in words))


def _nearest(word: str, known: Collection[str]) -> str:
    """The listed word; one wrong, missing or swapped letter is forgiven: no two are so close."""
    if word in known:
        return word
    near = {
        other
        for other in known
        if abs(len(other) - len(word)) < 2
        and DamerauLevenshtein.distance(word, other, score_cutoff=1) == 1
    }
    if len(near) != 1:
        raise NoReceipt(word)
    return near.pop()


def open_receipt(receipt: Receipt, salt: bytes) -> MailboxKey:
    """The look-up id and the mailbox's key. Takes about 60 ms: run it in a thread."""
    secret = hash_secret_raw(
        receipt.canonical.encode(), salt, _PASSES, _MEMORY_KIB, _LANES, 32, Type.ID
    )
    return MailboxKey(
        lookup=derived(secret, "look-up id"),
        identity=identity_from(derived(secret, "mailbox key")),
    )
