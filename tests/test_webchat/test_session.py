"""The bot's calls: answered as Telegram answers, refused as Telegram refuses."""

import re
from datetime import timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
)
from aiogram.methods import SendPoll, TelegramMethod
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    URLInputFile,
)
from aiogram.utils.formatting import Bold, Text

from bot.channels.webchat.rooms import Room
from bot.texts import speaking
from tests.test_webchat.conftest import OpenHouse
from tests.test_webchat.house import PNG, House, choices

CHAT = 4711


@pytest.fixture
def room(house: House) -> Room:
    """An open room."""
    return house.session.rooms.open(CHAT, b"hash")


@pytest.fixture
def bot(house: House, room: Room) -> Bot:
    """The bot that speaks into the room."""
    return house.bot


def view(room: Room, message: Message) -> dict[str, Any]:
    """What the page draws of a message."""
    drawn = room.messages[message.message_id].view
    assert drawn is not None
    return drawn


async def test_a_sent_message_comes_back_bound_to_the_bot(bot: Bot, room: Room) -> None:
    message = await bot.send_message(CHAT, " <b>Hello</b> 🙂 <i>you</i>\n")
    assert message.bot is bot
    assert message.text == "Hello 🙂 you"
    assert message.html_text == "<b>Hello</b> 🙂 <i>you</i>"
    assert message.chat.id == CHAT
    assert message.chat.type == "private"
    assert message.from_user is not None
    assert message.from_user.is_bot
    answer = await message.reply("<u>yes</u>")
    assert answer.reply_to_message is not None
    assert answer.reply_to_message.message_id == message.message_id
    assert answer.message_id > message.message_id


async def test_entities_and_plain_text_are_taken_too(bot: Bot) -> None:
    spoken = await bot.send_message(CHAT, **Text("🙂 ", Bold("bold")).as_kwargs())
    assert spoken.html_text == "🙂 <b>bold</b>"
    plain = await bot.send_message(CHAT, "1 < 2", parse_mode=None)
    assert plain.text == "1 < 2"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "message text is empty"),
        (" \n\t", "message text is empty"),
        ("<b></b>", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a <br> b", 'Unsupported start tag "br" at byte offset 2'),
        ("ä <x>", 'Unsupported start tag "x" at byte offset 3'),
        ("<b><i>x</b></i>", 'expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("1 < 2", "Unsupported start tag"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag"),
        ('<a href="x>y</a>', "Unclosed start tag"),
        ("<span>x</span>", 'must have class "tg-spoiler"'),
    ],
)
async def test_what_telegram_does_not_take_is_refused(bot: Bot, text: str, words: str) -> None:
    with pytest.raises(TelegramBadRequest, match=re.escape(words)):
        await bot.send_message(CHAT, text)


async def test_length_counts_after_the_markup(bot: Bot) -> None:
    message = await bot.send_message(CHAT, f"<b>{'x' * 4096}</b>")
    assert message.text is not None
    assert len(message.text) == 4096


def keyboard(**button: Any) -> InlineKeyboardMarkup:
    """One button."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=button.pop("text", "x"), **button)]]
    )


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (keyboard(callback_data="x" * 65), "BUTTON_DATA_INVALID"),
        (keyboard(callback_data="ä" * 33), "BUTTON_DATA_INVALID"),
        (keyboard(callback_data=""), "BUTTON_DATA_INVALID"),
        (keyboard(), "Text buttons are unallowed"),
        (keyboard(text=" ", callback_data="x"), "must be non-empty"),
        (keyboard(url="tel:112"), "Unsupported URL protocol"),
        (keyboard(url="javascript:alert(1)"), "Unsupported URL protocol"),
        (keyboard(pay=True), "BUTTON_TYPE_INVALID"),
        (
            InlineKeyboardMarkup(
                inline_keyboard=[[InlineKeyboardButton(text="x", callback_data="x")]] * 101
            ),
            "too long",
        ),
        (ReplyKeyboardMarkup(keyboard=[]), "keyboard is empty"),
        (ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="")]]), "must be non-empty"),
    ],
)
async def test_a_keyboard_telegram_does_not_take_is_refused(
    bot: Bot, markup: Any, words: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=re.escape(words)):
        await bot.send_message(CHAT, "x", reply_markup=markup)


async def test_links_and_texts_to_copy_are_drawn(bot: Bot, room: Room) -> None:
    markup = InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text="Map", url="https://example.org/"),
                InlineKeyboardButton(text="Copy", copy_text=CopyTextButton(text="GG-1")),
            ]
        ]
    )
    message = await bot.send_message(CHAT, "x", reply_markup=markup)
    assert message.reply_markup is not None
    assert message.reply_markup.model_dump() == markup.model_dump()
    assert view(room, message)["buttons"] == [
        [{"text": "Map", "url": "https://example.org/"}, {"text": "Copy", "copy": "GG-1"}]
    ]


async def test_editing(bot: Bot, room: Room) -> None:
    message = await bot.send_message(CHAT, "one", reply_markup=choices("a"))
    edited = await message.edit_text("<b>two</b>")
    assert isinstance(edited, Message)
    assert edited.html_text == "<b>two</b>"
    assert edited.reply_markup is None, "an edit without a keyboard takes it away, as in Telegram"
    assert edited.edit_date is not None
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await message.edit_text("<b>two</b>")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await message.edit_reply_markup(reply_markup=None)
    again = await message.edit_reply_markup(reply_markup=choices("b"))
    assert isinstance(again, Message)
    assert view(room, message)["buttons"] == [[{"text": "B", "data": "b"}]]
    assert room.messages[message.message_id].offered == {"a", "b"}


async def test_what_cannot_be_edited_is_refused(bot: Bot, house: House, room: Room) -> None:
    beside = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="x")]])
    for markup in (beside, ReplyKeyboardRemove(), ForceReply()):
        message = await bot.send_message(CHAT, "x", reply_markup=markup)
        assert message.reply_markup is None
        with pytest.raises(TelegramBadRequest, match="message can't be edited"):
            await message.edit_text("y")
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("y", chat_id=CHAT, message_id=1)
    with pytest.raises(TelegramBadRequest, match="no caption"):
        await bot.edit_message_caption(
            chat_id=CHAT, message_id=(await bot.send_message(CHAT, "x")).message_id, caption="y"
        )
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await (await bot.send_message(CHAT, "x")).edit_text("")


async def test_deleting(bot: Bot, room: Room) -> None:
    sent = [await bot.send_message(CHAT, str(number)) for number in range(3)]
    assert await sent[0].delete()
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await sent[0].delete()
    assert await bot.delete_messages(CHAT, [message.message_id for message in sent])
    assert not room.messages
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await sent[1].reply("x")


async def test_files_go_out_and_come_back(bot: Bot, room: Room) -> None:
    file = BufferedInputFile(b"BEGIN:VCALENDAR", "../../Termin\u202efdp.ics")
    message = await bot.send_document(CHAT, file, caption="<b>Termin</b>")
    assert message.document is not None
    assert message.document.file_name == "Terminfdp.ics"
    assert message.document.mime_type == "text/calendar"
    assert message.html_text == "<b>Termin</b>"
    back = await bot.download(message.document)
    assert back is not None
    assert back.read() == b"BEGIN:VCALENDAR"
    again = await bot.send_document(CHAT, message.document.file_id)
    assert again.document == message.document
    picture = await bot.send_photo(CHAT, BufferedInputFile(PNG, "x.png"))
    assert picture.photo is not None
    assert (picture.photo[0].width, picture.photo[0].height) == (2, 1)
    assert view(room, picture)["media"]["mime"] == "image/png"


async def test_captions_and_media_are_edited(bot: Bot, room: Room) -> None:
    message = await bot.send_photo(CHAT, BufferedInputFile(PNG, "x.png"), caption="one")
    edited = await message.edit_caption(caption="two", reply_markup=choices("a"))
    assert isinstance(edited, Message)
    assert edited.caption == "two"
    media = InputMediaDocument(media=BufferedInputFile(b"%PDF", "x.pdf"), caption="three")
    changed = await message.edit_media(media)
    assert isinstance(changed, Message)
    assert changed.photo is None
    assert changed.document is not None
    assert changed.caption == "three"
    text = await bot.send_message(CHAT, "soon a picture")
    pictured = await text.edit_media(InputMediaPhoto(media=BufferedInputFile(PNG, "y.png")))
    assert isinstance(pictured, Message)
    assert pictured.text is None
    assert pictured.photo
    with pytest.raises(TelegramBadRequest, match="there is no text"):
        await text.edit_text("back")


async def test_what_is_no_picture_is_refused(bot: Bot, room: Room) -> None:
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(CHAT, BufferedInputFile(b"<svg onload=alert(1)>", "x.png"))
    with pytest.raises(TelegramBadRequest, match="non-empty"):
        await bot.send_document(CHAT, BufferedInputFile(b"", "x.txt"))
    with pytest.raises(TelegramBadRequest, match="caption is too long"):
        await bot.send_document(CHAT, BufferedInputFile(b"x", "x.txt"), caption="x" * 1025)
    with pytest.raises(TelegramBadRequest, match="wrong file identifier"):
        await bot.send_document(CHAT, "https://example.org/x.pdf")
    with pytest.raises(TelegramBadRequest, match="HTTP URL"):
        await bot.send_document(CHAT, URLInputFile("https://example.org/x.pdf"))
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_document(CHAT, BufferedInputFile(b"x" * 45_000_000, "x.bin"))
    with pytest.raises(TelegramNetworkError):
        await bot.download_file("rooms/unknown")
    with pytest.raises(TelegramBadRequest, match="wrong file_id"):
        await bot.get_file("unknown")


async def test_an_album_is_sent_whole_or_not_at_all(bot: Bot, room: Room) -> None:
    good = InputMediaPhoto(media=BufferedInputFile(PNG, "x.png"), caption="<b>c</b>")
    bad = InputMediaPhoto(media=BufferedInputFile(b"text", "x.png"))
    paper = InputMediaDocument(media=BufferedInputFile(b"text", "x.txt"))
    sent = await bot.send_media_group(CHAT, [good, good])
    assert len({message.media_group_id for message in sent}) == 1
    assert sent[0].media_group_id is not None
    for wrong in ([good, bad], [good, paper], [good]):
        with pytest.raises(TelegramBadRequest):
            await bot.send_media_group(CHAT, wrong)  # type: ignore[arg-type]
    assert len(room.messages) == 2


async def test_places_and_contacts(bot: Bot, room: Room) -> None:
    place = await bot.send_location(CHAT, 49.9129, 8.4782)
    assert place.location is not None
    assert place.location.latitude == 49.9129
    venue = await bot.send_venue(CHAT, 49.9129, 8.4782, "Büro", "Straße 4")
    assert venue.venue is not None
    assert view(room, venue)["place"]["title"] == "Büro"
    contact = await bot.send_contact(CHAT, "+49 6152 989630", "Büro")
    assert contact.contact is not None
    with pytest.raises(TelegramBadRequest, match="latitude"):
        await bot.send_location(CHAT, 99, 8)


async def test_the_rest_of_the_api(bot: Bot, house: House, room: Room) -> None:
    me = await bot.me()
    assert (me.id, me.is_bot, me.username) == (1, True, "webchat_bot")
    assert await bot.send_chat_action(CHAT, "typing")
    with pytest.raises(TelegramBadRequest):
        await bot.send_chat_action(CHAT, "dancing")
    assert await bot.set_my_description("x", language_code="de")
    assert await bot.delete_webhook()
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query("4711-1")
    with pytest.raises(TelegramBadRequest, match="sendPoll is not available"):
        await bot.send_poll(CHAT, "x?", ["a", "b"])


async def test_commands_stand_in_the_menu_of_the_page(bot: Bot, house: House, room: Room) -> None:
    await bot.set_my_commands([BotCommand(command="menu", description="Menu")])
    await bot.set_my_commands([BotCommand(command="menu", description="Menü")], language_code="de")
    await bot.set_my_commands(
        [BotCommand(command="gaps", description="Lücken")], scope=BotCommandScopeChat(chat_id=9)
    )
    assert [c.description for c in await bot.get_my_commands(language_code="de")] == ["Menü"]
    page = house.session.page(room)
    assert page["commands"] == [{"command": "menu", "description": "Menü"}]
    room.language = "ar"
    assert house.session.page(room)["commands"][0]["description"] == "Menu"
    other = house.session.rooms.open(9, None)
    assert house.session.page(other)["commands"][0]["command"] == "gaps"


async def test_nobody_home(open_house: OpenHouse) -> None:
    house = await open_house(restart_grace=timedelta(0))
    with pytest.raises(TelegramForbiddenError):
        await house.bot.send_message(12345, "hello")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await house.bot.send_message("@name", "hello")


async def test_a_german_card_in_an_arabic_chat_is_german(bot: Bot, room: Room) -> None:
    room.language = "ar"
    arabic = view(room, await bot.send_message(CHAT, "\u2068Büro\u2069 مكتب الاندماج"))
    assert (arabic["dir"], arabic["lang"]) == ("rtl", "ar")
    guessed = view(room, await bot.send_message(CHAT, "Büro für Integration"))
    assert guessed["dir"] == "ltr"
    assert "lang" not in guessed
    with speaking("de"):
        german = view(room, await bot.send_message(CHAT, "Büro für Integration"))
    assert (german["dir"], german["lang"]) == ("ltr", "de")
    number = view(room, await bot.send_message(CHAT, "112"))
    assert number["dir"] == "auto"


async def test_memory_of_a_room_is_bounded(open_house: OpenHouse) -> None:
    house = await open_house(messages_per_room=10, bytes_per_room=50_000)
    room = house.session.rooms.open(CHAT, b"hash")
    for number in range(100):
        await house.bot.send_message(CHAT, f"{number} " + "x" * 2000)
    assert len(room.messages) <= 10
    assert room._event_bytes <= 50_000
    for _ in range(30):
        await house.bot.send_document(CHAT, BufferedInputFile(b"x" * 2_000_000, "x.bin"))
    assert house.session.rooms.files.bytes <= 42 * 1024 * 1024


def test_every_method_of_the_api_is_answered_or_refused_by_name(house: House) -> None:
    known = house.session.calls.known
    assert len(known) > 25
    assert all(issubclass(method, TelegramMethod) for method in known)
    assert SendPoll not in known
