"""Finding a doctor or counselling: specialty, language, town, access; by words or by buttons."""

from aiogram import Router, html
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.answering.directory import Found, Practice, search
from bot.answering.slots import SPECIALTIES, Slots
from bot.models import Resident
from bot.office import Office
from bot.practices import practices
from bot.switches import Module, switched_off
from bot.texts import (
    _,
    current_language,
    day,
    isolated,
    language_name,
    left_to_right,
    listing,
)
from handlers.buttons import Find, Go, Keys
from handlers.cards import fitting, found_line, phone_link
from handlers.notices import ways_to_reach

PAGE = 4
ANY_PLACE = -1


def specialty_name(specialty: str) -> str:
    """A specialty's name in words."""
    return {
        "dentist": _("Dentist"),
        "general": _("Family doctor"),
        "paediatrics": _("Children's doctor"),
        "gynaecology": _("Women's doctor"),
        "psychotherapy": _("Psychotherapy"),
        "psychiatry": _("Psychiatry"),
        "ophthalmology": _("Eye doctor"),
        "dermatology": _("Skin doctor"),
        "ent": _("Ear, nose and throat"),
        "orthopaedics": _("Bones and joints"),
        "cardiology": _("Heart doctor"),
        "internal": _("Internal medicine"),
        "neurology": _("Nerve doctor"),
        "urology": _("Urology"),
        "hospital": _("Hospital"),
        "midwife": _("Midwife"),
        "counselling": _("Counselling"),
    }[specialty]


def access_name(kind: str) -> str:
    """A kind of access in words."""
    return {
        "step_free": _("no steps"),
        "lift": _("lift"),
        "toilet": _("accessible toilet"),
        "parking": _("accessible parking"),
        "sign_language": _("sign language"),
        "easy_language": _("easy language"),
    }[kind]


def place_index(office: Office, name: str | None) -> int:
    """The position of a municipality in the list; -1 for none."""
    names = list(office.knowledge.municipalities)
    return names.index(name) if name in names else ANY_PLACE


def specialty_keys(wanted: Find) -> InlineKeyboardMarkup:
    """All specialties."""
    choices = [
        (specialty_name(name), wanted.model_copy(update={"specialty": name}))
        for name in SPECIALTIES
    ]
    return Keys().grid(choices).row((_("Menu"), Go(screen="menu"))).markup()


async def answer_directory(
    message: Message, office: Office, slots: Slots, place: str | None
) -> None:
    """Answer a wish for a doctor: what was named is taken, the resident's town fills the gap."""
    wanted = Find(
        specialty=slots.specialty or "",
        language=slots.language or "",
        place=place_index(office, slots.municipality or place),
        access=slots.barrier_free,
    )
    await show(message, office, wanted)


async def show(message: Message, office: Office, wanted: Find) -> None:
    """Ask for the specialty, or show what was found."""
    async with office.sessions.begin() as session:
        off = await switched_off(session)
        everything = await practices(session, samples=office.settings.samples)
    if Module.DIRECTORY in off:
        reason = html.quote(off[Module.DIRECTORY])
        await message.answer(
            _("This part is switched off at the moment. Reason: {reason}").format(reason=reason)
            + "\n\n"
            + ways_to_reach(office)
        )
        return
    if wanted.specialty not in SPECIALTIES:
        await message.answer(
            _("Which doctor or help do you need?"), reply_markup=specialty_keys(wanted)
        )
        return
    names = list(office.knowledge.municipalities)
    slots = Slots(
        specialty=wanted.specialty,
        language=wanted.language or None,
        municipality=names[wanted.place] if 0 <= wanted.place < len(names) else None,
    )
    found = search(everything, slots, barrier_free=wanted.access, today=office.today())
    await message.answer(
        results_text(slots, wanted, found), reply_markup=results_keys(wanted, found, slots)
    )


def results_text(slots: Slots, wanted: Find, found: Found) -> str:
    """What was looked for, which wishes had to be dropped, and one page of results."""
    looked_for = [specialty_name(wanted.specialty)]
    if slots.language:
        looked_for.append(html.quote(language_name(slots.language)))
    if slots.municipality:
        looked_for.append(isolated(html.quote(slots.municipality)))
    if wanted.access:
        looked_for.append(_("barrier-free"))
    head = _("You look for: {wishes}").format(wishes=html.bold(", ".join(looked_for)))
    if not found.results:
        return "\n\n".join(
            [head, _("I found nothing. Please ask your health insurance or 116 117.")]
        )
    parts = [head]
    if found.relaxed:
        parts.append(relaxed_line(found, slots))
    first = wanted.page * PAGE
    shown = found.results[first : first + PAGE]
    parts.append(found_line(len(found.results)))
    parts.extend(practice_card(practice) for practice in shown)
    return fitting(parts, html.italic(_("Please call first. This is an automatic answer.")))


def relaxed_line(found: Found, slots: Slots) -> str:
    """Which wishes nothing fitted, said honestly."""
    names = {
        "barrier_free": _("barrier-free"),
        "municipality": isolated(html.quote(slots.municipality or "")),
        "language": html.quote(language_name(slots.language or "de")),
    }
    dropped = listing([names[wish] for wish in found.relaxed])
    return _("Nothing fits all your wishes. I looked without: {wishes}").format(wishes=dropped)


def practice_card(practice: Practice) -> str:
    """One practice as a card; samples say that they are samples."""
    lines = [html.bold(isolated(html.quote(practice.name)))]
    if practice.sample:
        lines.append(html.bold(_("EXAMPLE: this practice does not exist.")))
    lines.append(listing([specialty_name(name) for name in practice.specialties]))
    if practice.languages:
        spoken = listing([language_name(code) for code in practice.languages])
        lines.append(_("Languages: {languages}").format(languages=spoken))
    town = " ".join(part for part in (practice.postcode, practice.town) if part)
    address = ", ".join(part for part in (practice.street, town) if part)
    if address:
        lines.append(left_to_right(html.quote(address)))
    if practice.phone:
        number = phone_link(practice.phone_display, practice.phone_uri)
        lines.append(_("Phone: {number}").format(number=number))
    if practice.email:
        lines.append(_("E-mail: {address}").format(address=html.quote(practice.email)))
    if practice.web:
        shown = practice.web.removeprefix("https://").removeprefix("http://").rstrip("/")
        link = left_to_right(html.link(html.quote(shown), html.quote(practice.web)))
        lines.append(_("Web: {link}").format(link=link))
    if practice.barrier_free:
        kinds = listing([access_name(kind) for kind in practice.barrier_free])
        lines.append(_("Access: {kinds}").format(kinds=kinds))
    note = practice.note(current_language())
    if note and not practice.sample:
        lines.append(html.quote(note))
    if practice.verified_on:
        lines.append(html.italic(_("Last confirmed: {day}").format(day=day(practice.verified_on))))
    elif not practice.sample:
        lines.append(html.italic(_("Not yet confirmed by the office.")))
    return "\n".join(lines)


def results_keys(wanted: Find, found: Found, slots: Slots) -> InlineKeyboardMarkup:
    """More results, and one button for each wish that can be added or dropped."""
    keys = Keys()
    if len(found.results) > (wanted.page + 1) * PAGE:
        keys.row((_("More"), wanted.model_copy(update={"page": wanted.page + 1})))
    first = {"page": 0}
    if wanted.access:
        label = _("Without “barrier-free”")
        keys.row((label, wanted.model_copy(update={**first, "access": False})))
    else:
        keys.row((_("Only barrier-free"), wanted.model_copy(update={**first, "access": True})))
    if slots.language:
        keys.row((_("Any language"), wanted.model_copy(update={**first, "language": ""})))
    if slots.municipality:
        keys.row((_("Any town"), wanted.model_copy(update={**first, "place": ANY_PLACE})))
    keys.row((_("Another doctor"), wanted.model_copy(update={**first, "specialty": ""})))
    keys.row((_("Menu"), Go(screen="menu")))
    return keys.markup()


async def find(
    query: CallbackQuery, callback_data: Find, office: Office, resident: Resident | None
) -> None:
    """A search by buttons; the first press takes the resident's own town."""
    if not isinstance(query.message, Message):
        return
    wanted = callback_data
    if wanted == Find() and resident is not None:
        wanted = wanted.model_copy(update={"place": place_index(office, resident.municipality)})
    await show(query.message, office, wanted)


def build_directory_router() -> Router:
    """Searching by buttons; searching by words comes through the questions."""
    router = Router(name="directory")
    router.callback_query.register(find, Find.filter())
    return router
