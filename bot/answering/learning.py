"""Vectors and weights made anew from the knowledge: what ``make vectors`` runs.

``python -m bot.answering.learning`` encodes the sentences that are new and fits the probes, if any
example message changed. ``--check`` says what is missing or stale and changes nothing.
``--calibrate FOLDER`` also fits the decider, on the questions of the split "dev" in the folder's
.jsonl files and on the example messages themselves; that takes some minutes and is only needed
when signals, languages or many articles changed.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from bot.answering import emergency
from bot.answering.decision import decider_path
from bot.answering.encoder import Encoder, Vectors
from bot.answering.entries import Entry, entries
from bot.answering.questions import Question, read_questions
from bot.answering.vectors import Progress, make_vectors, missing_or_stale, vectors_of
from bot.answering.weights import Weights, fingerprint_of, weights_fit
from bot.knowledge import KNOWLEDGE, Knowledge, load


def labels_of(listed: Sequence[Entry]) -> tuple[str, ...]:
    """The topics and wishes there are sentences of, sorted: the columns of all probes."""
    return tuple(sorted({entry.column for entry in listed} - {""}))


def fit(listed: Sequence[Entry], vectors: Vectors, there: NDArray[np.bool_]) -> Weights:
    """The probes fitted to the sentences. Needs scikit-learn."""
    from bot.answering.fitting import (
        fit_danger_probe,
        fit_gram_probes,
        fit_vector_probe,
        language_pieces_of,
    )

    labels = labels_of(listed)
    return Weights(
        labels,
        fit_vector_probe(listed, vectors, there, labels),
        fit_danger_probe(listed, vectors, there),
        fit_gram_probes(listed, labels),
        language_pieces_of(listed),
        fingerprint_of(listed),
    )


async def learn(
    knowledge: Knowledge,
    encoder: Encoder,
    progress: Progress | None = None,
    folder: Path = KNOWLEDGE,
) -> int:
    """Make what is missing of vectors and weights; how many sentences were encoded.

    The encoder must have been started. Raises EncoderDown when it does not answer.
    """
    listed = entries(knowledge, emergency.examples())
    number = await make_vectors(listed, encoder, progress, folder)
    if not weights_fit(listed, folder):
        fit(listed, *vectors_of(listed, folder)).write(folder)
    return number


def stale(knowledge: Knowledge, folder: Path = KNOWLEDGE) -> list[str]:
    """One sentence for each file that no longer fits the knowledge; nothing if all is well."""
    listed = entries(knowledge, emergency.examples())
    found = [
        f"vectors/{each.language}.npz: {each.missing} missing, {each.stale} stale"
        for each in missing_or_stale(listed, folder)
    ]
    if not weights_fit(listed, folder):
        found.append("weights/probes.npz: made from other example messages")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; the exit code is 1 if a check found something."""
    parser = argparse.ArgumentParser(prog="python -m bot.answering.learning", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is missing or stale")
    parser.add_argument("--calibrate", type=Path, metavar="FOLDER", help="fit the decider as well")
    chosen = parser.parse_args(arguments)
    knowledge = load()
    if chosen.check:
        found = stale(knowledge)
        sys.stdout.writelines(f"knowledge/{line}\n" for line in found)
        return 1 if found else 0
    questions = [
        question
        for path in sorted(chosen.calibrate.glob("*.jsonl") if chosen.calibrate else ())
        for question in read_questions(path, split="dev")
    ]
    asyncio.run(_learn(knowledge, questions))
    return 0


async def _learn(knowledge: Knowledge, questions: Sequence[Question]) -> None:
    encoder = Encoder(time_limit=30.0)
    await encoder.start()
    try:
        with tqdm(desc="vectors", unit=" sentences") as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            await learn(knowledge, encoder, show)
        if questions:
            from bot.answering.calibrating import calibrate

            decider = await calibrate(knowledge, encoder, questions)
            decider.write(decider_path(KNOWLEDGE))
    finally:
        await encoder.close()


if __name__ == "__main__":
    sys.exit(main())
