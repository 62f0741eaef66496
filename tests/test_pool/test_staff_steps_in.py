"""The office looks at requests, steps in, approves, counts, and exports."""

import io
from datetime import timedelta

from openpyxl import load_workbook
from sqlalchemy import delete, select

from bot.models import Request, StaffAction, StaffMember, Volunteer
from tests.pool_talks import Talks, walk

_DESK = ("/staff", "#Dolmetschen: Übersicht")


async def test_open_requests_with_state_and_history(talks: Talks) -> None:
    """Whom was asked, how many said no, when the next wave is, and what happened when."""
    staff, kita = await talks.dispatcher(), await talks.institution()
    one, two = await talks.volunteer("kmr"), await talks.volunteer("kmr")
    await talks.request(kita, talks.now() + timedelta(hours=30))
    await talks.until_asked(one, two, step=timedelta(minutes=30))
    await one.press("Nein")
    await talks.post()
    await walk(staff, *_DESK, "#Offene Anfragen")
    assert "gefragt 2, 1 Nein" in staff.last.text
    assert "nächste Welle" in staff.last.text
    await staff.press("Kurmandschi")
    for words in ("Kita Sonnenschein", " gefragt", "Gefragt: 2 Personen. Nein: 1."):
        assert words in staff.last.text
    assert str(two.id) not in staff.last.text
    await staff.press("Wer gefragt ist und warum")
    for person in (one, two):
        assert f"Name {person.id} (Welle " in staff.last.text
    assert "Nein" not in staff.last.text


async def test_somebody_is_assigned_by_hand(talks: Talks) -> None:
    """Who fits is listed with the reasons in words; both sides get the details."""
    staff, kita = await talks.dispatcher(), await talks.institution()
    await talks.request(kita, talks.now() + timedelta(days=3))
    one = await talks.volunteer("kmr")
    await walk(staff, *_DESK, "#Offene Anfragen", "#Kurmandschi", "#Jemanden von Hand einteilen")
    assert "Aussicht auf ein Ja" in staff.last.text
    assert "km" in staff.last.text
    await staff.press("Einteilen: Name")
    assert "Beide Seiten" in staff.last.text
    await talks.post()
    assert any("Das Büro hat Ihnen diesen Termin gegeben" in r.text for r in one.replies)
    assert any(f"Name {one.id}" in r.text for r in kita[0].replies)


async def test_a_request_is_closed_with_a_reason_or_goes_to_the_telephone(talks: Talks) -> None:
    """The institution reads why."""
    staff, kita = await talks.dispatcher(), await talks.institution()
    await talks.request(kita, talks.now() + timedelta(days=3))
    await talks.request(kita, talks.now() + timedelta(days=4), language="ti")
    await walk(staff, *_DESK, "#Offene Anfragen", "#Kurmandschi", "#Mit einem Grund schließen")
    await staff.say("Die Schule hat <selbst> jemanden.")
    await talks.post()
    assert "Die Schule hat <selbst> jemanden." in kita[0].last.text
    await walk(staff, *_DESK, "#Offene Anfragen", "#Tigrinya", "#Wir regeln es per Telefon")
    await talks.post()
    assert "kümmert sich um Dolmetschen per Telefon" in kita[0].last.text
    async with talks.sessions.begin() as session:
        rows = await session.scalars(select(Request.state).order_by(Request.id))
        assert list(rows) == ["closed", "by-phone"]


async def test_a_role_that_is_gone_in_the_middle_ends_it(talks: Talks) -> None:
    """The reason is asked for, the role is taken away, the sentence closes nothing."""
    staff, kita = await talks.dispatcher(), await talks.institution()
    await talks.request(kita, talks.now() + timedelta(days=3))
    await walk(staff, *_DESK, "#Offene Anfragen", "#Kurmandschi", "#Mit einem Grund schließen")
    async with talks.sessions.begin() as session:
        await session.execute(delete(StaffMember))
    await staff.say("Die Schule hat selbst jemanden.")
    assert "nur für Mitarbeitende" in staff.last.text
    async with talks.sessions.begin() as session:
        [request] = await session.scalars(select(Request))
        assert request.state != "closed"


async def test_forged_buttons_open_no_door_of_the_desk(talks: Talks) -> None:
    """Neither to residents nor to editors."""
    editor, resident = await talks.dispatcher("editor"), await talks.resident()
    one = await talks.volunteer("kmr")
    async with talks.sessions.begin() as session:
        [volunteer] = await session.scalars(select(Volunteer))
        number = volunteer.id
    for person in (editor, resident, one):
        await person.say("/menu")
        shown = person.last.message_id
        for what in (
            *("requests", "request", "fitting", "assign", "phone", "close", "applications"),
            *("volunteer", "approve", "suspend!", "invite", "houses", "open", "lock", "coverage"),
            *("ledger", "csv", "xlsx", "hours", "settle", "colleagues", "nocolleague"),
        ):
            await person.press_data(f"pool:{what}:{number}:1", shown)
            assert "nur für Mitarbeitende" in person.last.text, what
    async with talks.sessions.begin() as session:
        [volunteer] = await session.scalars(select(Volunteer))
        assert volunteer.state == "approved"


async def test_somebody_is_suspended_and_the_certificate_is_seen_to_run_out(talks: Talks) -> None:
    """A new end is written as a day; the volunteer is told of the suspension."""
    staff, one = await talks.dispatcher(), await talks.volunteer("kmr")
    await talks.post()
    talks.clock.ahead = timedelta(days=2 * 365 - 40)
    await walk(staff, *_DESK, "#Zertifikate, die ablaufen: 1", "#Name", "#Neues Ende")
    await staff.say("31.12.2030")
    assert "31. Dezember 2030" in staff.last.text
    await walk(
        staff,
        *_DESK,
        "#Alle Dolmetscher",
        "#Name",
        "#Zulassung ruhen lassen",
        "#Ja, Zulassung ruhen lassen",
    )
    await talks.post()
    assert "lässt Sie im Moment nicht dolmetschen" in one.last.text


async def test_the_hours_of_a_month_are_a_file_and_a_note(talks: Talks) -> None:
    """As CSV and as a workbook; who exported it is written down."""
    staff, kita, one = (
        await talks.dispatcher(),
        await talks.institution(),
        await talks.volunteer("kmr"),
    )
    await talks.request(kita, talks.now() + timedelta(days=3))
    await one.press("Ja, ich mache das")
    talks.clock.ahead = timedelta(days=4)
    await talks.post()
    month = (talks.now() - timedelta(days=1)).strftime("%Y%m")
    await walk(staff, *_DESK, "#Stunden eines Monats")
    for what, begins in (("csv", b"\xef\xbb\xbfNr.;Datum"), ("xlsx", b"PK")):
        await staff.press_data(f"pool:{what}:{month}:0", staff.last.message_id)
        content = next(iter(staff.last.call.files.values()))
        assert content.startswith(begins)
        assert "1 Termin" in staff.last.text
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert f"Name {one.id}" in [cell.value for cell in sheet[2]]
    await staff.press_data("pool:csv:99:0", staff.last.message_id)
    async with talks.sessions.begin() as session:
        rows = await session.scalars(select(StaffAction.action))
        assert list(rows).count("export the ledger") == 2


async def test_the_coverage_report_is_pictures_without_small_numbers(talks: Talks) -> None:
    """Seven requests are shown, two are not; the words say the same as the picture."""
    staff, kita = await talks.dispatcher(), await talks.institution()
    await walk(staff, *_DESK, "#Bericht")
    assert "Noch gibt es keine Zahlen" in staff.last.text
    start = talks.now() + timedelta(days=1, hours=1)
    for number in range(9):
        language = "ti" if number < 7 else "so"
        await talks.request(
            kita, start + timedelta(minutes=number), deliver=False, language=language
        )
    talks.clock.ahead = timedelta(days=2)
    await talks.post()
    await walk(staff, *_DESK, "#Bericht")
    pictures = [c for c in staff.fake.sent_to(staff.id) if c.method == "sendPhoto"]
    assert len(pictures) >= 2
    assert all(next(iter(c.files.values())).startswith(b"\x89PNG") for c in pictures)
    caption = pictures[0].call["caption"]
    assert "Somali: nicht gezeigt" in caption
    table = next(iter(staff.last.call.files.values())).decode("utf-8-sig")
    assert "Angefragt, Sprache nach Monat" in table
    assert "Somali;2" not in table
    assert "Somali;nicht gezeigt" in table
