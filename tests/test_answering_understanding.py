"""What is wanted is understood, with the encoder and without, whatever is typed."""

import asyncio
import os
import signal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.answering.encoder import Encoder
from bot.answering.understanding import Answerer, Understanding
from bot.knowledge import Knowledge

KINDS = {
    "answer", "directory", "emergency", "report", "interpreter", "event", "smalltalk", "none",
}  # fmt: skip


STORIES = [
    (
        "Ich wohne seit zwei Jahren in Nauheim und wollte eigentlich wegen der Kita fragen."
        " Aber gerade ist meine Mutter in der Küche umgefallen, sie liegt da und atmet nicht"
        " mehr. Was soll ich machen?",
        "breathing",
    ),
    (
        "I came to pick up my cousin for the language course in Groß-Gerau, everything was"
        " normal this morning. Now he lies on the floor of the bathroom, his lips are blue and"
        " there is a needle next to him. Please tell me what to do.",
        "overdose",
    ),
]


@pytest.fixture(scope="module")
def lexical(knowledge: Knowledge) -> Answerer:
    """An answerer that never has an encoder."""
    return Answerer.build(knowledge, None)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("bin umgezogen, wo muss ich mich anmelden?", "residence-registration"),
        ("wie beantrage ich kindergeld", "child-benefit"),
        ("Was kostet das Deutschlandticket?", "public-transport"),
        ("how do I get a place in a kindergarten", "kindergarten"),
        ("my landlord wont give my deposit back", "tenants-rights"),
        ("wo kann ich meinen führerschein umschreiben", "driving-licence"),
    ],
)
async def test_a_plain_question_finds_its_article(
    answerer: Answerer, lexical: Answerer, text: str, topic: str
) -> None:
    found = await answerer.understand(text)
    assert found.kind == "answer"
    assert found.hits[0].topic_id == topic
    without = await lexical.understand(text)
    assert topic in [hit.topic_id for hit in without.hits[:3]]


@pytest.mark.parametrize(
    ("text", "kind", "topic"),
    [
        ("mein mann atmet nicht mehr", "emergency", "emergency-numbers"),
        ("i want to kill myself tonight", "emergency", "suicide-crisis"),
        (
            "wir brauchen am donnerstag einen dolmetscher für tigrinya",
            "interpreter",
            "interpreter-pool",
        ),
        ("a woman spat at me because of my hijab, i want to report it", "report", "racism-help"),
        ("was ist am wochenende los", "event", "events"),
        ("zahnarzt türkisch rüsselsheim", "directory", "doctor-search"),
    ],
)
async def test_wishes_and_dangers_are_told_from_questions(
    answerer: Answerer, text: str, kind: str, topic: str
) -> None:
    found = await answerer.understand(text)
    assert found.kind == kind
    assert topic in [hit.topic_id for hit in found.hits[:3]]


async def test_a_doctor_is_looked_for_by_what_the_text_names(answerer: Answerer) -> None:
    slots = (await answerer.understand("zahnarzt türkisch rüsselsheim")).slots
    assert (slots.specialty, slots.language, slots.municipality) == (
        "dentist",
        "tr",
        "Rüsselsheim am Main",
    )


@pytest.mark.parametrize(
    "text",
    [
        "where is the fire brigade museum",
        "Wer hat gestern gewonnen, Rüsselsheim oder Mainz?",
        "bana almanca bir aşk şiiri yaz",
        "asdkj qwe qwe",
        "",
        "...",
    ],
)
async def test_what_we_have_nothing_about_is_refused(answerer: Answerer, text: str) -> None:
    assert (await answerer.understand(text)).kind == "none"


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        (
            "Vor drei Jahren hat unsere Küche gebrannt, die Feuerwehr war da, zum Glück wurde"
            " niemand verletzt. Jetzt ziehen wir aus und der Vermieter gibt die Kaution nicht"
            " zurück. Was kann ich tun?",
            "tenants-rights",
        ),
        (
            "My first husband used to hit me, that was in another country and ten years ago. I am"
            " happily married now and live in Raunheim. We want to change my name in the residence"
            " permit, which office do we ask?",
            "residence-permit",
        ),
        (
            "Мы приехали из Харькова, там в двадцать втором году разбомбило наш дом, и сосед погиб."
            " Сейчас живём спокойно в Требуре, дочке скоро шесть лет, и нам надо записать её в"
            " школу. Куда идти?",
            "school-system",
        ),
    ],
)
async def test_danger_of_long_ago_is_background(answerer: Answerer, text: str, topic: str) -> None:
    """A story tells of a fire, a war, a blow; what is asked is something else."""
    found = await answerer.understand(text)
    assert found.kind == "answer"
    assert topic in [hit.topic_id for hit in found.hits[:3]]


@pytest.mark.parametrize("text", [text for text, _danger in STORIES])
async def test_danger_in_the_middle_of_a_very_long_story_is_seen(
    answerer: Answerer, text: str
) -> None:
    """What stands in no piece that is read for its meaning counts by its words."""
    calm = "Die Miete in Trebur kostet 900 Euro, die Heizung zahlt das Jobcenter seit Mai. " * 12
    found = await answerer.understand(f"{calm}{text} {calm}")
    assert found.kind == "emergency"


@pytest.mark.parametrize(("text", "danger"), STORIES)
async def test_danger_in_one_sentence_of_a_story_is_seen(
    answerer: Answerer, text: str, danger: str
) -> None:
    found = await answerer.understand(text)
    assert found.kind == "emergency"
    assert danger in found.dangers


@given(
    st.text("0123456789٠١٢٣٤٥٦٧٨٩ -", min_size=19, max_size=23).filter(
        lambda text: not {"110", "112"}.intersection(text.split())
    )
)
@example("4113736222825325656")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_a_number_is_no_cry_for_help(answerer: Answerer, text: str) -> None:
    """A receipt of a report, typed out of the blue; its meaning is chance."""
    assert (await answerer.understand(text)).kind != "emergency"


@pytest.mark.parametrize(
    ("text", "talk"), [("danke!", "thanks"), ("hallo", "hello"), ("bist du ein roboter", "human")]
)
async def test_small_talk_is_told_by_its_kind(answerer: Answerer, text: str, talk: str) -> None:
    found = await answerer.understand(text)
    assert (found.kind, found.smalltalk) == ("smalltalk", talk)


async def test_the_chosen_language_stays_unless_the_message_is_clearly_another(
    answerer: Answerer,
) -> None:
    for text, chosen, language in (
        ("Anmeldung", "ar", "ar"),
        ("Kita Termin", "tr", "tr"),
        ("where can i register my new address please", "tr", "en"),
        ("wo kann ich mich denn hier anmelden", "en", "de"),
        ("нужен переводчик к врачу на завтра", "de", "ru"),
    ):
        assert (await answerer.understand(text, language=chosen)).language == language


async def test_the_municipality_does_not_change_what_was_meant(answerer: Answerer) -> None:
    text = "wo beantrage ich wohngeld"
    here = await answerer.understand(text, municipality="Rüsselsheim am Main")
    assert here == await answerer.understand(text)


async def test_killing_the_encoder_in_mid_question_leaves_an_answer(knowledge: Knowledge) -> None:
    encoder = Encoder(threads=1)
    await encoder.start()
    answerer = Answerer.build(knowledge, encoder)
    asked = asyncio.create_task(answerer.understand_many(["wie beantrage ich kindergeld?"] * 60))
    await asyncio.sleep(0.1)
    assert encoder.pid is not None
    os.kill(encoder.pid, signal.SIGKILL)
    found = await asked
    assert {each.kind for each in found} == {"answer"}
    assert {each.hits[0].topic_id for each in found} == {"child-benefit"}
    async with asyncio.timeout(20):
        while not encoder.up:  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.02)
    again = await answerer.understand("wie beantrage ich kindergeld?")
    assert again.hits[0].topic_id == "child-benefit"
    await encoder.close()


async def test_danger_is_noticed_without_the_encoder(lexical: Answerer) -> None:
    for text in ("mein mann atmet nicht mehr", "there is fire in my flat", "ich will sterben"):
        assert (await lexical.understand(text)).kind == "emergency"


async def test_many_messages_come_back_in_order(answerer: Answerer) -> None:
    texts = ["wie beantrage ich kindergeld", "danke", "mein kind atmet nicht"] * 20
    found = await answerer.understand_many(texts)
    assert [each.kind for each in found] == ["answer", "smalltalk", "emergency"] * 20


@pytest.mark.parametrize(
    "text",
    [
        "\ufdfa" * 8,
        "\ud800\udfff lone",
        "a" * 100_000,
        "wo ist das amt " * 7_000,
        "\u202e\u2066\u200f",
        "\x00\x01\x02",
        "<b>&amp;</b>" * 50,
        "🙂" * 300,
        "١٢٣ ۴۵۶",
    ],
    ids=str,
)
async def test_hostile_texts_are_understood_as_something(answerer: Answerer, text: str) -> None:
    found = await answerer.understand(text)
    assert found.kind in KINDS


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters(), max_size=500), st.sampled_from([None, "de", "ar", "xx"]))
def test_any_text_in_any_chosen_language_has_an_outcome(
    lexical: Answerer, text: str, chosen: str | None
) -> None:
    found = asyncio.run(lexical.understand(text, language=chosen))
    assert isinstance(found, Understanding)
    assert found.kind in KINDS
    assert len(found.hits) <= 5
    assert all(0 <= hit.score <= 1 for hit in found.hits)
    assert (found.kind in ("none", "smalltalk")) == (not found.hits)
