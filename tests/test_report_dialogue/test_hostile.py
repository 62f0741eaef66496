"""Files that mean harm, and files that are only large, many, or broken."""

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pyrage import x25519

from bot.app.serving import House
from bot.db import Sessions
from bot.reports.told import MOST_LETTERS
from tests.test_report_dialogue.conftest import Reporter, arrived
from tests.test_report_pictures import SECRET, bomb, photo


async def test_a_photo_is_cleaned_and_that_is_said(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """What was hidden is named; only the points arrive; its name is not the phone's."""
    await reporter.begin()
    await reporter.send_file(photo(), "Mehmet am Bahnhof.jpg")
    assert "versteckt: Ort der Aufnahme, Kamera, Zeit" in reporter.last.text
    await reporter.to_preview()
    assert "herausgenommen: Ort" in reporter.last.text
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    [attachment] = opened.told.attachments
    assert (attachment.name, attachment.kind, attachment.original) == ("1.jpg", "picture", False)
    assert SECRET not in attachment.data


async def test_the_original_goes_along_only_after_a_yes(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """It may be proof; and the yes can be taken back."""
    whole = photo()
    await reporter.begin()
    await reporter.send_photo(whole)
    await reporter.to_preview()
    for press in ("Auch das Original", None, "Auch das Original"):
        await reporter.press("Ändern oder löschen")
        await reporter.press("Datei 1")
        await reporter.press(press or "Das Original nicht senden")
    assert "das Original geht mit" in reporter.last.text
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    cleaned, original = opened.told.attachments
    assert original.data == whole
    assert original.original
    assert SECRET not in cleaned.data


async def test_a_picture_we_cannot_clean_needs_a_yes(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """A HEIC from a phone: kept as it is, or left out; without an answer it is not taken."""
    heic = b"\x00\x00\x00\x20ftypheic" + bytes(200)
    await reporter.begin()
    await reporter.say("drei Bilder")
    await reporter.send_file(heic)
    assert "kann ich nicht öffnen" in reporter.last.text
    await reporter.press("So behalten")
    await reporter.send_file(heic)
    await reporter.press("Weglassen")
    await reporter.send_file(heic)
    await reporter.say("und weiter")
    await reporter.to_preview()
    assert "Bild 3: nicht genommen" in reporter.last.text
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    assert [attachment.data for attachment in opened.told.attachments] == [heic]


async def test_voice_and_files_stay_as_they_are(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """And somebody is told what that means."""
    voice, letter = b"OggS" + bytes(300), b"%PDF-1.7 " + bytes(300)
    await reporter.begin()
    await reporter.send_voice(voice)
    assert "Stimme erkennen" in reporter.last.text
    await reporter.send_file(letter, "Brief.docx")
    assert "versteckte Angaben" in reporter.last.text
    await reporter.to_preview()
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    kept = [(one.name, one.media_type, one.data) for one in opened.told.attachments]
    assert kept == [("1.ogg", "audio/ogg", voice), ("2.pdf", "application/pdf", letter)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (bomb(50_000, 50_000), "zu viele Bild-Punkte"),
        (photo()[:500], "beschädigt"),
        (b"\xff\xd8\xff" + b"no picture at all", "beschädigt"),
        (b"", "leer"),
    ],
    ids=["bomb", "cut off", "false", "empty"],
)
async def test_a_hostile_file_is_refused_kindly(
    reporter: Reporter, data: bytes, words: str
) -> None:
    """The rest of the report stays, and it can go on."""
    await reporter.begin()
    await reporter.say("eins")
    await reporter.send_file(data)
    assert words in reporter.last.text
    assert "1 Nachricht" in reporter.last.text
    await reporter.to_preview()
    assert "Senden" in reporter.last.labels


async def test_a_polyglot_is_only_a_picture(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """What hangs behind it stays behind."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as folder:
        folder.writestr("run.sh", "rm -rf /")
    await reporter.begin()
    await reporter.send_file(photo() + archive.getvalue(), "bild.pdf.exe")
    await reporter.to_preview()
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    [attachment] = opened.told.attachments
    assert attachment.media_type == "image/jpeg"
    assert not zipfile.is_zipfile(io.BytesIO(attachment.data))


async def test_a_hundred_megabytes_are_not_even_fetched(reporter: Reporter) -> None:
    """Neither when announced, nor when Telegram says so only at fetching, nor when it lied."""
    await reporter.begin()
    fetched = reporter.person.fake.attempts.get("getFile", 0)
    await reporter.send_file(b"x", announced=100 << 20)
    assert "zu groß" in reporter.last.text
    assert reporter.person.fake.attempts.get("getFile", 0) == fetched
    await reporter.send_file(bytes(21 << 20), announced=1000)
    assert "zu groß" in reporter.last.text
    reporter.person.fake.refused.clear()


async def test_fifty_pictures(
    reporter: Reporter, empty: Sessions, identity: x25519.Identity
) -> None:
    """Ten are taken, the others are said not to be, once for an album; the report arrives."""
    small = io.BytesIO()
    Image.new("RGB", (8, 8)).save(small, "PNG")
    await reporter.begin()
    await reporter.say("wort " * 500)
    said: list[str] = []
    for _number in range(50):
        replies = await reporter.send_photo(
            small.getvalue(), media_group_id=f"album-{reporter.person.id}"
        )
        said += [reply.text for reply in replies if "höchstens 10 Dateien" in reply.text]
    assert len(said) == 1
    await reporter.to_preview()
    await reporter.press("Nächste Seite")
    assert "Datei 10" in reporter.last.text
    await reporter.send_it()
    [opened] = await arrived(empty, identity)
    assert len(opened.told.attachments) == 10


async def test_all_files_together_have_a_limit(reporter: Reporter) -> None:
    """Said before the report can no longer be sealed."""
    await reporter.begin()
    await reporter.send_file(b"%PDF-1.7" + bytes(15 << 20))
    assert "Ich habe die Datei" in reporter.last.text
    await reporter.send_file(b"%PDF-1.7" + bytes(12 << 20))
    assert "zusammen sind zu groß" in reporter.last.text


async def test_telegram_does_not_hand_a_file_over(reporter: Reporter) -> None:
    """Said at once; nothing else is lost."""
    await reporter.begin()
    await reporter.say("eins")
    reporter.person.fake.fail("getFile", "400")
    await reporter.send_photo(photo())
    assert "nicht holen" in reporter.last.text


async def test_more_words_than_a_report_takes(reporter: Reporter) -> None:
    """The last part is refused; what was told before stays."""
    await reporter.begin()
    for _part in range(MOST_LETTERS // 4_000):
        await reporter.say("wort " * 800)
    await reporter.say("wort " * 800)
    assert "So viel passt hier nicht hinein" in reporter.last.text
    await reporter.to_preview()
    assert "Nächste Seite" in reporter.last.labels


async def test_things_a_report_does_not_take(reporter: Reporter) -> None:
    """A position, a contact, a sticker: nothing falls through to the doors that answer."""
    import telegram

    person = reporter.person
    await reporter.begin()
    place = telegram.Location(8.48, 49.92)
    [reply] = await person.send(message=person.message(location=place))
    assert "Einen Standort kann ich hier nicht nehmen" in reply.text
    contact = telegram.Contact("+4917612345", "Mehmet")
    [reply] = await person.send(message=person.message(contact=contact))
    assert "Kontakte kann ich hier nicht nehmen" in reply.text


@given(data=st.data())
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_no_order_of_presses_breaks_the_interview(
    reporter: Reporter, house: House, data: st.DataObject
) -> None:
    """Any buttons and any words in any order: never an apology, always a way out."""
    await reporter.begin()
    words = st.sampled_from(["eins", "2", "<b>&amp;", "raunheim", "🙂" * 50, "a" * 3000, "?"])
    for _step in range(14):
        safe = [
            label
            for label in reporter.last.labels
            if label not in {"Schnell weg", "Menü"} and not label.startswith("Ja, alles")
        ]
        pressed = data.draw(st.one_of(st.none(), st.sampled_from(safe or [""])))
        if pressed:
            replies = await reporter.press(pressed)
        else:
            replies = await reporter.say(data.draw(words))
        assert not [reply for reply in replies if "Bei uns ist ein Fehler passiert" in reply.text]
        if reporter.here not in house.office.reporting.drafts:
            break
    else:
        assert reporter.last.labels[-1] == "Schnell weg"
    house.office.reporting.drafts.close(reporter.here)
    house.office.door.leave(reporter.here)


async def test_old_and_forged_buttons_do_no_harm(reporter: Reporter, house: House) -> None:
    """Pressed out of order, or made up: nothing is chosen, nothing is sent."""
    await reporter.begin()
    await reporter.say("eins")
    number = reporter.last.message_id
    for forged in (
        "rep:pick:words:", "rep:send-now:digits:", "rep:town:99:", "rep:piece:77:",
        "rep:answer-of:nonsense:", "rep:file:9:", "rep:consent:yes:", "rep:leave:xx:",
        "rep:nothing::", "rep:delete-now::", "rep:page:abc:",
    ):  # fmt: skip
        replies = await reporter.person.press_data(forged, number)
        assert not [reply for reply in replies if "Bei uns ist ein Fehler passiert" in reply.text]
    assert reporter.here in house.office.reporting.drafts
    reporter.person.fake.refused.clear()  # the screen that was pressed is long gone
    await reporter.to_preview()
    assert "eins" in reporter.last.text
