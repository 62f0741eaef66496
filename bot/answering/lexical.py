"""Search by character n-grams: BM25 over pieces of three to five letters.

Pieces of words survive typos, endings and compounds in every script, and need no word list. The
pieces are hashed and counted with numpy, so that ten thousand articles are indexed in seconds and
searched in milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answering.cleaning import folded, plain

Grams = NDArray[np.uint32]
"""Hashes of pieces of words."""

_SHORTEST, _LONGEST = 3, 5
_K1, _B = 1.2, 0.75
_LARGEST_SHARE = 0.4
_MANY = 2000
_MOST_POSTINGS = 1_000_000

_FACTORS = np.array([0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1], dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Hashes of the pieces of `size` texts, and which text each piece stands in."""

    hashes: Grams
    owners: NDArray[np.int32]
    size: int

    def of(self, number: int) -> Grams:
        """The pieces of one text."""
        return np.asarray(self.hashes[self.owners == number], dtype=np.uint32)

    def regrouped(self, groups: NDArray[np.int32], size: int) -> "Pieces":
        """The same with texts put together: text n becomes part of text ``groups[n]``."""
        return Pieces(self.hashes, groups[self.owners], size)


def grams(texts: Sequence[str], shortest: int = _SHORTEST, longest: int = _LONGEST) -> Pieces:
    """All pieces of `shortest` to `longest` letters of the words of many texts, with repeats.

    Words are parted by single spaces; each carries a space on both sides, so that its start and
    its end count as letters. Pieces do not reach from one word into the next.
    """
    padded = [f" {text} ".encode("utf-32-le", "replace") for text in texts]
    letters = np.frombuffer(b"".join(padded), dtype=np.uint32)
    sizes = np.array([len(part) // 4 for part in padded], dtype=np.int64)
    owner_of_letter = np.repeat(np.arange(len(padded), dtype=np.int32), sizes)
    spaces = letters == 32
    hashes_found = [np.zeros(0, dtype=np.uint32)]
    owners_found = [np.zeros(0, dtype=np.int32)]
    for length in range(shortest, longest + 1):
        places = letters.size - length + 1
        if places <= 0:
            break
        hashes = np.full(places, length * 0x01000193, dtype=np.uint32)
        dropped = spaces[:places] & spaces[length - 1 :] if length < 3 else np.zeros(places, bool)
        for offset in range(length):
            part = letters[offset : offset + places]
            hashes = (hashes ^ (part * _FACTORS[offset])) * np.uint32(0x01000193)
            hashes ^= hashes >> np.uint32(15)
            if 0 < offset < length - 1:
                dropped |= spaces[offset : offset + places]
        hashes_found.append(hashes[~dropped])
        owners_found.append(owner_of_letter[:places][~dropped])
    return Pieces(np.concatenate(hashes_found), np.concatenate(owners_found), len(padded))


def message_grams(texts: Sequence[str]) -> Pieces:
    """The pieces of texts as written and folded: both are indexed, both are asked for."""
    return joined([grams([view(text) for text in texts]) for view in (plain, folded)])


def joined(parts: Sequence[Pieces]) -> Pieces:
    """Several readings of the same texts as one."""
    return Pieces(
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.owners for part in parts]),
        parts[0].size,
    )


class GramIndex:
    """BM25 over texts given by their pieces.

    Texts that belong together (the questions of one topic) may be one text. Scores come as a
    share of the best that any text could reach, so that 0 is nothing and 1 is every piece of the
    message, each as rare as can be.
    """

    def __init__(self, pieces: Pieces, *, k1: float = _K1, b: float = _B) -> None:
        self.size = pieces.size
        self._k1 = k1
        lengths = np.bincount(pieces.owners, minlength=self.size).astype(np.float32)
        usual = float(lengths.sum()) / max(self.size, 1)
        keys = (pieces.hashes.astype(np.uint64) << np.uint64(32)) | pieces.owners.astype(np.uint64)
        keys, counts = np.unique(keys, return_counts=True)
        self._owners = (keys & np.uint64(0xFFFFFFFF)).astype(np.int32)
        self._vocabulary, starts, numbers = np.unique(
            (keys >> np.uint64(32)).astype(np.uint32), return_index=True, return_counts=True
        )
        self._starts = np.append(starts, keys.size)
        rarity = np.log1p((self.size - numbers + 0.5) / (numbers + 0.5)).astype(np.float32)
        if self.size >= _MANY:
            # What stands in nearly every article costs the most time and says the least.
            rarity[numbers > _LARGEST_SHARE * self.size] = 0.0
        self._rarities = rarity
        norms = k1 * (1 - b + b * lengths / max(usual, 1.0))
        frequency = counts.astype(np.float32)
        gain = frequency * (k1 + 1) / (frequency + norms[self._owners])
        self._impacts = (gain * np.repeat(rarity, numbers)).astype(np.float32)

    def scores(self, message: Grams) -> NDArray[np.float32]:
        """The score of every text for a message, from 0 to about 1."""
        total = np.zeros(self.size, dtype=np.float32)
        if not message.size or not self._vocabulary.size:
            return total
        asked, repeats = np.unique(message, return_counts=True)
        places = np.searchsorted(self._vocabulary, asked)
        places[places == self._vocabulary.size] = 0
        known = self._vocabulary[places] == asked
        weights = 1 + np.log(repeats.astype(np.float32))
        unseen = float(np.log1p(self.size / 0.5))
        best = float(
            (np.where(known, self._rarities[places], unseen) * weights).sum() * (self._k1 + 1)
        )
        places, weights = places[known], weights[known]
        order = np.argsort(-self._rarities[places], kind="stable")
        spent = 0
        owners: list[NDArray[np.int32]] = []
        impacts: list[NDArray[np.float32]] = []
        for place, weight in zip(places[order].tolist(), weights[order].tolist(), strict=True):
            start, end = int(self._starts[place]), int(self._starts[place + 1])
            if not self._rarities[place] or spent > _MOST_POSTINGS:
                break
            spent += end - start
            owners.append(self._owners[start:end])
            impacts.append(self._impacts[start:end] * np.float32(weight))
        if not owners:
            return total
        sums = np.bincount(
            np.concatenate(owners), weights=np.concatenate(impacts), minlength=self.size
        )
        return (sums / max(best, 1e-9)).astype(np.float32)
