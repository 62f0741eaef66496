"""Reports as tests need them: with everything in them, and words that stand nowhere else."""

from datetime import UTC, datetime

from bot.db import Sessions
from bot.reports import Attachment, Form, MailboxKey, Motive, Part, Police, Reporting, Told, Wish
from bot.reports.arrivals import Sealed, send_sealed
from bot.reports.receipts import open_receipt

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
WORDS = ("Zwetschgenmus", "Bushaltestelle", "Kapuzenjacke")
PICTURE = b"\x89PNG" + bytes(range(256)) * 40


def told(**more: object) -> Told:
    """A report with everything in it; words that stand nowhere else."""
    report = Told(
        language="de",
        texts=[f"Ein Mann in {WORDS[2]} rief {WORDS[0]}.", "Dann lief er weg."],
        part=Part.WITNESS,
        when="gestern Abend",
        town="Raunheim",
        place=f"{WORDS[1]} am Bahnhof",
        forms=[Form.WORDS, Form.THREAT],
        motives=[Motive.BLACK],
        others_present="zwei Frauen",
        afterwards="niemand half",
        police=Police.NO,
        wish=Wish.ADVICE,
        attachments=[Attachment("bild.png", "image/png", "picture", PICTURE)],
    )
    for name, value in more.items():
        setattr(report, name, value)
    return report


def key_of(desk: Reporting, sealed: Sealed) -> MailboxKey:
    """What the receipt of a sealed report opens."""
    assert sealed.receipt is not None
    return open_receipt(sealed.receipt, desk.site.receipt_salt)


async def report(
    sessions: Sessions, desk: Reporting, now: datetime = NOW, told_as: Told | None = None
) -> Sealed:
    """A report that was told, sealed and sent."""
    sealed = await desk.seal_report(told_as or told(), now)
    async with sessions.begin() as session:
        await send_sealed(session, desk.site, sealed, now)
    return sealed
