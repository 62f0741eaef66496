"""The fitted probes as files: one for all languages, one a language for character pieces.

``knowledge/weights/probes.npz`` and ``knowledge/weights/<language>.npz`` are made by
``make vectors``. A fingerprint says from which messages; when it no longer fits, the weights still
serve for the labels they know, and checks ask for them to be fitted again.
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.answering.encoder import MODEL
from bot.answering.entries import Entry, fingerprint
from bot.answering.language_pieces import LanguagePieces, path_of
from bot.answering.probe import GramProbe, VectorProbe
from bot.answering.vectors import save_arrays
from bot.knowledge import KNOWLEDGE

_VERSION = "4"
_NOT_LANGUAGES = frozenset({"probes", "languages"})


class WeightsError(Exception):
    """The weights cannot be read; the message names the file."""


@dataclass(frozen=True, slots=True)
class Weights:
    """All fitted probes, the labels in the order of their columns, and the fingerprint."""

    labels: tuple[str, ...]
    vector_probe: VectorProbe
    danger_probe: VectorProbe
    gram_probes: Mapping[str, GramProbe]
    language_pieces: LanguagePieces
    fingerprint: str

    def write(self, folder: Path = KNOWLEDGE) -> None:
        """Write the files of all languages and remove those of languages that are gone."""
        place = folder / "weights"
        save_arrays(
            place / "probes.npz",
            {
                "labels": np.array(self.labels),
                "fingerprint": np.array(self.fingerprint),
                **self.vector_probe.arrays("vector"),
                **self.danger_probe.arrays("danger"),
            },
        )
        for language, probe in self.gram_probes.items():
            save_arrays(place / f"{language}.npz", probe.arrays("gram"))
        save_arrays(path_of(folder), self.language_pieces.arrays())
        for path in place.glob("*.npz"):
            if path.stem not in _NOT_LANGUAGES | self.gram_probes.keys():
                path.unlink()

    @classmethod
    def read(cls, folder: Path = KNOWLEDGE) -> "Weights":
        """The weights from their files. Raises WeightsError."""
        place = folder / "weights"
        path = place / "probes.npz"
        try:
            with np.load(path, allow_pickle=False) as stored:
                labels = tuple(str(label) for label in stored["labels"])
                made_from = str(stored["fingerprint"].reshape(-1)[0])
                vector_probe = VectorProbe.read(stored, "vector")
                danger_probe = VectorProbe.read(stored, "danger")
            gram_probes = {}
            for path in sorted(place.glob("*.npz")):
                if path.stem not in _NOT_LANGUAGES:
                    with np.load(path, allow_pickle=False) as stored:
                        gram_probes[path.stem] = GramProbe.read(stored, "gram")
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            raise WeightsError(f"{path.name}: {error}") from error
        pieces = LanguagePieces.read(folder)
        if not pieces.codes:
            raise WeightsError(f"{path_of(folder).name}: missing or unreadable")
        return cls(labels, vector_probe, danger_probe, gram_probes, pieces, made_from)


def fingerprint_of(listed: Sequence[Entry]) -> str:
    """The fingerprint of the messages that the probes are fitted to."""
    return fingerprint([entry for entry in listed if not entry.is_passage], MODEL, _VERSION)


def weights_fit(listed: Sequence[Entry], folder: Path = KNOWLEDGE) -> bool:
    """Whether the stored weights were made from exactly these messages."""
    try:
        return Weights.read(folder).fingerprint == fingerprint_of(listed)
    except WeightsError:
        return False
