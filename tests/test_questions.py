"""A newcomer asks in their own words."""

import asyncio
import os
import signal

import pytest
import telegram
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answering.encoder import Encoder
from bot.app.serving import House
from tests.conftest import Meet
from tests.fake_telegram import FakeTelegram
from tests.people import Person


async def test_one_clear_answer(meet: Meet) -> None:
    """Title, text, the office with address and date, and where to go from here."""
    person = await meet().arrive(town="Raunheim")
    [reply] = await person.say("bin gestern nach raunheim gezogen, wo muss ich mich anmelden")
    assert "Wohnsitz anmelden" in reply.text
    assert "Am Stadtzentrum 1" in reply.text
    assert "Stand:" in reply.text
    assert {"Das hilft mir", "Das hilft mir nicht", "Menü"} <= set(reply.labels)


async def test_ruesselsheim_has_its_own_offices(meet: Meet) -> None:
    """Never a thing that is true only in another town; without a town both, and which is which."""
    question = "Mein Aufenthaltstitel läuft ab, welche Ausländerbehörde?"
    there = await meet().arrive(town="Rüsselsheim am Main")
    elsewhere = await meet().arrive(town="Trebur")
    nowhere = await meet().arrive()
    city = (await there.say(question))[-1].text
    county = (await elsewhere.say(question))[-1].text
    both = (await nowhere.say(question))[-1]
    assert "+49 6142 83" in city
    assert "+49 6142 83" not in county
    assert "Wilhelm-Seipp-Straße 4" in county
    assert "Nur für Menschen aus Rüsselsheim am Main" in both.text
    assert "Für alle anderen Orte im Kreis" in both.text
    assert "Mein Ort" in both.labels


async def test_an_english_question_in_a_german_chat(meet: Meet) -> None:
    """Answered in English, with one button to go on in English; the choice itself stays."""
    person = await meet().arrive()
    [reply] = await person.say("where do I have to register my new address please?")
    assert "You" in reply.text
    assert "Go on in English" in reply.labels
    await person.say("/menu")
    assert "Was brauchen Sie?" in person.last.text


async def test_the_same_answer_in_german_for_the_counter(meet: Meet) -> None:
    """The button "Show in German" shows the same article to a clerk."""
    person = await meet("en").arrive(language="English")
    await person.say("where do I register my new address")
    await person.press("Show in German")
    assert "Wohnsitz anmelden" in person.last.text


async def test_an_honest_no(meet: Meet) -> None:
    """What we do not have is not made up; the office's contact stands there."""
    person = await meet().arrive()
    [reply] = await person.say("Schreib mir ein Liebesgedicht über den Mond")
    assert "weiß ich leider nicht" in reply.text
    assert "bfi@kreisgg.de" in reply.text


async def test_no_is_followed_by_choices_and_people(meet: Meet) -> None:
    """The button "This does not help" leads on, and "none of these" to the office."""
    person = await meet().arrive()
    await person.say("Wo melde ich meinen Wohnsitz an?")
    await person.press("Das hilft mir nicht")
    assert "Nichts davon" in person.last.labels
    await person.press("Nichts davon")
    assert "bfi@kreisgg.de" in person.last.text


@pytest.mark.parametrize(
    "cry",
    [
        "mein mann atmet nicht mehr",
        "he is breaking the door he will kill us",
        "kocam nefes almıyor",
        "ابني شرب منظف",
        "es brennt bei uns",
    ],
)
async def test_danger_comes_first(meet: Meet, cry: str) -> None:
    """Numbers to tap, whatever the language, before anything was chosen."""
    person = meet()
    [reply] = await person.say(cry)
    assert {"tel:112", "tel:110"} & set(reply.links)


async def test_danger_does_not_end_a_dialogue(meet: Meet) -> None:
    """After the emergency card the dialogue about the town goes on."""
    person = meet()
    await person.say("/start")
    await person.press("Deutsch")
    await person.say("hilfe mein kind ist bewusstlos")
    assert "tel:112" in person.last.links
    await person.say("Gernsheim")
    assert "Gernsheim" in person.last.text


async def _until_up(encoder: Encoder) -> None:
    for _ in range(400):
        if encoder.up:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the encoder did not come back")


async def test_the_encoder_dies_in_mid_question(meet: Meet, house: House, encoder: Encoder) -> None:
    """Lexical search answers meanwhile, nothing strange is said, and the process comes back."""
    person = await meet().arrive()
    assert encoder.pid is not None
    os.kill(encoder.pid, signal.SIGKILL)
    [reply] = await person.say("Wo muss ich meinen Wohnsitz anmelden?")
    assert "nmelden" in reply.text
    await _until_up(encoder)
    [reply] = await person.say("Wo muss ich meinen Wohnsitz anmelden?")
    assert "Wohnsitz anmelden" in reply.text


async def test_five_quick_lines_get_five_answers_in_order(meet: Meet, fake: FakeTelegram) -> None:
    """One chat is handled in order, one at a time."""
    person = await meet().arrive()
    lines = ["/privacy", "/impressum", "/help", "/menu", "/stop"]
    before = len(fake.sent_to(person.id))
    numbers = [await fake.send({"message": person.message(text=line).to_dict()}) for line in lines]
    await fake.handled(numbers[-1])
    texts = [call.call["text"] for call in fake.sent_to(person.id)[before:]]
    assert len(texts) == 5
    for words, said in zip(
        ("Datenschutz", "Impressum", "Hilfe", "Was brauchen Sie", "/forget"), texts, strict=True
    ):
        assert words in said


async def test_a_photo_of_a_letter(meet: Meet, fake: FakeTelegram) -> None:
    """Nothing is downloaded; the sender leads to the article."""
    person = await meet().arrive()
    photo = telegram.PhotoSize("file-x", "unique-x", width=10, height=10)
    before = len(fake.calls)
    [reply] = await person.send(message=person.message(photo=(photo,)))
    assert "Wer hat den Brief geschickt?" in reply.text
    assert not [call for call in fake.calls[before:] if call.method == "getFile"]
    await person.press("Familienkasse")
    assert "Kindergeld" in person.last.text


async def test_a_caption_in_danger(meet: Meet) -> None:
    """A picture of a fire with words is heard."""
    person = await meet().arrive()
    photo = telegram.PhotoSize("file-x", "unique-x", width=10, height=10)
    [reply] = await person.send(
        message=person.message(photo=(photo,), caption="unser haus brennt, hilfe")
    )
    assert "tel:112" in reply.links


async def test_an_edited_question_is_answered_again(meet: Meet) -> None:
    """Somebody corrects a mistake."""
    person = await meet().arrive()
    await person.say("Wo?")
    [reply] = await person.send(
        edited_message=person.message(text="Wo melde ich meinen Wohnsitz an?")
    )
    assert "Wohnsitz anmelden" in reply.text


async def test_all_topics_can_be_reached_by_pressing(meet: Meet, house: House) -> None:
    """For those who would rather press than write: menu, chapter, title."""
    person = await meet().arrive()
    await person.say("/menu")
    await person.press("Alle Themen")
    [books] = [person.last]
    seen: set[str] = set()
    for label in books.labels[:-1]:
        [chapter] = await person.press(label, books)
        seen |= {
            str(button.callback_data).split(":")[1]
            for button in chapter.buttons
            if str(button.callback_data).startswith("topic:")
        }
    assert seen == set(house.office.knowledge.topics)


async def test_every_article_fits_into_a_message(meet: Meet, house: House) -> None:
    """All articles in all languages; Telegram refuses none of them.

    To save time they are read with a town on one database and without one on the other.
    """
    settled = house.office.settings.database.startswith("sqlite")
    reader = await (meet().arrive(town="Groß-Gerau") if settled else meet().arrive())
    for topic_id, topic in house.office.knowledge.topics.items():
        for language in topic.articles:
            [reply] = await reader.press_data(
                f"topic:{topic_id}:{language}", reader.last.message_id
            )
            shown = reply.text.replace("\u2066", "").replace("\u2069", "")
            assert topic.articles[language].title in shown
            assert "{" not in reply.text


async def test_too_many_messages_get_one_polite_sentence(meet: Meet, house: House) -> None:
    """Then silence, but danger is heard all the same."""
    person = await meet().arrive()
    pace = house.office.pace
    allowed, pace._per_minute = pace._per_minute, 1
    try:
        said = [reply for _ in range(6) for reply in await person.say("/menu")]
        assert len([reply for reply in said if "sehr schnell" in reply.text]) == 1
        [reply] = await person.say("es brennt, hilfe")
        assert "tel:112" in reply.links
    finally:
        pace._per_minute = allowed


_person: dict[int, Person] = {}


@given(
    text=st.one_of(
        st.text(max_size=300),
        st.text(alphabet="<>&/\"'b ia\u202e\u2066\ufdfa\x00\ud800", min_size=1, max_size=60),
        st.sampled_from(["<b>", "</b>", "&lt;", "a" * 4096, "ﷺ" * 50, "\u202eabc", "🏳️‍🌈" * 40]),
    )
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_any_text_gets_at_most_one_answer(meet: Meet, text: str) -> None:
    """No crash, no unescaped HTML (the fake refuses it), at most one answer."""
    person = _person.setdefault(id(meet), meet())
    if not text.strip():
        return
    said = text.encode("utf-8", "ignore").decode()
    if said.strip():
        replies = await person.send(message=person.message(text=said))
        assert len(replies) <= 1
