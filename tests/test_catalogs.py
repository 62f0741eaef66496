"""Every sentence of the code is in the catalogs, and every translation can be spoken."""

import re
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message

from bot.texts import languages as spoken
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


def test_german_and_english_are_spoken() -> None:
    """The office's language comes first; English needs no catalog."""
    assert spoken()[0] == "de"
    assert "en" in spoken()
