"""What the office says about itself: operator, privacy, Impressum, other ways to reach people."""

from aiogram import html

from bot.knowledge import Topic
from bot.office import Office
from bot.texts import _, left_to_right
from handlers.cards import contact_card, fitting, phone_link

OFFICE_CONTACT = "integration_office"


def ways_to_reach(office: Office) -> str:
    """The office's card: from the settings where the operator set them, else from the facts."""
    settings = office.settings
    if settings.operator_name is None:
        return contact_card(office.knowledge.contacts[OFFICE_CONTACT])
    lines = [html.bold(html.quote(settings.operator_name))]
    if settings.operator_address:
        lines.append(html.quote(settings.operator_address))
    if settings.operator_phone:
        digits = "".join(c for c in settings.operator_phone if c.isdigit() or c == "+")
        number = phone_link(settings.operator_phone, f"tel:{digits}")
        lines.append(_("Phone: {number}").format(number=number))
    if settings.operator_email:
        address = left_to_right(html.quote(settings.operator_email))
        lines.append(_("E-mail: {address}").format(address=address))
    return "\n".join(lines)


def switched_off_notice(office: Office, reason: str, topic: Topic | None, place: str | None) -> str:
    """A part of the bot is off: why, and who helps meanwhile: the topic's contacts, the office."""
    shown = office.knowledge.contacts_for(topic.id, place) if topic else ()
    cards = [
        contact_card(contact, scope if place is None else None)
        for contact, scope in shown
        if contact.id != OFFICE_CONTACT
    ]
    why = _("This part is switched off at the moment. Reason: {reason}")
    return fitting(
        [why.format(reason=html.quote(reason)), *cards],
        _("Please ask the office:") + "\n" + ways_to_reach(office),
    )


def operator(office: Office) -> str:
    """The operator's name for a sentence."""
    name = office.settings.operator_name
    if name is None:
        name = "Büro für Integration, Kreis Groß-Gerau"
    return html.quote(name)


def emergency_line() -> str:
    """Where to call when every minute counts."""
    return _("In an emergency call {ambulance} (ambulance, fire) or {police} (police).").format(
        ambulance=phone_link("112", "tel:112"), police=phone_link("110", "tel:110")
    )


def introduction(office: Office) -> str:
    """Who speaks here and what is kept; said before anything is stored."""
    return "\n\n".join(
        [
            html.bold(_("Hello! I am the bot of: {operator}").format(operator=operator(office))),
            _(
                "I help people who are new in the county. "
                "Ask me anything about living here: registering, money, doctors, school, work."
            ),
            _("My answers are automatic. No person writes here."),
            emergency_line(),
            _(
                "Privacy: When you choose a language, I remember the number of this chat, "
                "your language and your town. I do not keep your name or your questions."
            )
            + " "
            + _("Delete everything: /forget. More: /privacy, /impressum"),
            _("You can also reach us like this:") + "\n" + ways_to_reach(office),
        ]
    )


def privacy(office: Office, channel: str) -> str:
    """The whole of what is kept, why and for how long."""
    lines = [
        html.bold(_("Privacy")),
        _("Responsible: {operator}").format(operator=operator(office)),
        _(
            "We keep: the number of this chat, your language, your town if you named it, "
            "which privacy text you agreed to, and the day you last wrote."
        ),
        _("We need this to answer you in your language and for your town."),
        _(
            "We do not keep: your name, your phone number, your questions, "
            "your pictures, or anything about your health, origin or religion."
        ),
        _(
            "We count without names which articles helped. When I have no answer, I keep only "
            "single known words of the question, never the whole question."
        ),
        _(
            "Events: when you want messages, we keep the topics and towns "
            "you chose, until you end them or write /stop. When you say that "
            "you are coming, or want a reminder, we keep this until 14 days "
            "after the event."
        )
        + " "
        + _(
            "We keep which announcements you got until 14 days after the event. When you block "
            "this bot, we note that and do not write to you."
        ),
        _(
            "Do you interpret for the Dolmetsch-Pool, or do you ask for an institution? Then we "
            "keep more: name, phone number, appointments. We ask you for it there."
        ),
        _(
            "What you tell in a report about racism is not kept with the "
            "number of this chat, unless you ask for a message here. It is "
            "locked when you send it. What you do not send is gone after one "
            "hour."
        ),
        _("See what we keep: /mydata. Delete everything: /forget."),
        _(
            "You may ask for information, correction and deletion, and you may complain to the "
            "data protection authority of Hesse (HBDI)."
        ),
    ]
    if channel == "telegram":
        lines.append(_("We delete everything when you have not written for one year."))
        lines.append(
            _(
                "Telegram is a company outside the European Union. Telegram can read this chat. "
                "Please do not write private things here."
            )
        )
        if office.settings.public_url:
            url = html.quote(office.settings.public_url)
            lines.append(
                _("You can use our web chat instead: {link}").format(
                    link=html.link(left_to_right(url), url)
                )
            )
    else:
        lines.append(
            _(
                "This page sets no cookies and does not keep your IP address. "
                "When you close this tab, the chat is gone for you. We delete "
                "the rest after 30 days."
            )
        )
    if office.settings.privacy_url:
        link = html.link(
            left_to_right(html.quote(office.settings.privacy_url)),
            html.quote(office.settings.privacy_url),
        )
        lines.append(_("The whole privacy text: {link}").format(link=link))
    return "\n\n".join(lines)


def impressum(office: Office) -> str:
    """Who answers for this service by law."""
    lines = [html.bold(_("Impressum (who is responsible)")), ways_to_reach(office)]
    if office.settings.impressum_url:
        url = html.quote(office.settings.impressum_url)
        lines.append(
            _("The whole Impressum: {link}").format(link=html.link(left_to_right(url), url))
        )
    if office.settings.accessibility_url:
        url = html.quote(office.settings.accessibility_url)
        lines.append(
            _("Accessibility statement: {link}").format(link=html.link(left_to_right(url), url))
        )
    return "\n\n".join(lines)
