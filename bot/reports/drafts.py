"""Private dialogues: what is half told lives here, in memory, for an hour at most.

Nothing of it is ever written down. When the hour is over, the program stops, the person says stop
or presses "quick exit", it is gone. What is remembered a while longer is only that it is gone, so
that whoever comes back can be told.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.errors import Refusal
from bot.models import Chat
from bot.reports.interview import Answer, Probe
from bot.reports.pictures import Hidden
from bot.reports.redaction import Reveals, leave_out
from bot.reports.told import MOST_LETTERS, Attachment, Form, Motive, Part, Police, Told, Wish

LASTS = timedelta(minutes=60)
SOON = timedelta(minutes=15)
"""So long before the end somebody is told that the hour is nearly over."""
_GONE_REMEMBERED = timedelta(hours=24)
_MOST = 2_000
_MOST_BYTES = 256 * 1024 * 1024
"""Of all files of all dialogues together."""
MOST_PIECES = 100


class NoRoom(Refusal):
    """Too many people are telling something at the same moment, or too much."""


class ToldTooMuch(Refusal):
    """A report has as many words as it takes."""


class Screen(StrEnum):
    """Where a private dialogue stands: what the next typed words mean."""

    TELLING = "telling"
    PROBE = "probe"
    CONSENT = "consent"
    WAY = "way"  # how an answer shall arrive
    PREVIEW = "preview"
    CHANGING = "changing"  # a list of parts
    REWRITING = "rewriting"  # new words for one part
    SENDING = "sending"
    RECEIPT = "receipt"  # it is sent; the receipt is shown
    OPENING = "opening"  # the receipt is asked for
    MAILBOX = "mailbox"
    ADDING = "adding"


@dataclass(slots=True)
class Piece:
    """One message of the free telling."""

    text: str = field(repr=False)
    message_id: int


@dataclass(slots=True)
class Kept:
    """A file: as it will be sent, what was found in it, and its original until it is decided."""

    attachment: Attachment
    message_id: int
    hidden: tuple[Hidden, ...] = ()
    original: Attachment | None = None
    keep_original: bool = False

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return len(self.attachment.data) + (len(self.original.data) if self.original else 0)

    def sent(self) -> list[Attachment]:
        """What of it belongs to the report."""
        return [self.attachment, *([self.original] if self.original and self.keep_original else [])]


@dataclass(slots=True)
class Draft:
    """A half-told report."""

    pieces: list[Piece] = field(default_factory=list)
    answers: dict[Probe, Answer] = field(default_factory=dict)
    noticed: set[Probe] = field(default_factory=set)
    files: list[Kept] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    told_language: str | None = None
    interpreter_may_read: bool | None = None
    linked: bool | None = None
    urgent: bool = False

    def __repr__(self) -> str:
        """Nothing of it: a draft in an error's words would be a draft in a log."""
        return "<Draft>"

    @property
    def empty(self) -> bool:
        """Whether there is nothing that could be sent."""
        return not self.pieces and not self.files

    @property
    def letters(self) -> int:
        """How many letters were told."""
        return sum(len(piece.text) for piece in self.pieces) + sum(
            len(answer.words) for answer in self.answers.values()
        )

    @property
    def size(self) -> int:
        """Bytes of the files in memory."""
        return sum(kept.size for kept in self.files)

    def tell(self, text: str, message_id: int) -> None:
        """One more message of the telling; the same message again is a correction of it.

        Raises ``ToldTooMuch``.
        """
        same = next((p for p in self.pieces if p.message_id == message_id), None)
        more = len(text) - (len(same.text) if same else 0)
        if self.letters + more > MOST_LETTERS or (same is None and len(self.pieces) >= MOST_PIECES):
            raise ToldTooMuch
        if same is not None:
            same.text = text
        else:
            self.pieces.append(Piece(text, message_id))

    def told(
        self,
        language: str,
        german: Callable[[Probe, str], str],
        mark: Callable[[Reveals], str],
    ) -> Told:
        """The report as it will be sealed.

        ``german`` gives the office's words for a choice that has no type of its own, ``mark``
        what stands in place of what was left out.
        """

        def clean(text: str) -> str:
            return leave_out(text, self.left_out, mark)

        def said(probe: Probe) -> str | None:
            answer = self.answers.get(probe, Answer())
            parts = [german(probe, choice) for choice in answer.chosen]
            words = clean(answer.words)
            return "; ".join([*parts, *([words] if words else [])]) or None

        def chosen(probe: Probe) -> tuple[str, ...]:
            return self.answers.get(probe, Answer()).chosen

        def first(probe: Probe) -> str | None:
            return next(iter(chosen(probe)), None)

        part, police, wish = first(Probe.PART), first(Probe.POLICE), first(Probe.WISH)
        town = self.answers.get(Probe.TOWN, Answer())
        place = said(Probe.PLACE)
        if town.words and town.words not in town.chosen:
            # "am Bahnhof in Raunheim" says more than the town.
            place = "; ".join(filter(None, (clean(town.words), place)))
        return Told(
            language=self.told_language or language,
            texts=[clean(piece.text) for piece in self.pieces],
            part=Part(part) if part else None,
            when=said(Probe.WHEN),
            town=first(Probe.TOWN),
            place=place,
            forms=[Form(form) for form in chosen(Probe.FORMS)],
            motives=[Motive(motive) for motive in chosen(Probe.MOTIVES)],
            others_present=said(Probe.OTHERS),
            afterwards=said(Probe.AFTERWARDS),
            police=Police(police) if police else None,
            wish=Wish(wish) if wish else None,
            contact=said(Probe.CONTACT),
            interpreter_may_read=self.interpreter_may_read,
            urgent=self.urgent,
            attachments=[sent for kept in self.files for sent in kept.sent()],
        )


@dataclass(slots=True, eq=False)
class Private:
    """One private dialogue of one chat: a report that is being told, or an open mailbox.

    ``traces`` are the numbers of its messages, both sides', so that they can be deleted;
    ``missed`` counts what came too fast to be heard.
    """

    language: str
    until: datetime
    screen: Screen
    draft: Draft = field(default_factory=Draft)
    probe: Probe | None = None
    changing: str = ""
    page: int = 0
    shown: int | None = None
    missed: int = 0
    dangers: set[str] = field(default_factory=set)
    warned: bool = False
    traces: dict[int, None] = field(default_factory=dict)
    kept_traces: set[int] = field(default_factory=set)
    mailbox: object | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        """Nothing of it."""
        return f"<Private {self.screen}>"

    def trace(self, *message_ids: int) -> None:
        """Remember messages of this dialogue."""
        self.traces.update(dict.fromkeys(message_ids))


class Drafts:
    """Every private dialogue of this run of the program."""

    def __init__(self, most: int = _MOST, most_bytes: int = _MOST_BYTES) -> None:
        self._open: OrderedDict[Chat, Private] = OrderedDict()
        self._gone: OrderedDict[Chat, datetime] = OrderedDict()
        self._before: OrderedDict[Chat, tuple[str, int, datetime]] = OrderedDict()
        self._most = most
        self._most_bytes = most_bytes

    def begin(self, chat: Chat, now: datetime, language: str, screen: Screen) -> Private:
        """A new private dialogue; one that was open in this chat is gone. Raises ``NoRoom``."""
        self.drop(chat)
        self._gone.pop(chat, None)
        self.sweep(now)
        if len(self._open) >= self._most:
            raise NoRoom
        private = self._open[chat] = Private(language, now + LASTS, screen)
        return private

    def of(self, chat: Chat, now: datetime) -> Private | None:
        """The private dialogue of a chat, while its hour lasts."""
        private = self._open.get(chat)
        if private is not None and private.until <= now:
            self._open.pop(chat)
            self._remember_gone(chat, now)
            return None
        return private

    def drop(self, chat: Chat) -> None:
        """End a dialogue; nothing of it stays."""
        self._open.pop(chat, None)
        self._before.pop(chat, None)

    def was_lost(self, chat: Chat) -> bool:
        """Whether a dialogue ended here because its hour was over; said once."""
        return self._gone.pop(chat, None) is not None

    def room_for(self, size: int) -> None:
        """Let a file in. Raises ``NoRoom`` when all files together would be too many bytes."""
        if sum(private.draft.size for private in self._open.values()) + size > self._most_bytes:
            raise NoRoom

    def sweep(self, now: datetime) -> int:
        """Let go of everything whose hour is over; returns how many dialogues went."""
        over = [chat for chat, private in self._open.items() if private.until <= now]
        for chat in over:
            self._open.pop(chat)
            self._remember_gone(chat, now)
        while self._gone and next(iter(self._gone.values())) < now - _GONE_REMEMBERED:
            self._gone.popitem(last=False)
        while self._before and next(iter(self._before.values()))[2] < now - LASTS:
            self._before.popitem(last=False)
        return len(over)

    def _remember_gone(self, chat: Chat, now: datetime) -> None:
        self._gone.pop(chat, None)
        self._gone[chat] = now
        while len(self._gone) > 10 * self._most:
            self._gone.popitem(last=False)

    def hold(self, chat: Chat, text: str, message_id: int, now: datetime) -> None:
        """Hold the message with which somebody came to the door, until they decide."""
        self._before.pop(chat, None)
        self._before[chat] = (text, message_id, now)
        while len(self._before) > self._most:
            self._before.popitem(last=False)

    def held(self, chat: Chat, now: datetime) -> tuple[str, int] | None:
        """The message that was held, once."""
        found = self._before.pop(chat, None)
        return found[:2] if found is not None and found[2] > now - LASTS else None
