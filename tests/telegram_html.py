"""Telegram's HTML as its server reads it: stricter than a browser, and with fewer entities.

Follows ``parse_html`` of tdlib: a bare "<" is a mistake, an ampersand is not; only four named
entities exist; offsets count UTF-16 units.
"""

import re
from typing import Any

_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote",
    "tg-spoiler": "spoiler", "span": "spoiler", "tg-emoji": "custom_emoji",
}  # fmt: skip
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPACE = " \t\r\n\v\f\0"
# Addresses that Telegram makes a link of. It drops the others and leaves the words; apps find
# phone numbers by themselves, so a "tel:" link is no mistake.
SCHEMES = ("http://", "https://", "tg://", "tel:", "mailto:")


class BadRequestError(Exception):
    """Telegram's answer 400 with this description."""


def utf16_length(text: str) -> int:
    """Length as Telegram counts: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _refuse(why: str) -> BadRequestError:
    return BadRequestError(f"Bad Request: can't parse entities: {why}")


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.at = 0
        self.text: list[str] = []
        self.length = 0
        self.entities: list[dict[str, Any]] = []
        self.links: list[str] = []
        self._open: list[tuple[str, dict[str, str], int, int]] = []

    def read(self) -> None:
        while self.at < len(self.html):
            if self.html[self.at] != "<":
                self._add(self._character())
            elif self.html.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        if self._open:
            raise _refuse(f'Can\'t find end tag corresponding to start tag "{self._open[-1][0]}"')

    def _add(self, text: str) -> None:
        self.text.append(text)
        self.length += utf16_length(text)

    def _character(self) -> str:
        """The next character, or the one an entity stands for; a lone ampersand is one itself."""
        if self.html[self.at] == "&":
            end = self.at + 1
            while end < len(self.html) and (self.html[end].isalnum() or self.html[end] == "#"):
                end += 1
            found = _entity(self.html[self.at + 1 : end])
            if found:
                self.at = end + (self.html[end : end + 1] == ";")
                return found
        self.at += 1
        return self.html[self.at - 1]

    def _until(self, stops: str) -> str:
        begin = self.at
        while self.at < len(self.html) and self.html[self.at] not in stops:
            self.at += 1
        return self.html[begin : self.at]

    def _skip_space(self) -> None:
        while self.at < len(self.html) and self.html[self.at] in _SPACE:
            self.at += 1

    def _start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self._until(_SPACE + ">").lower()
        if self.at >= len(self.html):
            raise _refuse(f"Unclosed start tag at byte offset {begin}")
        if name not in _TAGS:
            raise _refuse(f'Unsupported start tag "{name}" at byte offset {begin}')
        attributes = self._attributes(begin)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _refuse(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        if name == "blockquote" and any(tag == "blockquote" for tag, *_rest in self._open):
            raise _refuse("Blockquote entities can't be nested")
        self._open.append((name, attributes, self.length, len(self.text)))

    def _attributes(self, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._skip_space()
            if self.at >= len(self.html):
                raise _refuse(f"Unclosed start tag at byte offset {begin}")
            if self.html[self.at] == ">":
                self.at += 1
                return attributes
            name = self._until(_SPACE + "=>").lower()
            if not name:
                raise _refuse(f"Empty attribute name in the tag at byte offset {begin}")
            self._skip_space()
            if self.html[self.at : self.at + 1] != "=":
                if name == "expandable":
                    attributes[name] = ""
                    continue
                raise _refuse(f"Expected equal sign in declaration of {name!r} at {begin}")
            self.at += 1
            self._skip_space()
            attributes[name] = self._value(begin)

    def _value(self, begin: int) -> str:
        quote = self.html[self.at : self.at + 1]
        if quote not in {'"', "'"}:
            begun = self.at
            while re.match(r"[A-Za-z0-9.-]", self.html[self.at : self.at + 1]):
                self.at += 1
            value = self.html[begun : self.at]
            if self.html[self.at : self.at + 1] not in {*_SPACE, ">"}:
                raise _refuse(f"Unexpected end of name token at byte offset {begin}")
            return value.lower()
        self.at += 1
        parts = []
        while self.at < len(self.html) and self.html[self.at] != quote:
            parts.append(self._character())
        if self.at >= len(self.html):
            raise _refuse(f"Unclosed start tag at byte offset {begin}")
        self.at += 1
        return "".join(parts)

    def _end_tag(self) -> None:
        begin = self.at
        if not self._open:
            raise _refuse(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        name = self._until(_SPACE + ">").lower()
        self._skip_space()
        if self.html[self.at : self.at + 1] != ">":
            raise _refuse(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened, attributes, offset, first = self._open.pop()
        if name and name != opened:
            raise _refuse(
                f'Unmatched end tag at byte offset {begin}, expected "</{opened}>", '
                f'found "</{name}>"'
            )
        if self.length == offset:
            return
        entity = {"type": _TAGS[opened], "offset": offset, "length": self.length - offset}
        if opened == "a":
            address = attributes.get("href") or "".join(self.text[first:])
            self.links.append(address)
            if not address.startswith(SCHEMES[:3]):
                return
            entity["url"] = address
        if opened == "tg-emoji":
            entity["custom_emoji_id"] = attributes.get("emoji-id", "")
        self.entities.append(entity)


def _entity(name: str) -> str:
    if name.startswith("#"):
        try:
            number = int(name[2:], 16) if name[1:2] in {"x", "X"} else int(name[1:])
        except ValueError:
            return ""
        return chr(number) if 0 < number < 0x10FFFF else ""
    return _NAMED.get(name, "")


def parse(html: str) -> tuple[str, list[dict[str, Any]]]:
    """The text and its entities; ``BadRequestError`` for what Telegram cannot parse."""
    reader = _Reader(html)
    reader.read()
    entities = sorted(reader.entities, key=lambda part: (part["offset"], -part["length"]))
    return "".join(reader.text), entities


def plain(html: str) -> str:
    """The text of Telegram's HTML; ``BadRequestError`` for what Telegram cannot parse."""
    return parse(html)[0]


def links(html: str) -> list[str]:
    """The addresses that the text links to, in order of their ends."""
    reader = _Reader(html)
    reader.read()
    return reader.links
