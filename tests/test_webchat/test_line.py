"""What a visitor's page is promised: nothing lost, nothing twice, nobody else inside."""

import asyncio
import json
import logging
from datetime import timedelta

import httpx
import pytest
from aiogram.exceptions import TelegramForbiddenError
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bot.channels.webchat import hash_secret
from tests.test_webchat.conftest import OpenHouse
from tests.test_webchat.house import House, Page, PollingPage, plain


async def test_the_page_opens_straight_into_the_conversation(house: House) -> None:
    page = await Page(house).open()
    message = await page.hears("Welcome")
    assert message["body"] == [{"t": "b", "c": ["Welcome"]}]
    assert [[b["text"] for b in row] for row in message["buttons"]] == [["YES", "NO"]]
    [update] = house.updates
    assert update.message is not None
    assert update.message.from_user is not None
    assert update.message.from_user.language_code == "de-DE"
    assert update.message.from_user.id == update.message.chat.id
    assert update.message.from_user.first_name == "–"
    views = [e["message"] for e in page.events if e["kind"] == "message"]
    assert [view["from"] for view in views] == ["bot"], "/start itself is not shown"
    await page.leave()


async def test_a_dialogue_goes_from_question_to_question(page: Page) -> None:
    await page.say("/tell")
    await page.hears("Your name?")
    await page.say("Amira <b>")
    await page.hears("Your town?")
    await page.say("Raunheim")
    await page.hears("Amira <b> from Raunheim")


async def test_messages_written_quickly_arrive_in_order(house: House, page: Page) -> None:
    await page.say("/slow")
    for number in range(8):
        await page.say(f"line {number}")
    await page.hears("line 7")
    assert house.texts() == ["/start", "/slow", *(f"line {n}" for n in range(8))]
    numbers = [update.update_id for update in house.updates]
    assert numbers == sorted(set(numbers))


async def test_a_press_edits_the_message_and_is_answered(house: House, page: Page) -> None:
    first = page.events[-1]["message"]
    await page.press(first, "YES")
    edited = (await page.until("edit"))["message"]
    assert plain(edited["body"]) == "Yes it is"
    assert edited["id"] == first["id"]
    notice = await page.until("notice")
    assert (notice["text"], notice["alert"]) == ("Saved", False)
    query = house.updates[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert query.message.message_id == first["id"]
    await page.press(edited, "AGAIN")
    assert "message is not modified" in (await page.until("notice"))["text"]
    await page.press(edited, "END")
    assert (await page.until("delete"))["ids"] == [first["id"]]


async def test_a_press_is_let_go_even_if_the_bot_never_answers_it(page: Page) -> None:
    await page.press(page.events[-1]["message"], "NO")
    await page.until("answered")


@pytest.mark.parametrize(
    ("message", "data"), [("own", "staff:remove"), ("own", "yess"), ("none", "yes")]
)
async def test_a_forged_press_never_reaches_the_bot(
    house: House, page: Page, message: str, data: str
) -> None:
    message_id = page.events[-1]["message"]["id"] if message == "own" else 17
    await page.send(type="press", cid="forged", message=message_id, data=data)
    assert (await page.until("refused"))["reason"] == "gone"
    assert len(house.updates) == 1


async def test_a_press_on_another_visitors_message_never_reaches_the_bot(
    house: House, page: Page
) -> None:
    other = await Page(house).open()
    strange = await other.hears("Welcome")
    room = house.session.rooms.of(hash_secret(bytes.fromhex(page.secret)))
    assert room is not None
    room.messages.clear()
    await page.press(strange, "YES")
    assert (await page.until("refused"))["reason"] == "gone"
    await other.leave()


async def test_reply_buttons_stand_above_the_input_until_taken_away(page: Page) -> None:
    await page.say("/towns")
    shown = (await page.until("keyboard"))["keyboard"]
    assert shown["placeholder"] == "Town"
    assert [[b["text"] for b in row] for row in shown["rows"]] == [
        ["Here"],
        ["Raunheim", "Ginsheim"],
    ]
    assert shown["rows"][0][0]["ask"] == "location"
    await page.say("Raunheim")
    assert (await page.until("keyboard"))["keyboard"] is None


async def test_a_shared_location_arrives(page: Page) -> None:
    await page.send(type="location", cid="here", latitude=49.913, longitude=8.478, accuracy=120)
    await page.hears("49.913 8.478")


async def test_a_removed_message_leaves_the_page(page: Page) -> None:
    await page.say("/remove")
    mine = (await page.until("message"))["message"]
    assert (await page.until("delete"))["ids"] == [mine["id"]]
    await page.hears("removed")


# Losing the line


async def test_what_the_bot_says_to_an_absent_page_waits_for_it(house: House, page: Page) -> None:
    await page.say("/slow")
    await page.until("taken")
    await page.drop()
    await asyncio.sleep(0.4)
    chat_id = house.updates[0].message.chat.id if house.updates[0].message else 0
    await house.bot.send_message(chat_id, "while you were away")
    await page.open()
    await page.hears("slow done")
    await page.hears("while you were away")
    said = [plain(e["message"]["body"]) for e in page.events if e["kind"] == "message"]
    assert len(said) == len(set(said)), "nothing came twice"
    assert not any(e["kind"] == "redraw" for e in page.events[1:] if e.get("n")), "only the news"


async def test_a_message_sent_again_after_a_reconnect_is_taken_once(
    house: House, page: Page
) -> None:
    cid = await page.say("one message")
    await page.hears("one message")
    await page.drop()
    await page.open()
    await page.say("one message", cid)
    assert (await page.until("taken"))["cid"] == cid
    await page.say("next")
    await page.hears("next")
    assert house.texts().count("one message") == 1


async def test_a_reloaded_page_is_drawn_again(house: House, page: Page) -> None:
    await page.say("hello there")
    await page.hears("hello there")
    reloaded = await Page(house, page.secret).open()
    redraw = await reloaded.until("redraw")
    assert not redraw["keep"]
    assert [m["from"] for m in redraw["messages"]] == ["bot", "visitor", "bot"]
    assert redraw["messages"][2]["reply"]["text"] == "hello there"
    await reloaded.quiet()
    assert house.texts() == ["/start", "hello there"], "a reload does not start over"
    await reloaded.leave()


async def test_after_a_restart_the_page_keeps_what_it_shows(open_house: OpenHouse) -> None:
    before = await open_house()
    page = await Page(before).open()
    await page.hears("Welcome")
    chat_id = before.session.rooms.of(hash_secret(bytes.fromhex(page.secret)))
    assert chat_id is not None
    after = await open_house()
    after.visitors = before.visitors
    await after.visitors.open(hash_secret(bytes.fromhex(page.secret)))
    # The restarted house knows the visitor from its register and has no room yet.
    after_page = Page(after, page.secret)
    after_page.room, after_page.last = page.room, page.last
    await after_page.open()
    assert (await after_page.until("redraw"))["keep"]
    await after_page.quiet()
    assert after.texts() == [], "a running dialogue is not interrupted by /start"
    await after_page.leave()
    await page.leave()


async def test_a_letter_right_after_a_restart_waits_for_the_page(house: House) -> None:
    secret = "ab" * 16
    chat_id = await house.visitors.open(hash_secret(bytes.fromhex(secret)))
    await house.bot.send_message(chat_id, "owed since before the restart")
    page = Page(house, secret)
    page.room, page.last = "former", 7
    await page.open()
    redraw = await page.until("redraw")
    assert [plain(m["body"]) for m in redraw["messages"]] == ["owed since before the restart"]
    await page.leave()


async def test_long_after_a_restart_nobody_is_told_that_a_letter_arrived(
    open_house: OpenHouse,
) -> None:
    house = await open_house(restart_grace=timedelta(0))
    with pytest.raises(TelegramForbiddenError):
        await house.bot.send_message(4711, "into the void")


async def test_two_tabs_of_one_visitor_show_the_same(house: House) -> None:
    first = Page(house)
    second = Page(house, first.secret)
    await asyncio.gather(first.open(), second.open())
    await asyncio.gather(first.hears("Welcome"), second.hears("Welcome"))
    assert len(house.updates) == 1
    await first.say("from the first")
    await second.hears("from the first")
    await second.say("from the second")
    await first.hears("from the second")
    await first.leave()
    await second.leave()


async def test_a_room_is_dropped_after_its_time(open_house: OpenHouse) -> None:
    house = await open_house(room_ttl=timedelta(0), restart_grace=timedelta(0))
    page = await Page(house).open()
    await page.hears("Welcome")
    assert house.session.rooms.sweep() == 0, "someone is there"
    await page.leave()
    await asyncio.sleep(0.05)
    assert house.session.rooms.sweep() == 1
    assert house.updates[0].message is not None
    with pytest.raises(TelegramForbiddenError):
        await house.bot.send_message(house.updates[0].message.chat.id, "hello?")


# Saying goodbye


async def test_forgetting_empties_the_page_and_the_secret_opens_nothing(
    house: House, page: Page
) -> None:
    await page.say("my hidden matter")
    await page.hears("my hidden matter")
    await page.say("/forget")
    await page.until("forgotten")
    await page.hears("All gone")
    assert "hidden" not in repr([room.messages for room in house.session.rooms])
    again = await Page(house, page.secret).open()
    await again.until("forgotten")
    assert await again.receive() is None
    assert again.closed == 4410
    assert house.texts().count("/start") == 1


async def test_closing_the_chat_tells_the_bot_and_deletes_the_visitor(
    house: House, page: Page
) -> None:
    await page.send(type="close")
    assert await page.receive() is None
    assert page.closed == 4410
    await asyncio.sleep(0.05)
    [change] = house.departures
    assert change.new_chat_member.status == "kicked"
    assert await house.visitors.chat_for(hash_secret(bytes.fromhex(page.secret))) is None
    with pytest.raises(TelegramForbiddenError):
        await house.bot.send_message(change.chat.id, "still there?")


# Strangers and bad manners


@pytest.mark.parametrize(
    "first",
    [
        "not json",
        "[]",
        '{"type":"hello"}',
        '{"type":"hello","secret":"short"}',
        '{"type":"hello","secret":17}',
        '{"type":"hello","secret":"%s","last":-1}' % ("a" * 32),
        '{"type":"hello","secret":"%s","last":1e300}' % ("a" * 32),
        '{"type":"hello","secret":"%s","room":{}}' % ("a" * 32),
        "[" * 30_000,
        b"\x00\xff",
    ],
)
async def test_without_a_proper_hello_the_line_is_closed(house: House, first: str | bytes) -> None:
    async with connect(f"ws://127.0.0.1:{house.port}/ws", origin=house.url, proxy=None) as line:  # type: ignore[arg-type]
        await line.send(first)
        await line.wait_closed()
        assert line.close_code == 4400
    assert house.updates == []
    assert len(house.session.rooms) == 0


async def test_a_line_without_hello_is_not_kept_open(open_house: OpenHouse) -> None:
    house = await open_house(hello_within=timedelta(milliseconds=50))
    async with connect(f"ws://127.0.0.1:{house.port}/ws", origin=house.url, proxy=None) as line:  # type: ignore[arg-type]
        await asyncio.wait_for(line.wait_closed(), 2)
        assert line.close_code == 4400


@pytest.mark.parametrize(
    "frame",
    [
        "no json",
        "null",
        "{}",
        '{"type":"text","cid":"a"}',
        '{"type":"text","cid":"a","text":5}',
        '{"type":"text","cid":"../../x","text":"hi"}',
        '{"type":"text","cid":["a"],"text":"hi"}',
        '{"type":"press","cid":"a","message":true,"data":"yes"}',
        '{"type":"press","cid":"a","message":"1","data":"yes"}',
        '{"type":"press","cid":"a","message":1,"data":null}',
        '{"type":"location","cid":"a","latitude":NaN,"longitude":8}',
        '{"type":"location","cid":"a","latitude":1e999,"longitude":8}',
        '{"type":"location","cid":"a","latitude":91,"longitude":8}',
        '{"type":"location","cid":"a","latitude":"49","longitude":8}',
        '{"type":"upload","cid":"a"}',
        '{"type":"text","cid":"a","text":' + "9" * 5000 + "}",
        '{"type":"text","cid":"a","text":"' + "x" * 40_000 + '"}',
        b"bytes",
    ],
)
async def test_a_strange_frame_is_refused_and_the_chat_goes_on(
    house: House, page: Page, frame: str | bytes
) -> None:
    await page.send_raw(frame)
    assert (await page.until("refused"))["reason"] == "bad"
    await page.say("still here")
    await page.hears("still here")
    assert house.texts() == ["/start", "still here"]


async def test_a_huge_frame_closes_the_line(page: Page) -> None:
    await page.send_raw("x" * 200_000)
    while await page.receive() is not None:
        pass
    assert page.closed == 1009


async def test_whoever_sends_only_nonsense_is_sent_away(page: Page) -> None:
    for _ in range(25):
        await page.send_raw("nonsense")
    while await page.receive() is not None:
        pass
    assert page.closed == 4400


async def test_texts_arrive_without_control_characters_and_half_characters(
    house: House, page: Page
) -> None:
    await page.send_raw('{"type":"text","cid":"x","text":" a\\u0000b\\ud800c\\r\\nd\\u202e "}')
    await page.hears("abc")
    assert house.texts()[-1] == "abc\nd\u202e"
    await page.send(type="text", cid="y", text=" \n ")
    assert (await page.until("refused"))["reason"] == "empty"
    await page.send(type="text", cid="z", text="ä" * 4097)
    assert (await page.until("refused"))["reason"] == "long"
    await page.send(type="text", cid="w", text="🙂" * 4096)
    assert (await page.until("taken"))["cid"] == "w"


async def test_too_many_messages_at_once_are_asked_to_wait(open_house: OpenHouse) -> None:
    house = await open_house(frames_per_second=2.0, frames_at_once=3)
    page = await Page(house).open()
    await page.hears("Welcome")
    for number in range(5):
        await page.say(f"quick {number}")
    refused = await page.until("refused")
    assert refused["reason"] == "fast"
    await page.quiet(0.6)
    await page.say("slower")
    await page.hears("slower")
    assert len(house.texts()) < 7
    await page.leave()


async def test_a_full_house_asks_politely_to_come_back(open_house: OpenHouse) -> None:
    house = await open_house(max_rooms=1)
    first = await Page(house).open()
    await first.hears("Welcome")
    second = await Page(house).open()
    assert await second.receive() == {"kind": "full"}
    assert await second.receive() is None
    assert second.closed == 1013
    await first.leave()


async def test_a_full_house_closes_the_room_left_longest_ago(open_house: OpenHouse) -> None:
    house = await open_house(max_rooms=1, spare_after=timedelta(0))
    first = await Page(house).open()
    await first.hears("Welcome")
    await first.leave()
    await asyncio.sleep(0.05)
    second = await Page(house).open()
    await second.hears("Welcome")
    await second.leave()


async def test_rooms_in_which_only_letters_wait_make_place_at_once(open_house: OpenHouse) -> None:
    house = await open_house(max_rooms=3)
    for chat_id in (1001, 1002, 1003):
        await house.bot.send_message(chat_id, "owed")
    page = await Page(house).open()
    await page.hears("Welcome")
    assert len(house.session.rooms) == 3
    await page.leave()


async def test_strangers_cannot_open_rooms_without_end(open_house: OpenHouse) -> None:
    house = await open_house(rooms_per_minute=2)
    answers = []
    for _ in range(3):
        page = await Page(house).open()
        event = await page.receive()
        assert event is not None
        answers.append(event["kind"])
        await page.leave()
    assert answers == ["welcome", "welcome", "full"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_other_sites_cannot_open_a_line(house: House, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{house.port}/ws", origin=origin, proxy=None)  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403


async def test_a_configured_origin_is_the_only_one(open_house: OpenHouse) -> None:
    house = await open_house(origins=("https://chat.example.org",))
    uri = f"ws://127.0.0.1:{house.port}/ws"
    async with connect(uri, origin="https://chat.example.org", proxy=None):  # type: ignore[arg-type]
        pass
    with pytest.raises(InvalidStatus):
        await connect(uri, origin=house.url, proxy=None)  # type: ignore[arg-type]


async def test_a_fault_leaves_no_words_in_the_log(
    page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="bot"):
        await page.say("/fault with private words")
        await page.say("and on")
        await page.hears("and on")
    # The page of this test is a client of `websockets`, whose own lines do not count.
    ours = "\n".join(
        f"{record.getMessage()} {record.exc_text} {record.stack_info}"
        for record in caplog.records
        if record.name.split(".")[0] in {"bot", "handlers", "aiogram"}
    )
    assert "RuntimeError" in ours
    assert "private" not in ours
    assert page.secret not in ours


# Start words, languages


async def test_a_start_word_reaches_the_bot_once(house: House) -> None:
    page = await Page(house).open(start="invite-1", cid="s1")
    await page.hears("Welcome invite-1")
    await page.drop()
    await page.open(start="invite-1", cid="s1")
    await page.quiet()
    assert house.texts() == ["/start invite-1"]
    await page.leave()


async def test_the_page_turns_around_with_the_language(page: Page) -> None:
    assert (page.told["language"], page.told["dir"]) == ("de", "ltr")
    await page.say("/speak ar")
    told = (await page.until("page"))["page"]
    assert (told["language"], told["dir"]) == ("ar", "rtl")
    message = await page.hears("مرحبا")
    assert (message["dir"], message["lang"]) == ("rtl", "ar")


# Polling


async def test_polling_carries_the_same_conversation(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as client:
        page = PollingPage(house, client)
        events = await page.ask()
        assert [e["kind"] for e in events[:2]] == ["welcome", "redraw"]
        events += await page.ask(wait=True)
        assert any(e["kind"] == "message" for e in events)
        waiting = asyncio.create_task(page.ask(wait=True))
        await asyncio.sleep(0.05)
        frame = {"type": "text", "cid": "p1", "text": "by post"}
        answer = await client.post(
            "/poll",
            json={"room": page.room, "last": page.last, "frames": [frame, frame], "wait": False},
            headers=page.headers,
        )
        assert [e["cid"] for e in answer.json()["events"] if e["kind"] == "taken"] == ["p1", "p1"]
        events = await waiting
        while not any(
            plain(e["message"]["body"]) == "by post"
            for e in events
            if e["kind"] == "message" and e["message"]["from"] == "bot"
        ):
            events = await page.ask(wait=True)
        assert house.texts().count("by post") == 1
        assert house.session.is_open(house.updates[0].message.chat.id)  # type: ignore[union-attr]


async def test_an_idle_poll_waits_and_comes_back_empty(open_house: OpenHouse) -> None:
    house = await open_house(poll_for=timedelta(milliseconds=300))
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as client:
        page = PollingPage(house, client)
        await page.ask()
        while await page.ask():
            pass
        begun = asyncio.get_running_loop().time()
        assert await page.ask(wait=True) == []
        assert asyncio.get_running_loop().time() - begun > 0.25


@pytest.mark.parametrize(
    ("authorization", "status"),
    [(None, 401), ("Bearer x", 401), ("Visitor zz", 401), ("Visitor " + "A" * 32, 401)],
)
async def test_polling_needs_a_secret(
    client: httpx.AsyncClient, authorization: str | None, status: int
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await client.post("/poll", json={}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "body", ["x", "[]", '{"frames":5}', '{"frames":[{"type":"?"}]}', '{"frames":[[]]}', "[" * 9999]
)
async def test_a_strange_poll_is_refused(
    house: House, client: httpx.AsyncClient, body: str
) -> None:
    page = PollingPage(house, client)
    answer = await client.post("/poll", content=body, headers=page.headers)
    assert answer.status_code == 400
    assert len(house.session.rooms) == 0


async def test_polling_from_another_site_is_refused(
    house: House, client: httpx.AsyncClient
) -> None:
    page = PollingPage(house, client)
    headers = page.headers | {"Origin": "https://evil.example"}
    answer = await client.post("/poll", content=json.dumps({}), headers=headers)
    assert answer.status_code == 403
