"""Quick exit from every screen, and what is said after the program was stopped."""

from datetime import UTC, datetime

import pytest
import telegram

from bot.app.serving import House
from bot.reports.drafts import Drafts
from bot.reports.telling import Door
from tests.stored import tables_with
from tests.test_report_dialogue.conftest import Reporter

WORD = "Zwetschgenknödel"
_WAY = "Nur mit dem Beleg-Code"

# How to come to each screen, from the first one on.
_STEPS = [
    ("door", "say /report"),
    ("way", "press Am Telefon"),
    ("door again", "press Zurück"),
    ("telling", "press Hier weiter"),
    ("told", f"say {WORD}"),
    ("question", "press Das ist alles"),
    ("next question", "press Es ist mir"),
    ("way of the answer", "press Keine Fragen mehr"),
    ("preview", f"press {_WAY}"),
    ("changing", "press Ändern oder löschen"),
    ("rewriting", "press Nachricht 1"),
    ("preview again", "press Zurück"),
    ("throwing away", "press Alles löschen"),
    ("back", "press Nein"),
    ("before sending", "press Senden"),
    ("sent", "press Senden, Code aus 19"),
]


async def _go(reporter: Reporter, number: int) -> None:
    for _name, step in _STEPS[: number + 1]:
        verb, _, words = step.partition(" ")
        await (reporter.say(words) if verb == "say" else reporter.press(words))


@pytest.mark.parametrize("number", range(len(_STEPS)), ids=[name for name, _step in _STEPS])
async def test_quick_exit_from_every_screen(reporter: Reporter, house: House, number: int) -> None:
    """At once events stand there; nothing of the report is on the screen or in memory."""
    before = reporter.on_screen
    await _go(reporter, number)
    assert reporter.last.labels[-1] == "Schnell weg" or number == len(_STEPS) - 1
    calls = len(reporter.person.fake.calls)
    await reporter.press("Schnell weg")
    first = reporter.person.fake.calls[calls]
    assert first.method == "editMessageText"
    assert "Was findet statt?" in first.call["text"]
    rest = [text for text in reporter.on_screen if text not in before and text != "/report"]
    assert len(rest) == 1
    assert "Was findet statt?" in rest[0]
    for word in (WORD, "Meldung", "Beleg", "Schnell weg"):
        assert word not in "\n".join(rest)
    assert reporter.here not in house.office.reporting.drafts
    [answer] = await reporter.say("Wie bekomme ich Kindergeld?")
    assert "Gespräch" not in answer.text


async def test_quick_exit_by_its_number_or_its_words(reporter: Reporter, house: House) -> None:
    """Typed as quickly as pressed, and the typed word goes, too."""
    await reporter.begin()
    await reporter.say(WORD)
    await reporter.say("schnell weg")
    assert "schnell weg" not in reporter.on_screen
    assert WORD not in reporter.on_screen
    assert reporter.here not in house.office.reporting.drafts


async def test_quick_exit_however_fast_somebody_wrote(
    reporter: Reporter, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typed: it does not wait for the pace."""
    await reporter.begin()
    await reporter.say(WORD)
    with monkeypatch.context() as patch:
        patch.setattr(house.office.pace, "_per_minute", 0)
        await reporter.say("zu schnell")
        await reporter.say("schnell weg")
    house.office.pace._chats.clear()
    assert WORD not in "\n".join(reporter.on_screen)
    assert reporter.here not in house.office.reporting.drafts


async def test_quick_exit_when_telegram_is_stubborn(reporter: Reporter, house: House) -> None:
    """The screen cannot be changed: it is deleted, and events come below."""
    await reporter.begin()
    await reporter.say(WORD)
    reporter.person.fake.fail("editMessageText", "400", chat_id=reporter.person.id)
    await reporter.press("Schnell weg")
    assert "Was findet statt?" in reporter.on_screen[-1]
    assert WORD not in "\n".join(reporter.on_screen)
    assert reporter.here not in house.office.reporting.drafts


async def test_after_a_restart_nothing_was_kept(
    reporter: Reporter, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next line of a half-told report is no question, and the person is told."""
    await reporter.begin()
    await reporter.say(f"{WORD} eins")
    monkeypatch.setattr(house.office.reporting, "drafts", Drafts())
    object.__setattr__(house.office, "door", Door())
    [reply] = await reporter.say(f"{WORD} zwei")
    assert "Neustart" in reply.text
    assert "/receipt" in reply.text
    assert await tables_with(reporter.sessions, WORD) == []
    await reporter.press("Rassismus melden")
    assert "Hier weiter" in reporter.last.labels


async def test_after_a_restart_a_command_works_at_once(
    reporter: Reporter, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence comes first, then the menu."""
    await reporter.begin()
    await reporter.say(WORD)
    monkeypatch.setattr(house.office.reporting, "drafts", Drafts())
    object.__setattr__(house.office, "door", Door())
    first, second = await reporter.say("/menu")
    assert "Neustart" in first.text
    assert "Was brauchen Sie?" in second.text


async def test_after_a_restart_danger_comes_first(
    reporter: Reporter, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was lost."""
    await reporter.begin()
    monkeypatch.setattr(house.office.reporting, "drafts", Drafts())
    object.__setattr__(house.office, "door", Door())
    [reply] = await reporter.say("mein mann atmet nicht mehr")
    assert "112" in reply.text


async def test_an_old_button_or_receipt_does_not_lose_a_report(
    reporter: Reporter, house: House
) -> None:
    """An old "go on here" pressed again, /report and /receipt in the middle: it goes on."""
    await reporter.begin()
    door = next(reply for reply in reporter.person.replies if "Hier weiter" in reply.labels)
    await reporter.say(WORD)
    await reporter.person.press("Hier weiter", door)
    assert "1 Nachricht" in reporter.last.text
    await reporter.say("/report")
    assert "1 Nachricht" in reporter.last.text
    await reporter.say("/receipt")
    assert "zuerst" in reporter.last.text
    assert "1 Nachricht" in reporter.last.text
    await reporter.press("Schnell weg")


async def test_danger_in_a_report_offers_no_way_to_lose_it(
    reporter: Reporter, house: House
) -> None:
    """Below the emergency card the menu is missing: one tap would end the report."""
    await reporter.begin()
    await reporter.say("mein mann hat ein messer und will mich umbringen")
    cards = [reply for reply in reporter.person.replies if "Rufen Sie jetzt an" in reply.text]
    assert len(cards) == 1
    assert "Menü" not in cards[0].labels
    assert reporter.here in house.office.reporting.drafts
    await reporter.say("/menu")
    assert reporter.here not in house.office.reporting.drafts
    assert "Was brauchen Sie?" in reporter.last.text


async def test_who_blocks_the_bot_leaves_nothing(reporter: Reporter, house: House) -> None:
    """The quickest exit of all."""
    person = reporter.person
    await reporter.begin()
    await reporter.say(WORD)
    me = telegram.User(id=4242, first_name="Test", is_bot=True)
    change = telegram.ChatMemberUpdated(
        chat=person.chat,
        from_user=person.user,
        date=datetime.now(UTC),
        old_chat_member=telegram.ChatMemberMember(me),
        new_chat_member=telegram.ChatMemberBanned(me, until_date=datetime.now(UTC)),
    )
    await person.send(my_chat_member=change)
    assert reporter.here not in house.office.reporting.drafts
