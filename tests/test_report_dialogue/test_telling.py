"""Telling, questions, preview, sending: as somebody does it who is afraid."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import telegram
from pyrage import x25519
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.app.serving import House
from bot.db import Sessions
from bot.errors import WaitAWhile
from bot.models import Chat, Letter, StaffMember
from bot.reports import send_sealed
from bot.reports.gate import Budget
from bot.reports.told import Form, Motive, Part, Police, Wish
from bot.residents import find_resident
from bot.staff import Role
from bot.texts import HOUSE_TIME
from handlers.delivery import deliver_due
from handlers.reports import sending
from tests.conftest import Clock, Meet
from tests.stored import rows, tables_with
from tests.test_report_dialogue.conftest import Reporter, arrived
from tests.test_report_pictures import photo

WORD = "Zwetschgenknödel"


async def test_the_door_says_everything_before_the_first_word(
    reporter: Reporter, house: House
) -> None:
    """Who reads it, in which languages, that Telegram can read along, 110; all ways are equal."""
    await reporter.say("/menu")
    await reporter.press("Rassismus melden")
    door = reporter.last
    for words in ("110", "Fachstelle", "Deutsch", "Telegram selbst kann", "Beleg-Code", "Anzeige"):
        assert words in door.text
    assert door.labels[:4] == [
        "Am Telefon",
        "Vorbeikommen",
        "NoRa-GG (Internet-Seite)",
        "Hier weiter",
    ]
    assert door.labels[-1] == "Schnell weg"
    await reporter.press("Am Telefon")
    assert "+49 6152 989772" in reporter.last.text
    assert "Die Quelle nennt kein Datum" in reporter.last.text
    await reporter.press("Zurück")
    await reporter.press("NoRa-GG")
    assert "nora-gg.de" in reporter.last.text
    await reporter.press("Zurück")
    assert reporter.last.labels == door.labels
    assert reporter.here not in house.office.reporting.drafts


async def test_a_whole_interview_arrives(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """Several messages, every question, one passage left out; the case worker reads it all."""
    await reporter.begin()
    await reporter.say("Im Bus hat mich ein Mann angeschrien. Er heißt Mehmet Yılmaz.")
    await reporter.say("Alle haben weggesehen.")
    await reporter.press("Das ist alles")
    await reporter.press("Es ist mir passiert")
    await reporter.say("letzten Dienstag gegen 18 Uhr")
    await reporter.say("an der Haltestelle in raunheim")
    await reporter.press("Bus, Bahn")
    await reporter.press("Worte")
    await reporter.press("Drohung")
    await reporter.press("Zurücknehmen: Worte")
    await reporter.press("Weiter")
    await reporter.press("Gegen muslimische Menschen")
    await reporter.press("Weiter")
    await reporter.press("Menschen, die ich nicht kenne")
    await reporter.say("Der Fahrer hat nichts gemacht.")
    await reporter.press("Nein")
    await reporter.press("Ich möchte Beratung")
    await reporter.press("Nur mit dem Beleg-Code")
    preview = reporter.last
    assert "noch nicht gesendet" in preview.text
    for words in (
        "Mehmet Yılmaz",
        "Raunheim",
        "Drohung",
        "Gegen muslimische Menschen",
        "letzten Dienstag",
    ):
        assert words in preview.text
    await reporter.press("Weglassen: Mehmet Yılmaz")
    assert "Mehmet" not in reporter.last.text
    receipt = await reporter.send_it()
    assert len(receipt) == 23
    [opened] = await arrived(empty, identity)
    told = opened.told
    assert told.texts == [
        "Im Bus hat mich ein Mann angeschrien. Er heißt [Name: weggelassen].",
        "Alle haben weggesehen.",
    ]
    assert told.part is Part.MYSELF
    assert told.when == "letzten Dienstag gegen 18 Uhr"
    assert told.town == "Raunheim"
    assert told.place == "an der Haltestelle in raunheim; Bus, Bahn oder Haltestelle"
    assert told.forms == [Form.THREAT]
    assert told.motives == [Motive.MUSLIM]
    assert told.others_present == "Menschen, die ich nicht kenne"
    assert told.afterwards == "Der Fahrer hat nichts gemacht."
    assert told.police is Police.NO
    assert told.wish is Wish.ADVICE
    assert told.interpreter_may_read is None
    assert not told.urgent


async def test_everything_may_be_passed_over(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """One sentence is a report."""
    await reporter.begin()
    await reporter.say("Hakenkreuz an der Schule")
    await reporter.press("Das ist alles")
    asked = 0
    while "Überspringen" in reporter.last.labels:
        assert "arum" not in reporter.last.text  # nobody is asked for reasons
        await reporter.press("Überspringen")
        asked += 1
    assert asked == 10
    await reporter.press("Nur mit dem Beleg-Code")
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    assert opened.told.texts == ["Hakenkreuz an der Schule"]
    assert (opened.told.part, opened.told.when, opened.told.forms) == (None, None, [])


async def test_nothing_told_is_nothing_sent(reporter: Reporter) -> None:
    """An empty report cannot be sent by accident."""
    await reporter.begin()
    await reporter.to_preview()
    await reporter.press("Senden")
    assert "noch nichts zu senden" in reporter.last.text


async def test_the_chat_is_clear_afterwards(reporter: Reporter) -> None:
    """Of the whole dialogue only the receipt stands in the chat, until it is noted."""
    before = reporter.on_screen
    await reporter.begin()
    await reporter.say(f"{WORD} eins")
    await reporter.send_photo(photo())
    await reporter.to_preview()
    await reporter.send_it()
    assert reporter.on_screen[: len(before)] == before
    [slip] = reporter.on_screen[len(before) :]
    assert "angekommen" in slip
    assert "gelöscht" in slip
    assert WORD not in repr(reporter.house.shown._shown)
    assert reporter.receipt not in repr(reporter.house.shown._shown)
    await reporter.say("1")  # as good as pressing it
    assert "Beleg-Code:" not in "\n".join(reporter.on_screen)


async def test_what_cannot_be_deleted_is_said(reporter: Reporter) -> None:
    """With the number of messages, and how to do it by hand."""
    await reporter.begin()
    await reporter.say(WORD)
    await reporter.to_preview()
    reporter.person.fake.fail("deleteMessages", "400", chat_id=reporter.person.id)
    reporter.person.fake.fail("deleteMessage", "400", chat_id=reporter.person.id, times=2)
    await reporter.send_it()
    assert "die ich nicht löschen konnte: 2" in reporter.on_screen[-1]


async def test_a_message_is_corrected_in_the_chat(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """Telegram's own editing counts."""
    await reporter.begin()
    message = reporter.person.message(text="falsch")
    await reporter.person.send(message=message)
    edited = telegram.Message(
        message.message_id, message.date, message.chat, from_user=message.from_user,
        text="richtig", edit_date=message.date,
    )  # fmt: skip
    await reporter.person.send(edited_message=edited)
    await reporter.to_preview()
    assert "richtig" in reporter.last.text
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    assert opened.told.texts == ["richtig"]


async def test_any_part_can_be_changed_or_deleted(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """Messages, answers and files."""
    await reporter.begin()
    await reporter.say("erste Nachricht")
    await reporter.say("zweite Nachricht")
    await reporter.send_photo(photo())
    await reporter.press("Das ist alles")
    await reporter.press("Ich war dabei")
    await reporter.press("Keine Fragen mehr")
    await reporter.press("Nur mit dem Beleg-Code")
    await reporter.press("Ändern oder löschen")
    await reporter.press("Nachricht 1: erste")
    await reporter.say("ganz neue Worte")
    assert "ganz neue Worte" in reporter.last.text
    assert "erste Nachricht" not in reporter.last.text
    await reporter.press("Ändern oder löschen")
    await reporter.press("Nachricht 2")
    await reporter.press("Diese Nachricht löschen")
    await reporter.press("Ändern oder löschen")
    await reporter.press("Ihre Rolle")
    await reporter.press("Ich schreibe für")
    await reporter.press("Ändern oder löschen")
    await reporter.press("Datei 1")
    await reporter.press("Diese Datei weglassen")
    await reporter.press("Ändern oder löschen")
    await reporter.press("Weitere Fragen")
    await reporter.press("Heute")
    await reporter.press("Keine Fragen mehr")
    assert "Heute" in reporter.last.text
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    assert opened.told.texts == ["ganz neue Worte"]
    assert opened.told.part is Part.FOR_SOMEONE
    assert opened.told.attachments == []


async def test_left_out_can_be_taken_in_again(reporter: Reporter) -> None:
    """One tap each way."""
    await reporter.begin()
    await reporter.say("Ruf mich an: 0176 12345678 oder a.b@web.de")
    await reporter.to_preview()
    assert {"Weglassen: 0176 12345678", "Weglassen: a.b@web.de"} <= set(reporter.last.labels)
    await reporter.press("Weglassen: 0176")
    assert "0176" not in reporter.last.text
    await reporter.press("Wieder aufnehmen: 0176")
    assert "0176 12345678" in reporter.last.text


async def test_a_long_report_has_pages(reporter: Reporter) -> None:
    """Every marked passage has its button; nothing is cut; sending is on the last page."""
    await reporter.begin()
    for number in range(5):
        phones = " ".join(f"0176 {number}{digit}45678 und" for digit in range(6))
        await reporter.say(f"{phones} " + "lang und breit erzählt " * 60)
    await reporter.to_preview()
    seen, pages = set(reporter.last.labels), 1
    while "Nächste Seite" in reporter.last.labels:
        assert "Senden" not in reporter.last.labels
        await reporter.press("Nächste Seite")
        seen |= set(reporter.last.labels)
        pages += 1
    assert pages > 2
    assert "Senden" in reporter.last.labels
    assert len([label for label in seen if label.startswith("Weglassen: 0176")]) == 30


async def test_danger_comes_first_and_is_told_too(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """The card with the numbers, and the words are in the report all the same."""
    await reporter.begin()
    first = await reporter.say("mein mann hat ein messer und will mich umbringen")
    assert "110" in first[0].text
    assert "Nachricht" in reporter.last.text
    again = await reporter.say("er will mich umbringen er hat ein messer")
    assert "110" in again[0].text
    await reporter.to_preview()
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    assert len(opened.told.texts) == 2


@pytest.mark.parametrize("command", ["/menu", "/start", "/stop"])
async def test_a_command_ends_it_and_nothing_stays(
    reporter: Reporter, house: House, command: str
) -> None:
    """Commands are never swallowed; of what was told nothing stays, also in the chat."""
    await reporter.begin()
    await reporter.say(WORD)
    replies = await reporter.say(command)
    assert "behalten" in replies[0].text
    assert reporter.here not in house.office.reporting.drafts
    assert WORD not in "\n".join(reporter.on_screen)


@pytest.mark.parametrize("command", ["/help", "/privacy", "/impressum", "/mydata"])
async def test_a_command_that_only_tells_does_not_end_it(reporter: Reporter, command: str) -> None:
    """And what follows is told, not asked."""
    await reporter.begin()
    await reporter.say("eins")
    await reporter.say(command)
    await reporter.say("zwei")
    assert "2 Nachrichten" in reporter.last.text


async def test_thrown_away_is_gone(reporter: Reporter, house: House, empty: Sessions) -> None:
    """After one question."""
    await reporter.begin()
    await reporter.say(WORD)
    await reporter.to_preview()
    await reporter.press("Alles löschen")
    await reporter.press("Ja, alles löschen")
    assert "nichts behalten" in reporter.last.text
    assert WORD not in "\n".join(reporter.on_screen)
    assert reporter.here not in house.office.reporting.drafts
    assert not [name for name, _row in await rows(empty) if name == "report_arrivals"]


async def test_what_was_written_before_the_door_is_not_lost(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """Somebody tells at once: the words wait in memory and in no table."""
    text = "ich will melden dass ein mann mich im bus rassistisch beschimpft hat"
    [door] = await reporter.say(text)
    assert "Hier weiter" in door.labels
    assert await tables_with(empty, "beschimpft") == []
    await reporter.press("Hier weiter")
    assert "steht schon" in reporter.last.text
    await reporter.to_preview()
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    assert opened.told.texts == [text]
    assert text not in reporter.on_screen


async def test_words_at_the_open_door_are_no_question(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """What nobody could answer as a question is held for the report, and counted nowhere."""
    await reporter.say("/report")
    await reporter.say("Die Katze schlief auf dem Sofa")
    await reporter.say("Das Lied handelte von früher")
    assert "Hier weiter" in reporter.last.labels
    assert "Das weiß ich leider nicht" not in reporter.last.text
    assert [name for name, _row in await rows(empty) if name == "gaps"] == []
    await reporter.press("Hier weiter")
    await reporter.to_preview()
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    assert "Die Katze schlief auf dem Sofa" in opened.told.texts


async def test_a_new_report_closes_the_mailbox(reporter: Reporter) -> None:
    """What was read in it goes from the chat when somebody begins to tell anew."""
    await reporter.begin()
    await reporter.say("Erste Meldung im Bus")
    await reporter.to_preview()
    receipt = await reporter.send_it()
    await reporter.press("Ich habe ihn aufgeschrieben")
    await reporter.say(receipt)
    assert "Ihre Meldung aus der Woche" in reporter.last.text
    await reporter.say("/report")
    await reporter.press("Hier weiter")
    assert "eigenen Worten" in reporter.last.text
    assert "Ihre Meldung aus der Woche" not in "\n".join(reporter.on_screen)
    assert receipt not in "\n".join(reporter.on_screen)


async def test_an_interpreter_reads_only_after_a_yes(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """The case workers read German: a Turkish text needs an answer."""
    await reporter.begin()
    await reporter.say(
        "Komşum bana bağırdı ve beni itti. Çocuklarım çok korktu, herkes gördü ama yardım etmedi."
    )
    await reporter.press("Das ist alles")
    await reporter.press("Keine Fragen mehr")
    assert "Türkisch" in reporter.last.text
    await reporter.press("Nein, sonst niemand")
    await reporter.press("Nur mit dem Beleg-Code")
    assert "Keine Dolmetscher*in darf es lesen" in reporter.last.text
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    assert opened.told.language == "tr"
    assert opened.told.interpreter_may_read is False


async def test_the_hour_is_over(reporter: Reporter, house: House, clock: Clock) -> None:
    """Whoever comes back is told kindly; the last message is not answered as a question."""
    await reporter.begin()
    await reporter.say(WORD)
    clock.ahead = timedelta(minutes=61)
    [reply] = await reporter.say("Das war letzte Woche im Bus.")
    assert "nicht behalten" in reply.text
    assert "Rassismus melden" in reply.labels
    [answer] = await reporter.say("Wie bekomme ich Kindergeld?")
    assert "nicht behalten" not in answer.text


async def test_an_old_button_says_that_it_is_gone(reporter: Reporter, clock: Clock) -> None:
    """Instead of doing something to nothing."""
    await reporter.begin()
    await reporter.say(WORD)
    clock.ahead = timedelta(minutes=61)
    await reporter.press("Das ist alles")
    assert "Stunde" in reporter.last.text


async def test_not_even_the_day_is_noted(
    reporter: Reporter, sessions: Sessions, clock: Clock
) -> None:
    """A dialogue over midnight leaves the resident's row as it was."""
    local = clock().astimezone(HOUSE_TIME)
    midnight = local.replace(hour=0, minute=0, second=0) + timedelta(days=1)
    clock.ahead = midnight - local - timedelta(minutes=10)
    await reporter.begin()
    async with sessions.begin() as session:
        before = await find_resident(session, reporter.here)
    clock.ahead += timedelta(minutes=30)
    await reporter.say("weiter")
    async with sessions.begin() as session:
        after = await find_resident(session, reporter.here)
    assert before is not None
    assert after is not None
    assert after.last_seen_on == before.last_seen_on
    await reporter.press("Schnell weg")


async def test_no_table_ever_holds_a_word(reporter: Reporter, empty: Sessions) -> None:
    """Looked at after every step, in every table."""
    person = reporter.person
    await reporter.begin()
    steps: list[Callable[[], Awaitable[object]]] = [
        lambda: reporter.say(f"{WORD} hat mich beschimpft"),
        lambda: reporter.send_file(b"%PDF-1.7 " + WORD.encode(), f"{WORD}.pdf"),
        lambda: reporter.press("Das ist alles"),
        lambda: reporter.press("Es ist mir passiert"),
        lambda: reporter.say(f"am {WORD}"),
        lambda: reporter.press("Keine Fragen mehr"),
        lambda: reporter.press("Nur mit dem Beleg-Code"),
        lambda: reporter.press("Senden"),
        lambda: reporter.press("Senden, Code aus 19 Ziffern"),
    ]
    for step in steps:
        await step()
        kept = await rows(empty)
        assert not [row for row in kept if WORD in row[1]]
        arrivals = [row for name, row in kept if name == "report_arrivals"]
        assert not [row for row in arrivals if str(person.id) in row]
        assert not [name for name, _row in kept if name in {"conversations", "gaps", "feedback"}]


async def test_switched_off_names_the_other_ways(meet: Meet, house: House) -> None:
    """Also when the case workers paused it; a mailbox still opens."""
    from bot.switches import Module, switch_off, switch_on

    person = await meet().arrive()
    async with house.office.sessions.begin() as session:
        await switch_off(session, Module.REPORTS, "Umzug", house.office.now())
    try:
        [reply] = await person.say("/report")
        assert "Umzug" in reply.text
        assert "+49 6152 989772" in reply.text
        assert "Hier weiter" not in reply.labels
        assert "Ich habe einen Beleg-Code" in reply.labels
    finally:
        async with house.office.sessions.begin() as session:
            await switch_on(session, Module.REPORTS)


async def test_without_a_key_nothing_is_taken(meet: Meet, house: House) -> None:
    """Nobody could open it."""
    house.office.settings.recipients_file.unlink(missing_ok=True)
    person = await meet().arrive()
    [reply] = await person.say("/report")
    assert "geht hier gerade nicht" in reply.text
    assert "+49 6152 989772" in reply.text
    assert "Hier weiter" not in reply.labels


async def test_the_key_goes_in_the_middle(
    reporter: Reporter, house: House, identity: x25519.Identity
) -> None:
    """Said before anything is kept; the draft is still there."""
    await reporter.begin()
    await reporter.say(WORD)
    await reporter.to_preview()
    await reporter.press("Senden")
    file = house.office.settings.recipients_file
    file.unlink()
    try:
        await reporter.press("Senden, Code aus 19 Ziffern")
        assert "nichts gesendet" in reporter.last.text
        assert reporter.here in house.office.reporting.drafts
    finally:
        file.write_text(f"{identity.to_public()}\n", encoding="utf-8")
    assert await reporter.press("Senden, Code aus 19 Ziffern")
    assert reporter.receipt


async def test_somebody_nobody_knows_may_report(
    meet: Meet, house: House, identity: x25519.Identity, empty: Sessions
) -> None:
    """Without choosing a language first, and without becoming known by it."""
    stranger = Reporter(meet("de"), house, identity)
    await stranger.begin()
    await stranger.say("etwas")
    await stranger.to_preview()
    await stranger.send_it()
    async with empty.begin() as session:
        assert await find_resident(session, Chat("telegram", stranger.person.id)) is None


async def test_send_pressed_twice_is_sent_once(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """An impatient thumb: one report, one receipt, and no word that something was lost."""
    await reporter.begin()
    await reporter.say("etwas")
    await reporter.to_preview()
    await reporter.press("Senden")
    screen = reporter.last
    data = next(str(b.callback_data) for b in screen.buttons if "19 Ziffern" in b.text)
    await reporter.press("Senden, Code aus 19 Ziffern")
    assert await reporter.person.press_data(data, screen.message_id) == []
    assert len(await arrived(empty, identity)) == 1
    assert reporter.receipt


async def test_an_urgent_report_does_not_wait(
    reporter: Reporter, empty: Sessions, meet: Meet, house: House, clock: Clock
) -> None:
    """Said before; the case workers are told at once, without a word of it."""
    worker = await meet().arrive()
    async with empty.begin() as session:
        session.add(
            StaffMember(
                channel="telegram", chat_id=worker.id, role=Role.CASE_WORKER, added_at=clock()
            )
        )
    await reporter.begin()
    await reporter.say(WORD)
    await reporter.to_preview()
    await reporter.press("Es ist dringend")
    assert "kein Notruf" in reporter.last.text
    await reporter.send_it()
    assert "bekommen jetzt Bescheid" in reporter.on_screen[-1]
    async with empty.begin() as session:
        letters = (await session.scalars(select(Letter))).all()
    assert [letter.chat_id for letter in letters] == [worker.id]
    assert letters[0].due_at <= clock()
    await deliver_due(empty, house.bots, clock())
    told = worker.fake.sent_to(worker.id)[-1].call["text"]
    assert told == "Dringende Meldungen: 1\nNeue Meldungen: 1"


async def _at_sending(reporter: Reporter) -> None:
    await reporter.begin()
    await reporter.say(WORD)
    await reporter.to_preview()
    await reporter.press("Senden")


async def test_a_database_that_stumbles_keeps_it_once(
    reporter: Reporter,
    empty: Sessions,
    identity: x25519.Identity,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer of the first try is lost on its way; the second keeps nothing twice."""
    await _at_sending(reporter)
    tries = 0

    async def stumbling(*given: Any) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OperationalError("insert", {}, Exception("connection lost"))
        await send_sealed(*given)

    monkeypatch.setattr(sending, "send_sealed", stumbling)
    await reporter.press("Senden, Code aus 19 Ziffern")
    assert "angekommen" in reporter.on_screen[-1]
    assert len(await arrived(empty, identity)) == 1


async def test_what_is_uncertain_is_said_to_be(
    reporter: Reporter, empty: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receipt will tell; the draft is still there."""
    await _at_sending(reporter)

    async def gone(*_given: Any) -> None:
        raise OperationalError("insert", {}, Exception("connection lost"))

    with monkeypatch.context() as patch:
        patch.setattr(sending, "send_sealed", gone)
        await reporter.press("Senden, Code aus 19 Ziffern")
    assert "Ich weiß nicht, ob" in reporter.on_screen[-2]
    assert "nicht gesendet" not in "\n".join(reporter.on_screen)
    assert reporter.receipt
    await reporter.press("Zurück zu meiner Meldung")
    assert WORD in reporter.last.text
    await reporter.press("Schnell weg")
    assert WORD not in "\n".join(reporter.on_screen)


async def test_a_house_that_is_full_says_so(
    reporter: Reporter, empty: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The receipt that was shown is void, and that is said."""
    await _at_sending(reporter)

    async def full(*_given: Any) -> None:
        raise WaitAWhile(3600)

    with monkeypatch.context() as patch:
        patch.setattr(sending, "send_sealed", full)
        await reporter.press("Senden, Code aus 19 Ziffern")
    screen = "\n".join(reporter.on_screen)
    assert "gilt nicht" in screen
    assert "Ihr Entwurf ist noch da" in screen
    await reporter.press("Schnell weg")


async def test_too_many_reports_at_once_wait_their_turn(
    reporter: Reporter, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flood costs patience and no report."""
    await _at_sending(reporter)
    monkeypatch.setattr(house.office.reporting, "budget", Budget(an_hour=1))
    house.office.reporting.budget.take("telegram")
    await reporter.press("Senden, Code aus 19 Ziffern")
    assert "nichts verloren" in reporter.last.text
    assert reporter.here in house.office.reporting.drafts
    monkeypatch.setattr(house.office.reporting, "budget", Budget())
    await reporter.press("Senden, Code aus 19 Ziffern")
    assert "angekommen" in reporter.on_screen[-1]
