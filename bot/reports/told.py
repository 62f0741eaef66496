"""What somebody tells: the parts of a report, and how they become bytes and parts again."""

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

MOST_ATTACHMENTS = 10
MOST_ATTACHMENT_BYTES = 20 * 1024 * 1024
MOST_BYTES = 24 * 1024 * 1024
MOST_LETTERS = 60_000
_HEAD = struct.Struct(">4sI")
_MARK = b"KGR1"


class Part(StrEnum):
    """Who tells."""

    MYSELF = "myself"
    WITNESS = "witness"
    FOR_SOMEONE = "for-someone"


class Form(StrEnum):
    """What it was; several at once."""

    WORDS = "words"
    ATTACK = "attack"
    THREAT = "threat"
    SYMBOL = "symbol"
    PRINT = "print"
    ONLINE = "online"
    AUTHORITY = "authority"
    OTHER = "other"


class Motive(StrEnum):
    """What it was presumably about; several at once."""

    BLACK = "anti-black"
    MUSLIM = "anti-muslim"
    ANTISEMITIC = "antisemitic"
    ROMA = "anti-roma"
    ASIAN = "anti-asian"
    EASTERN = "anti-eastern-european"
    REFUGEE = "against-refugees"
    ORIGIN = "other-origin"
    RELIGION = "religion"
    GENDER = "gender"
    QUEER = "queer"
    DISABILITY = "disability"
    SOCIAL = "social"
    OTHER = "other"
    UNKNOWN = "unknown"


class Wish(StrEnum):
    """What the reporter wishes for."""

    ADVICE = "advice"
    DOCUMENT = "document"
    CONTACT = "contact"


class Police(StrEnum):
    """Whether the police was told."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a report.

    ``kind`` is ``picture``, ``voice`` or ``file``. ``original`` says that it is exactly what was
    sent and may hold place and camera; the reporter agreed to that.
    """

    name: str
    media_type: str
    kind: str
    data: bytes = field(repr=False)
    original: bool = False


@dataclass(slots=True)
class Told:
    """A report as far as it is told; whatever was skipped stays empty.

    ``town`` is the id of a municipality, ``elsewhere`` or ``online``; ``place`` the kind of place
    in the reporter's words. ``interpreter_may_read`` is the answer to "may an interpreter under
    confidentiality read it?", ``None`` when nobody had to ask.
    """

    language: str
    texts: list[str] = field(default_factory=list, repr=False)
    part: Part | None = None
    when: str | None = field(default=None, repr=False)
    town: str | None = None
    place: str | None = field(default=None, repr=False)
    forms: list[Form] = field(default_factory=list)
    motives: list[Motive] = field(default_factory=list)
    others_present: str | None = field(default=None, repr=False)
    afterwards: str | None = field(default=None, repr=False)
    police: Police | None = None
    wish: Wish | None = None
    contact: str | None = field(default=None, repr=False)
    interpreter_may_read: bool | None = None
    urgent: bool = False
    attachments: list[Attachment] = field(default_factory=list, repr=False)

    @property
    def size(self) -> int:
        """How many bytes the attachments have together."""
        return sum(len(attachment.data) for attachment in self.attachments)

    @property
    def letters(self) -> int:
        """How many letters were told so far."""
        free = (self.when, self.place, self.others_present, self.afterwards, self.contact)
        return sum(map(len, self.texts)) + sum(len(text or "") for text in free)

    def __repr__(self) -> str:
        """Nothing of it: a report in an error's words would be a report in a log."""
        return "<Told>"


def pack(told: Told, received_on: date, reply_to: str) -> bytes:
    """A report as bytes, ready for sealing.

    ``reply_to`` is the public key of the mailbox that the receipt opens; it travels inside, so
    that only who can open the report can answer it.
    """
    words = asdict(told)
    files = words.pop("attachments")
    words["attachments"] = [
        {**file, "data": None, "size": len(whole.data)}
        for file, whole in zip(files, told.attachments, strict=True)
    ]
    head = {"told": words, "received_on": received_on.isoformat(), "reply_to": reply_to}
    return pack_parts(head, [attachment.data for attachment in told.attachments])


@dataclass(frozen=True, slots=True)
class Opened:
    """A report opened by a case worker."""

    told: Told
    received_on: date
    reply_to: str = field(repr=False)


def unpack(data: bytes) -> Opened:
    """A report from its bytes. Raises ``ValueError`` when they are no report."""
    head, rest = unpack_parts(data)
    try:
        return _opened(head, rest)
    except (KeyError, TypeError, AttributeError):
        raise ValueError("not a report") from None


def _opened(head: dict[str, Any], rest: bytes) -> Opened:
    words: dict[str, Any] = dict(head["told"])
    attachments = []
    for file in words.pop("attachments"):
        size = int(file["size"])
        attachments.append(
            Attachment(
                file["name"], file["media_type"], file["kind"], rest[:size], file["original"]
            )
        )
        rest = rest[size:]
    told = Told(language=words.pop("language"), **words)
    told.part = Part(told.part) if told.part else None
    told.forms = [Form(form) for form in told.forms]
    told.motives = [Motive(motive) for motive in told.motives]
    told.police = Police(told.police) if told.police else None
    told.wish = Wish(told.wish) if told.wish else None
    told.attachments = attachments
    return Opened(told, date.fromisoformat(head["received_on"]), head["reply_to"])


def pack_parts(head: dict[str, Any], parts: Sequence[bytes] = ()) -> bytes:
    """A head in JSON, then bytes as they are."""
    words = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join((_HEAD.pack(_MARK, len(words)), words, *parts))


def unpack_parts(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The head and what follows it. Raises ``ValueError`` for anything else."""
    if len(data) < _HEAD.size:
        raise ValueError("too short to be a report")
    mark, length = _HEAD.unpack_from(data)
    if mark != _MARK or len(data) < _HEAD.size + length:
        raise ValueError("not a report")
    head = json.loads(data[_HEAD.size : _HEAD.size + length])
    if not isinstance(head, dict):
        raise ValueError("not a report")
    return head, data[_HEAD.size + length :]
