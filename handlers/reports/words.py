"""The words of the questions and choices of a report, in the language that is being spoken."""

from typing import Any

from bot.reports.interview import ELSEWHERE, ONLINE, Others, Place, Probe, When
from bot.reports.pictures import Hidden
from bot.reports.redaction import Reveals
from bot.reports.told import Form, Motive, Part, Police, Wish
from bot.texts import OFFICE_LANGUAGE, _, listing, speaking


def question(probe: Probe) -> str:
    """A neutral question. None of them asks for a reason."""
    return {
        Probe.PART: _("Which of these fits you?"),
        Probe.WHEN: _("When was it? Roughly is enough. You can also write it."),
        Probe.TOWN: _("In which town was it? You can also write it."),
        Probe.PLACE: _("What kind of place was it? You can also write it."),
        Probe.FORMS: _("What was it? You can choose several."),
        Probe.MOTIVES: _("What was it about, as far as you can tell? You can choose several."),
        Probe.OTHERS: _("Was anybody else there? You can also write it."),
        Probe.AFTERWARDS: _("What happened afterwards? Please write it in your own words."),
        Probe.POLICE: _("Do the police know about it? Any answer is fine."),
        Probe.WISH: _("What do you wish for?"),
        Probe.CONTACT: _(
            "How may the case workers reach you? Write only what you want to "
            "share. You can also skip this question: with your receipt you "
            "can read the answer here."
        ),
    }[probe]


def title(probe: Probe) -> str:
    """What a question is about, for the preview."""
    return {
        Probe.PART: _("Your part"),
        Probe.WHEN: _("When"),
        Probe.TOWN: _("Town"),
        Probe.PLACE: _("Kind of place"),
        Probe.FORMS: _("What it was"),
        Probe.MOTIVES: _("What it was about"),
        Probe.OTHERS: _("Others"),
        Probe.AFTERWARDS: _("Afterwards"),
        Probe.POLICE: _("Police"),
        Probe.WISH: _("Your wish"),
        Probe.CONTACT: _("How to reach you"),
    }[probe]


def choice_words(probe: Probe, choice: str) -> str:
    """A choice in words; a town is its own name."""
    words: dict[Probe, dict[Any, str]] = {
        Probe.PART: {
            Part.MYSELF: _("It happened to me"),
            Part.WITNESS: _("I was there or saw it"),
            Part.FOR_SOMEONE: _("I write for somebody else"),
        },
        Probe.WHEN: {
            When.TODAY: _("Today"),
            When.THIS_WEEK: _("In the last days"),
            When.THIS_MONTH: _("In the last weeks"),
            When.LONGER_AGO: _("Longer ago"),
            When.AGAIN: _("Again and again"),
        },
        Probe.TOWN: {
            ELSEWHERE: _("Outside the county"),
            ONLINE: _("On the internet"),
        },
        Probe.PLACE: {
            Place.STREET: _("Street or square"),
            Place.TRANSPORT: _("Bus, train or stop"),
            Place.SCHOOL: _("School or Kita"),
            Place.WORK: _("At work"),
            Place.OFFICE: _("Public office"),
            Place.HOME: _("At home or in the house"),
            Place.SHOP: _("Shop or restaurant"),
            Place.DOCTOR: _("Doctor or hospital"),
            Place.ONLINE: _("On the internet"),
            Place.OTHER: _("Another place"),
        },
        Probe.FORMS: {
            Form.WORDS: _("Words"),
            Form.ATTACK: _("Physical attack"),
            Form.THREAT: _("Threat"),
            Form.SYMBOL: _("Sticker, graffiti or symbol"),
            Form.PRINT: _("Leaflet, letter or newspaper"),
            Form.ONLINE: _("On the internet"),
            Form.AUTHORITY: _("By an office or the police"),
            Form.OTHER: _("Something else"),
        },
        Probe.MOTIVES: {
            Motive.BLACK: _("Against Black people"),
            Motive.MUSLIM: _("Against Muslims"),
            Motive.ANTISEMITIC: _("Against Jewish people"),
            Motive.ROMA: _("Against Sinti and Roma"),
            Motive.ASIAN: _("Against Asian people"),
            Motive.EASTERN: _("Against people from Eastern Europe"),
            Motive.REFUGEE: _("Against refugees"),
            Motive.ORIGIN: _("Origin or language"),
            Motive.RELIGION: _("Religion"),
            Motive.GENDER: _("Woman, man or another gender"),
            Motive.QUEER: _("Lesbian, gay, trans or queer"),
            Motive.DISABILITY: _("Disability"),
            Motive.SOCIAL: _("Poor or homeless"),
            Motive.OTHER: _("Something else"),
            Motive.UNKNOWN: _("I do not know"),
        },
        Probe.OTHERS: {
            Others.NOBODY: _("Nobody"),
            Others.KNOWN: _("People I know"),
            Others.STRANGERS: _("People I do not know"),
            Others.UNKNOWN: _("I do not know"),
        },
        Probe.POLICE: {
            Police.YES: _("Yes"),
            Police.NO: _("No"),
            Police.UNKNOWN: _("I do not know"),
        },
        Probe.WISH: {
            Wish.ADVICE: _("I would like advice"),
            Wish.DOCUMENT: _("Only write it down and count it"),
            Wish.CONTACT: _("I would like to be contacted"),
        },
    }
    return words.get(probe, {}).get(choice, choice)


def german(probe: Probe, choice: str) -> str:
    """A choice in the office's language, for the case workers."""
    with speaking(OFFICE_LANGUAGE):
        return choice_words(probe, choice)


def revealed(reveals: Reveals) -> str:
    """What a passage may reveal."""
    return {
        Reveals.IBAN: _("Bank account"),
        Reveals.EMAIL: _("E-mail address"),
        Reveals.ACCOUNT: _("Name on the internet"),
        Reveals.PHONE: _("Number"),
        Reveals.PLATE: _("Number plate"),
        Reveals.ADDRESS: _("Address"),
        Reveals.NAME: _("Name"),
    }[reveals]


def left_out_mark(reveals: Reveals) -> str:
    """What the case workers read in place of what was left out: in their language."""
    with speaking(OFFICE_LANGUAGE):
        return f"[{left_out_words(reveals)}]"


def left_out_words(reveals: Reveals) -> str:
    """What the reporter reads there."""
    return _("{kind}: left out").format(kind=revealed(reveals))


def hidden_words(hidden: tuple[Hidden, ...]) -> str:
    """What was found in a picture: "place and camera"."""
    names = {
        Hidden.PLACE: _("where it was taken"),
        Hidden.CAMERA: _("camera"),
        Hidden.TIME: _("time"),
        Hidden.NAME: _("name"),
        Hidden.OTHER: _("other notes"),
    }
    return listing([names[one] for one in hidden])
