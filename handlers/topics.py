"""All topics by chapter, for those who would rather press than write."""

from aiogram import F, Router, html
from aiogram.types import CallbackQuery, Message

from bot.knowledge import Topic
from bot.office import Office
from bot.texts import _
from handlers.buttons import Go, Keys, ShowTopic


def title_of(topic: Topic, language: str) -> str:
    """A topic's title in a language or in German."""
    article = topic.article(language)
    return article.title if article else ""


async def browse(query: CallbackQuery, callback_data: Go, office: Office, language: str) -> None:
    """All topics by chapter, for those who would rather press than write."""
    message = query.message
    if not isinstance(message, Message):
        return
    keys = Keys()
    if callback_data.screen == "books":
        for chapter in chapters(office):
            keys.row((chapter_name(chapter), Go(screen="chapter", item=chapter)))
        text = _("Choose a chapter:")
    else:
        topics = chapters(office).get(callback_data.item, [])
        for topic in topics:
            keys.row((title_of(topic, language), ShowTopic(topic_id=topic.id)))
        keys.row((_("All topics"), Go(screen="books")))
        text = html.bold(chapter_name(callback_data.item)) if topics else _("Choose a chapter:")
    keys.row((_("Menu"), Go(screen="menu")))
    await message.answer(text, reply_markup=keys.markup())


def chapters(office: Office) -> dict[str, list[Topic]]:
    """Topics by "book.chapter", in the books' order."""
    found: dict[str, list[Topic]] = {}
    for topic in office.knowledge.topics.values():
        found.setdefault(f"{topic.book}.{topic.chapter}", []).append(topic)
    return found


def chapter_name(chapter: str) -> str:
    """A chapter's name in words."""
    names = {
        "kreis_kompass.emergency": _("In an emergency"),
        "kreis_kompass.first-contact": _("First contacts"),
        "kreis_kompass.language": _("Learning German and interpreters"),
        "kreis_kompass.residence": _("Registering and residence"),
        "kreis_kompass.living-together": _("Living together"),
        "kreis_kompass.work": _("Work"),
        "kreis_kompass.money": _("Money"),
        "kreis_kompass.housing": _("Housing"),
        "kreis_kompass.mobility": _("Getting around"),
        "kreis_kompass.children": _("Children and school"),
        "kreis_kompass.family": _("Family"),
        "kreis_kompass.education": _("Studying"),
        "kreis_kompass.law": _("Law"),
        "gesund.doctors": _("Health: doctors"),
        "gesund.emergency": _("Health: in an emergency"),
        "gesund.medicine": _("Health: medicine"),
        "gesund.insurance": _("Health: insurance"),
        "gesund.prevention": _("Health: prevention"),
        "gesund.women": _("Health: women"),
        "gesund.mind": _("Health: the mind"),
    }
    return names.get(chapter, chapter)


def build_topics_router() -> Router:
    """Chapters and their titles."""
    router = Router(name="topics")
    router.callback_query.register(browse, Go.filter(F.screen.in_({"books", "chapter"})))
    return router
