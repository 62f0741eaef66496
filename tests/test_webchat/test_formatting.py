"""Text between Telegram's HTML and the page: nothing executable, nothing lost."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.webchat.formatting import (
    MOST_SPANS,
    MarkupError,
    direction,
    language_direction,
    parse_html,
    to_entities,
    tree,
    trimmed,
    with_found,
)
from bot.channels.webchat.frames import BadFrame, clean_text, read_frame, read_hello, read_json
from tests.test_webchat.house import plain


def drawn(source: str) -> list[Any]:
    """The nodes of an HTML text."""
    text, spans = trimmed(*parse_html(source))
    return tree(text, with_found(text, spans))


@pytest.mark.parametrize(
    ("source", "nodes"),
    [
        ("<b>a<i>b</i></b>c", [{"t": "b", "c": ["a", {"t": "i", "c": ["b"]}]}, "c"]),
        ("<strong>x</strong>", [{"t": "b", "c": ["x"]}]),
        ("<tg-spoiler>x</tg-spoiler>", [{"t": "spoiler", "c": ["x"]}]),
        ('<span class="tg-spoiler">x</span>', [{"t": "spoiler", "c": ["x"]}]),
        ("<blockquote expandable>x</blockquote>", [{"t": "blockquote", "c": ["x"]}]),
        (
            '<pre><code class="language-sh">ls /tmp</code></pre>',
            [{"t": "pre", "c": ["ls /tmp"]}],
        ),
        ("&lt;b&gt; &amp; &quot;&#65;&#x42;&nbsp;", ['<b> & "AB&nbsp;']),
        ('<a href="tel:112">112</a>', [{"t": "a", "h": "tel:112", "c": ["112"]}]),
        ("<a href='mailto:a@b.de'>x</a>", [{"t": "a", "h": "mailto:a@b.de", "c": ["x"]}]),
        ('<a href="geo:49.9,8.4">x</a>', [{"t": "a", "h": "geo:49.9,8.4", "c": ["x"]}]),
        (
            '<a href="https://x.de/?a=1&amp;b=2">x</a>',
            [{"t": "a", "h": "https://x.de/?a=1&b=2", "c": ["x"]}],
        ),
        ('<a href="javascript:alert(1)">x</a>', ["x"]),
        ('<a href=" javascript:alert(1)">x</a>', ["x"]),
        ('<a href="data:text/html,x">x</a>', ["x"]),
        ('<a href="http://x.de/">x</a>', ["x"]),
        ('<a href="https://x.de/ onclick=y">x</a>', ["x"]),
        ("<B>x</B>", [{"t": "b", "c": ["x"]}]),
    ],
)
def test_markup_becomes_a_tree(source: str, nodes: list[Any]) -> None:
    assert drawn(source) == nodes


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Telefon: +49 6152 989630.", ["tel:+496152989630"]),
        ("Tel. 06152 989-0, Fax", ["tel:061529890"]),
        ("\u2068+49 6142 83-2111\u2069", ["tel:+496142832111"]),
        (
            "bfi@kreisgg.de oder www.kreisgg.de/integration.",
            ["mailto:bfi@kreisgg.de", "https://www.kreisgg.de/integration"],
        ),
        ("https://x.de/a(b) und kreisgg.de", ["https://x.de/a(b", "https://kreisgg.de"]),
        ("am 01.12.2026 um 10:30, 64521 Groß-Gerau, 259 €, § 24, 116 117", []),
        ("IBAN DE12 5085 0150 0000 1234 56", []),
        ("<a href='tel:110'>+49 6152 989630</a>", ["tel:110"]),
    ],
)
def test_addresses_and_numbers_are_found(text: str, links: list[str]) -> None:
    found = [node["h"] for node in drawn(text) if isinstance(node, dict)]
    assert found == links


def test_commands_can_be_pressed() -> None:
    nodes = drawn("Write /menu or /help, not a/b nor https://x.de/menu")
    commands = [plain(n["c"]) for n in nodes if isinstance(n, dict) and n["t"] == "command"]
    assert commands == ["/menu", "/help"]


def test_offsets_count_as_telegram_counts() -> None:
    text, spans = parse_html("🙂<b>🙂x</b>")
    assert to_entities(text, spans) == [{"type": "bold", "offset": 2, "length": 3}]


def test_endless_nesting_stays_shallow() -> None:
    nodes = drawn("<b>" * 5000 + "x" + "</b>" * 5000)
    depth = 0
    while isinstance(nodes[0], dict):
        nodes, depth = nodes[0]["c"], depth + 1
    assert depth <= MOST_SPANS
    json.dumps(nodes)


@given(st.text(max_size=300))
def test_any_text_is_drawn_as_it_is(text: str) -> None:
    nodes = tree(text, with_found(text, []))
    assert plain(nodes) == text


@given(
    st.lists(
        st.sampled_from(
            [
                "<b>",
                "</b>",
                "<i>",
                "</i>",
                "<a href='https://x'>",
                "</a>",
                "x",
                " ",
                "&lt;",
                "<",
                "&",
                "🙂",
                "<code>",
                "</code>",
                "+49 6152 989630",
            ]
        ),
        max_size=40,
    )
)
def test_any_markup_is_drawn_or_refused(pieces: list[str]) -> None:
    try:
        text, spans = trimmed(*parse_html("".join(pieces)))
    except MarkupError:
        return
    assert plain(tree(text, with_found(text, spans))) == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "type",
                        "cid",
                        "text",
                        "data",
                        "message",
                        "latitude",
                        "longitude",
                        "room",
                        "last",
                        "lang",
                        "start",
                    ]
                )
                | st.text(max_size=3),
                inner,
                max_size=6,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_a_frame_or_none(value: Any) -> None:
    for read in (read_frame, read_hello):
        try:
            read(value if isinstance(value, dict) else {"type": value})
        except BadFrame:
            continue


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_json_or_none(raw: str | bytes) -> None:
    try:
        read_json(raw)
    except BadFrame:
        return


@given(st.text(max_size=100))
def test_a_cleaned_text_can_be_written_anywhere(text: str) -> None:
    cleaned = clean_text(text + "\ud800\x00")
    cleaned.encode()
    assert "\x00" not in cleaned
    assert cleaned == cleaned.strip()


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Büro مكتب الاندماج", "ar", "rtl"),
        ("مكتب: Wilhelm-Seipp-Straße", "ar", "rtl"),
        ("Wilhelm-Seipp-Straße 4", "ar", "ltr"),
        ("wort مكتب wort wort wort", "de", "ltr"),
        ("مرحبا", None, "rtl"),
        ("112", "ar", "auto"),
        ("🙂", None, "auto"),
    ],
)
def test_direction_follows_most_letters(text: str, language: str | None, expected: str) -> None:
    assert direction(text, language) == expected


@pytest.mark.parametrize("language", ["ar", "fa-AF", "ur", "ku-Arab", "ps", "he"])
def test_these_languages_read_from_the_right(language: str) -> None:
    assert language_direction(language) == "rtl"


@pytest.mark.parametrize("language", ["de", "ku", "az-Latn", "fa-Latn", "tr", "el", "ti"])
def test_these_languages_read_from_the_left(language: str) -> None:
    assert language_direction(language) == "ltr"
