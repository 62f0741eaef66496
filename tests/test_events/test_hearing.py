"""Messages about events: begun with a tap, ended with a tap; who hears of what."""

import pytest
from sqlalchemy import func, select

from bot.app.serving import House
from bot.db import Sessions
from bot.events import (
    Topic,
    audience_counts,
    comers,
    my_subscriptions,
    subscribe,
    subscribers,
)
from bot.models import Chat, Resident, Subscription
from tests.conftest import Meet
from tests.test_events.program import put, wall


async def test_a_newcomer_who_subscribes_gets_what_is_still_to_come(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """As one message: what is announced, fits and is not over; nothing cancelled or far away."""
    await put(house, title="Schwimmen für alle", topic=Topic.SPORT, starts_at=wall(house, 3))
    await put(house, title="Lauf im Mai", topic=Topic.SPORT, starts_at=wall(house, 150))
    await put(house, title="Ein Kurs", topic=Topic.COURSES)
    person = await meet().arrive()
    await person.say("ich möchte nachrichten bekommen wenn es feste gibt")
    assert "Sie bekommen noch keine Nachrichten" in person.last.text
    replies = await person.press("Sport")
    assert len(replies) == 1
    assert "Schwimmen für alle" in person.last.text
    assert "Lauf im Mai" not in person.last.text
    assert "Ein Kurs" not in person.last.text
    await person.press("Schwimmen für alle")
    assert "Ich komme" in person.last.labels


async def test_one_tap_ends_a_topic(house: House, meet: Meet, empty: Sessions) -> None:
    """And only this one; it says so."""
    person = await meet().arrive()
    for topic in ("Sport", "Kurse"):
        await person.say("nachrichten bestellen")
        await person.press(topic)
    await person.say("nachrichten abbestellen")
    assert "• Sport" in person.last.text
    await person.press("Beenden: Sport")
    assert "Keine Nachrichten mehr zum Thema: Sport" in person.last.text
    async with empty.begin() as session:
        mine = await my_subscriptions(session, Chat("telegram", person.id))
    assert mine == {Topic.COURSES: None}


async def test_a_topic_from_one_town_only(house: House, meet: Meet, empty: Sessions) -> None:
    """The narrow wish takes the place of the wide one, and back."""
    person = await meet().arrive(town="Raunheim")
    await person.say("nachrichten bestellen")
    await person.press("Kurse")
    assert "der ganze Kreis" in person.last.text
    await person.press("Nur aus Raunheim")
    assert "Ort: Raunheim" in person.last.text
    async with empty.begin() as session:
        rows = await session.scalars(select(Subscription.municipality))
        assert list(rows) == ["Raunheim"]
    await person.press("Aus dem ganzen Kreis")
    async with empty.begin() as session:
        rows = await session.scalars(select(Subscription.municipality))
        assert list(rows) == [""]


async def test_news_from_my_town_needs_a_town(house: House, meet: Meet, empty: Sessions) -> None:
    """It asks for it, and then it works."""
    await put(house, title="Markt im Ort", topic=Topic.CULTURE, municipality="Gernsheim")
    person = await meet().arrive()
    await person.say("nachrichten bestellen")
    await person.press("Neues aus meinem Ort")
    assert "Nennen Sie zuerst Ihren Ort" in person.last.text
    await person.press("Mein Ort")
    await person.say("Gernsheim")
    await person.say("nachrichten bestellen")
    await person.press("Neues aus meinem Ort")
    assert "Markt im Ort" in person.last.text


async def test_news_from_my_town_move_along(house: House, meet: Meet, empty: Sessions) -> None:
    """A new town, no news from the old one; other topics stay as they were chosen."""
    person = await meet().arrive(town="Raunheim")
    await person.say("nachrichten bestellen")
    await person.press("Neues aus meinem Ort")
    await person.press("Anderes Thema")
    await person.press("Kurse")
    await person.press("Nur aus Raunheim")
    await person.say("/place")
    await person.press("Trebur")
    chat = Chat("telegram", person.id)
    async with empty.begin() as session:
        mine = await my_subscriptions(session, chat)
    assert mine == {Topic.MY_TOWN: "Trebur", Topic.COURSES: "Raunheim"}
    await person.say("/place")
    await person.press("Meinen Ort vergessen")
    async with empty.begin() as session:
        assert await my_subscriptions(session, chat) == {Topic.COURSES: "Raunheim"}


async def test_a_stranger_is_asked_before_anything_is_kept(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """Looking is free; a subscription needs the choice of a language."""
    person = meet()
    await person.say("/events")
    await person.press("Nachrichten bestellen")
    await person.press("Kurse")
    assert "Bitte wählen Sie Ihre Sprache" in person.last.text
    async with empty.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Subscription)) == 0


@pytest.mark.parametrize(
    ("topic", "town", "expected"),
    [
        ("courses", None, {1, 2, 3}),
        ("courses", "Raunheim", {1, 2, 4}),
        ("courses", "Gernsheim", {1, 3}),
        ("sport", "Raunheim", {4}),
        ("sport", None, set()),
    ],
)
async def test_who_hears_of_an_event(
    house: House, empty: Sessions, topic: str, town: str | None, expected: set[int]
) -> None:
    """By topic and town, each chat once; the whole county concerns everybody with the topic."""
    today = house.office.today()
    async with empty.begin() as session:
        for number, language in ((1, "de"), (2, "en"), (3, "de"), (4, "de")):
            session.add(
                Resident(
                    channel="telegram",
                    chat_id=number,
                    language=language,
                    consent_version="1",
                    last_seen_on=today,
                )
            )
        for number, wanted, where in (
            (1, Topic.COURSES, None),
            (1, Topic.MY_TOWN, "Gernsheim"),
            (2, Topic.COURSES, "Raunheim"),
            (3, Topic.COURSES, "Gernsheim"),
            (4, Topic.MY_TOWN, "Raunheim"),
            (5, Topic.COURSES, None),  # no resident any more: is written to no longer
        ):
            await subscribe(session, Chat("telegram", number), wanted, where)
    async with empty.begin() as session:
        rows = (await session.execute(subscribers(topic, town))).all()
        counts = await audience_counts(session, topic, town)
    assert [row[0] for row in rows] == ["telegram"] * len(expected)
    assert {row[1] for row in rows} == expected
    assert len(rows) == len(expected)
    assert sum(counts.values()) == len(expected)
    assert counts.get("en", 0) == (1 if 2 in expected else 0)


async def test_who_comes_is_known_with_the_language(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """Those who are only interested are not among them."""
    event_id = await put(house)
    comes, likes = await meet("en").arrive(language="English"), await meet().arrive()
    await comes.say(f"/start event_{event_id}")
    await comes.press("I am coming")
    await likes.say(f"/start event_{event_id}")
    await likes.press("Das interessiert mich")
    async with empty.begin() as session:
        rows = (await session.execute(comers(event_id))).all()
    assert [tuple(row) for row in rows] == [("telegram", comes.id, "en")]
