"""How a glossary looks in a chat."""

from aiogram import html

from bot.interpreting.glossaries import REVIEWED, Glossary
from bot.texts import _, isolated, language_name
from handlers.pool_names import topic_name


def glossary_text(glossary: Glossary) -> str:
    """Terms to prepare with, a line each, and whether a person has checked them."""
    title = _("Words for your appointment: {topic}").format(topic=topic_name(glossary.topic))
    status = (
        _("A person has checked these words.")
        if glossary.status == REVIEWED
        else _("A machine has translated these words. No person has checked them yet.")
    )
    lines = [
        html.bold(title),
        _("German and {language}").format(language=html.quote(language_name(glossary.language))),
        *(
            f"{isolated(html.quote(german))}: {isolated(html.quote(other))}"
            for german, other in glossary.terms
        ),
        html.italic(status),
    ]
    return "\n".join(lines)
