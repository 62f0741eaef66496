"""Before the first word: what this is, who reads it, and every other way, all equal."""

from aiogram import Bot, html
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.channels import Channel
from bot.models import Chat
from bot.office import Office
from bot.reports import Private
from bot.reports.telling import TELLS, Before, Screen, talk_of
from bot.switches import Module, switched_off
from bot.texts import (
    N_,
    OFFICE_LANGUAGE,
    _,
    current_language,
    gettext_in,
    language_name,
    left_to_right,
    listing,
    speaking,
    speaks,
)
from handlers.buttons import Keys, ShowTopic
from handlers.cards import contact_card, phone_link
from handlers.private import begin, pressed_message, throw_away
from handlers.reports.buttons import Report, with_exit
from handlers.reports.telling import show_telling

PAUSED = N_("The case workers take no new reports for a while.")
REPORTS_CONTACT = "racism_office"
_WAYS = {"phone": REPORTS_CONTACT, "visit": REPORTS_CONTACT, "nora": "nora_gg"}


def danger_line() -> str:
    """The police comes first."""
    return _("Are you in danger now? Call {number} (police).").format(
        number=html.bold(phone_link("110", "tel:110"))
    )


def other_ways(office: Office, channel: Channel) -> list[tuple[str, Report]]:
    """The buttons to report without this chat."""
    ways = [
        (_("By phone"), step("way", "phone")),
        (_("Come by"), step("way", "visit")),
        (_("NoRa-GG (website)"), step("way", "nora")),
    ]
    if channel.name == "telegram" and office.settings.public_url:
        ways.insert(0, (_("Our web chat"), step("way", "web")))
    return ways


async def show_door(
    message: Message, office: Office, here: Chat, channel: Channel, language: str
) -> None:
    """What a report is, or why none can be made here at the moment.

    The message is held: it goes from the chat with all the rest.
    """
    async with office.sessions.begin() as session:
        reason = (await switched_off(session)).get(Module.REPORTS)
    closed = reason is not None or not office.reporting.ready
    text = closed_words(office, reason) if closed else open_words(office, channel)
    shown = await message.answer(text, reply_markup=door_keys(office, channel, closed=closed))
    office.door.hold(here, Before("", shown.message_id, language, office.now()))


async def take_more(
    message: Message, office: Office, here: Chat, channel: Channel, language: str, text: str
) -> None:
    """Somebody at the door goes on to write: their words are held, and the ways stand below."""
    office.door.hold(here, Before(text, message.message_id, language, office.now()))
    shown = await message.answer(
        _("I have it."), reply_markup=door_keys(office, channel, closed=not office.reporting.ready)
    )
    office.door.hold(here, Before("", shown.message_id, language, office.now()))


def door_keys(office: Office, channel: Channel, *, closed: bool) -> InlineKeyboardMarkup:
    """Every way, all equal; none is chosen beforehand."""
    keys = Keys()
    ways = other_ways(office, channel)
    if not closed:
        ways.append((_("Go on here"), step("go")))
    keys.grid(ways)
    keys.row(
        (_("I have a receipt"), step("receipt")),
        (_("What helps?"), ShowTopic(topic_id="racism-help", language=current_language())),
    )
    return with_exit(keys).markup()


def step(do: str, item: str = "") -> Report:
    """A button that goes on in the language of the message it stands below."""
    return Report(do=do, item=item, language=current_language())


def spoken(callback_data: Report, language: str) -> str:
    """The language to go on in."""
    return callback_data.language if speaks(callback_data.language) else language


def open_words(office: Office, channel: Channel) -> str:
    """All that somebody should know before the first word."""
    read = listing([language_name(code) for code in office.settings.read_languages])
    lines = [html.bold(_("Report racism")), danger_line()]
    if office.reporting.trial:
        lines.append(
            html.bold(_("This bot is only being tried out. Do not report anything real here."))
        )
    lines += [
        _(
            "Here you can tell what happened to you or what you saw. You "
            "decide what you tell. You do not have to give a name. It is not "
            "a report to the police."
        ),
        _(
            "Who reads it? Only the case workers of the Fachstelle (the "
            "county's office against right-wing extremism and racism). They "
            "read: {languages}. You can write in your own language."
        ).format(languages=read),
        _(
            "Your report is locked when it arrives. We do not keep the "
            "number of this chat with it. Only you can choose that "
            "differently later. You get a receipt. With it you can come back "
            "and read an answer."
        ),
    ]
    if channel.name == "telegram":
        lines.append(
            html.bold(_("Telegram itself can read this chat."))
            + " "
            + _("We cannot change that. If this does not feel safe to you, choose another way.")
        )
    else:
        lines.append(
            _(
                "This page belongs to us. Please use a device that nobody else looks at, "
                "and close the page afterwards."
            )
        )
    lines.append(
        _(
            "“Quick exit” is below every step. It ends everything at once, "
            "deletes it and shows events instead."
        )
    )
    lines.append(html.bold(_("How would you like to report?")))
    return "\n\n".join(lines)


def closed_words(office: Office, reason: str | None) -> str:
    """Why nothing can be taken here, and who does."""
    lines = [html.bold(_("Report racism")), danger_line()]
    if reason == gettext_in(OFFICE_LANGUAGE, PAUSED):
        lines.append(_(PAUSED))
    elif reason is not None:
        why = _("Reports cannot be made here at the moment. Reason: {reason}")
        lines.append(why.format(reason=html.quote(reason)))
    else:
        lines.append(_("Reports cannot be made here at the moment."))
    lines.append(_("You can report in another way:"))
    lines.append(contact_card(office.knowledge.contacts[REPORTS_CONTACT]))
    return "\n\n".join(lines)


async def report_command(
    message: Message,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    state: FSMContext,
    private: Private | None,
) -> None:
    """``/report``; in the middle of a report it goes on."""
    if private is not None and talk_of(private).screen in TELLS:
        await show_telling(message, private)
        return
    await state.clear()
    # Only its number is held: the command shall go from the chat with all the rest.
    office.door.hold(here, Before("", message.message_id, language, office.now()))
    await show_door(message, office, here, channel, language)


async def report_pressed(
    query: CallbackQuery,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    state: FSMContext,
) -> None:
    """The menu's button, or the one below the article about racism.

    Another dialogue under way ends: it would keep what is told here.
    """
    message = pressed_message(query)
    if message is not None:
        await state.clear()
        await show_door(message, office, here, channel, language)


async def show_way(
    query: CallbackQuery,
    callback_data: Report,
    office: Office,
    channel: Channel,
    language: str,
) -> None:
    """One of the other ways, with a contact that has a source."""
    message = pressed_message(query)
    if message is None:
        return
    with speaking(spoken(callback_data, language)):
        text = way_words(office, callback_data.item)
        if text:
            keys = with_exit(Keys().row((_("Back"), step("door"))))
            await message.edit_text(text, reply_markup=keys.markup())


def way_words(office: Office, item: str) -> str:
    """One of the other ways in words; nothing for one that is not there."""
    if item == "web" and office.settings.public_url:
        url = html.quote(office.settings.public_url)
        return _("Our web chat: {link}\nThere you choose “Report racism” again.").format(
            link=html.link(left_to_right(url), url)
        )
    if item not in _WAYS:
        return ""
    lines = [contact_card(office.knowledge.contacts[_WAYS[item]])]
    if item == "visit":
        lines.append(_("Please call before you come. I do not know the opening hours."))
    return "\n\n".join(lines)


async def back_to_door(
    query: CallbackQuery,
    callback_data: Report,
    office: Office,
    channel: Channel,
    language: str,
) -> None:
    """All ways again, in the same message."""
    message = pressed_message(query)
    if message is None:
        return
    async with office.sessions.begin() as session:
        reason = (await switched_off(session)).get(Module.REPORTS)
    closed = reason is not None or not office.reporting.ready
    with speaking(spoken(callback_data, language)):
        text = closed_words(office, reason) if closed else open_words(office, channel)
        await message.edit_text(text, reply_markup=door_keys(office, channel, closed=closed))


async def go_on(
    query: CallbackQuery,
    callback_data: Report,
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    state: FSMContext,
    private: Private | None,
) -> None:
    """Begin to tell; what somebody wrote before the door is the first part already.

    An old button in the middle of a report goes on with it.
    """
    message = pressed_message(query)
    if message is None:
        return
    if private is not None and talk_of(private).screen in TELLS:
        await show_telling(message, private)
        return
    async with office.sessions.begin() as session:
        reason = (await switched_off(session)).get(Module.REPORTS)
    if reason is not None or not office.reporting.ready:
        await message.answer(closed_words(office, reason))
        return
    await state.clear()
    before = office.door.held(here, office.now())
    theirs = spoken(callback_data, language)
    if private is not None:  # a mailbox is open: it goes, and what was read in it
        await throw_away(bot, office, here, private, keep=[message.message_id])
    begun = await begin(office, here, theirs, Screen.TELLING)
    talk = talk_of(begun)
    talk.can_push = channel.can_push
    talk.trace(message.message_id)
    note = ""
    with speaking(theirs):
        for one in before:
            talk.trace(one.message_id)
            if one.text:
                talk.draft.tell(one.text, one.message_id)
                talk.draft.told_language = one.language
        if not talk.draft.empty:
            note = _("What you wrote first is already in your report. You can delete it later.")
        await show_telling(message, begun, note)
