"""Staff write events from the chat: in one message, step by step, from a file; and change them."""

import io
from pathlib import Path
from typing import Any

import pytest
import telegram
from PIL import Image
from sqlalchemy import select

from bot.app.calendars import export_to, import_events
from bot.app.serving import House
from bot.conversations import read_conversation, write_conversation
from bot.db import Sessions
from bot.errors import SettingsError
from bot.events import Topic, load_event
from bot.models import Chat, Event, EventPicture, StaffAction
from bot.staff import Role, members, remove
from tests.conftest import Meet
from tests.fake_telegram import FakeTelegram
from tests.people import Person, Reply
from tests.test_events.pictures import photo
from tests.test_events.program import clock_strikes, editor, put, wall
from tests.test_events.test_calendar import WHEN, file

MESSAGE = """Lesung mit Musik
Eine Autorin liest. Danach gibt es Tee.
Wann: 3.3.2027 von 18 bis 20 Uhr
Ort: Stadtbücherei, Am Markt 3, 64521 Groß-Gerau
Kosten: kostenlos
Sprache: Deutsch und Türkisch
Anmeldung: nicht nötig"""


async def send_file(person: Person, content: bytes, name: str = "feed.ics") -> list[Reply]:
    """Send a document."""
    number = f"upload-{len(person.fake.chats.files)}"
    person.fake.chats.files[number] = content
    document = telegram.Document(number, number, file_name=name, file_size=len(content))
    return await person.send(message=person.message(document=document))


async def events_of(sessions: Sessions) -> list[Event]:
    """Every event, oldest first."""
    async with sessions.begin() as session:
        return list(await session.scalars(select(Event).order_by(Event.id)))


async def test_an_event_out_of_one_message(house: House, meet: Meet, empty: Sessions) -> None:
    """What was understood is shown, one part is corrected, and then everybody finds it."""
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Neue Veranstaltung")
    await person.say(MESSAGE)
    for words in (
        "Lesung mit Musik", "3. März 2027, 18:00–20:00 Uhr", "Stadtbücherei", "Am Markt 3",
        "kostenlos", "Deutsch und Türkisch", "nicht nötig", "Kultur und Feste",
    ):  # fmt: skip
        assert words in person.last.text
    await person.press("Zahl der Plätze")
    await person.say("viele")
    assert "nicht verstanden" in person.last.text
    await person.say("20")
    await person.press("Barrierefrei")
    await person.say("1")
    assert "Barrierefrei: ja" in person.last.text
    await person.press("Speichern und allen zeigen")
    assert "Niemand hat eine Nachricht" in person.last.text
    [event] = await events_of(empty)
    assert (event.state, event.capacity, event.barrier_free) == ("announced", 20, True)
    resident = await meet().arrive()
    await resident.say("/events")
    assert "Lesung mit Musik" in resident.last.text
    async with empty.begin() as session:
        notes = await session.scalars(select(StaffAction.detail))
        assert f"write event {event.id}" in list(notes)


async def test_step_by_step_every_part_can_be_skipped(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """By buttons, by their words, and by typing; what is missing is named."""
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Neue Veranstaltung")
    await person.press("Schritt für Schritt")
    await person.say("Nähen für Anfängerinnen")
    await person.say("Wir nähen Taschen.")
    await person.say("jeden Dienstag 18 Uhr ab 12.1.2027 bis 30.6.2027")
    await person.say("Überspringen")
    await person.press("Überspringen")
    await person.press("Raunheim")
    await person.press("Für Frauen")
    await person.say("Arabisch, Deutsch")
    await person.say("5")
    await person.say("ja")
    await person.press("Nein")
    await person.press("Ja, hier im Chat")
    await person.press("Überspringen")
    text = person.last.text
    for words in (
        "jede Woche: Dienstag", "Raunheim", "Für Frauen", "Arabisch und Deutsch", "5,00\xa0€",
        "Kinderbetreuung: ja", "Barrierefrei: nein", "mit „Ich komme“",
    ):  # fmt: skip
        assert words in text
    await person.press("Als Entwurf speichern")
    [event] = await events_of(empty)
    assert event.state == "draft"
    assert event.rule == "FREQ=WEEKLY;UNTIL=20270630;BYDAY=TU"


async def test_what_is_missing_is_named_and_nothing_half_is_shown(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """Without a date nobody sees the event, whatever is pressed."""
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Neue Veranstaltung")
    await person.say("Ein schönes Treffen")
    assert "Es fehlt noch" in person.last.text
    assert "Datum und Uhrzeit" in person.last.text
    assert "Speichern und allen zeigen" not in person.last.labels
    await person.press("Als Entwurf speichern")
    [event] = await events_of(empty)
    await person.press_data(f"evs:publish:{event.id}:", person.last.message_id)
    assert "Es fehlt etwas" in person.last.text
    [event] = await events_of(empty)
    assert event.state == "draft"


async def test_a_word_that_sounds_like_danger_is_not_lost(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """The card is shown first as always; the event and the reason are taken all the same."""
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Neue Veranstaltung")
    replies = await person.say(
        "Erste Hilfe am Kind\nWas tun, wenn mein Kind nicht atmet? Am 3.3.2027 um 18 Uhr"
    )
    assert "112" in replies[0].text
    assert "Erste Hilfe am Kind" in replies[-1].text
    assert "So sehen es die Menschen" in replies[-1].text


async def test_a_change_is_told_to_those_who_come(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """A new room is; a new word in the text is not."""
    event_id = await put(house, title="Malkurs")
    comes = await meet().arrive()
    await comes.say(f"/start event_{event_id}")
    await comes.press("Ich komme")
    before = len(comes.fake.sent_to(comes.id))
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Malkurs")
    await person.press("Ändern")
    await person.press("Text")
    await person.say("Wir malen mit Farben.")
    await person.press("Speichern und allen sagen")
    assert "bekommt eine Nachricht" not in person.last.text
    await person.press("Zur Veranstaltung")
    await person.press("Ändern")
    await person.press("Haus oder Raum")
    await person.say("Raum 7 im Rathaus")
    await person.press("Speichern und allen sagen")
    assert "1 Person will kommen und bekommt eine Nachricht" in person.last.text
    await clock_strikes(house)
    [told] = comes.fake.sent_to(comes.id)[before:]
    assert "Raum 7 im Rathaus" in told.call["text"]


async def test_cancelling_asks_why_and_can_be_taken_back(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """A reason is tapped or typed; until then nothing has happened."""
    event_id = await put(house, title="Kinoabend")
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Kinoabend")
    await person.press("Veranstaltung absagen")
    await person.press("Nicht absagen")
    async with empty.begin() as session:
        assert (await session.get_one(Event, event_id)).state == "announced"
    await person.press("Veranstaltung absagen")
    await person.press("Es gibt zu wenige")
    async with empty.begin() as session:
        event = await session.get_one(Event, event_id)
        assert (event.state, event.notice) == ("cancelled", "Es gibt zu wenige Anmeldungen.")


async def test_a_mistaken_cancellation_is_taken_back(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """Those who come read that it takes place; the reason is gone."""
    event_id = await put(house, title="Flohmarkt")
    comes = await meet().arrive()
    await comes.say(f"/start event_{event_id}")
    await comes.press("Ich komme")
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Flohmarkt")
    await person.press("Veranstaltung absagen")
    await person.say("Der Raum fehlt.")
    await clock_strikes(house)
    assert "fällt aus" in comes.fake.sent_to(comes.id)[-1].call["text"]
    await person.press("Zur Veranstaltung")
    await person.press("Findet doch statt")
    assert "1 Person will kommen und bekommt eine Nachricht" in person.last.text
    await clock_strikes(house)
    told = comes.fake.sent_to(comes.id)[-1].call["text"]
    assert "Etwas ist anders" in told
    assert "Der Raum fehlt" not in told
    await person.press_data(f"evs:revive:{event_id}:", person.last.message_id)
    assert "schon" in person.last.text


async def test_a_save_that_comes_again_after_a_crash_makes_no_second_event(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """The process died after saving and before the dialogue ended: Telegram delivers again."""
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Neue Veranstaltung")
    await person.say(MESSAGE)
    chat = Chat("telegram", person.id)
    async with empty.begin() as session:
        before = await read_conversation(session, chat)
    await person.press("Als Entwurf speichern")
    async with empty.begin() as session:
        state, data = before
        await write_conversation(session, chat, house.office.now(), state=state, data=data)
    await person.press("Als Entwurf speichern")
    assert "Gespeichert" in person.last.text
    assert len(await events_of(empty)) == 1


async def test_a_feed_without_names_is_taken_over_once(
    house: House, empty: Sessions, tmp_path: Path
) -> None:
    """However often it is imported."""
    path = tmp_path / "feed.ics"
    path.write_bytes(file(f"SUMMARY:Treff|DESCRIPTION:x|LOCATION:Haus\\, Am Markt 3|{WHEN}"))
    for _again in range(2):
        assert await import_events(empty, path, dry_run=False) == 0
    [event] = await events_of(empty)
    assert (event.place, event.address) == ("Haus", "Am Markt 3")


async def test_an_event_of_every_year_gets_its_date(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """One tap, a date, and it stands in the list instead of "no date yet"."""
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Jedes Jahr")
    await person.press("Datum nennen: Internationale Wochen")
    await person.say("15.3.2027 bis 28.3.2027")
    assert "Montag, 15. März 2027 bis Sonntag, 28. März 2027" in person.last.text
    await person.press("Speichern und allen zeigen")
    [event] = await events_of(empty)
    assert event.yearly_id == "weeks-against-racism"


async def test_texts_in_another_language_and_a_picture(
    house: House, meet: Meet, empty: Sessions, fake: FakeTelegram
) -> None:
    """Shown as people see them; the picture loses place and camera, and is made small."""
    event_id = await put(house, title="Basteln")
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Basteln")
    await person.press("Andere Sprachen")
    assert "Englisch: kein Text, zu lesen ist Deutsch" in person.last.text
    await person.press("Englisch")
    await person.say("Crafts\nWe make <stars>.")
    assert "We make <stars>." in person.last.text
    await person.press("Zur Veranstaltung")
    await person.press("Bild")
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (49.0, 58.0, 0.0)
    raw = photo(3000, 2000, exif=exif)
    assert b"SecretCamera" in raw
    fake.chats.files["big-photo"] = raw
    size = telegram.PhotoSize("big-photo", "big-photo", 3000, 2000, len(raw))
    await person.send(message=person.message(photo=[size]))
    assert "Das Bild ist gespeichert" in person.last.text
    async with empty.begin() as session:
        picture = await session.get_one(EventPicture, event_id)
        loaded = await load_event(session, event_id)
    assert b"SecretCamera" not in picture.content
    with Image.open(io.BytesIO(picture.content)) as shown:
        assert (shown.format, max(shown.size)) == ("JPEG", 1280)
        assert dict(shown.getexif()) == {}
    assert loaded is not None
    assert loaded.words("en") == ("Crafts", "We make <stars>.")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"GIF89a" + b"\0" * 50, b"<svg onload=alert(1)>", photo(10, 10), photo(4000, 100),
        photo()[:200], b"x" * (9 << 20),
    ],
    ids=["empty", "gif", "svg", "tiny", "a line", "cut off", "too large"],
)  # fmt: skip
async def test_what_is_no_usable_picture_is_refused(
    house: House, meet: Meet, empty: Sessions, content: bytes
) -> None:
    """By its content, not by its name; the dialogue goes on and takes a better one."""
    await put(house, title="Mit Foto")
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Mit Foto")
    await person.press("Bild")
    await send_file(person, content, "photo.jpg")
    assert "Dieses Bild geht nicht" in person.last.text
    await send_file(person, photo(kind="PNG"), "other.png")
    assert "Das Bild ist gespeichert" in person.last.text


async def test_one_event_from_a_file_is_shown_for_correction(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """As if it had been written."""
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Neue Veranstaltung")
    await send_file(person, file(f"UID:x@y|SUMMARY:Jobmesse|DESCRIPTION:Viele Firmen.|{WHEN}"))
    assert "Jobmesse" in person.last.text
    assert "2. März 2027, 18:00" in person.last.text
    await person.press("Als Entwurf speichern")
    [event] = await events_of(empty)
    assert event.uid == "x@y"


async def test_a_feed_is_imported_after_a_dry_run(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """Row by row: new, changed, the same, left out; nothing happens before the second tap."""
    first = f"UID:1|SUMMARY:Erste|DESCRIPTION:x|{WHEN}|LOCATION:Haus"
    second = f"UID:2|SUMMARY:Zweite|DESCRIPTION:x|{WHEN}|RRULE:FREQ=SECONDLY"
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Kalender-Datei einlesen")
    await send_file(person, file(first, second))
    assert "1 neu, 0 geändert, 0 gleich, 1 ausgelassen" in person.last.text
    assert "diese Wiederholung kenne ich nicht" in person.last.text
    assert await events_of(empty) == []
    await person.press("Einlesen")
    [event] = await events_of(empty)
    assert (event.title, event.state) == ("Erste", "draft")
    await person.press("Veranstaltungen")
    await person.press("Kalender-Datei einlesen")
    await send_file(person, file(first))
    assert "0 neu, 0 geändert, 1 gleich" in person.last.text
    assert "Einlesen" not in person.last.labels
    await send_file(person, file(first.replace("Erste", "Erste, neu")))
    await person.press("Einlesen")
    [event] = await events_of(empty)
    assert event.title == "Erste, neu"


@pytest.mark.parametrize(
    "content",
    [b"", b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 999, b"A" * (10 << 20)],
    ids=["empty", "nested", "ten megabytes"],
)
async def test_a_hostile_file_is_refused_and_the_dialogue_goes_on(
    house: House, meet: Meet, empty: Sessions, content: bytes
) -> None:
    """Too large is not even downloaded."""
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Kalender-Datei einlesen")
    asked = person.fake.attempts.get("getFile", 0)
    await send_file(person, content)
    assert "Kalender-Datei kann ich nicht lesen" in person.last.text
    if len(content) > 1 << 20:
        assert person.fake.attempts.get("getFile", 0) == asked
    await send_file(person, file(f"UID:1|SUMMARY:Gut|DESCRIPTION:x|{WHEN}"))
    assert "1 neu" in person.last.text


async def test_a_file_that_lies_about_its_size_is_refused(
    house: House, meet: Meet, empty: Sessions, fake: FakeTelegram
) -> None:
    """The message says a hundred bytes, the server has ten megabytes."""
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Kalender-Datei einlesen")
    fake.chats.files["liar"] = b"BEGIN:VCALENDAR\r\n" + b"x" * (10 << 20)
    document = telegram.Document("liar", "liar", file_name="a.ics", file_size=100)
    await person.send(message=person.message(document=document))
    assert "Kalender-Datei kann ich nicht lesen" in person.last.text


async def test_few_who_are_interested_are_not_counted_out(
    house: House, meet: Meet, empty: Sessions
) -> None:
    """Places are exact, because chairs are; interest of fewer than five is not told."""
    event_id = await put(house, title="Yoga im Park", capacity=10)
    for number in range(5):
        resident = await meet().arrive()
        await resident.say(f"/start event_{event_id}")
        await resident.press("Ich komme" if number == 0 else "Das interessiert mich")
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    assert "kommen: 1 (1 Platz)" in person.last.text
    assert "interessiert: <5" in person.last.text
    resident = await meet().arrive()
    await resident.say(f"/start event_{event_id}")
    await resident.press("Das interessiert mich")
    await person.say("/staff")
    await person.press("Veranstaltungen")
    assert "interessiert: 5" in person.last.text


@pytest.mark.parametrize("role", [None, Role.DISPATCHER, Role.CASE_WORKER])
async def test_only_editors_write_events(
    house: House, meet: Meet, empty: Sessions, role: Role | None
) -> None:
    """Neither residents nor other roles, by buttons that were made up or kept."""
    event_id = await put(house)
    person = await (meet().arrive() if role is None else editor(house, meet, role))
    if role is not None:
        assert "Veranstaltungen" not in person.last.labels
    for data in (
        "desk:events:", f"evs:show:{event_id}:", f"evs:publish:{event_id}:", "evs:new:0:",
        f"evs:cancel:{event_id}:", f"evs:why:{event_id}:ill", f"evs:delete:{event_id}:",
        "evs:import:0:", "evs:do-import:0:", "evs:export:0:", "evw:save::", "evw:publish::",
        f"evs:picture:{event_id}:", f"evs:no-text:{event_id}:en", "evs:yearly:0:",
    ):  # fmt: skip
        await person.press_data(data, person.last.message_id)
        assert "nur für Mitarbeitende" in person.last.text, data
    [event] = await events_of(empty)
    assert event.state == "announced"


async def test_a_role_that_is_gone_saves_nothing(house: House, meet: Meet, empty: Sessions) -> None:
    """In the middle of writing; the next words are a question again."""
    person = await editor(house, meet)
    await person.press("Veranstaltungen")
    await person.press("Neue Veranstaltung")
    await person.say(MESSAGE)
    async with empty.begin() as session:
        for member in await members(session):
            await remove(session, member.id, house.office.now())
    await person.press("Als Entwurf speichern")
    assert "nur für Mitarbeitende" in person.last.text
    assert await events_of(empty) == []


async def test_export_and_import_on_the_command_line(
    house: House, empty: Sessions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is written comes back the same; a dry run changes nothing; faults make it fail."""
    await put(house, title="Am Fluss", topic=Topic.SPORT, capacity=5, rule="FREQ=WEEKLY")
    await put(house, title="Fest", publish=False, starts_at=wall(house, 40))
    path = tmp_path / "events.ics"
    assert await export_to(empty, path) == 0
    before = await events_of(empty)
    assert await import_events(empty, path, dry_run=False) == 0
    assert "2 the same" in capsys.readouterr().out
    async with empty.begin() as session:
        for event in before:
            await session.delete(await session.get_one(Event, event.id))
    assert await import_events(empty, path, dry_run=True) == 0
    assert await events_of(empty) == []
    assert await import_events(empty, path, dry_run=False) == 0
    after = await events_of(empty)
    fields = ("title", "text", "topic", "starts_at", "rule", "capacity", "municipality", "uid")

    def seen(event: Event) -> list[Any]:
        return [getattr(event, name) for name in fields]

    assert [seen(event) for event in after] == [seen(event) for event in before]
    assert {event.state for event in after} == {"draft"}
    path.write_bytes(file(f"SUMMARY:ohne Datum|UID:7|{WHEN.replace('DTSTART', 'X-NO')}"))
    assert await import_events(empty, path, dry_run=False) == 1
    path.write_bytes(b"nonsense")
    with pytest.raises(SettingsError, match="no calendar file"):
        await import_events(empty, path, dry_run=False)
