"""The fake Telegram judged by another library, and as strict as the real one."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter

from tests.fake_telegram import TOKEN, Failure, FakeTelegram
from tests.telegram_rules import BadRequestError, check_call, links, parse, plain
from tests.test_telegram.conftest import text_update

CHAT = 7


@pytest_asyncio.fixture
async def client(server: FakeTelegram) -> AsyncIterator[telegram.Bot]:
    """A python-telegram-bot client that takes the fake for Telegram and knows one chat."""
    client = telegram.Bot(
        TOKEN, base_url=f"{server.url}/bot", base_file_url=f"{server.url}/file/bot"
    )
    async with client:
        await server.send(text_update("hallo", chat_id=CHAT))
        yield client


async def test_a_client_reads_updates_and_confirms_them(
    server: FakeTelegram, client: telegram.Bot
) -> None:
    """Until the next offset an update comes again."""
    [update] = await client.get_updates()
    assert update.message is not None
    assert update.message.text == "hallo"
    assert [again.update_id for again in await client.get_updates()] == [update.update_id]
    assert await client.get_updates(offset=update.update_id + 1, timeout=0) == ()
    assert server.waiting == []


async def test_a_client_writes_changes_and_deletes(
    server: FakeTelegram, client: telegram.Bot
) -> None:
    """Text with entities and buttons, edits, replies, deletion."""
    assert client.username == "kreis_test_bot"
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("eins", callback_data="1")]])
    sent = await client.send_message(
        CHAT,
        'ä <b>fett &amp; <a href="https://example.org">Ziel</a></b> &nbsp; ',
        parse_mode="HTML",
        reply_markup=markup,
    )
    assert sent.text == "ä fett & Ziel &nbsp;"
    assert [(e.type, sent.parse_entity(e), e.url) for e in sent.entities] == [
        ("bold", "fett & Ziel", None),
        ("text_link", "Ziel", "https://example.org"),
    ]
    assert sent.reply_markup == markup
    edited = await client.edit_message_text("neu", CHAT, sent.message_id)
    assert isinstance(edited, telegram.Message)
    assert (edited.text, edited.reply_markup) == ("neu", None)
    assert edited.edit_date is not None
    with pytest.raises(BadRequest, match="not modified"):
        await client.edit_message_text("neu", CHAT, sent.message_id)
    answer = await client.send_message(CHAT, "dazu", reply_to_message_id=sent.message_id)
    assert await client.delete_message(CHAT, answer.message_id)
    with pytest.raises(BadRequest, match="not found"):
        await client.delete_message(CHAT, answer.message_id)
    with pytest.raises(BadRequest, match=r"(?i)chat not found"):
        await client.send_message(8, "wer?")


async def test_a_client_sends_files_and_gets_them_back(
    server: FakeTelegram, client: telegram.Bot
) -> None:
    """Documents, photos, albums, places."""
    sent = await client.send_document(CHAT, b"{}", filename="mydata.json", caption="Ihre Daten")
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size) == ("mydata.json", 2)
    file = await client.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"{}"
    photo = await client.send_photo(CHAT, b"jpeg")
    assert photo.photo[0].file_size == 4
    album = await client.send_media_group(
        CHAT, [telegram.InputMediaPhoto(b"a"), telegram.InputMediaPhoto(b"b", caption="zwei")]
    )
    assert [message.caption for message in album] == [None, "zwei"]
    place = await client.send_venue(CHAT, 49.9, 8.4, "Rathaus", "Markt 1")
    assert place.venue is not None
    assert place.venue.title == "Rathaus"
    assert await client.send_chat_action(CHAT, "typing")


async def test_a_client_reads_back_what_the_bot_says_about_itself(
    server: FakeTelegram, client: telegram.Bot
) -> None:
    """Commands and descriptions by language, the menu button, the webhook."""
    await client.set_my_commands([("menu", "Menü")], language_code="de")
    await client.set_my_description("Hilfe", language_code="de")
    assert (await client.get_my_commands(language_code="de"))[0].description == "Menü"
    assert await client.get_my_commands() == ()
    assert (await client.get_my_description("de")).description == "Hilfe"
    await client.set_chat_menu_button(menu_button=telegram.MenuButtonCommands())
    assert (await client.get_chat_menu_button()).type == "commands"
    await client.set_webhook("https://example.org/hook", allowed_updates=["message"])
    info = await client.get_webhook_info()
    assert (info.url, info.pending_update_count) == ("https://example.org/hook", 1)
    assert info.allowed_updates == ("message",)
    with pytest.raises(Conflict):
        await client.get_updates()


async def test_a_query_is_answered_once(server: FakeTelegram, client: telegram.Bot) -> None:
    """The second answer, and one to a query nobody asked, is too old."""
    await server.send({"inline_query": {"id": "17", "query": ""}})
    assert await client.answer_inline_query("17", [])
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await client.answer_inline_query("17", [])
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await client.answer_callback_query("never")


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("400", BadRequest),
        ("401", InvalidToken),
        ("403", Forbidden),
        ("409", Conflict),
        ("429", RetryAfter),
        ("500", NetworkError),
        ("502", NetworkError),
        ("drop", NetworkError),
        ("drop_after", NetworkError),
    ],
)
async def test_a_client_understands_each_failure(
    server: FakeTelegram, client: telegram.Bot, kind: Failure, expected: type[Exception]
) -> None:
    """Once, and then the call works."""
    server.fail("sendMessage", kind)
    with pytest.raises(expected):
        await client.send_message(CHAT, "hallo")
    assert (await client.send_message(CHAT, "noch einmal")).text == "noch einmal"


async def test_a_blocked_bot_and_a_group_it_left(
    server: FakeTelegram, client: telegram.Bot
) -> None:
    """403 in the words of Telegram."""
    server.blocked.add(CHAT)
    with pytest.raises(Forbidden, match="blocked by the user"):
        await client.send_message(CHAT, "hallo")
    group = {"id": -100, "type": "supergroup", "title": "Gruppe"}
    await server.send({"message": {"message_id": 1, "date": 1, "chat": group}})
    await client.leave_chat(-100)
    with pytest.raises(Forbidden, match="not a member of the supergroup"):
        await client.send_message(-100, "hallo")


async def test_the_older_of_two_polls_ends_with_a_conflict(server: FakeTelegram) -> None:
    """As in Telegram the newer one wins."""
    first, second = (telegram.Bot(TOKEN, base_url=f"{server.url}/bot") for _ in range(2))
    async with first, second:
        older = asyncio.create_task(first.get_updates(timeout=5))
        await asyncio.sleep(0.1)
        assert await second.get_updates(timeout=0) == ()
        with pytest.raises(Conflict, match="only one bot instance"):
            await older


HTML = {"chat_id": 1, "parse_mode": "HTML"}


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("sendMessage", {**HTML, "text": "1 < 2"}),
        ("sendMessage", {**HTML, "text": "<h1>groß</h1>"}),
        ("sendMessage", {**HTML, "text": "a<br>b"}),
        ("sendMessage", {**HTML, "text": "<!-- nichts -->"}),
        ("sendMessage", {**HTML, "text": "<b>fett"}),
        ("sendMessage", {**HTML, "text": "fett</b>"}),
        ("sendMessage", {**HTML, "text": "<b><i>quer</b></i>"}),
        ("sendMessage", {**HTML, "text": "<b"}),
        ("sendMessage", {**HTML, "text": "<a href=https://example.org>x</a>"}),
        ("sendMessage", {**HTML, "text": '<a href="javascript:alert(1)">x</a>'}),
        ("sendMessage", {**HTML, "text": "<span>x</span>"}),
        ("sendMessage", {**HTML, "text": "<b> </b>\n"}),
        ("sendMessage", {"chat_id": 1, "text": ""}),
        ("sendMessage", {"chat_id": 1, "text": "ab" * 2049}),
        ("sendMessage", {"chat_id": 1, "text": "😀" * 2049}),
        ("sendMessage", {"chat_id": 1, "text": "\ud800"}),
        ("sendMessage", {"chat_id": 1}),
        ("sendMessage", {"chat_id": "x y", "text": "a", "colour": "red"}),
        ("sendMessage", {"chat_id": 1, "text": "a", "parse_mode": "BBCode"}),
        ("sendDocument", {"chat_id": 1, "document": "attach://missing", "caption": "a" * 1025}),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "a" * 201}),
        ("answerPreCheckoutQuery", {"pre_checkout_query_id": "1", "ok": False}),
        ("editMessageText", {"chat_id": 1, "text": "a"}),
        ("setMyCommands", {"commands": [{"command": "Menu", "description": "a"}]}),
        ("setMyCommands", {"commands": [{"command": "menu", "description": ""}]}),
        ("setMyCommands", {"commands": [], "language_code": "kmr"}),
        ("setMyDescription", {"description": "a" * 513}),
        ("setMyShortDescription", {"short_description": "a" * 121}),
        ("setWebhook", {"url": "http://example.org/hook"}),
        ("setWebhook", {"url": "https://example.org", "secret_token": "white space"}),
        ("getUpdates", {"allowed_updates": ["massage"]}),
        ("getUpdates", {"limit": 101}),
        ("sendLocation", {"chat_id": 1, "latitude": 91, "longitude": 0}),
    ],
)
def test_what_telegram_refuses_is_refused(method: str, call: dict[str, Any]) -> None:
    """Each of these would be a 400."""
    with pytest.raises(BadRequestError):
        check_call(method, call, {})


@pytest.mark.parametrize(
    "button",
    [
        {"text": "", "callback_data": "1"},
        {"text": "a"},
        {"text": "a", "callback_data": ""},
        {"text": "a", "callback_data": "ä" * 33},
        {"text": "a", "callback_data": "1", "url": "https://example.org"},
        {"text": "a", "url": "tel:112"},
        {"text": "a", "callback": "1"},
    ],
)
def test_buttons_that_telegram_refuses(button: dict[str, str]) -> None:
    """A button does one thing, with words, in 64 bytes."""
    markup = {"inline_keyboard": [[button]]}
    with pytest.raises(BadRequestError):
        check_call("sendMessage", {"chat_id": 1, "text": "a", "reply_markup": markup}, {})


def test_keyboards_that_telegram_refuses() -> None:
    """Too wide, too many, too large, a row of nothing."""
    one = {"text": "a", "callback_data": "1"}
    large = {"text": "a" * 100, "callback_data": "1"}
    shapes: list[list[list[dict[str, str]]]] = [[[one] * 9], [[one] * 5] * 21, [[large]] * 90, [[]]]
    for rows in shapes:
        markup = {"inline_keyboard": rows}
        with pytest.raises(BadRequestError):
            check_call("sendMessage", {"chat_id": 1, "text": "a", "reply_markup": markup}, {})


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("AT&T & <b>mehr</b>", "AT&T & mehr"),
        ("&lt;b&gt; &quot;&#228;&#xe4;&copy;&nbsp;", '<b> "ää&copy;&nbsp;'),
        ("<B>groß</B> <i>a</> > b", "groß a > b"),
        ('<a href="https://example.org/?a=1&amp;b=2">x</a>', "x"),
        ("<blockquote expandable>lang</blockquote>", "lang"),
        ('<tg-spoiler>a</tg-spoiler><span class="tg-spoiler">b</span>', "ab"),
    ],
)
def test_html_is_read_as_telegram_reads_it(html: str, text: str) -> None:
    """Its server knows four named entities, and an ampersand is no mistake."""
    assert plain(html) == text


def test_offsets_count_as_telegram_counts() -> None:
    """An emoji counts twice; a link's address is read without its entities."""
    text, [entity] = parse('😀<a href="https://example.org/?a=1&amp;b=2">ä</a>')
    assert text == "😀ä"
    assert entity == {
        "type": "text_link",
        "offset": 2,
        "length": 1,
        "url": "https://example.org/?a=1&b=2",
    }
    assert links('<a href="tel:112">112</a>') == ["tel:112"]
    assert parse('<a href="tel:112">112</a>') == ("112", [])
