"""What a translation must share with its German text: facts, figures, length, contacts."""

import re
from collections import Counter
from collections.abc import Iterator

from bot.knowledge.records import GERMAN, Article, Contact
from bot.knowledge.rendering import PLACEHOLDER

LONGEST = 1.6
"""A translation that is longer than so many times the German says something else, or too much."""

_NUMBER = re.compile(r"\d+")
_BOLD = re.compile(r"\*\*")


def facts_in(article: Article) -> Counter[str]:
    """The names of facts in an article, each as often as it stands there."""
    return Counter(PLACEHOLDER.findall(f"{article.title}\n{article.body}"))


def numbers_in(text: str) -> set[str]:
    """The figures written out in a text, in any script's digits, as Latin ones."""
    plain = PLACEHOLDER.sub("", text)
    return {str(int(number)) for number in _NUMBER.findall(plain)}


def differences(german: Article, article: Article) -> Iterator[str]:
    """What a translation lacks of its German text or has too much of, one sentence each."""
    wanted, found = facts_in(german), facts_in(article)
    for name in sorted(wanted.keys() - found.keys()):
        yield f"{{{name}}} fehlt; im deutschen Text steht es."
    for name in sorted(found.keys() - wanted.keys()):
        yield f"{{{name}}} steht nicht im deutschen Text."
    here, there = numbers_in(german.body), numbers_in(article.body)
    for number in sorted(there - here):
        yield f"Die Zahl {number} steht nicht im deutschen Text."
    for number in sorted(here - there):
        yield f"Die Zahl {number} fehlt; im deutschen Text steht sie."
    length = len(article.body) / max(1, len(german.body))
    if length > LONGEST:
        yield f"{length:.1f}-mal so lang wie der deutsche Text (höchstens {LONGEST})."
    if len(_BOLD.findall(article.body)) % 2:
        yield "Ein ** hat kein Gegenstück."


def wrong_with_translation(contact: Contact, language: str) -> Iterator[str]:
    """What a contact's words in a language lack or have too much of, one sentence each."""
    name = contact.names.get(language, "")
    if not name:
        yield "hat hier keinen Namen (name)."
    about, german = contact.about.get(language, ""), contact.about.get(GERMAN, "")
    if bool(about) != bool(german):
        yield "about fehlt hier." if german else "hat about, das es im Deutschen nicht gibt."
    elif numbers_in(about) != numbers_in(german):
        yield f"about nennt andere Zahlen als im Deutschen: {about}"
    for phone in contact.phones:
        if phone.notes.get(GERMAN) and not phone.notes.get(language):
            yield f"„{phone.notes[GERMAN]}“ fehlt in [phone-notes]."
