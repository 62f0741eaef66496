"""What is on: asked by buttons and in any words, near a town, by week, by topic, by name."""

from datetime import datetime, timedelta

from bot.app.serving import House
from bot.db import Sessions
from bot.events import Topic, set_picture, set_text
from bot.events.pictures import small_picture
from bot.switches import Module, switch_off, switch_on
from bot.texts import HOUSE_TIME
from tests.conftest import Clock, Meet
from tests.fake_telegram import FakeTelegram
from tests.test_events.pictures import photo
from tests.test_events.program import put, wall


async def test_a_list_says_what_people_ask_before_they_go(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """Language, place with a map, cost, childcare, access and registration; unknown is left out."""
    await put(
        house,
        title="Offenes Frauencafé",
        topic=Topic.WOMEN,
        address="Haßlocher Straße 12",
        languages=("de", "ar"),
        cost_cents=0,
        childcare=True,
        barrier_free=False,
        registration="here",
        ends_at=wall(house, 5, 12),
    )
    await put(house, title="Nur ein Titel", place="")
    person = await meet().arrive()
    [reply] = await person.say("Was findet statt?")
    first, second = reply.text.split("2. Nur ein Titel")
    for words in (
        "Offenes Frauencafé", "10:00–12:00 Uhr", "Bürgerhaus", "Deutsch und Arabisch",
        "Kosten: kostenlos", "Kinderbetreuung: ja", "Barrierefrei: nein", "mit „Ich komme“",
    ):  # fmt: skip
        assert words in first
    assert any("openstreetmap.org" in link and "Raunheim" in link for link in reply.links)
    for words in ("Kosten", "Kinderbetreuung", "Barrierefrei", "Anmeldung", "Sprache dort"):
        assert words not in second


async def test_any_words_lead_to_the_list_that_fits(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """By topic, by week, near a town, my own; in German and in English."""
    await put(house, title="Frauencafé", topic=Topic.WOMEN, municipality="Raunheim")
    await put(house, title="Jobmesse", topic=Topic.WORK, municipality="Gernsheim")
    person = await meet().arrive(town="Raunheim")
    women = (await person.say("gibt es was für frauen aus verschiedenen ländern?"))[-1].text
    assert "Frauencafé" in women
    assert "Jobmesse" not in women
    near = (await person.say("veranstaltungen in meiner nähe"))[-1].text
    assert "In der Nähe von Raunheim" in near
    assert "Frauencafé" in near
    assert "Jobmesse" not in near, "Gernsheim is more than 20 km away"
    there = (await person.say("was gibt es für veranstaltungen in gernsheim"))[-1].text
    assert there.index("Jobmesse") > 0
    english = (await person.say("what events are on next week?"))[-1].text
    assert " to " in english
    for words in ("what is on", "was geht", "Was ist hier los?"):
        assert "Frauencafé" in (await person.say(words))[-1].text
    messages = (await person.say("i want to get a message when there are festivals"))[-1]
    assert "free" in messages.text
    mine = (await person.say("meine veranstaltungen"))[-1].text
    assert "noch bei keiner Veranstaltung geantwortet" in mine
    await person.say("veranstaltungen")
    await person.press("Frauencafé")
    await person.press("Ich komme")
    mine = (await person.say("meine veranstaltungen"))[-1].text
    assert "Sie kommen. 1 Platz." in mine
    assert "Jobmesse" not in mine


async def test_an_event_is_found_by_its_name(house: House, meet: Meet, empty: Sessions) -> None:
    """One that has a date is shown; one of every year without a date says so, and invents none."""
    await put(house, title="Lesung mit Selma Kaya", topic=Topic.CULTURE)
    person = await meet().arrive()
    shown = (await person.say("wann ist die veranstaltung lesung mit selma kaya"))[-1]
    assert shown.text.startswith("Lesung mit Selma Kaya")
    assert "Ich komme" in shown.labels
    yearly = (await person.say("fachtag demokratie anmeldung"))[-1]
    assert "Fachtag für Demokratie" in yearly.text
    assert "15. September" in yearly.text
    assert "Ort und Uhrzeit stehen noch nicht fest" in yearly.text
    assert "Nachrichten bestellen" in yearly.labels


async def test_every_year_s_events_wait_for_their_date(
    house: House, meet: Meet, empty: Sessions, clock: Clock
) -> None:
    """All eight are there without a date; one with a date goes to the list, and back when over."""
    person = await meet().arrive()
    await person.say("/events")
    await person.press("Jedes Jahr")
    assert person.last.text.count("noch nicht fest.") == 8
    assert "Jedes Jahr im März." in person.last.text
    await put(
        house,
        title="Internationale Wochen gegen Rassismus",
        topic=Topic.AGAINST_RACISM,
        yearly_id="weeks-against-racism",
        starts_at=wall(house, 10, 0),
        ends_at=wall(house, 24, 0),
        all_day=True,
    )
    await person.say("/events")
    assert "1. Internationale Wochen gegen Rassismus" in person.last.text
    await person.press("Jedes Jahr")
    assert person.last.text.count("noch nicht fest.") == 7
    clock.ahead = timedelta(days=30)
    await person.say("/events")
    await person.press("Jedes Jahr")
    assert person.last.text.count("noch nicht fest.") == 8


async def test_a_series_stands_in_every_week_once(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """With its date in that week; in the list of all it stands once, with how often it comes."""
    start = wall(house, 1, 18)
    await put(house, title="Sprachtreff", starts_at=start, rule="FREQ=WEEKLY")
    person = await meet().arrive()
    await person.say("/events")
    assert person.last.text.count("Sprachtreff") == 1
    assert "jede Woche" in person.last.text
    await person.press("Diese Woche")
    for week in range(1, 4):
        await person.press("Die Woche danach")
        monday = house.office.today() - timedelta(days=house.office.today().weekday())
        days = [monday + timedelta(weeks=week, days=n) for n in range(7)]
        expected = next(day for day in days if day.weekday() == start.weekday())
        assert f"{expected.day}. " in person.last.text
        assert "18:00" in person.last.text
    await person.press("Regelmäßig")
    assert "Sprachtreff" in person.last.text


async def test_many_events_come_page_by_page(house: House, meet: Meet, empty: Sessions) -> None:
    """Each event once, in order, numbered on."""
    for number in range(9):
        await put(house, title=f"Abend {number}", starts_at=wall(house, 2 + number))
    person = await meet().arrive()
    await person.say("/events")
    texts = [person.last.text]
    while "Mehr" in person.last.labels:
        await person.press("Mehr")
        texts.append(person.last.text)
    assert len(texts) == 3
    whole = "\n".join(texts)
    assert [whole.count(f"{n + 1}. Abend {n}") for n in range(9)] == [1] * 9


async def test_drafts_and_events_that_are_over_are_not_shown(
    house: House, meet: Meet, empty: Sessions, clock: Clock
) -> None:
    """Neither in the list nor by their number; a cancelled one stays until it is over."""
    draft = await put(house, title="Geheimer Entwurf", publish=False)
    over = await put(house, title="Bald vorbei", starts_at=wall(house, 1))
    person = await meet().arrive()
    await person.say("/events")
    assert "Geheimer" not in person.last.text
    assert "Bald vorbei" in person.last.text
    for what in ("show", "come", "file", "share", "remind", "like"):
        await person.press_data(f"evd:{what}:{draft}:0", person.last.message_id)
        assert "Geheimer" not in person.last.text
        assert "nicht mehr" in person.last.text
    clock.ahead = timedelta(days=3)
    await person.say("/events")
    assert "Bald vorbei" not in person.last.text
    await person.press_data(f"evd:come:{over}:1", person.last.message_id)
    assert "vorbei" in person.last.text


async def test_forged_buttons_break_nothing(house: House, meet: Meet, empty: Sessions) -> None:
    """Numbers out of range, unknown words: the menu or the list, never an error."""
    event_id = await put(house)
    person = await meet().arrive()
    await person.say("/events")
    for data in (
        "ev:nonsense:nonsense:99:0:0", "ev:all::-5:0:0", "ev:week:::61:0", "ev:all:::0:501",
        "ev:mine:::x:0", "evd:show:0:0", "evd:show:99999999999999999999:0", "evd:come:-1:1",
        f"evd:come:{event_id}:100", f"evd:nonsense:{event_id}:0", "evd:show:999999:0",
        "hear:add:nonsense:0", "hear:add:my-town:99", "hear:end:x:-1", "evs:publish:1:",
        "evw:save::", "ev:", "evd:come:1:1; DROP TABLE events",
    ):  # fmt: skip
        replies = await person.press_data(data, person.last.message_id)
        assert replies, data
        assert "schiefgegangen" not in replies[-1].text, data


async def test_the_reader_s_language_comes_first(house: House, meet: Meet, empty: Sessions) -> None:
    """A text in English is shown to who reads English; without one German, and that is said."""
    event_id = await put(house, title="Gesundheits-Treff", text="Thema: Zähne.")
    person = await meet("en").arrive(language="English")
    await person.say("/events")
    await person.press("Gesundheits-Treff")
    assert "I have this text only in German." in person.last.text
    async with house.office.sessions.begin() as session:
        await set_text(session, event_id, "en", "Health talk", "About teeth.", house.office.now())
    await person.say("/events")
    assert "Health talk" in person.last.text
    await person.press("Health talk")
    assert "About teeth." in person.last.text
    assert "only in German" not in person.last.text


async def test_what_staff_write_stays_text(house: House, meet: Meet, empty: Sessions) -> None:
    """Markup in a title, a text, a place or a link is shown and not carried out."""
    await put(
        house,
        title="<b>Fett</b> & <a href='x'>Link",
        text="</i><code>x",
        place="<u>Haus",
        registration="elsewhere",
        registration_at='https://example.org/"><b>',
    )
    person = await meet().arrive()
    await person.say("/events")
    assert "<b>Fett</b> & <a href='x'>Link" in person.last.text
    await person.press("<b>Fett</b>")
    assert "</i><code>x" in person.last.text
    assert "<u>Haus" in person.last.text


async def test_a_picture_is_uploaded_once(
    house: House, meet: Meet, empty: Sessions, fake: FakeTelegram
) -> None:
    """Everybody after the first gets it by Telegram's own name; the title is its caption."""
    event_id = await put(house, title="Mit Bild")
    async with house.office.sessions.begin() as session:
        await set_picture(session, event_id, small_picture(photo()), house.office.now())
    for number in range(2):
        person = await meet().arrive()
        await person.say("/events")
        await person.press("Mit Bild")
        [call] = [c for c in fake.sent_to(person.id) if c.method == "sendPhoto"]
        assert call.call["caption"] == "Mit Bild"
        assert bool(call.files) is (number == 0)


async def test_switched_off_it_says_why_and_who_helps(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """By words, by command, by an old button; ending a topic works all the same."""
    event_id = await put(house)
    person = await meet().arrive()
    await person.say("/events")
    old = person.last.message_id
    async with house.office.sessions.begin() as session:
        await switch_off(session, Module.EVENTS, "Wir räumen auf.", house.office.now())
    try:
        for said in (
            await person.say("/events"),
            await person.say("veranstaltungen"),
            await person.press_data(f"evd:come:{event_id}:1", old),
            await person.press_data("hear:add:sport:-1", old),
        ):
            assert "Wir räumen auf." in said[-1].text
            assert "bfi@kreisgg.de" in said[-1].text
        await person.press_data("hear:end:sport:-1", old)
        assert "Keine Nachrichten mehr" in person.last.text
    finally:
        async with house.office.sessions.begin() as session:
            await switch_on(session, Module.EVENTS)


async def test_times_are_those_of_the_county(house: House, meet: Meet, empty: Sessions) -> None:
    """In summer and in winter, whatever the server's clock says."""
    winter = house.office.now().astimezone(HOUSE_TIME).year + 1
    await put(
        house, title="Im Winter", starts_at=datetime(winter, 1, 15, 18, 30, tzinfo=HOUSE_TIME)
    )
    await put(
        house, title="Im Sommer", starts_at=datetime(winter, 7, 15, 18, 30, tzinfo=HOUSE_TIME)
    )
    person = await meet().arrive()
    [reply] = await person.say("/events")
    assert reply.text.count("18:30") == 2


async def test_a_long_text_never_pushes_out_when_and_where(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """Signs that HTML writes in five letters: the text is cut, the date is not."""
    event_id = await put(house, title="&" * 120, text="&<" * 1000, place="<" * 120)
    person = await meet().arrive()
    [reply] = await person.say(f"/start event_{event_id}")
    assert "Wann:" in reply.text
    assert "Wo:" in reply.text
    assert "…" in reply.text
    assert len(reply.html) < 4096
