"""The page reads well: in both directions, small and large, light and dark, on paper."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import SCREENSHOTS, OpenPage
from tests.browser.samples import ASKED, TEXTS
from tests.browser.test_page import say

# Smallest contrast between letters and what is behind them, with the element it was found at.
CONTRAST = """() => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const over = (top, below) => top.slice(0, 3).map((v, i) => v * top[3] + below[i] * (1 - top[3]));
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = rgb(getComputedStyle(at).backgroundColor);
      if (a > 0) layers.push([r, g, b, a]);
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const LEFT_OUT = ".hidden, .skip, .spoiler, [hidden]";
  let worst = [99, ""];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    const style = getComputedStyle(element);
    if (!own || !element.checkVisibility() || element.closest(LEFT_OUT)) continue;
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= getComputedStyle(at).opacity;
    const below = behind(element);
    const [r, g, b, a = 1] = rgb(style.color);
    const letters = over([r, g, b, a * opacity], below);
    const [one, two] = [light(letters), light(below)].sort((x, y) => y - x);
    const ratio = (one + 0.05) / (two + 0.05);
    const name = `${element.tagName}.${element.className} ${element.textContent.slice(0, 30)}`;
    if (ratio < worst[0]) worst = [ratio, name];
  }
  return worst;
}"""

NAMELESS = """() => [...document.querySelectorAll("button, a, input, textarea, [role=button], img")]
  .filter((e) => e.checkVisibility())
  .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length
                   || e.hasAttribute("alt")))
  .map((e) => e.outerHTML)"""

SMALL = """() => [...document.querySelectorAll("button:not(.link), a.choice, textarea")]
  .filter((e) => e.checkVisibility())
  .map((e) => [e.getBoundingClientRect(), e.outerHTML.slice(0, 80)])
  .filter(([box]) => box.width < 43.5 || box.height < 43.5)
  .map(([box, html]) => `${box.width}×${box.height} ${html}`)"""

WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((e) => e.checkVisibility() && !e.closest(".hidden, .skip"))
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1
                 || e.getBoundingClientRect().left < -1)
  .map((e) => e.outerHTML.slice(0, 90))"""


async def talk(page: Page, language: str) -> None:
    """A short conversation in a language."""
    await say(page, f"/sample {language}")
    await page.wait_for_selector("text=bfi@kreisgg.de")
    await page.evaluate("document.querySelectorAll('.bubble')[0].remove()")
    await page.evaluate("document.querySelector('.mine').remove()")
    await page.fill("#message", ASKED[language])
    await page.evaluate("document.fonts.ready")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 760), (1280, 800)])
@pytest.mark.parametrize("language", sorted(TEXTS))
async def test_the_page_in_every_direction_size_and_light(
    open_page: OpenPage, language: str, width: int, height: int, scheme: str
) -> None:
    page = await open_page(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        locale=language,
        reduced_motion="reduce",
        device_scale_factor=2 if width < 500 else 1,
    )
    await talk(page, language)
    rtl = language in {"ar", "fa"}
    assert await page.evaluate("document.documentElement.dir") == ("rtl" if rtl else "ltr")
    assert await page.evaluate("document.documentElement.lang") == language
    text = page.locator(".bubble.office .text").last
    await expect(text).to_have_attribute("dir", "rtl" if rtl else "ltr")
    await expect(text).to_have_attribute("lang", language)
    phone = text.locator('a[href^="tel:"] bdi')
    await expect(phone).to_have_text("+49 6152 989630")
    await expect(phone).to_have_attribute("dir", "ltr")
    ratio, where = await page.evaluate(CONTRAST)
    assert ratio >= 4.5, where
    assert await page.evaluate(NAMELESS) == []
    assert await page.evaluate(SMALL) == []
    assert await page.evaluate(WIDE) == []
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"chat-{language}-{width}-{scheme}.png")


async def test_answers_stand_at_the_reading_side(open_page: OpenPage) -> None:
    page = await open_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    await say(page, "/sample ar")
    await page.wait_for_selector("text=bfi@kreisgg.de")
    office = await page.locator(".bubble.office .body").last.bounding_box()
    mine = await page.locator(".bubble.mine .body").last.bounding_box()
    assert office is not None
    assert mine is not None
    assert mine["x"] < office["x"]


@pytest.mark.parametrize("width", [320, 360, 768])
async def test_nothing_is_cut_off_with_large_letters(open_page: OpenPage, width: int) -> None:
    page = await open_page(
        viewport={"width": width, "height": 700}, reduced_motion="reduce", locale="de"
    )
    for _ in range(3):
        await page.click("#size")
    assert await page.evaluate("document.documentElement.dataset.size") == "200"
    await say(page, "/towns")
    await page.wait_for_selector("#keyboard .choice")
    await say(page, "/sample de")
    await page.wait_for_selector("text=bfi@kreisgg.de")
    assert await page.evaluate(WIDE) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate("document.getElementById('scroll').clientHeight") > 60
    await page.reload()
    assert await page.evaluate("document.documentElement.dataset.size") == "200"


async def test_the_conversation_is_a_live_log(open_page: OpenPage) -> None:
    page = await open_page()
    log = page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log).to_have_attribute("aria-label", "Conversation")
    assert await page.get_by_role("textbox").get_attribute("id") == "message"
    assert await page.locator("h1").count() == 1
    await page.keyboard.press("Control+Home")
    await say(page, "hello")
    await expect(page.locator(".bubble.mine")).to_have_attribute("aria-live", "off")
    await expect(page.locator(".bubble.office").last).to_have_text(re.compile("^Answer:"))


async def test_first_tab_leads_to_the_field(open_page: OpenPage) -> None:
    # Where there is no mouse the page does not put the cursor into the field by itself.
    page = await open_page(is_mobile=True, has_touch=True, viewport={"width": 360, "height": 700})
    await page.keyboard.press("Tab")
    skip = page.locator(".skip")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("#message")).to_be_focused()


async def test_focus_is_visible(open_page: OpenPage) -> None:
    page = await open_page()
    await page.locator(".choice").first.focus()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Tab")
    style = await page.evaluate(
        "() => { const s = getComputedStyle(document.activeElement);"
        " return [s.outlineStyle, parseFloat(s.outlineWidth)] }"
    )
    assert style[0] == "solid"
    assert style[1] >= 2


async def test_motion_can_be_switched_off(open_page: OpenPage) -> None:
    page = await open_page(reduced_motion="reduce")
    assert await page.evaluate("document.getAnimations().length") == 0


async def test_on_paper_only_the_conversation_is_left(open_page: OpenPage) -> None:
    page = await open_page()
    await say(page, "/sample de")
    await page.wait_for_selector("text=bfi@kreisgg.de")
    await page.emulate_media(media="print")
    for gone in ("#composer", "#menu", ".buttons >> nth=0", "#typing"):
        await expect(page.locator(gone)).to_be_hidden()
    await expect(page.locator(".bubble.office").last).to_be_visible()


async def test_the_first_paint_needs_no_script(open_page: OpenPage) -> None:
    page = await open_page()
    paint = await page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    assert paint < 2000
    assert await page.locator("h1").inner_text() == "Büro für Integration"
