"""What volunteers press, and what both sides read until the hours are confirmed."""

import asyncio
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.interpreting.letters import Letter as Kind
from bot.models import Assignment, Chat, Offer, Request, RequestEvent
from bot.volunteers import Mode, Topic, suspend_volunteer
from handlers.parcels import is_ours
from tests.fake_telegram import Failure, Fault
from tests.people import Person, Reply
from tests.pool_talks import Talks, chat_of, walk


def _offer(person: Person) -> Reply:
    """The message with the newest offer."""
    return next(reply for reply in reversed(person.replies) if "Ja, ich mache das" in reply.labels)


def _shown(person: Person, reply: Reply) -> dict[str, object]:
    """A message as it stands in the chat now."""
    return dict(person.fake.messages[person.id, reply.message_id])


async def _offer_id(talks: Talks, person: Person) -> int:
    data = str(_offer(person).buttons[0].callback_data)
    return int(re.findall(r"\d+", data)[-1])


def test_every_kind_of_letter_has_words() -> None:
    """A letter without words would wait forever."""
    assert len(Kind) > 20
    assert [kind for kind in Kind if not is_ours(kind)] == []


async def test_twenty_two_press_at_once_and_one_gets_it(talks: Talks) -> None:
    """One interpreter, one standby, twenty friendly refusals whose buttons disappear."""
    kita = await talks.institution()
    everybody = [await talks.volunteer("kmr") for _number in range(22)]
    start = talks.now() + timedelta(hours=4)
    await talks.request(kita, start, wants_standby=True, mode=Mode.PHONE)
    await talks.until_asked(*everybody, step=timedelta(minutes=5))
    offers = [_offer(person) for person in everybody]
    await asyncio.gather(*(p.press("Ja, ich mache das") for p in everybody))
    said = [p.last.text for p in everybody]
    assert len([text for text in said if "Der Termin gehört Ihnen" in text]) == 1
    assert len([text for text in said if "Sie sind die Reserve" in text]) == 1
    kind = [t for t in said if "war schneller" in t or "ist vorbei" in t]
    assert len(kind) == 20
    await talks.post()
    for person, offer in zip(everybody, offers, strict=True):
        assert (
            "reply_markup" not in _shown(person, offer) or not _shown(person, offer)["reply_markup"]
        )
    async with talks.sessions.begin() as session:
        assert len((await session.scalars(select(Assignment))).all()) == 1


async def test_no_and_later_and_i_know_this_person(talks: Talks) -> None:
    """Later keeps the buttons; why somebody said no is shown to nobody."""
    staff = await talks.dispatcher()
    kita = await talks.institution()
    one, two, three = [await talks.volunteer("kmr") for _number in range(3)]
    number = await talks.request(kita, talks.now() + timedelta(hours=30))
    await talks.until_asked(one, two, three, step=timedelta(minutes=30))
    await one.press("Nein, ich kenne diese Person")
    assert "Niemand erfährt es" in one.last.text
    await two.press("Nein")
    await three.press("Später")
    assert "Die Knöpfe bleiben" in three.last.text
    assert "Ja, ich mache das" in _offer(three).labels
    assert _shown(one, _offer(one)).get("reply_markup") in (None, {})
    await kita[0].press_data(f"req:state:{number}:", kita[0].last.message_id)
    assert "Nein: 2" in kita[0].last.text
    await staff.press_data(f"pool:request:{number}:0", 1)
    for words in (kita[0].last.text, staff.last.text):
        assert "kenn" not in words
    await three.press("Ja, ich mache das", _offer(three))
    assert "gehört Ihnen" in three.last.text


async def test_an_offer_of_somebody_else_cannot_be_taken(talks: Talks) -> None:
    """Nor by who is suspended since."""
    kita = await talks.institution()
    one = await talks.volunteer("kmr")
    other, stranger = await talks.volunteer("tr"), await talks.resident()
    await talks.request(kita, talks.now() + timedelta(days=3))
    offer = await _offer_id(talks, one)
    for thief in (other, stranger):
        await thief.say("/interpreter")
        for answer in ("yes", "no", "knows", "later"):
            await thief.press_data(f"offer:{answer}:{offer}", thief.last.message_id)
            assert "nur für zugelassene" in thief.last.text
    await one.press_data("offer:yes:999999", one.last.message_id)
    assert "vorbei" in one.last.text
    async with talks.sessions.begin() as session:
        [row] = await session.scalars(select(Offer))
        await suspend_volunteer(session, row.volunteer_id, talks.now(), Chat("telegram", 1))
    await one.press_data(f"offer:yes:{offer}", one.last.message_id)
    assert "nur für zugelassene" in one.last.text
    async with talks.sessions.begin() as session:
        [request] = await session.scalars(select(Request))
        assert request.interpreter_id is None


async def test_who_blocked_the_bot_is_not_waited_for(talks: Talks) -> None:
    """The offer ends, and the history says that somebody cannot be reached."""
    kita, gone = await talks.institution(), await talks.volunteer("kmr")
    gone.fake.blocked.add(gone.id)
    number = await talks.request(kita, talks.now() + timedelta(days=3))
    gone.fake.blocked.discard(gone.id)
    async with talks.sessions.begin() as session:
        [offer] = await session.scalars(select(Offer))
        assert offer.state == "unreachable"
        kinds = await session.scalars(
            select(RequestEvent.kind).where(RequestEvent.request_id == number)
        )
        assert "unreachable" in set(kinds)


async def test_a_cancelled_request_takes_its_offers_and_details_back(talks: Talks) -> None:
    """Whoever said yes is told; the message with the address is replaced."""
    kita = await talks.institution()
    one, two = await talks.volunteer("kmr"), await talks.volunteer("kmr")
    await talks.request(kita, talks.now() + timedelta(hours=30), wants_standby=True)
    await talks.until_asked(one, two, step=timedelta(minutes=30))
    await one.press("Ja, ich mache das")
    await talks.post()
    details = next(r for r in one.replies if "Ringstr" in r.text)
    await walk(kita[0], "/interpreter", "#Unsere Anfragen", "#Kurmandschi")
    await walk(kita[0], "#Diese Anfrage absagen", "#Ja, absagen")
    await talks.post()
    assert any("Ihr Termin fällt aus" in r.text for r in one.replies)
    assert "Ringstr" not in str(_shown(one, details)["text"])
    assert "vorbei" in str(_shown(two, _offer(two))["text"])
    await two.press("Ja, ich mache das", _offer(two))
    assert "vorbei" in two.last.text


async def test_who_cannot_come_is_replaced_by_the_standby(talks: Talks) -> None:
    """Both sides read who comes now; who left loses the details."""
    kita = await talks.institution()
    one, two = await talks.volunteer("kmr"), await talks.volunteer("kmr")
    await talks.request(kita, talks.now() + timedelta(hours=30), wants_standby=True)
    await talks.until_asked(one, two, step=timedelta(minutes=30))
    await one.press("Ja, ich mache das")
    await two.press("Ja, ich mache das")
    await talks.post()
    assert not any("Ringstr" in r.text for r in two.replies)
    await walk(one, "/interpreter", "#Meine Termine", "#Ich kann nicht kommen", "#Ja, ich kann")
    await talks.post()
    assert any("Jetzt ist es Ihr Termin" in r.text and "Ringstr" in r.text for r in two.replies)
    assert any(f"Name {two.id}" in r.text for r in kita[0].replies)
    details = next(r for r in one.replies if "Ringstr" in r.text)
    assert "Ringstr" not in str(_shown(one, details)["text"])
    shown = [m for (chat, _n), m in one.fake.messages.items() if chat == kita[0].id]
    assert not any(f"Name {one.id}" in str(message.get("text")) for message in shown)


async def test_reminders_then_hours_then_the_ledger(talks: Talks) -> None:
    """A day and two hours before; afterwards nothing private is left, and both confirm."""
    staff, kita = await talks.dispatcher(), await talks.institution()
    one = await talks.volunteer("kmr")
    start = talks.now() + timedelta(days=3)
    number = await talks.request(kita, start)
    await one.press("Ja, ich mache das")
    await talks.post()
    talks.clock.ahead = timedelta(days=2, minutes=1)
    for person in (one, kita[0]):
        assert not any("Erinnerung" in r.text for r in person.replies)
    new = await talks.post()
    assert any("Erinnerung: morgen" in r.text for r in new[one.id])
    assert any("Erinnerung: morgen" in r.text for r in new[kita[0].id])
    talks.clock.ahead = timedelta(days=2, hours=22, minutes=1)
    new = await talks.post()
    assert any("Erinnerung: heute" in r.text for r in new[one.id])
    talks.clock.ahead = timedelta(days=3, minutes=5)
    await kita[0].press_data(f"req:state:{number}:", kita[0].last.message_id)
    assert "Die Dolmetscher*in ist nicht gekommen" in kita[0].last.labels
    talks.clock.ahead = timedelta(days=3, hours=2)
    await talks.post()
    left = [str(m.get("text", "")) for (chat, _n), m in one.fake.messages.items() if chat == one.id]
    assert not any("Ringstr" in text for text in left)
    await one.press("Es hat 1 Stunde")
    assert "Ich frage auch die andere Seite" in one.last.text
    await walk(kita[0], "#Es hat länger", "90", "#Ja")
    assert "etwas anderes geschrieben" in kita[0].last.text
    await talks.post()
    await walk(staff, "#Ansehen", "#Name", "#1 Stunde 30 Minuten")
    assert "Geklärt" in staff.last.text
    async with talks.sessions.begin() as session:
        [row] = await session.scalars(select(Assignment))
        assert (row.volunteer_minutes, row.institution_minutes, row.settled_minutes) == (60, 90, 90)


async def test_nobody_came_is_asked_about_twice_and_staff_are_told(talks: Talks) -> None:
    """Then somebody is looked for by telephone at once."""
    staff, kita = await talks.dispatcher(), await talks.institution()
    one = await talks.volunteer("kmr")
    number = await talks.request(kita, talks.now() + timedelta(days=3))
    await one.press("Ja, ich mache das")
    await talks.post()
    two = await talks.volunteer("kmr")
    talks.clock.ahead = timedelta(days=3, minutes=10)
    await talks.post()
    await kita[0].press_data(f"req:state:{number}:", kita[0].last.message_id)
    await walk(kita[0], "#Die Dolmetscher*in ist nicht gekommen", "#Ja, niemand ist gekommen")
    await talks.post()
    assert any("nicht gekommen" in r.text for r in staff.replies)
    assert any("dass Sie nicht gekommen sind" in r.text for r in one.replies)
    assert any("Können Sie jetzt dolmetschen?" in r.text for r in two.replies)


async def test_nobody_found_is_said_with_what_helps(talks: Talks) -> None:
    """The colleagues' list is named, and another language may be agreed to."""
    staff, kita = await talks.dispatcher(), await talks.institution()
    await walk(staff, "/staff", "#Dolmetschen: Übersicht", "#Sprachen der Kolleg*innen")
    await walk(staff, "#Jemanden eintragen", "dari", "Frau A, Jugendamt", "06152 9891")
    assert "Gespeichert" in staff.last.text
    await talks.request(kita, talks.now() + timedelta(days=2), language="prs")
    assert "niemanden gefunden" in kita[0].last.text
    assert "Frau A, Jugendamt" in kita[0].last.text
    assert "Auch anfragen: Farsi (Persisch, Iran)" in kita[0].last.labels
    assert any("niemanden gefunden" in r.text for r in staff.replies)


@pytest.mark.parametrize("kind", ["429", "500", "drop"])
async def test_a_letter_that_did_not_arrive_comes_later_and_once(
    talks: Talks, kind: Failure
) -> None:
    """Telegram says "wait", or the line breaks; nothing is lost and nothing comes twice."""
    kita, one = await talks.institution(), await talks.volunteer("kmr")
    await talks.post()
    one.fake.faults.append(Fault("sendMessage", kind, times=1, seconds=1, chat_id=one.id))
    await talks.request(kita, talks.now() + timedelta(days=3))
    for _try in range(3):
        talks.clock.ahead += timedelta(minutes=2)
        await talks.post()
    assert len([r for r in one.replies if "Können Sie" in r.text]) == 1


@pytest.mark.parametrize(
    ("language", "topic"), [("tr", Topic.SCHOOL), ("apc", Topic.HEALTH), ("prs", Topic.OFFICE)]
)
async def test_a_glossary_comes_where_we_have_one(
    talks: Talks, language: str, topic: Topic
) -> None:
    """Arabic dialects get the written Arabic terms, Dari its own; Somali has none yet."""
    kita = await talks.institution()
    one, other = await talks.volunteer(language), await talks.volunteer("so")
    await talks.request(kita, talks.now() + timedelta(days=3), language=language, topic=topic)
    await talks.request(kita, talks.now() + timedelta(days=4), language="so", topic=topic)
    for person in (one, other):
        await person.press("Ja, ich mache das")
    await talks.post()
    assert any("Wörter für Ihren Termin" in r.text for r in one.replies)
    assert not any("Wörter für Ihren Termin" in r.text for r in other.replies)
    assert len({chat_of(one), chat_of(other)}) == 2
