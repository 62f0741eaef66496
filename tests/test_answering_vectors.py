"""Vectors and weights of the knowledge: only what changed is made anew, always the same bytes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.answering import emergency
from bot.answering.cleaning import clean
from bot.answering.encoder import DIMENSIONS, Encoder
from bot.answering.entries import ANY_DANGER, DANGER, Entry, Source, entries, passages
from bot.answering.learning import fit, labels_of, stale
from bot.answering.vectors import (
    EncoderDown,
    make_vectors,
    missing_or_stale,
    packed,
    read,
    unpacked,
    vectors_of,
    write,
)
from bot.answering.weights import Weights, WeightsError, weights_fit
from bot.knowledge import KNOWLEDGE, Knowledge

SENTENCES = [
    Entry("Wo melde ich mich an?", "de", "residence-registration", Source.QUESTION),
    Entry(
        "Wohnsitz anmelden. Gehen Sie zum Bürgerbüro.",
        "de",
        "residence-registration",
        Source.PASSAGE,
    ),
    Entry("How much is child benefit?", "en", "child-benefit", Source.QUESTION),
    Entry("tell me a joke", "en", "@off", Source.WISH),
]


async def test_only_what_changed_is_encoded_again(encoder: Encoder, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert await make_vectors(SENTENCES, encoder, lambda *at: seen.append(at), tmp_path) == 4
    assert seen[-1] == (4, 4)
    assert missing_or_stale(SENTENCES, tmp_path) == []
    changed = [*SENTENCES[1:], Entry("Wohin nach dem Umzug?", "de", "x", Source.QUESTION)]
    (found,) = missing_or_stale(changed, tmp_path)
    assert (found.language, found.missing, found.stale) == ("de", 1, 1)
    before = (tmp_path / "vectors" / "en.npz").stat().st_mtime_ns
    assert await make_vectors(changed, encoder, None, tmp_path) == 1
    assert (tmp_path / "vectors" / "en.npz").stat().st_mtime_ns == before
    assert missing_or_stale(changed, tmp_path) == []


async def test_the_same_sentences_give_the_same_bytes(encoder: Encoder, tmp_path: Path) -> None:
    for name, listed in (("a", SENTENCES), ("b", SENTENCES[::-1])):
        await make_vectors(listed, encoder, None, tmp_path / name)
    for language in ("de", "en"):
        one, other = (tmp_path / name / "vectors" / f"{language}.npz" for name in "ab")
        assert one.read_bytes() == other.read_bytes()


async def test_stored_vectors_are_those_of_the_encoder(encoder: Encoder, tmp_path: Path) -> None:
    await make_vectors(SENTENCES, encoder, None, tmp_path)
    stored, there = vectors_of(SENTENCES, tmp_path)
    fresh = await encoder.queries([SENTENCES[0].text])
    assert fresh is not None
    assert there.all()
    assert float(stored[0] @ fresh[0]) > 0.97


async def test_without_an_encoder_nothing_is_made_and_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(EncoderDown):
        await make_vectors(SENTENCES, Encoder(), None, tmp_path)
    vectors, there = vectors_of(SENTENCES, tmp_path)
    assert not there.any()
    assert not vectors.any()


async def test_a_language_that_is_gone_takes_its_file_along(
    encoder: Encoder, tmp_path: Path
) -> None:
    await make_vectors(SENTENCES, encoder, None, tmp_path)
    german = [entry for entry in SENTENCES if entry.language == "de"]
    assert [each.language for each in missing_or_stale(german, tmp_path)] == ["en"]
    await make_vectors(german, encoder, None, tmp_path)
    assert not (tmp_path / "vectors" / "en.npz").exists()


def test_a_broken_file_counts_as_missing(tmp_path: Path) -> None:
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "de.npz").write_bytes(b"no archive")
    assert read("de", tmp_path) == {}
    assert [each.language for each in missing_or_stale(SENTENCES, tmp_path)] == ["de", "en"]


def test_packing_keeps_the_direction() -> None:
    random = np.random.default_rng(1).normal(size=(50, DIMENSIONS)).astype(np.float32)
    vectors = random / np.linalg.norm(random, axis=1, keepdims=True)
    again = unpacked(packed(vectors))
    assert (vectors * again).sum(axis=1).min() > 0.998


def fake_knowledge(
    size: int = 40,
) -> tuple[list[Entry], "np.ndarray[tuple[int, int], np.dtype[np.float32]]"]:
    """Three labels in German, each with a direction of its own."""
    random = np.random.default_rng(7)
    listed, rows = [], []
    texts = {
        "bus": "wann fährt der bus nach nauheim",
        "tax": "steuer nummer finden",
        "@off": "witz erzählen",
    }
    for number, (label, text) in enumerate(texts.items()):
        for copy in range(size * 3):
            source = Source.WISH if label.startswith("@") else Source.QUESTION
            listed.append(Entry(f"{text} {copy}", "de", label, source))
            row = random.normal(size=DIMENSIONS) * 0.1
            row[number] += 1
            rows.append(row / np.linalg.norm(row))
    for copy in range(100):
        listed.append(Entry(f"bus {copy}", "de", "bus", Source.KEYWORD))
        rows.append(rows[0])
    return listed, np.array(rows, dtype=np.float32)


def test_fitted_probes_come_back_from_their_files(tmp_path: Path) -> None:
    listed, vectors = fake_knowledge()
    there = np.ones(len(listed), dtype=bool)
    made = fit(listed, vectors, there)
    assert made.labels == ("@off", "bus", "tax")
    made.write(tmp_path)
    again = Weights.read(tmp_path)
    assert again.labels == made.labels
    assert weights_fit(listed, tmp_path)
    assert not weights_fit(listed[1:], tmp_path)
    scores = again.vector_probe.scores(vectors)
    wanted = [made.labels.index(entry.label) for entry in listed]
    assert (scores.argmax(axis=1) == wanted).mean() > 0.95
    assert set(again.gram_probes) == {"de"}
    (tmp_path / "weights" / "languages.npz").unlink()
    assert not weights_fit(listed, tmp_path)


def test_weights_that_are_missing_or_broken_say_which_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="probes"):
        Weights.read(tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "probes.npz").write_bytes(b"no archive")
    with pytest.raises(WeightsError, match="probes"):
        Weights.read(tmp_path)


@pytest.fixture(scope="module")
def listed(knowledge: Knowledge) -> list[Entry]:
    return entries(knowledge, emergency.examples())


def test_every_topic_wish_and_danger_of_the_knowledge_has_sentences(
    listed: Sequence[Entry],
) -> None:
    labels = labels_of(listed)
    assert len([label for label in labels if not label.startswith("@")]) == 112
    assert {"@doctor", "@event", "@interpreter", "@off", "@report", "@smalltalk"} < set(labels)
    assert ANY_DANGER in labels
    assert any(entry.label == DANGER and entry.column == "" for entry in listed)
    assert len(set(listed)) == len(listed)


def test_articles_are_cut_into_one_to_three_passages(knowledge: Knowledge) -> None:
    for topic in knowledge.topics.values():
        for article in topic.articles.values():
            pieces = passages(article)
            assert 1 <= len(pieces) <= 3
            assert all(piece.startswith(clean(article.title)[:20]) for piece in pieces)
            assert not any("{" in piece or "**" in piece for piece in pieces)


def test_the_committed_vectors_and_weights_fit_the_knowledge(knowledge: Knowledge) -> None:
    assert stale(knowledge) == [], "run make vectors"


def test_committed_files_are_small() -> None:
    files = list(KNOWLEDGE.glob("vectors/*.npz"))
    assert files
    # German and English have the most ways of asking.
    assert max(path.stat().st_size for path in files) < 1_500_000


def test_what_is_stored_stays_as_it_is_when_more_comes(tmp_path: Path) -> None:
    random = np.random.default_rng(3).normal(0.05, 0.05, size=(60, DIMENSIONS))
    first = dict(enumerate(packed(random[:40].astype(np.float32))))
    write("de", first, tmp_path)
    kept = read("de", tmp_path)
    write("de", {**kept, **dict(enumerate(packed(random[40:].astype(np.float32)), 40))}, tmp_path)
    again = read("de", tmp_path)
    assert len(again) == 60
    assert all((again[number] == row).all() for number, row in kept.items())
