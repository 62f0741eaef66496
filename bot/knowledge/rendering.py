"""An article's body as Telegram's HTML subset and as plain text, with the facts put in.

Bodies are CommonMark of which only paragraphs, "- " lists and **bold** are used. Whatever else
stands there is shown as its plain words; everything is HTML-escaped.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.knowledge.formatting import AsOfPhrase, format_as_of, format_fact
from bot.knowledge.records import Fact

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_SENTENCE_END = re.compile(r"[.!?:;](\s|$)")
_UNKNOWN = "…"  # better a gap than a name in braces; `problems` reports it
_BULLET = "• "

_markdown = MarkdownIt("commonmark", {"html": False})


@dataclass(slots=True)
class _Block:
    """One paragraph or list item: pieces of text, each bold or not."""

    in_list: bool
    pieces: list[tuple[str, bool]]


def parse(body: str) -> list[Token]:
    """The Markdown tokens of a body."""
    return _markdown.parse(body)


def render_html(
    body: str, facts: Mapping[str, Fact], language: str, as_of_phrase: AsOfPhrase
) -> str:
    """The body as Telegram HTML: ``<b>``, line breaks and "• " for lists, all else escaped.

    ``as_of_phrase`` turns a date in words into the words that follow a medium fact:
    ``"2025"`` → ``"Stand: 2025"``.
    """
    return _render(body, facts, language, as_of_phrase, as_html=True)


def render_plain(
    body: str, facts: Mapping[str, Fact], language: str, as_of_phrase: AsOfPhrase
) -> str:
    """The body as plain text with the same lines and bullets."""
    return _render(body, facts, language, as_of_phrase, as_html=False)


def with_facts(
    text: str, facts: Mapping[str, Fact], language: str, as_of_phrase: AsOfPhrase
) -> str:
    """A text with its {names} replaced by values, each medium one followed by its as-of.

    Where several medium facts of one as-of stand in a sentence, the last of them carries it.
    """
    matches = list(PLACEHOLDER.finditer(text))
    result: list[str] = []
    end = 0
    for position, match in enumerate(matches):
        following = matches[position + 1] if position + 1 < len(matches) else None
        between = text[match.end() : following.start()] if following else ""
        result += [text[end : match.start()], _fact_in_words(match[1], facts, language)]
        as_of = _shown_as_of(match[1], facts)
        same_sentence = following is not None and not _SENTENCE_END.search(between)
        repeated = same_sentence and following and as_of == _shown_as_of(following[1], facts)
        if as_of and not repeated:
            result.append(f" ({as_of_phrase(format_as_of(as_of, language))})")
        end = match.end()
    return "".join(result) + text[end:]


def _shown_as_of(name: str, facts: Mapping[str, Fact]) -> str:
    fact = facts.get(name)
    return fact.as_of if fact and fact.confidence == "medium" else ""


def _fact_in_words(name: str, facts: Mapping[str, Fact], language: str) -> str:
    return format_fact(facts[name], language) if name in facts else _UNKNOWN


def _render(
    body: str,
    facts: Mapping[str, Fact],
    language: str,
    as_of_phrase: AsOfPhrase,
    *,
    as_html: bool,
) -> str:
    lines: list[str] = []
    before: _Block | None = None
    for block in _blocks(parse(body)):
        if before:
            lines.append("\n" if block.in_list else "\n\n")
        # Facts are put in before the text is cut into bold and not bold, so that a sentence is
        # seen whole.
        shown = _filled(block.pieces, facts, language, as_of_phrase)
        lines.append(_BULLET if block.in_list else "")
        lines += [_piece(text, bold, as_html=as_html) for text, bold in shown if text]
        before = block
    return "".join(lines)


def _filled(
    pieces: list[tuple[str, bool]],
    facts: Mapping[str, Fact],
    language: str,
    as_of_phrase: AsOfPhrase,
) -> Iterable[tuple[str, bool]]:
    if not pieces:
        return ()
    edge = "\x00"  # not in any Markdown token: CommonMark replaces it
    joined = edge.join(text for text, _ in pieces)
    filled = with_facts(joined, facts, language, as_of_phrase).split(edge)
    return zip(filled, (bold for _, bold in pieces), strict=True)


def _piece(text: str, bold: bool, *, as_html: bool) -> str:
    if not as_html:
        return text
    escaped = html.escape(text, quote=False)
    return f"<b>{escaped}</b>" if bold else escaped


def _blocks(tokens: list[Token]) -> Iterator[_Block]:
    depth = 0
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "inline":
            yield _Block(depth > 0, list(_pieces(token.children or [])))
        elif token.content.strip():
            yield _Block(depth > 0, [(token.content.strip(), False)])


def _pieces(children: list[Token]) -> Iterator[tuple[str, bool]]:
    bold = 0
    for child in children:
        if child.type == "strong_open":
            bold += 1
        elif child.type == "strong_close":
            bold -= 1
        elif child.type == "softbreak":
            yield " ", bold > 0
        elif child.type == "hardbreak":
            yield "\n", bold > 0
        elif child.content:
            yield child.content, bold > 0
