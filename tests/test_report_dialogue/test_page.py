"""The same conversation at the chat page, which no messenger reads."""

from datetime import date

from pyrage import x25519

from bot.app.serving import House
from bot.db import Sessions
from bot.models import Chat
from bot.visitors import WebVisitors
from tests.stored import rows, tables_with
from tests.test_report_dialogue.conftest import arrived
from tests.test_report_dialogue.web import Tab
from tests.test_report_pictures import SECRET, photo

WORD = "Zwetschgenknödel"


async def test_a_whole_report_at_the_page(
    house: House, identity: x25519.Identity, empty: Sessions
) -> None:
    """From the door to the receipt; nothing stays on the page or in the room's memory."""
    tab = Tab(house)
    of_others = house.web_session.rooms.files.bytes
    screen = await tab.say("/report")
    assert "Diese Seite gehört uns" in screen
    assert "Telegram" not in screen
    await tab.press("Hier weiter")
    await tab.say(f"{WORD}: Ein Mann hat mich angeschrien.")
    screen = await tab.send(photo())
    assert "versteckt: Ort der Aufnahme" in screen
    await tab.press("Das ist alles")
    await tab.press("Es ist mir passiert")
    await tab.say("gestern im Zug")
    screen = await tab.press("Keine Fragen mehr")
    assert "noch nicht gesendet" in screen  # nobody can be reached here: no push is offered
    await tab.press("Senden")
    screen = await tab.press("Senden, Code aus 19 Ziffern")
    assert "angekommen" in screen
    assert "schließen Sie diese Seite" in screen
    [opened] = await arrived(empty, identity)
    assert opened.told.texts == [f"{WORD}: Ein Mann hat mich angeschrien."]
    assert opened.told.when == "gestern im Zug"
    [attachment] = opened.told.attachments
    assert SECRET not in attachment.data
    assert WORD not in tab.memory
    assert "gestern im Zug" not in tab.memory
    assert house.web_session.rooms.files.bytes == of_others
    screen = await tab.press("Ich habe ihn aufgeschrieben")
    assert "Beleg-Code:" not in tab.memory
    assert await tables_with(empty, WORD) == []


async def test_quick_exit_at_the_page(house: House, identity: x25519.Identity) -> None:
    """Events in place of everything, also in what a page gets that was away for a moment."""
    tab = Tab(house)
    of_others = house.web_session.rooms.files.bytes
    await tab.say("/report")
    await tab.press("Hier weiter")
    await tab.say(f"{WORD} im Bus")
    await tab.send(photo())
    screen = await tab.press("Schnell weg")
    assert "Was findet statt?" in screen
    assert WORD not in tab.memory
    assert "Meldung" not in tab.memory
    assert house.web_session.rooms.files.bytes == of_others


async def test_closing_the_page_throws_everything_away(
    house: House, identity: x25519.Identity
) -> None:
    """As if nothing had been told."""
    tab = Tab(house)
    await tab.say("/report")
    await tab.press("Hier weiter")
    await tab.say(WORD)
    await house.feed_web(tab.updates.left(tab.room))
    assert Chat("webchat", tab.chat_id) not in house.office.reporting.drafts


async def test_a_tab_in_a_private_dialogue_leaves_its_row_alone(empty: Sessions) -> None:
    """Not even the day on which somebody wrote there."""
    day = [date(2026, 11, 26)]
    quiet: set[int] = set()
    visitors = WebVisitors(empty, today=lambda: day[0], quiet=quiet.__contains__)
    chat_id = await visitors.open(b"a hash of a secret")
    await visitors.seen(chat_id)
    kept = await rows(empty)
    day[0] = date(2026, 11, 27)
    quiet.add(chat_id)
    await visitors.seen(chat_id)
    assert await rows(empty) == kept
    quiet.clear()
    await visitors.seen(chat_id)
    assert await rows(empty) != kept
