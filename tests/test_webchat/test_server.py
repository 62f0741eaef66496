"""The web server: strict headers, no cookie, files both ways and only to their owner."""

import asyncio
import json
import re
import secrets
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels import webchat
from bot.channels.webchat import ENGLISH, WebChatSession, WebChatSettings, create_app
from bot.channels.webchat.files import Files, NoSpace, clean_name, image_size
from bot.channels.webchat.headers import SECURITY_HEADERS
from tests.test_webchat.conftest import OpenHouse
from tests.test_webchat.house import PNG, House, Page

STATIC = Path(webchat.__file__).parent / "static"


def upload_headers(page: Page, name: str, cid: str | None = None) -> dict[str, str]:
    """What the page's script sends with a file."""
    return {
        "Authorization": f"Visitor {page.secret}",
        "X-Client-Id": cid or secrets.token_hex(8),
        "X-File-Name": name,
        "Origin": page.house.url,
    }


def in_process(app: Starlette) -> httpx.AsyncClient:
    """Requests to an app without a server between."""
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://test", trust_env=False)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/static/chat.css"),
        ("GET", "/static/chat.js"),
        ("GET", "/static/icon.svg"),
        ("GET", "/static/none.js"),
        ("GET", "/static/..%2fserver.py"),
        ("GET", "/static/index.html"),
        ("GET", "/nothing"),
        ("GET", "/healthz"),
        ("GET", "/poll"),
        ("POST", "/poll"),
        ("POST", "/file"),
        ("POST", "/upload"),
        ("GET", "/ws"),
    ],
)
async def test_every_answer_has_the_strict_headers_and_no_cookie(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, path)
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value
    assert "set-cookie" not in answer.headers
    assert "server" not in answer.headers
    assert answer.status_code < 500


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    policy = SECURITY_HEADERS["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:|\*", policy)
    assert "geolocation=(self)" in SECURITY_HEADERS["permissions-policy"]


async def test_the_page_holds_no_inline_script_or_style_and_no_foreign_address(
    client: httpx.AsyncClient,
) -> None:
    page = (await client.get("/")).text
    scripts = re.findall(r"<script[^>]*>", page)
    assert len(scripts) == 2
    assert all('src="static/' in tag or "application/json" in tag for tag in scripts)
    assert not re.search(r"\son\w+=|style=|<style|https?://|//[a-z]", page)
    assert "{{" not in page
    for name in ("chat.js", "line.js", "bubbles.js", "chat.css"):
        text = (await client.get(f"/static/{name}")).text
        addresses = set(re.findall(r"https?://[\w.]+", text))
        assert addresses <= {"https://www.openstreetmap.org", "http://www.w3.org"}
        assert "innerHTML" not in text
        assert "localStorage" not in text
        assert "document.cookie" not in text


async def test_the_page_uses_every_word_it_has_and_has_every_word_it_uses(
    client: httpx.AsyncClient,
) -> None:
    names = ("chat.js", "line.js", "bubbles.js")
    texts = [(await client.get(f"/static/{name}")).text for name in names]
    texts.append((STATIC / "index.html").read_text(encoding="utf-8"))
    used = {
        word
        for text in texts
        for word in re.findall(r"words\.(\w+)|data-(?:word|label|placeholder)=\"(\w+)\"", text)
        for word in word
        if word
    }
    by_state = {"online", "offline", "connecting", "full"}
    in_template = {"no_script"}
    assert used | by_state | in_template == set(ENGLISH)
    assert len(used) > 30


async def test_the_page_opens_in_the_language_of_the_browser(open_house: OpenHouse) -> None:
    house = await open_house(languages=("de", "en", "ar"))
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as client:
        arabic = await client.get("/", headers={"Accept-Language": "ti, ar;q=0.9, de;q=0.8"})
        assert '<html lang="ar" dir="rtl">' in arabic.text
        other = await client.get("/", headers={"Accept-Language": "ti;q=x,,;;"})
        assert '<html lang="de" dir="ltr">' in other.text


async def test_words_cannot_break_out_of_the_page() -> None:
    settings = WebChatSettings(office='<img src=x> "&', operator="{{version}}")
    session = WebChatSession(settings, strings=lambda _: {"send": "</script><b>"})
    app = create_app(bot=None, feed=_nothing, session=session, visitors=None)  # type: ignore[arg-type]
    async with in_process(app) as client:
        page = (await client.get("/")).text
    assert "<img src=x>" not in page
    assert "</script><b>" not in page
    start = re.search(r'id="start">(.*?)</script>', page)
    assert start is not None
    assert json.loads(start.group(1))["strings"]["send"] == "</script><b>"
    assert json.loads(start.group(1))["strings"]["log"] == ENGLISH["log"]


async def _nothing(update: object) -> None:
    """A bot that does nothing."""


async def test_further_routes_and_faults_get_the_same_headers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def hook(request: Request) -> Response:
        answer = PlainTextResponse("ok")
        answer.set_cookie("a", "b")
        return answer

    async def fault(request: Request) -> Response:
        raise ValueError("private words")

    routes = [Route("/hook", hook, methods=["POST"]), Route("/fault", fault)]
    session = WebChatSession()
    app = create_app(bot=None, feed=_nothing, session=session, visitors=None, routes=routes)  # type: ignore[arg-type]
    async with in_process(app) as client:
        hooked = await client.post("/hook")
        assert hooked.text == "ok"
        assert "set-cookie" not in hooked.headers
        broken = await client.get("/fault")
    assert broken.status_code == 500
    assert broken.headers["content-security-policy"] == SECURITY_HEADERS["content-security-policy"]
    assert "ValueError" in caplog.text
    assert "private" not in caplog.text + broken.text


async def test_unchanged_files_are_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get("/static/chat.css")
    assert first.headers["cache-control"] == "no-cache"
    again = await client.get("/static/chat.css", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    version = re.search(r"chat\.css\?v=(\w+)", (await client.get("/")).text)
    assert version is not None
    kept = await client.get(f"/static/chat.css?v={version.group(1)}")
    assert "immutable" in kept.headers["cache-control"]
    assert kept.text == first.text


async def test_a_document_reaches_the_bot(
    house: House, page: Page, client: httpx.AsyncClient
) -> None:
    headers = upload_headers(page, "Bescheid%20%C3%A4.pdf", "u1")
    for _ in range(2):
        answer = await client.post("/upload", content=b"%PDF-1.7 x", headers=headers)
        assert answer.json() == {"ok": True}
    await page.hears("got 10 bytes")
    sent = [u.message.document for u in house.updates if u.message and u.message.document]
    assert [document.file_name for document in sent] == ["Bescheid ä.pdf"], "sent twice, taken once"


async def test_a_photo_reaches_the_bot_as_a_photo(
    house: House, page: Page, client: httpx.AsyncClient
) -> None:
    answer = await client.post("/upload", content=PNG, headers=upload_headers(page, "x.bin"))
    assert answer.status_code == 200
    await page.hears(f"got {len(PNG)} bytes")
    message = house.updates[-1].message
    assert message is not None
    assert message.photo
    assert (message.photo[0].width, message.photo[0].height) == (2, 1)


async def test_a_file_is_given_to_its_owner_alone(
    house: House, page: Page, client: httpx.AsyncClient
) -> None:
    await page.say("/file")
    media = (await page.hears("Your date"))["media"]
    owner = {"Authorization": f"Visitor {page.secret}"}
    answer = await client.post("/file", json={"id": media["file"]}, headers=owner)
    assert answer.content == b"BEGIN:VCALENDAR"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["cache-control"] == "no-store"
    other = await Page(house).open()
    await other.hears("Welcome")
    stranger = {"Authorization": f"Visitor {other.secret}"}
    assert (
        await client.post("/file", json={"id": media["file"]}, headers=stranger)
    ).status_code == 404
    nobody = {"Authorization": f"Visitor {'a' * 32}"}
    assert (
        await client.post("/file", json={"id": media["file"]}, headers=nobody)
    ).status_code == 401
    assert (await client.post("/file", json={"id": ["x"]}, headers=owner)).status_code == 404
    assert (await client.post("/file", content=b"{", headers=owner)).status_code == 400
    await other.leave()


async def test_an_album_and_a_picture_reach_the_page(page: Page) -> None:
    await page.say("/album")
    await page.hears("3 pictures")
    views = [
        e["message"] for e in page.events if e["kind"] == "message" and "media" in e["message"]
    ]
    assert len({view["group"] for view in views}) == 1
    assert [view["media"]["type"] for view in views] == ["photo"] * 3


@pytest.mark.parametrize("announced", [True, False])
async def test_a_file_that_is_too_large_is_refused_early(
    open_house: OpenHouse, announced: bool
) -> None:
    house = await open_house(upload_bytes=1000)
    page = await Page(house).open()
    await page.hears("Welcome")

    async def pieces() -> object:
        for _ in range(20):
            yield b"x" * 100

    content = b"x" * 2000 if announced else pieces()
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as client:
        answer = await client.post(
            "/upload",
            content=content,  # type: ignore[arg-type]
            headers=upload_headers(page, "x.bin"),
        )
    assert answer.status_code == 413
    assert len(house.updates) == 1
    await page.leave()


async def test_an_upload_needs_a_secret_a_number_and_a_content(
    page: Page, client: httpx.AsyncClient
) -> None:
    headers = upload_headers(page, "x.txt")
    no_secret = {k: v for k, v in headers.items() if k != "Authorization"}
    assert (await client.post("/upload", content=b"x", headers=no_secret)).status_code == 401
    no_number = {k: v for k, v in headers.items() if k != "X-Client-Id"}
    assert (await client.post("/upload", content=b"x", headers=no_number)).status_code == 400
    assert (await client.post("/upload", content=b"", headers=headers)).status_code == 400
    foreign = headers | {"Origin": "https://evil.example"}
    assert (await client.post("/upload", content=b"x", headers=foreign)).status_code == 403


async def test_what_is_under_way_is_finished_before_the_process_ends(
    open_house: OpenHouse,
) -> None:
    house = await open_house(poll_for=timedelta(seconds=1))
    page = await Page(house).open()
    await page.hears("Welcome")
    await page.say("/slow")
    await page.until("taken")
    await house.bot.session.close()
    [room] = house.session.rooms
    assert [e.message.get("text") for e in room.messages.values()][-1] == "slow done"
    await page.quiet()
    assert page.closed == 1012
    await asyncio.sleep(0)


def test_file_names_cannot_pretend() -> None:
    assert clean_name("..\\..\\x/evil\u202egpj.exe") == "evilgpj.exe"
    assert clean_name("\x00") == "file"
    assert clean_name("a" * 500) == "a" * 120


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (PNG, (2, 1)),
        (b"GIF89a\x03\x00\x04\x00", (3, 4)),
        (bytes.fromhex("ffd8ffe000040000ffc0001108000500060300"), (6, 5)),
        (b"RIFF\x00\x00\x00\x00WEBPVP8X" + bytes(8) + b"\x09\x00\x00\x13\x00\x00", (10, 20)),
        (b"<svg/>", None),
        (b"\xff\xd8\xff", None),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), None),
        (b"", None),
    ],
)
def test_pictures_are_known_by_their_bytes(data: bytes, size: tuple[int, int] | None) -> None:
    assert image_size(data) == size


def test_files_leave_when_it_gets_tight() -> None:
    files = Files(most_bytes=100, most_bytes_per_room=60)
    first = files.keep(1, b"x" * 40, "a")
    second = files.keep(1, b"x" * 40, "b")
    assert files.get(first.file_id) is None, "a room holds 60 bytes"
    files.share(2, second)
    files.clear(1)
    assert files.shown_in(1, second.file_id) is None
    assert files.shown_in(2, second.file_id) is second
    files.keep(3, b"x" * 60, "c")
    assert files.bytes == 100
    files.keep(4, b"x" * 10, "d")
    assert files.get(second.file_id) is None, "the house holds 100"
    with pytest.raises(NoSpace):
        files.keep(5, b"x" * 61, "e")
    for chat_id in range(6):
        files.clear(chat_id)
    assert files.bytes == 0
