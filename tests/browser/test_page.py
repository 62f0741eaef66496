"""The page does what it promises, by keyboard, by finger and for a screen reader."""

import asyncio
import re
from pathlib import Path

import pytest
from aiogram.types import BotCommand
from playwright.async_api import Page, expect

from bot.channels.webchat import hash_secret
from bot.channels.webchat.rooms import Room
from tests.browser.conftest import OpenPage
from tests.test_webchat.house import PNG, House

SECRET = "sessionStorage.getItem('visitor')"


async def say(page: Page, text: str) -> None:
    """Writes a message as a visitor does."""
    await page.fill("#message", text)
    await page.press("#message", "Enter")


async def room_of(house: House, page: Page) -> Room:
    """The room this page looks into."""
    room = house.session.rooms.of(hash_secret(bytes.fromhex(await page.evaluate(SECRET))))
    assert room is not None
    return room


async def test_the_secret_stays_in_the_tab(open_page: OpenPage, house: House) -> None:
    page = await open_page()
    secret = await page.evaluate(SECRET)
    assert re.fullmatch("[0-9a-f]{32}", secret)
    assert secret not in page.url
    assert await page.context.cookies() == []
    assert await page.evaluate("localStorage.length") == 0
    assert await page.evaluate("performance.getEntries().map(e => e.name).join()") != ""
    assert secret not in await page.evaluate("performance.getEntries().map(e => e.name).join()")
    other = await open_page()
    assert await other.evaluate(SECRET) != secret


async def test_enter_sends_and_shift_enter_breaks_the_line(
    open_page: OpenPage, house: House
) -> None:
    page = await open_page()
    await page.fill("#message", "first")
    await page.press("#message", "Shift+Enter")
    await page.keyboard.type("second")
    await page.press("#message", "Enter")
    await expect(page.locator(".bubble.office").last).to_contain_text("second")
    assert house.texts()[-1] == "first\nsecond"
    assert await page.input_value("#message") == ""
    mine = page.locator(".bubble.mine")
    await expect(mine).to_have_count(1)
    await expect(mine).not_to_have_class(re.compile("waiting"))


async def test_markup_is_drawn_and_nothing_is_executed(open_page: OpenPage) -> None:
    page = await open_page()
    await say(page, "/markup")
    text = page.locator(".bubble.office .text").last
    await expect(text).to_contain_text("<img src=x onerror=alert(1)>")
    for tag in ("strong", "em", "u", "s", "code", "pre", "blockquote"):
        await expect(text.locator(tag)).to_have_count(1)
    links = await text.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert links == ["tel:112", "mailto:bfi@kreisgg.de", "https://www.kreisgg.de/"]
    web = text.locator("a").last
    assert await web.get_attribute("rel") == "noopener noreferrer"
    spoiler = text.locator(".spoiler")
    await expect(spoiler).to_have_attribute("role", "button")
    await spoiler.focus()
    await page.keyboard.press("Enter")
    await expect(spoiler).to_have_class("spoiler shown")
    await text.locator("button", has_text="/menu").click()
    await expect(page.locator(".bubble.mine").last).to_contain_text("/menu")


async def test_what_a_visitor_writes_stays_text(open_page: OpenPage) -> None:
    page = await open_page()
    await say(page, "<img src=x onerror=\"document.title='hacked'\"><b>x</b>")
    await expect(page.locator(".bubble.office").last).to_contain_text("<b>x</b>")
    assert await page.locator("#log img, #log .mine b").count() == 0
    assert await page.title() != "hacked"


async def test_everything_works_with_the_keyboard_alone(open_page: OpenPage) -> None:
    page = await open_page()
    await page.locator(".choice", has_text="YES").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".choice", has_text="AGAIN")).to_be_visible()
    await expect(page.locator(".choice", has_text="AGAIN")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator(".choice", has_text="END")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".bubble")).to_have_count(0)
    await expect(page.locator("#message")).to_be_focused()
    await page.locator("#menu").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#panel")).to_be_hidden()
    await expect(page.locator("#menu")).to_be_focused()


async def test_notices_and_alerts(open_page: OpenPage) -> None:
    page = await open_page()
    await page.click("text=YES")
    await expect(page.locator("#toast")).to_have_text("Saved")
    await say(page, "/alert")
    await page.locator(".choice", has_text="ALERT").click()
    await expect(page.locator("#ask")).to_be_visible()
    await expect(page.locator("#question")).to_have_text("Read this first")
    await page.keyboard.press("Escape")
    await expect(page.locator("#ask")).to_be_hidden()


async def test_the_location_is_asked_for_only_when_wanted(
    open_page: OpenPage, house: House
) -> None:
    page = await open_page(
        permissions=["geolocation"], geolocation={"latitude": 49.91294, "longitude": 8.47823}
    )
    await say(page, "/towns")
    await page.click("#keyboard >> text=Here")
    await expect(page.locator(".bubble.office").last).to_contain_text("49.913 8.478")
    assert await page.get_attribute("#message", "placeholder") == "Town"
    await page.click("#keyboard >> text=Raunheim")
    await expect(page.locator("#keyboard")).to_be_hidden()
    assert await page.get_attribute("#message", "placeholder") != "Town"


async def test_a_refused_location_is_no_dead_end(open_page: OpenPage) -> None:
    page = await open_page(permissions=[])
    await page.click("#locate")
    await expect(page.locator("#toast")).to_contain_text("did not share")


async def test_pictures_and_documents_come_to_the_page(open_page: OpenPage, tmp_path: Path) -> None:
    page = await open_page()
    await say(page, "/picture")
    image = page.locator(".photo img")
    await expect(image).to_have_attribute("src", re.compile("^blob:"))
    await expect(image).to_have_js_property("naturalWidth", 2)
    assert await image.get_attribute("alt")
    await page.locator(".photo").click()
    await expect(page.locator("#viewer")).to_be_visible()
    await page.keyboard.press("Escape")
    await say(page, "/file")
    async with page.expect_download() as started:
        await page.locator("button.paper").click()
    download = await started.value
    assert download.suggested_filename == "date.ics"
    await download.save_as(tmp_path / "date.ics")
    assert (tmp_path / "date.ics").read_bytes() == b"BEGIN:VCALENDAR"


async def test_files_go_to_the_bot(open_page: OpenPage, house: House) -> None:
    page = await open_page()
    paper = {"name": "Bescheid ä.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    await page.set_input_files("#file", paper)  # type: ignore[arg-type]
    await expect(page.locator(".bubble.office").last).to_contain_text("got 8 bytes")
    await expect(page.locator(".bubble.mine")).to_contain_text("Bescheid ä.pdf")
    picture = {"name": "x.png", "mimeType": "image/png", "buffer": PNG}
    await page.set_input_files("#file", picture)  # type: ignore[arg-type]
    await expect(page.locator(".mine .photo img")).to_have_attribute("src", re.compile("^blob:"))
    await expect(page.locator(".bubble.mine")).to_have_count(2)
    large = {"name": "x.bin", "mimeType": "x/x", "buffer": b"x" * 200_001}
    await page.set_input_files("#file", large)  # type: ignore[arg-type]
    await expect(page.locator("#toast")).to_contain_text("too large")
    await expect(page.locator(".bubble.mine")).to_have_count(2)


async def test_a_lost_line_is_told_and_nothing_is_lost(open_page: OpenPage, house: House) -> None:
    page = await open_page(forgive="ERR_INTERNET_DISCONNECTED")
    room = await room_of(house, page)
    await page.context.set_offline(True)
    house.session.rooms.close()
    await expect(page.locator("#banner")).to_be_visible()
    await say(page, "written offline")
    await expect(page.locator(".bubble.mine.waiting")).to_have_count(1)
    await house.bot.send_message(room.chat_id, "said meanwhile")
    await page.context.set_offline(False)
    await expect(page.locator(".bubble.office").last).to_contain_text("written offline")
    await expect(page.locator("#banner")).to_be_hidden()
    await expect(page.locator(".bubble.office", has_text="said meanwhile")).to_have_count(1)
    await expect(page.locator(".bubble.mine")).to_have_count(1)
    assert house.texts().count("written offline") == 1


async def test_a_page_away_too_long_is_drawn_anew_without_losing_what_was_written(
    open_page: OpenPage, house: House
) -> None:
    page = await open_page(forgive="ERR_INTERNET_DISCONNECTED")
    room = await room_of(house, page)
    await page.context.set_offline(True)
    house.session.rooms.close()
    await expect(page.locator("#banner")).to_be_visible()
    await say(page, "written offline")
    for number in range(3):
        await house.bot.send_message(room.chat_id, f"letter {number}")
    room._events.clear()
    await page.context.set_offline(False)
    await expect(page.locator(".bubble.office").last).to_contain_text("written offline")
    texts = await page.locator(".bubble .text").all_inner_texts()
    assert texts == [
        "Welcome", "letter 0", "letter 1", "letter 2", "written offline", "written offline",
    ]  # fmt: skip


async def test_after_a_restart_of_the_server_the_page_goes_on(
    open_page: OpenPage, house: House
) -> None:
    page = await open_page()
    room = await room_of(house, page)
    # What a restart does: the rooms are gone, the register of visitors is not.
    house.session.rooms.drop(room.chat_id, 1012)
    await expect(page.locator(".choice", has_text="YES")).to_be_disabled()
    await say(page, "still there?")
    await expect(page.locator(".bubble.office").last).to_contain_text("still there?")
    await expect(page.locator(".bubble.office").first).to_contain_text("Welcome")
    assert house.texts() == ["/start", "still there?"]


async def test_a_reload_shows_the_conversation_again(open_page: OpenPage, house: House) -> None:
    page = await open_page()
    await say(page, "remember me")
    await expect(page.locator(".bubble.office")).to_have_count(2)
    await page.reload()
    await expect(page.locator(".bubble.office")).to_have_count(2)
    await expect(page.locator(".bubble.mine")).to_have_text(re.compile("remember me"))
    assert house.texts() == ["/start", "remember me"]
    await page.click("text=YES")
    await expect(page.locator(".choice", has_text="AGAIN")).to_be_visible()


@pytest.mark.parametrize(
    "script",
    [
        "delete window.WebSocket",
        "const Real = WebSocket; window.WebSocket = class extends Real {"
        " constructor(url) { super(String(url).replace('/ws', '/nothing')); } }",
    ],
    ids=["unknown", "blocked"],
)
async def test_without_websockets_the_page_polls(
    open_page: OpenPage, house: House, script: str
) -> None:
    page = await open_page(script=script, forgive="WebSocket connection to .*/nothing")
    await expect(page.locator("#state")).to_have_attribute("data-state", "online")
    await page.click("text=YES")
    await expect(page.locator(".choice", has_text="AGAIN")).to_be_visible()
    for number in range(3):
        await say(page, f"by post {number}")
    await expect(page.locator(".bubble.office").last).to_contain_text("by post 2")
    await expect(page.locator(".bubble.mine")).to_have_count(3)
    await asyncio.sleep(0.3)
    await expect(page.locator(".bubble.office")).to_have_count(4)


async def test_closing_clears_everything(open_page: OpenPage, house: House) -> None:
    page = await open_page()
    await say(page, "on a shared computer")
    await expect(page.locator(".bubble.office")).to_have_count(2)
    secret = await page.evaluate(SECRET)
    await page.click("#menu")
    await page.click("#close")
    await page.click("#yes")
    await expect(page.locator("#ended")).to_be_visible()
    assert "shared computer" not in await page.content()
    assert await page.evaluate(SECRET) is None
    await expect(page.locator("#again")).to_be_focused()
    await asyncio.sleep(0.1)
    assert len(house.departures) == 1
    assert house.session.rooms.of(hash_secret(bytes.fromhex(secret))) is None
    await page.click("#again")
    await page.wait_for_selector(".bubble.office")
    assert await page.evaluate(SECRET) != secret


async def test_forgetting_shows_only_the_farewell(open_page: OpenPage, house: House) -> None:
    page = await open_page()
    await say(page, "something private")
    await expect(page.locator(".bubble.office")).to_have_count(2)
    await say(page, "/forget")
    await expect(page.locator("#ended")).to_be_visible()
    await expect(page.locator(".bubble")).to_have_text([re.compile("All gone")])
    assert "something private" not in await page.content()
    assert await page.evaluate(SECRET) is None


async def test_a_start_word_in_the_fragment_never_leaves_in_an_address(
    open_page: OpenPage, house: House
) -> None:
    page = await open_page(path="/#start=invite-77")
    await expect(page.locator(".bubble.office")).to_contain_text("Welcome invite-77")
    assert "invite-77" not in page.url
    assert house.texts() == ["/start invite-77"]


async def test_too_long_a_message_is_not_sent(open_page: OpenPage, house: House) -> None:
    page = await open_page()
    counter = page.locator("#counter")
    await page.fill("#message", "x" * 3499)
    await expect(counter).to_be_hidden()
    await page.fill("#message", "x" * 3600)
    await expect(counter).to_have_text("3600 / 4096")
    await page.fill("#message", "🙂" * 4097)
    await expect(counter).to_have_class("over")
    await page.press("#message", "Enter")
    await expect(page.locator("#toast")).to_be_visible()
    assert len(await page.input_value("#message")) == 4097
    await page.fill("#message", "🙂" * 4096)
    await page.press("#message", "Enter")
    await expect(page.locator(".bubble.mine")).to_have_count(1)


async def test_commands_stand_in_the_menu(open_page: OpenPage, house: House) -> None:
    await house.bot.set_my_commands([BotCommand(command="file", description="Calendar file")])
    page = await open_page()
    await page.click("#menu")
    await page.click("#commands >> text=Calendar file")
    await expect(page.locator("#panel")).to_be_hidden()
    await expect(page.locator("button.paper")).to_be_visible()


async def test_two_tabs_of_one_visitor(open_page: OpenPage, house: House) -> None:
    first = await open_page()
    secret = await first.evaluate(SECRET)
    second = await open_page(
        context=first.context, script=f"sessionStorage.setItem('visitor', '{secret}')"
    )
    await say(first, "from the first tab")
    await expect(second.locator(".bubble.mine")).to_contain_text("from the first tab")
    await expect(second.locator(".bubble.office").last).to_contain_text("from the first tab")
    told = [room for room in house.session.rooms if "from the first tab" in repr(room.messages)]
    assert told == [await room_of(house, second)], "one room, into which both tabs look"


async def test_the_bot_learns_the_language_that_both_speak(
    open_page: OpenPage, house: House
) -> None:
    script = "Object.defineProperty(navigator, 'languages', {get: () => ['ti', 'ar-SY', 'en']})"
    page = await open_page(script=script, locale="ar-SY")
    assert await page.evaluate("document.documentElement.dir") == "rtl"
    first = house.updates[0].message
    assert first is not None
    assert first.from_user is not None
    assert first.from_user.language_code == "ar-SY"


async def test_typing_is_shown_and_told(open_page: OpenPage, house: House) -> None:
    page = await open_page()
    room = await room_of(house, page)
    await house.bot.send_chat_action(room.chat_id, "typing")
    await expect(page.locator("#typing")).to_have_class("on")
    await expect(page.locator("#typing")).to_contain_text("being written")
    await house.bot.send_message(room.chat_id, "there")
    await expect(page.locator("#typing")).not_to_have_class("on")
