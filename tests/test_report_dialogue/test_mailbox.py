"""The mailbox: opened by its receipt in any chat, and by nothing else."""

import pytest
import pytest_asyncio
from pyrage import x25519
from sqlalchemy import select

from bot.app.serving import House
from bot.db import Sessions
from bot.models import CaseMessage, Letter, ReportArrival, ReportCase, ReportLink
from bot.reports import receipts
from bot.reports.arrivals import TO_REPORTER
from bot.reports.cases import add_message
from bot.reports.desk import pack_message
from bot.reports.gate import Tries
from bot.reports.notices import move_and_tell
from bot.reports.receipts import open_receipt, read_receipt
from bot.reports.sealing import seal, unseal
from bot.reports.told import unpack_parts
from handlers.delivery import deliver_due
from tests.conftest import Clock, Meet
from tests.stored import tables_with
from tests.test_report_dialogue.conftest import Reporter
from tests.test_report_dialogue.web import Tab
from tests.test_report_pictures import SECRET, photo

WORD = "Zwetschgenknödel"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Receipts that are quick to open."""
    monkeypatch.setattr(receipts, "_MEMORY_KIB", 64)


@pytest_asyncio.fixture
async def receipt(reporter: Reporter, empty: Sessions) -> str:
    """The receipt of a report that was just sent, noted on paper."""
    await reporter.begin()
    await reporter.say("Ein Mann hat mich im Bus angeschrien.")
    await reporter.to_preview()
    code = await reporter.send_it()
    await reporter.press("Ich habe ihn aufgeschrieben")
    return code


async def _move(house: House, clock: Clock) -> str:
    """What happens at the next fixed hour; the number of the one case."""
    office = house.office
    async with office.sessions.begin() as session:
        await move_and_tell(session, office.reporting.site, clock())
        return str(await session.scalar(select(ReportCase.id)))


async def _answer(house: House, case_id: str, receipt: str, text: str, clock: Clock) -> None:
    """A case worker answers through the receipt's key."""
    office = house.office
    key = open_receipt(read_receipt(receipt), office.reporting.site.receipt_salt)
    sealed = seal(pack_message(text, 1, clock()), [key.public])
    async with office.sessions.begin() as session:
        await add_message(session, case_id, f"m{len(text)}", TO_REPORTER, sealed, office.today())


async def test_on_another_channel_with_everything(
    reporter: Reporter, receipt: str, house: House, clock: Clock
) -> None:
    """Told on Telegram, read at the chat page: state, answer, addition, deletion day."""
    case_id = await _move(house, clock)
    await _answer(house, case_id, receipt, f"Wir rufen gern an. {WORD}", clock)
    tab = Tab(house)
    await tab.say("/receipt")
    screen = await tab.say(receipt)
    assert "in den nächsten Arbeits-Tagen lesen" in screen
    assert WORD in screen
    assert "60 Tage, nachdem" in screen
    await tab.press("Noch etwas schreiben")
    screen = await tab.say("Bitte nicht anrufen. Ich schreibe lieber.")
    assert "Ihre Nachricht ist angekommen" in screen
    assert "Ich schreibe lieber" in screen
    assert await tables_with(house.office.sessions, "lieber") == []
    screen = await tab.press("Schließen")
    assert WORD not in tab.memory
    assert "lieber" not in tab.memory
    assert receipt not in tab.memory


async def test_typed_out_of_the_blue(
    meet: Meet, receipt: str, house: House, identity: x25519.Identity
) -> None:
    """Without a command, in any grouping, with other digits: it is no question and no gap."""
    other = Reporter(await meet().arrive(), house, identity)
    eastern = receipt.translate({ord(str(n)): chr(0x0660 + n) for n in range(10)})
    for typed in (receipt, receipt.replace(" ", ""), eastern.replace(" ", "-")):
        await other.say(typed)
        assert "Ihre Meldung aus der Woche" in other.last.text
        await other.press("Schnell weg")
        assert typed not in other.on_screen


async def test_a_wrong_receipt_opens_nothing_and_slows_down(
    meet: Meet, receipt: str, house: House, identity: x25519.Identity
) -> None:
    """Mistyped is said kindly; guessing gets slower; the right one is not lost by that."""
    house.office.reporting.tries = Tries()
    other = Reporter(await meet().arrive(), house, identity)
    wrong = "0000 0000 0000 0000 000"
    await other.say("/receipt")
    for _try in range(3):
        await other.say(wrong)
        assert "finde ich keine Meldung" in other.last.text or "Bitte warten" in other.last.text
    assert "Bitte warten Sie" in other.last.text
    await other.say(receipt)
    assert "Bitte warten Sie" in other.last.text
    house.office.reporting.tries = Tries()
    await other.say(receipt)
    assert "Ihre Meldung aus der Woche" in other.last.text
    await other.press("Schnell weg")


async def test_a_receipt_in_words(
    reporter: Reporter, empty: Sessions, meet: Meet, house: House, identity: x25519.Identity
) -> None:
    """Six words, written with a slip, open it, too; an unknown word is named."""
    await reporter.begin()
    await reporter.say("Ein Mann hat mich im Bus angeschrien.")
    await reporter.to_preview()
    await reporter.press("Senden")
    await reporter.press("Senden, Code aus 6 Wörtern")
    slip = reporter.on_screen[-1]
    words = slip.split("\n\n")[2]
    assert len(words.split()) == 6
    other = Reporter(await meet().arrive(), house, identity)
    await other.say("/receipt")
    await other.say(" ".join([*words.split()[:5], "xyxyxyxy"]))
    assert "xyxyxyxy" in other.last.text
    await other.say(words.upper())
    assert "Ihre Meldung aus der Woche" in other.last.text
    await other.press("Schnell weg")


async def test_my_report_is_deleted(
    reporter: Reporter, receipt: str, house: House, clock: Clock
) -> None:
    """After one question, with everything; then the receipt opens nothing."""
    await _move(house, clock)
    await reporter.say(receipt)
    await reporter.press("Meine Meldung löschen")
    await reporter.press("Ja, meine Meldung löschen")
    assert "gelöscht" in reporter.last.text
    async with house.office.sessions.begin() as session:
        for model in (ReportCase, CaseMessage):
            assert (await session.scalars(select(model))).all() == []
    await reporter.press("Schließen")
    await reporter.say(receipt)
    assert "finde ich keine Meldung" in reporter.last.text
    await reporter.press("Schnell weg")


async def test_what_is_written_below_is_not_sent_by_accident(
    reporter: Reporter, receipt: str
) -> None:
    """A stray message is not added, and no question either."""
    await reporter.say(receipt)
    await reporter.say("was heißt das?")
    assert "Das habe ich nicht gesendet" in reporter.last.text
    assert "Es gibt noch keine Nachrichten" in reporter.last.text
    await reporter.press("Schnell weg")


async def test_a_push_only_by_choice(
    reporter: Reporter, empty: Sessions, house: House, clock: Clock
) -> None:
    """Chosen after saying what it means; it says nothing; it can be ended; /forget ends it."""
    await reporter.begin()
    await reporter.say("Ein Mann hat mich im Bus angeschrien.")
    await reporter.press("Das ist alles")
    await reporter.press("Keine Fragen mehr")
    assert "Befehl von einem Gericht" in reporter.last.text
    await reporter.press("Mit einer Nachricht hier")
    receipt = await reporter.send_it()
    assert "Ich schreibe Ihnen hier" in reporter.on_screen[-1]
    case_id = await _move(house, clock)
    await _answer(house, case_id, receipt, "Antwort", clock)
    async with empty.begin() as session:
        await move_and_tell(session, house.office.reporting.site, clock())
        letters = [
            letter
            for letter in await session.scalars(select(Letter))
            if letter.chat_id == reporter.person.id
        ]
        assert [letter.content for letter in letters] == [{}]
        due = letters[0].due_at
    await deliver_due(empty, house.bots, due)
    assert reporter.on_screen[-1] == "Eine Nachricht ist da."
    await reporter.say("/mydata")
    await reporter.say("/forget")
    await reporter.press("Ja, alles löschen")
    async with empty.begin() as session:
        assert (await session.scalars(select(ReportLink))).all() == []
    await reporter.say(receipt)
    assert "Antwort" in reporter.last.text
    await reporter.press("Schnell weg")


async def test_a_push_is_chosen_and_ended_in_the_mailbox(
    reporter: Reporter, receipt: str, empty: Sessions
) -> None:
    """Not preselected; the page at which nobody can be reached does not offer it."""
    await reporter.say(receipt)
    await reporter.press("Hier Bescheid sagen")
    assert "Gericht" in reporter.last.text
    await reporter.press("Ja, hier Bescheid sagen")
    assert "Keinem Chat mehr Bescheid sagen" in reporter.last.labels
    await reporter.press("Keinem Chat mehr")
    async with empty.begin() as session:
        assert (await session.scalars(select(ReportLink))).all() == []
    await reporter.press("Schnell weg")
    tab = Tab(reporter.house)
    await tab.say(receipt)
    with pytest.raises(AssertionError):
        await tab.press("Hier Bescheid sagen")


async def test_many_messages_have_pages(
    reporter: Reporter, receipt: str, house: House, clock: Clock
) -> None:
    """The newest first; longer than a screen."""
    case_id = await _move(house, clock)
    for number in range(1, 6):
        await _answer(house, case_id, receipt, f"Antwort {number} " + "x" * (900 + number), clock)
    await reporter.say(receipt)
    assert "Ältere Nachrichten" in reporter.last.labels
    await reporter.press("Ältere Nachrichten")
    await reporter.press("Neuere Nachrichten")
    await reporter.press("Schnell weg")


async def test_a_picture_is_added_later(
    reporter: Reporter, receipt: str, empty: Sessions, identity: x25519.Identity
) -> None:
    """Cleaned as in a report; sent anywhere else in a mailbox it is not taken."""
    await reporter.say(receipt)
    await reporter.send_photo(photo())
    assert "kann ich nicht nehmen" in reporter.last.text
    await reporter.press("Noch etwas schreiben")
    await reporter.send_photo(photo(), caption="das Graffito")
    assert "Ihre Nachricht ist angekommen" in reporter.last.text
    assert "versteckt: Ort der Aufnahme" in reporter.last.text
    assert "das Graffito" in reporter.last.text
    await reporter.press("Noch etwas schreiben")
    await reporter.send_file(photo()[:400])
    assert "beschädigt" in reporter.last.text
    await reporter.press("Schnell weg")
    async with empty.begin() as session:
        [sealed] = await session.scalars(
            select(ReportArrival.sealed).where(ReportArrival.kind == "addition")
        )
    head, rest = unpack_parts(unseal(sealed, identity))
    assert head["text"] == "das Graffito"
    assert SECRET not in rest
    assert rest.startswith(b"\xff\xd8\xff")
