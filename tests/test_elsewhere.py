"""Whatever Telegram can send is handled, politely declined or left alone: nothing breaks.

Every kind of update and every content of a message of the Bot API is built from its description;
what python-telegram-bot knows goes through its classes on the way.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import telegram
from aiogram.filters.callback_data import CallbackData
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app.serving import House
from bot.db import Sessions
from bot.staff import Role
from tests.conftest import Meet
from tests.fake_telegram import BOT, Call, FakeTelegram
from tests.people import Person, Reply
from tests.stored import tables_with
from tests.telegram_objects import Builder
from tests.telegram_rules import API, UPDATE_TYPES

pytestmark = pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
KIND_OF = {f["name"]: f["types"][0] for f in API["types"]["Update"]["fields"]}
# What people send on purpose; each gets one answer. Everything else is left alone.
SENT_BY_PEOPLE = {
    "animation", "audio", "checklist", "contact", "dice", "document", "game", "live_photo",
    "location", "paid_media", "photo", "poll", "rich_message", "sticker", "story", "venue",
    "video", "video_note", "voice",
}  # fmt: skip
GROUPS = {
    "group": {"id": -101, "type": "group", "title": "Gruppe"},
    "supergroup": {"id": -1001, "type": "supergroup", "title": "Große Gruppe"},
    "channel": {"id": -1002, "type": "channel", "title": "Kanal"},
}


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Each test ends without a warning or an error in the log."""
    caplog.set_level(logging.WARNING)


@pytest_asyncio.fixture
async def anna(meet: Meet, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Person]:
    """Somebody the bot knows; at the end nothing may have gone wrong."""
    person = await meet().arrive()
    person.fake.open_queries.clear()
    yield person
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


def _builder(person: Person, chat: dict[str, Any] | None = None) -> Builder:
    return Builder(person.user.to_dict(), chat or person.chat.to_dict())


async def _send(person: Person, **update: Any) -> list[Call]:
    """Send raw JSON, through PTB's classes where they know it; returns the calls it caused."""
    read = telegram.Update.de_json({"update_id": 0, **update}, None).to_dict()
    # What PTB does not know yet it drops: then the raw object travels.
    whole = read if _holds(read, update) else update
    before = len(person.fake.calls)
    await person.fake.handled(await person.fake.send(whole, anyway=True))
    return person.fake.calls[before:]


def _holds(read: Any, raw: Any) -> bool:
    """Whether every part of ``raw`` is still there."""
    if isinstance(raw, dict):
        return isinstance(read, dict) and all(k in read and _holds(read[k], raw[k]) for k in raw)
    if isinstance(raw, list):
        return isinstance(read, list | tuple) and all(map(_holds, read, raw))
    return True


def _said(calls: list[Call]) -> list[Reply]:
    return [Reply(call) for call in calls if call.method.startswith("send")]


@pytest.mark.parametrize("kind", UPDATE_TYPES)
async def test_every_kind_of_update(anna: Person, kind: str) -> None:
    """At most one answer in a private chat, none elsewhere, no error, no refused call."""
    for _name, content in _builder(anna).every(KIND_OF[kind]):
        assert len(_said(await _send(anna, **{kind: content}))) <= 1
    assert anna.fake.open_queries == set()
    for group in GROUPS.values():
        anna.fake.chats.left.clear()
        [(_name, content)] = _builder(anna, group).every(KIND_OF[kind])
        said = _said(await _send(anna, **{kind: content}))
        assert said == [] or kind == "my_chat_member"
    anna.fake.open_queries.clear()


async def test_every_content_of_a_message(anna: Person) -> None:
    """What people send is answered once, service messages are left alone."""
    answers = {}
    for name, message in _builder(anna).contents():
        answers[name] = len(_said(await _send(anna, message=message)))
        assert anna.fake.refused == [], name
    assert len(answers) > 90
    manner = {name for name, count in answers.items() if name not in SENT_BY_PEOPLE and count}
    assert manner == set()
    assert {name for name in SENT_BY_PEOPLE if answers[name] != 1} == set()


async def test_every_content_as_an_edit_and_in_a_group(anna: Person) -> None:
    """An edited picture, a moving location, a group's life: nothing is said."""
    for build, kind in (
        (_builder(anna), "edited_message"),
        (_builder(anna, GROUPS["group"]), "message"),
        (_builder(anna, GROUPS["channel"]), "channel_post"),
    ):
        for name, message in build.contents():
            assert _said(await _send(anna, **{kind: message})) == [], (kind, name)


async def test_words_are_heard_in_whatever_manner_they_come(anna: Person) -> None:
    """Forwarded, as a reply, through another bot, with a quote, as a fresh edit, in a topic."""
    build = _builder(anna)
    manners = [
        {"forward_origin": origin} for _name, origin in build.every("MessageOrigin")
    ] + [
        {field["name"]: build._value("Message", field["name"], field["types"][0])}
        for field in API["types"]["Message"]["fields"]
        if field["name"]
        in {
            "reply_to_message", "external_reply", "quote", "reply_to_story", "via_bot",
            "link_preview_options", "effect_id", "has_protected_content", "is_from_offline",
            "author_signature", "message_thread_id", "reply_markup", "edit_date",
        }
    ]  # fmt: skip
    assert len(manners) >= 15
    for manner in manners:
        [reply] = _said(await _send(anna, message=build.message(text="Hallo", **manner)))
        assert reply.text, manner


async def test_the_longest_words(anna: Person) -> None:
    """4096 characters of text, 1024 of a caption: one answer each."""
    photo = (telegram.PhotoSize("file-x", "unique-x", width=10, height=10),)
    for text in ("wort " * 819, "x" * 4096, "😀" * 2048, "\u202e" * 4096, "<" * 4096):
        assert len(await anna.send(message=anna.message(text=text))) == 1
    [reply] = await anna.send(message=anna.message(photo=photo, caption="ä" * 1024))
    assert "Jobcenter" in reply.labels


@pytest.mark.parametrize(
    "text", ["/", "/unbekannt", "/start@another_bot", "/START", "//menu", "/ä"]
)
async def test_strange_commands(anna: Person, text: str) -> None:
    """At most one answer, never a search."""
    assert len(await anna.say(text)) <= 1


async def test_a_shared_phone_number_is_declined_and_not_kept(
    anna: Person, sessions: Sessions
) -> None:
    """Not even the own one."""
    contact = telegram.Contact("+4915123456789", "Petrosjan", "Musterfrau", user_id=anna.id)
    [reply] = await anna.send(message=anna.message(contact=contact))
    assert "Telefon-Nummern" in reply.text
    for word in ("4915123456789", "Petrosjan", "Musterfrau"):
        assert await tables_with(sessions, word) == []


async def test_an_animation_is_no_letter(anna: Person) -> None:
    """Telegram sends a GIF as a document, too."""
    gif = telegram.Animation("file-x", "unique-x", width=9, height=9, duration=1)
    document = telegram.Document("file-x", "unique-x", mime_type="video/mp4")
    [reply] = await anna.send(message=anna.message(animation=gif, document=document))
    assert "Jobcenter" not in reply.labels


async def test_nothing_is_downloaded(anna: Person) -> None:
    """Whatever file comes, nobody opens it."""
    for name in ("photo", "document", "voice", "audio", "video", "video_note", "live_photo"):
        message = next(m for n, m in _builder(anna).contents() if n == name)
        assert "getFile" not in [call.method for call in await _send(anna, message=message)]


async def test_payments_are_declined(anna: Person) -> None:
    """Nothing is sold here."""
    build = _builder(anna)
    for kind, method in (
        ("pre_checkout_query", "answerPreCheckoutQuery"),
        ("shipping_query", "answerShippingQuery"),
    ):
        [call] = await _send(anna, **{kind: build.build(KIND_OF[kind])})
        assert call.method == method
        assert call.call["ok"] is False
        assert call.call["error_message"]


async def test_nothing_inline(anna: Person) -> None:
    """Others could read along in whatever chat the question was typed."""
    query = telegram.InlineQuery("inline-1", anna.user, "Wo melde ich mich an?", "")
    [call] = await _send(anna, inline_query=query.to_dict())
    assert (call.method, call.call["results"]) == ("answerInlineQuery", [])


def _membership(person: Person, chat: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    build = _builder(person, chat)
    # A right that is newer than the description; aiogram insists on it.
    rights = {"can_send_welcome_messages": True}
    old_member, new_member = (
        build.build(name, user=BOT, **(rights if name == "ChatMemberAdministrator" else {}))
        for name in (old, new)
    )
    fixed = {"old_chat_member": old_member, "new_chat_member": new_member}
    return dict(build.build("ChatMemberUpdated", **{"from": person.user.to_dict()}, **fixed))


@pytest.mark.parametrize("where", GROUPS)
@pytest.mark.parametrize("role", ["ChatMemberMember", "ChatMemberAdministrator"])
async def test_groups_and_channels_are_left(anna: Person, where: str, role: str) -> None:
    """One sentence in a group, none in a channel, and away; also where we may not write."""
    anna.fake.chats.left.clear()
    update = _membership(anna, GROUPS[where], "ChatMemberLeft", role)
    calls = await _send(anna, my_chat_member=update)
    methods = [call.method for call in calls]
    assert methods == (["leaveChat"] if where == "channel" else ["sendMessage", "leaveChat"])
    assert anna.fake.chats.left == [GROUPS[where]["id"]]
    anna.fake.chats.left.clear()
    anna.fake.fail("sendMessage", "400", chat_id=GROUPS[where]["id"])
    await _send(anna, my_chat_member=update)
    anna.fake.faults.clear()
    assert anna.fake.chats.left == [GROUPS[where]["id"]]


async def test_an_anonymous_admin_adds_us(anna: Person) -> None:
    """Telegram shows such a person as a bot of its own; the group is left all the same."""
    anna.fake.chats.left.clear()
    update = _membership(anna, GROUPS["group"], "ChatMemberLeft", "ChatMemberMember")
    update["from"] = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    await _send(anna, my_chat_member=update)
    assert anna.fake.chats.left == [GROUPS["group"]["id"]]


@pytest.mark.parametrize("role", ["ChatMemberLeft", "ChatMemberBanned"])
async def test_a_group_that_threw_us_out_is_not_written_to(anna: Person, role: str) -> None:
    """There is nothing to leave."""
    update = _membership(anna, GROUPS["group"], "ChatMemberMember", role)
    assert await _send(anna, my_chat_member=update) == []


async def test_in_a_group_nothing_is_read(anna: Person, sessions: Sessions) -> None:
    """Not a command, not a mention, not danger, not a press of a button."""
    build = _builder(anna, GROUPS["supergroup"])
    for text in ("/start@kreis_test_bot", "@kreis_test_bot hallo", "mein mann atmet nicht mehr"):
        assert await _send(anna, message=build.message(text=text)) == []
    press = build.build("CallbackQuery", message=build.message(), data="lang:de:start")
    assert _said(await _send(anna, callback_query=press)) == []
    anna.fake.open_queries.clear()
    assert await tables_with(sessions, str(GROUPS["supergroup"]["id"])) == []


async def test_a_blocked_bot_ends_the_dialogue(anna: Person, sessions: Sessions) -> None:
    """Who comes back begins anew; nothing is sent at either moment."""
    await anna.say("/place")
    assert "conversations" in await tables_with(sessions, str(anna.id))
    private = anna.chat.to_dict()
    out = _membership(anna, private, "ChatMemberMember", "ChatMemberBanned")
    assert await _send(anna, my_chat_member=out) == []
    assert "conversations" not in await tables_with(sessions, str(anna.id))
    back = _membership(anna, private, "ChatMemberBanned", "ChatMemberMember")
    assert await _send(anna, my_chat_member=back) == []


async def test_another_bot_gets_no_answer(anna: Person) -> None:
    """Two bots that answer each other would never stop."""
    robot = {**anna.user.to_dict(), "is_bot": True}
    message = Builder(robot, anna.chat.to_dict()).message(text="Hallo")
    assert await _send(anna, message=message) == []


async def test_a_button_of_long_ago_still_works(anna: Person) -> None:
    """Telegram no longer shows us the message, but its button says what it is for."""
    for data, words in (
        ("go:menu:", "Was brauchen Sie"),
        ("go:privacy:", "Datenschutz"),
        ("forged", "Was brauchen Sie"),
        ("desk:gaps:", "nur für Mitarbeitende"),
    ):
        old = telegram.InaccessibleMessage(anna.chat, message_id=3)
        query = telegram.CallbackQuery(
            f"old-{data}-{anna.id}", anna.user, "1", message=old, data=data
        )
        [reply] = await anna.send(callback_query=query)
        assert words in reply.text
    assert anna.fake.open_queries == set()


@pytest.mark.parametrize("content", ["game", "inline", "no message"])
async def test_presses_without_data_or_message(anna: Person, content: str) -> None:
    """A game's button, a button under an inline message: acknowledged, and that is all."""
    build = _builder(anna)
    kinds: dict[str, dict[str, Any]] = {
        "game": {"message": build.message(), "game_short_name": "spiel"},
        "inline": {"inline_message_id": "1", "data": "go:menu:"},
        "no message": {"data": "forget:1"},
    }
    query = kinds[content]
    calls = await _send(anna, callback_query=build.build("CallbackQuery", **query))
    assert [call.method for call in calls][-1] == "answerCallbackQuery"
    assert len(_said(calls)) <= 1


def _prefixes() -> list[str]:
    found: list[str] = []
    waiting = list(CallbackData.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.append(kind.__prefix__)
    return sorted(found)


_part = st.one_of(
    st.sampled_from(
        ["", "0", "1", "-1", "-2", "99", "9" * 19, "9" * 40, "de", "en", "xx", "a-b-c", "start"]
    ),
    st.sampled_from(["menu", "chapter", "books", "place", "dentist", "gaps", "on", "off", "True"]),
    st.sampled_from(["pension", "emergency-numbers", "kreis_kompass.work", "answers", "admin"]),
    st.text(max_size=8),
)


def _fits(data: str) -> bool:
    return 0 < len(data.encode("utf-8", "replace")) <= 64 and "\ud800" not in data


def test_there_are_buttons_to_forge() -> None:
    """The next test needs the buttons' own prefixes."""
    assert len(_prefixes()) >= 12


@given(
    data=st.one_of(
        st.builds(
            lambda prefix, parts: ":".join([prefix, *parts]),
            st.sampled_from(_prefixes()),
            st.lists(_part, max_size=6),
        ),
        st.text(min_size=1, max_size=30),
    )
    .map(lambda data: data.encode("utf-8", "ignore").decode())
    .filter(_fits)
)
@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_forged_buttons(anna: Person, data: str) -> None:
    """At most one answer, every press acknowledged, nothing refused, nothing broken."""
    replies = await anna.press_data(data, anna.last.message_id)
    assert len(replies) <= 2  # choosing a language for the first time says so and asks for the town
    assert anna.fake.refused == []
    assert anna.fake.open_queries == set()


async def test_forged_buttons_give_no_role(house: House, anna: Person) -> None:
    """Whatever was pressed above: nobody became staff by it."""
    for role in Role:
        await anna.press_data(f"invite:{role.value}", 1)
        assert "nur für Mitarbeitende" in anna.last.text


async def test_updates_of_long_ago_and_of_tomorrow(anna: Person) -> None:
    """A phone with a wrong clock, a bot that was down for a day."""
    for shift in (-86_400 * 400, 86_400 * 400):
        message = {**_builder(anna).message(text="Hallo"), "date": int(time.time()) + shift}
        assert len(_said(await _send(anna, message=message))) == 1


async def test_everything_at_once(anna: Person, fake: FakeTelegram) -> None:
    """A hundred things from one chat in one batch: each is handled, in order."""
    messages = [message for _name, message in _builder(anna).contents()]
    before = len(fake.sent_to(anna.id))
    numbers = [await fake.send({"message": message}) for message in messages]
    await asyncio.gather(*(fake.handled(number) for number in numbers))
    assert len(fake.sent_to(anna.id)) - before == len(SENT_BY_PEOPLE)
