"""A report while it is being told: messages, answers, files, and what is left out of them.

In memory only, as part of a private dialogue. It becomes a ``Told`` when it is sent.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.errors import TooMuchTold
from bot.models import Chat
from bot.reports.drafts import LASTS, Private
from bot.reports.interview import Answer, Probe
from bot.reports.pictures import Hidden
from bot.reports.redaction import Reveals, leave_out
from bot.reports.told import MOST_LETTERS, Attachment, Form, Motive, Part, Police, Told, Wish

_PRESSED_TWICE = timedelta(minutes=1)
_REMEMBERED = timedelta(hours=24)
_UNDECIDED = timedelta(minutes=10)  # so long the words of somebody at the door may be a report
_MOST_BEFORE = 40  # messages held at the door
MOST_PIECES = 40


class Screen(StrEnum):
    """Where a private dialogue stands: what the next typed words mean."""

    TELLING = "telling"
    PROBE = "probe"
    CONSENT = "consent"
    WAY = "way"  # how an answer shall arrive
    PREVIEW = "preview"
    CHANGING = "changing"  # a list of parts
    REWRITING = "rewriting"  # new words for one part
    OPENING = "opening"  # the receipt is asked for
    MAILBOX = "mailbox"
    ADDING = "adding"


TELLS = frozenset(Screen) - {Screen.OPENING, Screen.MAILBOX, Screen.ADDING}
"""The screens on which a report is being told."""


@dataclass(slots=True)
class Piece:
    """One message of the free telling."""

    text: str = field(repr=False)
    message_id: int


@dataclass(slots=True)
class Kept:
    """A file: cleaned or as it was, what was found in it, and where it can be fetched again.

    ``attachment`` is missing while nobody has said that a picture which cannot be cleaned may be
    kept as it is; ``original`` is there only after an explicit yes.
    """

    number: int
    message_id: int
    source: str = field(repr=False)
    attachment: Attachment | None = None
    hidden: tuple[Hidden, ...] = ()
    original: Attachment | None = None

    def held(self) -> list[Attachment]:
        """What of it belongs to the report."""
        return [one for one in (self.attachment, self.original) if one is not None]


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
    numbered: int = 0

    def __repr__(self) -> str:
        """Nothing of it: a draft in an error's words would be a draft in a log."""
        return "<Draft>"

    @property
    def empty(self) -> bool:
        """Whether there is nothing that could be sent."""
        said = any(not answer.empty for answer in self.answers.values())
        return not self.pieces and not self.attachments and not said

    @property
    def letters(self) -> int:
        """How many letters were told."""
        return sum(len(piece.text) for piece in self.pieces) + sum(
            len(answer.words) for answer in self.answers.values()
        )

    @property
    def attachments(self) -> list[Attachment]:
        """The files as they will be sent."""
        return [one for kept in self.files for one in kept.held()]

    def tell(self, text: str, message_id: int) -> None:
        """One more message of the telling; the same message again is a correction of it.

        Raises ``TooMuchTold``.
        """
        same = next((p for p in self.pieces if p.message_id == message_id), None)
        more = len(text) - (len(same.text) if same else 0)
        if self.letters + more > MOST_LETTERS:
            raise TooMuchTold
        if same is not None:
            same.text = text
        elif len(self.pieces) < MOST_PIECES:
            self.pieces.append(Piece(text, message_id))
        else:
            self.pieces[-1].text += f"\n{text}"

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
            attachments=self.attachments,
        )


@dataclass(slots=True)
class Talk:
    """Where a private dialogue stands, and what must be cleared away after it.

    ``traces`` are the numbers of its messages, both sides'; ``missed`` counts messages that came
    too fast to be heard; ``dangers`` are the kinds of danger whose numbers were shown already.
    """

    screen: Screen = Screen.TELLING
    can_push: bool = False
    draft: Draft = field(default_factory=Draft)
    probe: Probe | None = None
    changing: str = ""
    page: int = 0
    shown: int | None = None
    missed: int = 0
    dangers: set[str] = field(default_factory=set)
    traces: dict[int, None] = field(default_factory=dict)
    albums: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        """Nothing of it."""
        return f"<Talk {self.screen}>"

    def trace(self, *message_ids: int) -> None:
        """Remember messages of this dialogue."""
        self.traces.update(dict.fromkeys(message_ids))

    @property
    def newest(self) -> int:
        """The newest message of the dialogue."""
        return max(self.traces, default=0)


def talk_of(private: Private) -> Talk:
    """The talk of a private dialogue."""
    talk: Talk = private.data.setdefault("talk", Talk())
    return talk


@dataclass(frozen=True, slots=True)
class Before:
    """The message with which somebody came to the door."""

    text: str = field(repr=False)
    message_id: int
    language: str
    at: datetime


class Door:
    """What is remembered around private dialogues, in memory only.

    The message with which somebody came, until they decide to tell; and who had a dialogue, so
    that whoever comes back after its hour can be told that nothing was kept.
    """

    def __init__(self, most: int = 20_000) -> None:
        self.opened_at = datetime.now(UTC)
        self._before: OrderedDict[Chat, tuple[Before, ...]] = OrderedDict()
        self._inside: OrderedDict[Chat, datetime] = OrderedDict()
        self._asked: set[Chat] = set()
        self._sent: OrderedDict[Chat, datetime] = OrderedDict()
        self._most = most

    def hold(self, chat: Chat, before: Before) -> None:
        """Hold a message of somebody who stands at the door, until they decide."""
        earlier = self._recent(self._before.pop(chat, ()), before.at)
        if sum(len(one.text) for one in (*earlier, before)) > MOST_LETTERS:
            before = replace(before, text="")  # more than a report takes
        self._before[chat] = (*earlier, before)[-_MOST_BEFORE:]
        self._tidy(before.at)

    def held(self, chat: Chat, now: datetime) -> tuple[Before, ...]:
        """The messages that were held, once, in their order."""
        return self._recent(self._before.pop(chat, ()), now)

    def stands(self, chat: Chat, now: datetime) -> bool:
        """Whether somebody was shown the door a moment ago and has not decided."""
        held = self._before.get(chat, ())
        return bool(held) and held[-1].at > now - _UNDECIDED

    def turn_away(self, chat: Chat) -> None:
        """They went on to something else: what they wrote there is no report."""
        self._before.pop(chat, None)

    @staticmethod
    def _recent(held: tuple[Before, ...], now: datetime) -> tuple[Before, ...]:
        return tuple(one for one in held if one.at > now - LASTS)

    def inside(self, chat: Chat, now: datetime) -> None:
        """Somebody is in a private dialogue."""
        self._inside.pop(chat, None)
        self._inside[chat] = now
        self._tidy(now)

    def is_inside(self, chat: Chat) -> bool:
        """Whether somebody began a private dialogue here and did not leave it."""
        return chat in self._inside

    def may_be_from_before(self, chat: Chat, now: datetime) -> bool:
        """Whether this chat may have been in a dialogue of an earlier run; asked once a chat."""
        if now - self.opened_at > LASTS or chat in self._asked or len(self._asked) > self._most:
            return False
        self._asked.add(chat)
        return True

    def sent(self, chat: Chat, now: datetime) -> None:
        """Somebody has just sent a report: a second press means the same."""
        self._sent[chat] = now
        while self._sent and next(iter(self._sent.values())) < now - _PRESSED_TWICE:
            self._sent.popitem(last=False)

    def has_just_sent(self, chat: Chat, now: datetime) -> bool:
        """Whether a press on "send" is the second one."""
        return chat in self._sent and self._sent[chat] > now - _PRESSED_TWICE

    def leave(self, chat: Chat) -> None:
        """Nobody is expected here any more."""
        self._before.pop(chat, None)
        self._inside.pop(chat, None)

    def _tidy(self, now: datetime) -> None:
        while self._before and (
            len(self._before) > self._most or next(iter(self._before.values()))[-1].at < now - LASTS
        ):
            self._before.popitem(last=False)
        while self._inside and (
            len(self._inside) > self._most or next(iter(self._inside.values())) < now - _REMEMBERED
        ):
            self._inside.popitem(last=False)
