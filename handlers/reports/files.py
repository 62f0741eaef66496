"""Pictures, voice and files of a report: fetched within limits, cleaned, or kindly refused."""

import asyncio
import io
from dataclasses import dataclass

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from bot.errors import Refusal, TooMuchTold
from bot.office import Office
from bot.reports import Attachment, Private
from bot.reports.pictures import (
    MOST_BYTES,
    MOST_FILES,
    EmptyFile,
    FileTooLarge,
    PictureBroken,
    PictureTooLarge,
    Sort,
    check_size,
    clean,
    file_name,
    media_type,
    sort_of,
)
from bot.reports.telling import Kept, Screen, Talk, talk_of
from bot.texts import _
from handlers.buttons import Keys
from handlers.private import pressed_message
from handlers.reports.buttons import Report
from handlers.reports.preview import show_preview
from handlers.reports.stage import show
from handlers.reports.telling import show_telling
from handlers.reports.words import hidden_words

_MEGABYTES = MOST_BYTES // (1024 * 1024)
# One picture is unfolded at a time: each may need 200 MB.
_unfolding = asyncio.Semaphore(1)


class CannotFetch(Refusal):
    """Telegram did not hand the file over."""


class TooManyFilesHere(Refusal):
    """The report has as many files as it takes."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A file as the messenger announces it; only its bytes tell what it really is."""

    file_id: str
    size: int


class HasFile(Filter):
    """A picture, voice, video or file."""

    async def __call__(self, message: Message) -> bool | dict[str, Announced]:
        """Hand on what was announced."""
        found = announced(message)
        return {"file": found} if found is not None else False


def announced(message: Message) -> Announced | None:
    """The file of a message."""
    photo = message.photo[-1] if message.photo else None
    thing = (
        photo
        or message.voice
        or message.audio
        or message.video
        or message.video_note
        or message.document
    )
    return Announced(thing.file_id, thing.file_size or 0) if thing is not None else None


class _Bounded(io.BytesIO):
    """Takes so many bytes and no more, whatever was announced."""

    def write(self, more: object) -> int:
        """Take some more. Raises ``FileTooLarge``."""
        data = bytes(more)  # type: ignore[call-overload]
        if self.tell() + len(data) > MOST_BYTES:
            raise FileTooLarge
        return super().write(data)


async def fetch(bot: Bot, file_id: str) -> bytes:
    """The bytes of a file. Raises ``FileTooLarge``, ``EmptyFile`` or ``CannotFetch``."""
    into = _Bounded()
    try:
        await bot.download(file_id, destination=into)
    except TelegramBadRequest as error:
        raise (FileTooLarge if "too big" in error.message else CannotFetch) from None
    except (TelegramAPIError, OSError, TimeoutError):
        raise CannotFetch from None
    data = into.getvalue()
    check_size(len(data))
    return data


async def take_file(
    message: Message, file: Announced, bot: Bot, office: Office, private: Private
) -> None:
    """Take a file into the report, and say what was found in it or why it is not taken."""
    talk = talk_of(private)
    if message.caption:
        talk.draft.tell(message.caption, message.message_id)
    try:
        kept = await _kept(message, file, bot, office, private)
    except Refusal as refusal:
        if isinstance(refusal, TooManyFilesHere) and _said_for_album(talk, message):
            return
        await show_telling(message, private, refused_words(refusal))
        return
    talk.draft.files.append(kept)
    private.told.attachments = talk.draft.attachments
    if kept.attachment is None:
        await ask_unclean(message, private, kept)
    else:
        await show_telling(message, private, taken_words(kept))


def _said_for_album(talk: Talk, message: Message) -> bool:
    """Whether it was said already for another picture of the same album."""
    album = message.media_group_id
    if album is None or album not in talk.albums:
        talk.albums.update({album} if album else ())
        return False
    return True


async def _kept(
    message: Message, file: Announced, bot: Bot, office: Office, private: Private
) -> Kept:
    talk = talk_of(private)
    if file.size > MOST_BYTES:
        raise FileTooLarge
    if len(talk.draft.files) >= MOST_FILES:
        raise TooManyFilesHere
    if not office.reporting.drafts.room_for(private, file.size):
        raise TooMuchTold
    talk.draft.numbered += 1
    kept = await fetched(bot, file, message.message_id, talk.draft.numbered)
    if kept.attachment and not office.reporting.drafts.room_for(private, len(kept.attachment.data)):
        raise TooMuchTold
    return kept


async def fetched(bot: Bot, file: Announced, message_id: int, number: int) -> Kept:
    """A file, cleaned where it is a picture that can be. Raises what its limits refuse."""
    data = await fetch(bot, file.file_id)
    kept = Kept(number, message_id, file.file_id)
    sort = sort_of(data)
    if sort is Sort.PICTURE:
        async with _unfolding:
            cleaned = await asyncio.to_thread(clean, data)
        name = file_name(number, cleaned.media_type)
        kept.hidden = cleaned.hidden
        kept.attachment = Attachment(name, cleaned.media_type, "picture", cleaned.data)
    elif sort is not Sort.SEALED_PICTURE:
        kept.attachment = as_it_is(number, data)
    return kept


def as_it_is(number: int, data: bytes) -> Attachment:
    """A file with every byte that was sent."""
    kind = media_type(data)
    sort = sort_of(data)
    name = {Sort.VOICE: "voice", Sort.PICTURE: "picture", Sort.SEALED_PICTURE: "picture"}
    return Attachment(file_name(number, kind), kind, name.get(sort, "file"), data, original=True)


def taken_words(kept: Kept) -> str:
    """What was done with a file."""
    attachment = kept.attachment
    if attachment is None:
        return ""
    if attachment.kind == "voice":
        return _(
            "I have your voice message. It stays as it is. "
            "Somebody who knows you can recognise your voice."
        )
    if attachment.original:
        return _(
            "I have the file. It stays as it is. "
            "A file can hold hidden details, such as a name or a place."
        )
    if kept.hidden:
        return _(
            "I have the picture. Hidden in it: {details}. I have taken that "
            "out. Only what you can see is left."
        ).format(details=hidden_words(kept.hidden))
    return _("I have the picture. Nothing was hidden in it.")


def refused_words(refusal: Refusal) -> str:
    """Why a file is not taken, and what to do instead."""
    match refusal:
        case FileTooLarge():
            return _("I could not take the file: it is too large. At most {size} MB.").format(
                size=_MEGABYTES
            )
        case TooManyFilesHere():
            return _("I could not take the file: a report has at most {count} files.").format(
                count=MOST_FILES
            )
        case PictureTooLarge():
            return _(
                "I could not take the picture: it has too many pixels. Please send a smaller one."
            )
        case PictureBroken():
            return _("I could not take the picture: it is damaged. Please send it once more.")
        case EmptyFile():
            return _("I could not take the file: it is empty.")
        case TooMuchTold():
            return _(
                "I could not take the file: all files together are too large. "
                "The rest of your report is here."
            )
        case _unknown:
            return _("I could not get the file. Please send it once more.")


async def ask_unclean(message: Message, private: Private, kept: Kept) -> None:
    """A picture whose hidden details we cannot take out: only on an explicit yes."""
    text = _(
        "I cannot open this kind of picture. So I cannot take out what is hidden in it, such as "
        "the place or the camera. Shall I keep it as it is? "
        "Or send it as a photo instead of as a file."
    )
    number = str(kept.number)
    keys = Keys().row((_("Keep it as it is"), Report(do="asis", item=number)))
    keys.row((_("Leave it out"), Report(do="drop", item=number)))
    await show(message, private, text, keys)


async def keep_as_it_is(
    query: CallbackQuery, callback_data: Report, bot: Bot, office: Office, private: Private
) -> None:
    """Keep a picture exactly as it was sent: somebody said yes. It is fetched anew for that."""
    message = pressed_message(query)
    talk = talk_of(private)
    kept = next((k for k in talk.draft.files if str(k.number) == callback_data.item), None)
    if message is None or kept is None:
        return
    note = _("The picture is kept as it is.")
    try:
        data = await fetch(bot, kept.source)
        if not office.reporting.drafts.room_for(private, len(data)):
            raise TooMuchTold
    except Refusal as refusal:
        note = refused_words(refusal)
    else:
        whole = as_it_is(kept.number, data)
        if kept.attachment is None:
            kept.attachment = whole
        else:
            name = f"original-{whole.name}"
            kept.original = Attachment(name, whole.media_type, "picture", data, original=True)
    private.told.attachments = talk.draft.attachments
    await _go_back(message, private, note)


async def drop_file(query: CallbackQuery, callback_data: Report, private: Private) -> None:
    """Leave a file out."""
    message = pressed_message(query)
    talk = talk_of(private)
    if message is None:
        return
    talk.draft.files = [k for k in talk.draft.files if str(k.number) != callback_data.item]
    private.told.attachments = talk.draft.attachments
    await _go_back(message, private, _("It is left out."))


async def _go_back(message: Message, private: Private, note: str) -> None:
    """To where the file was asked for."""
    if talk_of(private).screen in {Screen.CHANGING, Screen.PREVIEW}:
        await show_preview(message, private, note)
    else:
        await show_telling(message, private, note)
