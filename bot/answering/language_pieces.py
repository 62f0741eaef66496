"""How the languages of this county are spelt: what our own example messages teach about it.

py3langid learned from clean texts in each language's own letters. People here type Arabic,
Bulgarian or Urdu in Latin letters, leave out accents and put German office words in between, as
many of the example messages do. A naive Bayes model over the pieces of their words tells those
apart: without a hint it names 98 of 100 development questions rightly (py3langid with lists of
small words: 95), of those in Latin letters instead of their own 93 to 97 (half).
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import regex
from numpy.typing import NDArray

from bot.answering.cleaning import plain
from bot.answering.lexical import Pieces, grams
from bot.knowledge import KNOWLEDGE

ROMANISED = "~"
"""Follows the code of a language of another script that is typed in Latin letters: "ar~"."""

_SHORTEST, _LONGEST = 1, 4
_BUCKETS = 1 << 15
_SMOOTHING = 0.2
_STEPS = 12
_CREDIT = 0.125
"""How much one piece counts: those of one word say much the same, and slips are misleading."""

_LETTER = regex.compile(r"\p{L}")
_LATIN = regex.compile(r"\p{Latin}")
_MOSTLY = 0.8


@dataclass(frozen=True, slots=True)
class LanguagePieces:
    """Log probabilities of pieces of words: signed bytes (buckets, codes) in steps of 1/12.

    Of each row its largest value is taken off, because only differences between codes matter.
    `codes`: languages, with ``ROMANISED`` where they are typed in Latin letters.
    """

    codes: tuple[str, ...]
    table: NDArray[np.int8]

    def scores(self, text: str) -> dict[str, float]:
        """How well a text fits each code: log odds up to a constant."""
        buckets = np.unique(_pieces([text]).hashes % np.uint32(_BUCKETS))
        total = self.table[buckets].sum(axis=0, dtype=np.int64) * (_CREDIT / _STEPS)
        return dict(zip(self.codes, total.tolist(), strict=True))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What is stored."""
        return {"codes": np.array(self.codes), "table": self.table}

    @classmethod
    def read(cls, folder: Path = KNOWLEDGE) -> "LanguagePieces":
        """The stored model; one without codes, which says nothing, if there is none."""
        try:
            with np.load(path_of(folder), allow_pickle=False) as stored:
                codes, table = stored["codes"], stored["table"]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return cls((), np.zeros((_BUCKETS, 0), dtype=np.int8))
        return cls(tuple(str(code) for code in codes), table.astype(np.int8))


def path_of(folder: Path = KNOWLEDGE) -> Path:
    """Where the model is kept."""
    return folder / "weights" / "languages.npz"


@cache
def stored_pieces() -> LanguagePieces:
    """The model of the knowledge, read once."""
    return LanguagePieces.read()


def code_of(text: str, language: str, *, own_letters: bool) -> str:
    """The code of a message in a known language.

    `own_letters`: that language has other letters than Latin ones.
    """
    letters = len(_LETTER.findall(text)) or 1
    latin = len(_LATIN.findall(text)) / letters
    if own_letters:
        return language + ROMANISED if latin > _MOSTLY else language
    if language == "ku" and latin < 1 - _MOSTLY:
        return "ckb"  # the file of Kurdish holds both, in an alphabet each
    return language


def fit_language_pieces(texts: Mapping[str, Sequence[str]]) -> LanguagePieces:
    """The model from example messages by their codes. In each message a piece counts once."""
    codes = tuple(sorted(texts))
    logs = np.zeros((_BUCKETS, len(codes)))
    for column, code in enumerate(codes):
        pieces = _pieces(texts[code])
        buckets = (pieces.hashes % np.uint32(_BUCKETS)).astype(np.int64)
        once = np.unique(pieces.owners.astype(np.int64) * _BUCKETS + buckets) % _BUCKETS
        counts = np.bincount(once, minlength=_BUCKETS) + _SMOOTHING
        logs[:, column] = np.log(counts / counts.sum())
    relative = logs - logs.max(axis=1, keepdims=True) if codes else logs
    return LanguagePieces(codes, np.rint(np.maximum(relative * _STEPS, -127)).astype(np.int8))


def _pieces(texts: Sequence[str]) -> Pieces:
    return grams([plain(text) for text in texts], _SHORTEST, _LONGEST)
