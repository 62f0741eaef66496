"""Every sentence of the code is in the catalogs, and every translation can be spoken."""

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.plurals import get_plural

from bot.texts import languages as spoken
from bot.texts import ngettext, speaking
from tests import catalogs

_TAG = re.compile(r"</?[a-z][^>]*>")
_COMMAND = re.compile(r"/[a-z]+\b")
_ALL = catalogs.languages()


def _strings(message: Message) -> list[str]:
    string = message.string
    return list(string) if isinstance(string, tuple | list) else [str(string or "")]


def _ids(message: Message) -> list[str]:
    return list(message.id) if isinstance(message.id, tuple | list) else [str(message.id)]


def _placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name}


def test_the_template_holds_the_sentences_of_the_code() -> None:
    """``make texts`` was run."""
    extracted = catalogs.extracted()
    assert len(extracted) > 200
    assert catalogs.written(extracted) == catalogs.TEMPLATE.read_bytes()


@pytest.mark.parametrize("path", _ALL, ids=lambda path: path.parent.parent.name)
def test_a_catalog_has_every_sentence_and_no_other(path: Path) -> None:
    """Complete, nothing fuzzy, nothing left over."""
    catalog = catalogs.read(path)
    template = {
        (message.context, str(message.id)) for message in catalogs.extracted() if message.id
    }
    present = {(message.context, str(message.id)) for message in catalog if message.id}
    assert present == template
    assert [m.id for m in catalog if m.id and not all(_strings(m))] == []
    assert [m.id for m in catalog if m.id and m.fuzzy] == []
    assert not catalog.obsolete


@pytest.mark.parametrize("path", _ALL, ids=lambda path: path.parent.parent.name)
def test_a_translation_keeps_placeholders_tags_and_commands(path: Path) -> None:
    """What the code fills in, and what can be tapped, is the same in every language."""
    for message in catalogs.read(path):
        if not message.id:
            continue
        for string in _strings(message):
            wanted = _ids(message)[-1]
            assert _placeholders(string) == _placeholders(wanted), message.id
            assert sorted(_TAG.findall(string)) == sorted(_TAG.findall(wanted)), message.id
            assert sorted(_COMMAND.findall(string)) == sorted(_COMMAND.findall(wanted)), message.id


@pytest.mark.parametrize("path", _ALL, ids=lambda path: path.parent.parent.name)
def test_every_sentence_can_be_rendered(path: Path) -> None:
    """With sample values in every brace, in every plural form, as Telegram's HTML."""
    catalog = catalogs.read(path)
    language = path.parent.parent.name
    rendered = 0
    for message in catalog:
        if not message.id:
            continue
        strings = _strings(message)
        if isinstance(message.id, tuple | list):
            assert len(strings) == get_plural(language).num_plurals, message.id
        for string in strings:
            said = string.format(**{name: "12" for name in _placeholders(string)})
            assert "{" not in said, message.id
            assert said.strip(), message.id
            assert said.count("\n") == _ids(message)[-1].count("\n"), message.id
            balanced = re.sub(r"<(b|i|code)>([^<]*)</\1>", r"\2", said)
            assert not _TAG.search(balanced), message.id
            rendered += 1
    assert rendered > 1_000


@pytest.mark.parametrize("path", _ALL, ids=lambda path: path.parent.parent.name)
def test_plurals_are_spoken_as_the_language_has_them(path: Path) -> None:
    """Every count from 0 to 120 finds a form, and it holds the count."""
    with speaking(path.parent.parent.name):
        for count in range(121):
            said = ngettext("{count} message", "{count} messages", count).format(count=count)
            assert str(count) in said


def test_eleven_languages_are_spoken() -> None:
    """The office's language comes first; English needs no catalog."""
    assert spoken()[0] == "de"
    assert set(spoken()) == {"de", "en", "tr", "ar", "uk", "ru", "ro", "bg", "el", "pl", "fa"}
