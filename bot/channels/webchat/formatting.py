"""Telegram's HTML becomes text and entities, and these become a tree the page can draw.

The page never receives HTML. It receives a list of strings and of nodes `{"t": kind, "c": [...]}`
(with `"h"` for a link), so that there is nothing in it that a browser could execute.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Node = str | dict[str, Any]

MOST_SPANS = 100
"""Telegram ignores further ones; here it also bounds how deep the tree can be."""

_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "code": "code", "pre": "pre", "blockquote": "blockquote",
    "a": "text_link", "span": "spoiler", "tg-emoji": "custom_emoji", "tg-time": "date_time",
}  # fmt: skip
_DRAWN = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "spoiler": "spoiler",
    "code": "code", "pre": "pre", "blockquote": "blockquote",
    "expandable_blockquote": "blockquote", "bot_command": "command",
}  # fmt: skip
_OPAQUE = frozenset({"code", "pre", "text_link", "url", "email", "phone_number", "bot_command"})
_CHARACTER = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot));?")
_ATTRIBUTE = re.compile(
    r"""\s+(?P<name>[^\s=>]+)(?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[\w.-]+)))?""",
)
_FOUND = re.compile(
    r"(?P<email>(?<![\w.@/+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,})"
    r"|(?P<url>(?<![\w@.-])(?:https?://[^\s<>\u2066-\u2069]+"
    r"|(?:www\.)?(?:[a-z0-9-]+\.)+(?:de|eu|org|com|net|info)(?![\w-])(?:/[^\s<>\u2066-\u2069]*)?))"
    r"|(?P<phone_number>(?<![\w/+.,-])(?<!\d[ \u00a0])(?:\+\d{1,3}|0\d{2,5})[ \u00a0/-]?"
    r"\(?\d[\d \u00a0/()-]{3,}\d(?!\w))"
    r"|(?P<bot_command>(?<![\w/<>&.])/[a-zA-Z0-9_]{1,32}(?:@\w{3,32})?(?![\w/]))",
)
_LINKS = re.compile(r"(?:https://|tel:|mailto:|geo:)[^\s<>\"]+", re.IGNORECASE)
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U0001e900-\U0001e95f]")
_LETTER = re.compile(r"[^\W\d_]")


class MarkupError(ValueError):
    """The text is no HTML that Telegram would take; the message is Telegram's own."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of characters with a meaning; `start` and `end` count Python characters."""

    start: int
    end: int
    type: str
    value: str = ""


def parse_html(source: str) -> tuple[str, list[Span]]:
    """The plain text and its spans. Raises `MarkupError` where Telegram refuses."""
    text: list[str] = []
    length = 0
    spans: list[Span] = []
    opened: list[tuple[str, str, str, int]] = []
    position = 0
    while position < len(source):
        character = source[position]
        if character == "&" and (found := _CHARACTER.match(source, position)):
            piece = _decoded(found)
            text.append(piece)
            length += len(piece)
            position = found.end()
        elif character != "<":
            end = _next_special(source, position + 1)
            text.append(source[position:end])
            length += end - position
            position = end
        elif source.startswith("</", position):
            position = _close(source, position, length, opened, spans)
        else:
            position = _open(source, position, length, opened)
    if opened:
        raise MarkupError(f'Can\'t find end tag corresponding to start tag "{opened[-1][0]}"')
    return "".join(text), spans


def _next_special(source: str, start: int) -> int:
    ends = [at for at in (source.find("<", start), source.find("&", start)) if at >= 0]
    return min(ends, default=len(source))


def _decoded(found: re.Match[str]) -> str:
    decimal, hexadecimal, name = found.groups()
    if name:
        return {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    usable = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
    return chr(code) if usable else found.group()


def _offset(source: str, position: int) -> int:
    return len(source[:position].encode("utf-8", "surrogatepass"))


def _open(source: str, start: int, length: int, opened: list[tuple[str, str, str, int]]) -> int:
    named = re.compile(r"<([^\s>]*)").match(source, start)
    tag = named.group(1).lower() if named else ""
    end = named.end() if named else start + 1
    if end >= len(source):
        raise MarkupError(f"Unclosed start tag at byte offset {_offset(source, start)}")
    if tag not in _TAGS:
        raise MarkupError(
            f'Unsupported start tag "{tag}" at byte offset {_offset(source, start)}',
        )
    attributes: dict[str, str] = {}
    while found := _ATTRIBUTE.match(source, end):
        values = (found["double"], found["single"], found["bare"])
        attributes[found["name"].lower()] = html.unescape(
            next((value for value in values if value is not None), ""),
        )
        end = found.end()
    while end < len(source) and source[end].isspace():
        end += 1
    if source[end : end + 1] != ">":
        raise MarkupError(f"Unclosed start tag at byte offset {_offset(source, start)}")
    kind, value = _TAGS[tag], ""
    if tag == "a":
        value = attributes.get("href", "")
    elif tag == "span" and attributes.get("class") != "tg-spoiler":
        raise MarkupError(
            f'Tag "span" must have class "tg-spoiler" at byte offset {_offset(source, start)}',
        )
    elif tag == "blockquote" and "expandable" in attributes:
        kind = "expandable_blockquote"
    elif tag == "code":
        value = attributes.get("class", "").removeprefix("language-")
    opened.append((tag, kind, value, length))
    return end + 1


def _close(
    source: str,
    start: int,
    length: int,
    opened: list[tuple[str, str, str, int]],
    spans: list[Span],
) -> int:
    if not opened:
        raise MarkupError(f"Unexpected end tag at byte offset {_offset(source, start)}")
    end = source.find(">", start)
    if end < 0:
        raise MarkupError(f"Unclosed end tag at byte offset {_offset(source, start)}")
    tag, kind, value, begin = opened.pop()
    found = source[start + 2 : end].strip().lower()
    if found not in {"", tag}:
        raise MarkupError(
            f"Unmatched end tag at byte offset {_offset(source, start)}, "
            f'expected "</{tag}>", found "</{found}>"',
        )
    # A programming language inside <pre><code class="language-x"> marks the pre alone.
    inside_pre = kind == "code" and bool(opened) and opened[-1][1] == "pre"
    drawable = kind in _DRAWN or (kind == "text_link" and _LINKS.fullmatch(value))
    if kind == "text_link" and value.lower().startswith("http://"):
        drawable = True
    if length > begin and drawable and not inside_pre:
        spans.append(Span(begin, length, kind, value if kind == "text_link" else ""))
    return end + 1


def from_entities(text: str, entities: Sequence[Any]) -> list[Span]:
    """Spans of `MessageEntity` objects, whose offsets count UTF-16 units."""
    units = [0]
    for character in text:
        units.append(units[-1] + (2 if ord(character) > 0xFFFF else 1))
    index = {unit: position for position, unit in enumerate(units)}
    spans = []
    for entity in entities:
        start = index.get(entity.offset)
        end = index.get(entity.offset + entity.length)
        if start is not None and end is not None and start < end:
            spans.append(Span(start, end, str(entity.type), entity.url or ""))
    return spans


def trimmed(text: str, spans: Sequence[Span]) -> tuple[str, list[Span]]:
    """Text and spans without the white space at both ends, as Telegram stores them."""
    lead = len(text) - len(text.lstrip())
    kept = text.strip()
    moved = (
        Span(max(span.start - lead, 0), min(span.end - lead, len(kept)), span.type, span.value)
        for span in spans
    )
    ordered = sorted(moved, key=lambda span: (span.start, -span.end))
    return kept, [span for span in ordered if span.start < span.end][:MOST_SPANS]


def with_found(text: str, spans: Sequence[Span]) -> list[Span]:
    """The spans and those a messenger finds by itself: addresses, phone numbers, commands."""
    taken = [(span.start, span.end) for span in spans if span.type in _OPAQUE]
    found = list(spans)
    for match in _FOUND.finditer(text):
        start, end = match.span()
        if match.lastgroup == "url":
            end = start + len(match.group().rstrip(".,;:!?)'\"»“”"))
        if match.lastgroup == "phone_number" and not _phone(match.group()):
            continue
        if not any(start < stop and begin < end for begin, stop in taken):
            found.append(Span(start, end, str(match.lastgroup)))
    return sorted(found, key=lambda span: (span.start, -span.end))


def _phone(candidate: str) -> bool:
    return 7 <= sum(character.isdigit() for character in candidate) <= 15


def to_entities(text: str, spans: Sequence[Span]) -> list[dict[str, Any]]:
    """Spans in the Bot API's shape, offsets in UTF-16 units."""
    entities = []
    for span in spans:
        entity: dict[str, Any] = {
            "type": span.type,
            "offset": _units(text[: span.start]),
            "length": _units(text[span.start : span.end]),
        }
        if span.type == "text_link":
            entity["url"] = span.value
        entities.append(entity)
    return entities


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def tree(text: str, spans: Sequence[Span]) -> list[Node]:
    """The nodes the page draws. Spans that overlap without nesting are cut where they cross."""
    ordered = sorted(spans, key=lambda span: (span.start, -span.end))
    nodes, _ = _branch(text, ordered, 0, 0, len(text))
    return nodes


def _branch(
    text: str, spans: Sequence[Span], index: int, start: int, end: int
) -> tuple[list[Node], int]:
    nodes: list[Node] = []
    position = start
    while index < len(spans) and spans[index].start < end:
        span = spans[index]
        begin, stop = max(span.start, position), min(span.end, end)
        if begin >= stop:
            index += 1
            continue
        if begin > position:
            nodes.append(text[position:begin])
        children, index = _branch(text, spans, index + 1, begin, stop)
        nodes.extend(_node(span, text[begin:stop], children))
        position = stop
    if position < end:
        nodes.append(text[position:end])
    return nodes, index


def _node(span: Span, covered: str, children: list[Node]) -> list[Node]:
    if span.type in _DRAWN:
        return [{"t": _DRAWN[span.type], "c": children}]
    link = _link(span, covered)
    return [{"t": "a", "h": link, "c": children}] if link else children


def _link(span: Span, covered: str) -> str:
    """Where a span leads; empty where the page would not follow it."""
    if span.type == "text_link":
        target = span.value
    elif span.type == "email":
        target = f"mailto:{covered}"
    elif span.type == "phone_number":
        target = "tel:" + re.sub(r"[^\d+]", "", covered)
    elif span.type == "url":
        target = covered if "://" in covered else f"https://{covered}"
    else:
        return ""
    return target if _LINKS.fullmatch(target) else ""


def direction(text: str, language: str | None) -> str:
    """`rtl`, `ltr`, or `auto` where a text has no letters.

    The first letter alone (`dir="auto"`) would turn an Arabic message around that begins with a
    German office name. In a conversation in a right-to-left language a tenth of such letters is
    enough: a contact card there is Arabic words around a German address.
    """
    letters = len(_LETTER.findall(text))
    if not letters:
        return "auto"
    share = len(_RIGHT_TO_LEFT.findall(text)) / letters
    needed = 0.1 if language and language_direction(language) == "rtl" else 0.5
    return "rtl" if share > needed else "ltr"


def language_direction(language: str) -> str:
    """`rtl` for Arabic, Persian, Urdu and the like, `ltr` for all others."""
    subtags = language.lower().replace("_", "-").split("-")
    if "latn" in subtags:
        return "ltr"
    return "rtl" if subtags[0] in _RTL_LANGUAGES or "arab" in subtags else "ltr"


_RTL_LANGUAGES = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "syr", "ug", "ur"})
