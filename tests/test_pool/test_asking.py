"""An institution asks: language, when, how, about what, and all of it before it is sent."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.conversations import read_conversation
from bot.institutions import lock_institution
from bot.models import Chat, Request, RequestDetails
from bot.switches import Module, switch_off, switch_on
from bot.texts import HOUSE_TIME
from tests.pool_talks import Talks, chat_of, walk

_BEGIN = ("/interpreter", "#Dolmetscher*in anfragen")
_PHONE = ("#per Telefon",)
_END = ("#Schule", "#egal", "#Petra Lang", "#Nichts", "#Nein")


async def _requests(talks: Talks) -> list[Request]:
    async with talks.sessions.begin() as session:
        return list(await session.scalars(select(Request).order_by(Request.id)))


async def test_a_request_is_asked_for_step_by_step(talks: Talks) -> None:
    """Typed in any script, flagged where it names somebody, and nothing private in the offer."""
    person, _house = await talks.institution()
    turk = await talks.volunteer("tr")
    begins = (talks.now() + timedelta(days=4)).astimezone(HOUSE_TIME)
    await walk(person, *_BEGIN, "турецька", f"{begins:%d.%m.%Y} 14:30", "1,5 h", "#vor Ort")
    await walk(person, "gross gerau", "Ringstr. 4, Gespräch mit Herrn Haddad")
    assert "der Name einer Person" in person.last.text
    await walk(person, "#Ich schreibe es neu", "Ringstr. 4, Zimmer 3", "#Schule", "#egal")
    await walk(person, "#Petra Lang", "Az. 12 F 345/24")
    assert "ein Aktenzeichen" in person.last.text
    await walk(person, "#Ich schreibe es neu", "drei Personen", "#Nein")
    assert "Türkisch" in person.last.text
    assert "14:30" in person.last.text
    assert "Ringstr. 4, Zimmer 3" in person.last.text
    await person.press("Ja, abschicken")
    assert "Geschickt" in person.last.text
    [request] = await _requests(talks)
    assert (request.language, request.mode, request.municipality) == ("tr", "on-site", "Groß-Gerau")
    assert request.ends_at - request.starts_at == timedelta(minutes=90)
    assert request.starts_at.astimezone(HOUSE_TIME).strftime("%H:%M") == "14:30"
    await talks.post()
    assert "Groß-Gerau" in turk.last.text
    for private in ("Ringstr", "Petra", "Sonnenschein", "drei Personen", "06142"):
        assert private not in turk.last.text
    await turk.press("Ja, ich mache das")
    await talks.post()
    said = "\n".join(reply.text for reply in turk.replies)
    assert "Ringstr. 4, Zimmer 3" in said
    assert "drei Personen" in said
    assert "Wörter für Ihren Termin" in turk.last.text
    assert "Zeugnis: karne" in turk.last.text
    assert "Eine Maschine hat diese Wörter übersetzt" in turk.last.text
    [calendar] = [c for c in turk.fake.sent_to(turk.id) if c.method == "sendDocument"]
    assert calendar.files
    content = next(iter(calendar.files.values())).decode()
    assert "DTSTART;TZID=Europe/Berlin" in content
    assert "Ringstr" not in content
    assert any(
        "Ich habe eine Dolmetscher*in gefunden" in r.text and f"Name {turk.id}" in r.text
        for r in person.replies
    )


async def test_again_for_the_same_person_asks_only_what_is_new(talks: Talks) -> None:
    """After the appointment: language, town, topic and contact are known; when and how are not."""
    person, _house = await talks.institution()
    turk = await talks.volunteer("tr")
    begins = (talks.now() + timedelta(days=4)).astimezone(HOUSE_TIME)
    await walk(person, *_BEGIN, "Türkisch", f"{begins:%d.%m.%Y} 14:30", "1 h", *_PHONE, *_END)
    await person.press("Ja, abschicken")
    await talks.post()
    await turk.press("Ja, ich mache das")
    await talks.post()
    talks.clock.ahead += timedelta(days=5)
    await talks.post()
    await walk(person, "/interpreter", "#Unsere Anfragen")
    await person.press("Türkisch, ")
    await person.press("Noch einmal für dieselbe Person")
    assert "Wann?" in person.last.text
    begins = (talks.now() + timedelta(days=4)).astimezone(HOUSE_TIME)
    await walk(person, f"{begins:%d.%m.%Y} 9 Uhr", "1 h", *_PHONE, "#Nein")
    assert "Petra Lang" in person.last.text
    await person.press("Ja, abschicken")
    first, second = await _requests(talks)
    assert (second.case_id, second.language, second.topic) == (first.id, "tr", "school")


async def test_unclear_languages_and_days_are_asked_for(talks: Talks) -> None:
    """Kurdish is several languages, next Tuesday two days, a weekday must fit its date."""
    person, _house = await talks.institution()
    await walk(person, *_BEGIN, "Kurdisch")
    assert [label for label in person.last.labels if "Kurmandschi" in label]
    await walk(person, "#Sorani", "nächsten Dienstag 10 Uhr")
    assert "Was meinen Sie?" in person.last.text
    assert len([label for label in person.last.labels if "10:00" in label]) == 2
    await person.say("gestern")
    assert "nicht verstanden" in person.last.text
    await person.say("1.1.2020 10 uhr")
    assert "vorbei" in person.last.text
    later = (talks.now() + timedelta(days=200)).astimezone(HOUSE_TIME)
    await person.say(f"{later:%d.%m.%Y} 10 Uhr")
    assert "noch zu früh" in person.last.text


async def test_the_language_is_shown_where_nobody_knows_its_name(talks: Talks) -> None:
    """The person concerned points to their own."""
    person, _house = await talks.institution()
    await walk(person, *_BEGIN, "#Ich kenne die Sprache nicht", "#ትግርኛ")
    assert "Wann?" in person.last.text


async def test_a_substitute_needs_the_institutions_yes(talks: Talks) -> None:
    """Farsi for Dari only when it was agreed; who is asked reads what the person speaks."""
    person, _house = await talks.institution()
    reza = await talks.volunteer("fa")
    day = (talks.now() + timedelta(days=5)).astimezone(HOUSE_TIME)
    to_mode = (f"{day:%d.%m.%Y} 10:00", "#1 Stunde", *_PHONE)
    await walk(person, *_BEGIN, "dari", "#Nein, nur Dari", *to_mode, *_END, "#Ja, abschicken")
    await talks.post()
    assert not any("Können Sie" in reply.text for reply in reza.replies)
    await walk(person, *_BEGIN, "dari", "#Ja, auch Farsi", *to_mode, *_END, "#Ja, abschicken")
    await talks.post()
    assert "Die Person spricht Dari" in reza.last.text
    [alone, agreed] = await _requests(talks)
    assert (alone.substitutes, agreed.substitutes) == ([], ["fa"])
    # Agreed later, from the state of the first request.
    await walk(person, "/interpreter", "#Unsere Anfragen")
    data = f"req:state:{alone.id}:"
    await person.press_data(data, person.last.message_id)
    await person.press("Auch anfragen: Farsi")
    assert (await _requests(talks))[0].substitutes == ["fa"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (("#Gericht, Polizei",), "ein Termin mit rechtlicher Wirkung"),
        (("Notartermin", "#Ja, das ist es"), "ein Termin beim Notar"),
    ],
)
async def test_an_appointment_with_legal_effect_is_stopped(
    talks: Talks, steps: tuple[str, ...], words: str
) -> None:
    """With the reason and where sworn interpreters are found; nothing is sent."""
    person, _house = await talks.institution()
    day = (talks.now() + timedelta(days=5)).astimezone(HOUSE_TIME)
    await walk(person, *_BEGIN, "tigrinya", f"{day:%d.%m.%Y} 10:00", "#1 Stunde", *_PHONE)
    await walk(person, *steps)
    assert words in person.last.text
    assert "www.justiz-dolmetscher.de" in person.last.text
    assert await _requests(talks) == []
    async with talks.sessions.begin() as session:
        assert await read_conversation(session, chat_of(person)) == (None, {})


async def test_a_note_about_the_police_is_asked_about_and_may_stay(talks: Talks) -> None:
    """It only sounds like it: a person decides."""
    person, _house = await talks.institution()
    day = (talks.now() + timedelta(days=5)).astimezone(HOUSE_TIME)
    await walk(person, *_BEGIN, "tigrinya", f"{day:%d.%m.%Y} 10:00", "#1 Stunde", *_PHONE)
    await walk(person, "#Schule", "#egal", "#Petra Lang", "Projekt-Tag über die Polizei")
    assert "ein Termin mit der Polizei" in person.last.text
    await walk(person, "#Nein, es ist etwas anderes", "#Nein", "#Ja, abschicken")
    async with talks.sessions.begin() as session:
        [details] = await session.scalars(select(RequestDetails))
        assert details.note == "Projekt-Tag über die Polizei"


async def test_too_soon_leads_to_the_telephone(talks: Talks) -> None:
    """On site needs a day; "now" works by phone or video only."""
    person, _house = await talks.institution()
    soon = (talks.now() + timedelta(hours=5)).astimezone(HOUSE_TIME)
    await walk(person, *_BEGIN, "tigrinya", f"{soon:%d.%m.%Y %H:%M}", "#1 Stunde", "#vor Ort")
    assert "Das ist zu bald" in person.last.text
    await person.press("Eine andere Zeit wählen")
    await person.say("sofort")
    assert "vor Ort" not in person.last.labels
    await walk(person, *_PHONE, "#Schule", "#egal", "#Petra Lang", "#Nichts", "#Ja, abschicken")
    assert "15 Minuten" in person.last.text
    [request] = await _requests(talks)
    assert request.lane == "now"


async def test_every_answer_can_be_changed_before_it_is_sent(talks: Talks) -> None:
    """Changing the time asks for the way again, and comes back to the whole."""
    person, _house = await talks.institution()
    day = (talks.now() + timedelta(days=5)).astimezone(HOUSE_TIME)
    await walk(person, *_BEGIN, "tigrinya", f"{day:%d.%m.%Y} 10:00", "#1 Stunde", *_PHONE, *_END)
    await walk(person, "#Ändern: Sprache", "amharisch")
    assert "Amharisch" in person.last.text
    await walk(person, "#Ändern: Zeit", f"{day:%d.%m.%Y} 11:15", "#per Video", "#Nein")
    assert "11:15" in person.last.text
    await person.press("Ja, abschicken")
    [request] = await _requests(talks)
    assert (request.language, request.mode) == ("am", "video")


async def test_sent_is_sent_once(talks: Talks) -> None:
    """An old "send" sends nothing again."""
    person, _house = await talks.institution()
    day = (talks.now() + timedelta(days=5)).astimezone(HOUSE_TIME)
    await walk(person, *_BEGIN, "tigrinya", f"{day:%d.%m.%Y} 10:00", "#1 Stunde", *_PHONE, *_END)
    shown = person.last.message_id
    await person.press("Ja, abschicken")
    await person.press_data("q|ask|send|send", shown)
    assert "nicht mehr offen" in person.last.text
    assert len(await _requests(talks)) == 1


async def test_an_institution_that_is_locked_meanwhile_goes_no_step_further(talks: Talks) -> None:
    """The role is looked up at every answer."""
    person, house = await talks.institution()
    await walk(person, *_BEGIN, "tigrinya")
    async with talks.sessions.begin() as session:
        await lock_institution(session, house, talks.now(), Chat("telegram", 1))
    await person.say("morgen 10 uhr")
    assert "gesperrt" in person.last.text
    async with talks.sessions.begin() as session:
        assert await read_conversation(session, chat_of(person)) == (None, {})


async def test_nobody_asks_for_an_institution_of_others(talks: Talks) -> None:
    """Forged buttons and numbers open nothing."""
    owner = await talks.institution()
    number = await talks.request(owner, talks.now() + timedelta(days=3))
    stranger = await talks.resident()
    await stranger.say("/interpreter")
    shown = stranger.last.message_id
    for data in (
        f"req:state:{number}:",
        f"req:gone:{number}:",
        f"req:details:{number}:",
        f"req:noshow!:{number}:",
        f"req:other:{number}:fa",
        f"req:hours:{number}:",
        f"house:invite:{owner[1]}",
        f"house:people:{owner[1]}",
    ):
        await stranger.press_data(data, shown)
        assert "nur für" in stranger.last.text, data
    await stranger.press_data(f"hours:{number}:60", shown)
    assert "Vielen Dank" not in stranger.last.text
    await stranger.press_data("go:ask:", shown)
    assert "nur für Menschen aus angemeldeten Einrichtungen" in stranger.last.text
    [request] = await _requests(talks)
    assert request.state == "unfilled"


async def test_a_request_in_one_sentence(talks: Talks) -> None:
    """What the sentence says already is not asked again."""
    person, _house = await talks.institution()
    await person.say("Wir brauchen übermorgen um 10 Uhr einen Dolmetscher für Tigrinya")
    assert "Wie lange dauert es?" in person.last.text


async def test_switched_off_says_why_and_who_helps(talks: Talks) -> None:
    """The pool's own contact answers meanwhile."""
    person, _house = await talks.institution()
    await walk(person, *_BEGIN)
    async with talks.sessions.begin() as session:
        await switch_off(session, Module.INTERPRETERS, "Wir bauen <um>.", talks.now())
    try:
        await person.say("dari")  # in the middle of a dialogue
        assert "Grund: Wir bauen <um>." in person.last.text
        for step in ("/interpreter", "#Dolmetschen"):
            await walk(person, "/menu", step)
            assert "Wir bauen <um>." in person.last.text
            assert "dolmetsch-pool@kreisgg.de" in person.last.text
    finally:
        async with talks.sessions.begin() as session:
            await switch_on(session, Module.INTERPRETERS)


async def test_a_private_person_gets_the_rule_and_a_german_card(talks: Talks) -> None:
    """Kindly, in their language; the card is German and names the dialect and the pool."""
    person = await talks.resident("en")
    await person.say("I need an interpreter for kurmanji at the doctor")
    assert "Only institutions can ask" in person.replies[-2].text
    card = person.last.text
    assert "Bitte fordern Sie eine Dolmetscherin oder einen Dolmetscher an" in card
    assert "Kurmandschi (Nordkurdisch)" in card
    assert "06152 989202" in card.replace("+49 6152", "06152")
    assert "Show it, or forward this message" in card
    await walk(person, "/interpreter", "#Card in German", "arabic")
    assert len([label for label in person.last.labels if "Arabic" in label]) > 3
    await person.press("Arabic (Morocco)")
    assert "Arabisch (Marokko)" in person.last.text


async def test_an_unclear_language_of_a_private_person_is_asked_for(talks: Talks) -> None:
    """Kurdish is no language to request."""
    person = await talks.resident()
    await person.say("ich brauche einen dolmetscher für kurdisch")
    assert any("Nur Einrichtungen können sie anfragen" in r.text for r in person.replies)
    assert [label for label in person.last.labels if "Sorani" in label]
