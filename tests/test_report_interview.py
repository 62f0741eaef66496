"""What is asked in a report, what is noticed by itself, and what may be left out of it."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import TooMuchTold
from bot.models import Chat
from bot.reports.drafts import Drafts
from bot.reports.interview import (
    QUESTIONS,
    Answer,
    Probe,
    may_choose,
    missing,
    noticed,
    place_of,
    toggled,
    written,
)
from bot.reports.redaction import Reveals, first_names, leave_out, passages
from bot.reports.telling import Before, Door, Draft, talk_of
from bot.reports.told import Form, Wish

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HERE = Chat("telegram", 1)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Rufen Sie mich an: 0176 12345678", {Reveals.PHONE: "0176 12345678"}),
        ("+49 (0)6152/989-772 war es", {Reveals.PHONE: "+49 (0)6152/989-772"}),
        ("رقمه ٠١٧٦١٢٣٤٥٦٧٨", {Reveals.PHONE: "٠١٧٦١٢٣٤٥٦٧٨"}),
        ("schreib an a.b-c@web.de.", {Reveals.EMAIL: "a.b-c@web.de"}),
        ("er heißt @boese_1 auf telegram", {Reveals.ACCOUNT: "@boese_1"}),
        ("https://www.instagram.com/hass.hans/", {Reveals.ACCOUNT: "https://www.instagram.com/"}),
        ("Das Auto: GG-AB 123.", {Reveals.PLATE: "GG-AB 123"}),
        ("auto gg-ab 123", {Reveals.PLATE: "gg-ab 123"}),
        ("GG XY 77 E stand da", {Reveals.PLATE: "GG XY 77 E"}),
        ("DE89 3704 0044 0532 0130 00", {Reveals.IBAN: "DE89 3704 0044 0532 0130 00"}),
        ("GB82 WEST 1234 5698 7654 32", {Reveals.IBAN: "GB82 WEST 1234 5698 7654 32"}),
        ("In der Wilhelm-Seipp-Straße 4 war es", {Reveals.ADDRESS: "Wilhelm-Seipp-Straße 4"}),
        ("wohnt bahnhofstr. 12 b", {Reveals.ADDRESS: "bahnhofstr. 12 b"}),
        ("Mehmet Yılmaz hat gelacht", {Reveals.NAME: "Mehmet Yılmaz"}),
        ("Annas Bruder kam", {Reveals.NAME: "Annas Bruder"}),
        ("Frau Dr. Zwetschgenknödel sagte", {Reveals.NAME: "Zwetschgenknödel"}),
        ("my name is xhevahire", {Reveals.NAME: "xhevahire"}),
        ("اسمي محمد", {Reveals.NAME: "محمد"}),
        ("меня толкнул Сергеем", {Reveals.NAME: "Сергеем"}),
        ("Herr Kowalski-Braun lachte", {Reveals.NAME: "Kowalski-Braun"}),
    ],
)
def test_what_may_reveal_somebody_is_found(text: str, found: dict[Reveals, str]) -> None:
    """Numbers, addresses and names, in the scripts people write."""
    seen = {passage.reveals: passage.words for passage in passages(text)}
    assert set(seen) == set(found)
    for reveals, words in found.items():
        assert seen[reveals].startswith(words)


@pytest.mark.parametrize(
    "text",
    [
        "Am 12.03.2026 um 14:30 Uhr, 2019-2020, 50 Euro, Bus 752",
        "Ein Mann, etwa 1,80 groß, 40 bis 50 Jahre alt. Er trug eine rote Jacke.",
        "The woman at the bus stop shouted and left at 17:05.",
        "Der Arbeiter im Park hat die Polizei gerufen.",
    ],
)
def test_ordinary_words_are_left_in_peace(text: str) -> None:
    """A preview full of marks would hide the ones that matter."""
    assert passages(text) == []


def test_the_shipped_list_has_names_of_many_communities() -> None:
    """A list that failed to load would find nobody."""
    assert len(first_names()) > 1200
    assert {"mehmet", "fatima", "محمد", "оксана", "ናቡኬ"} - first_names() == {"ናቡኬ"}


def test_leaving_out_takes_every_place() -> None:
    """One tap for a name that was said three times; other names stay."""
    text = "Mehmet kam. Ich kenne Mehmet. Danach kam Ali. Mehmet ging."
    left = leave_out(text, {"Mehmet"}, lambda reveals: f"[{reveals}]")
    assert left == "[name] kam. Ich kenne [name]. Danach kam Ali. [name] ging."


@given(st.text(max_size=300))
def test_no_text_breaks_the_search(text: str) -> None:
    """Passages are in order, apart, and say what stands there; leaving out all leaves none."""
    found = passages(text)
    for one, other in itertools.pairwise(found):
        assert one.end <= other.start
    assert all(text[passage.start : passage.end] == passage.words for passage in found)
    gone = leave_out(text, {passage.words for passage in found}, lambda _reveals: "")
    assert len(gone) == len(text) - sum(len(passage.words) for passage in found)


def test_every_question_is_asked_once_and_may_be_passed_over() -> None:
    """Passing over everything ends the interview."""
    answers: dict[Probe, Answer] = {}
    asked = []
    while (probe := missing(answers)) is not None:
        asked.append(probe)
        answers[probe] = Answer()
    assert asked == [probe for probe in Probe if probe is not Probe.CONTACT]
    assert place_of(Probe.WISH, answers) == (10, 10)
    assert place_of(Probe.WISH, answers, {Probe.TOWN}) == (9, 9)


def test_who_wants_contact_is_asked_how() -> None:
    """Only then."""
    answers: dict[Probe, Answer] = {
        probe: Answer() for probe in Probe if probe is not Probe.CONTACT
    }
    answers[Probe.WISH] = Answer((Wish.CONTACT,))
    assert missing(answers) is Probe.CONTACT


def test_several_forms_at_once_and_back() -> None:
    """Pressed again is taken back; the order is that of the list."""
    answer = toggled(Probe.FORMS, Answer(), Form.THREAT)
    answer = toggled(Probe.FORMS, answer, Form.WORDS)
    assert answer.chosen == (Form.WORDS, Form.THREAT)
    assert toggled(Probe.FORMS, answer, Form.WORDS).chosen == (Form.THREAT,)
    assert toggled(Probe.PART, Answer(("witness",)), "myself").chosen == ("myself",)


def test_forged_choices_are_no_choices() -> None:
    """Only what a question offers."""
    assert may_choose(Probe.PART, "witness", ())
    assert not may_choose(Probe.PART, "words", ())
    assert may_choose(Probe.TOWN, "Raunheim", ["Raunheim"])
    assert not may_choose(Probe.TOWN, "Mainz", ["Raunheim"])
    assert all(question.choices or question.words for question in QUESTIONS.values())


def test_what_was_told_is_not_asked_again() -> None:
    """A town and a date; two towns are not decided for anybody."""
    seen = noticed(["Gestern im Bus in Raunheim hat mich ein Mann beschimpft"])
    assert seen[Probe.TOWN].chosen == ("Raunheim",)
    assert Probe.WHEN in seen
    assert Probe.TOWN not in noticed(["von Trebur nach Raunheim"])
    assert noticed(["am 12.3. war es"])[Probe.WHEN].words == "12.3."
    assert noticed(["er lief 24/7 herum, 1,5 Stunden"]) == {}


def test_a_town_in_own_words() -> None:
    """Known by its name, and the words stay."""
    assert written(Probe.TOWN, "am bahnhof in raunheim").chosen == ("Raunheim",)
    assert written(Probe.TOWN, "Mainz").chosen == ()


def test_the_door_holds_a_message_for_an_hour() -> None:
    """With which somebody came, until they decide."""
    door = Door()
    door.hold(HERE, Before("etwas", 5, "de", NOW))
    assert door.stands(HERE, NOW + timedelta(minutes=9))
    door.hold(HERE, Before("mehr", 6, "de", NOW + timedelta(minutes=2)))
    held = door.held(HERE, NOW + timedelta(minutes=59))
    assert [one.message_id for one in held] == [5, 6]
    assert door.held(HERE, NOW) == ()
    assert not door.stands(HERE, NOW)
    door.hold(HERE, Before("etwas", 5, "de", NOW))
    assert not door.stands(HERE, NOW + timedelta(minutes=11))
    assert door.held(HERE, NOW + timedelta(minutes=61)) == ()


def test_the_door_knows_who_did_not_leave() -> None:
    """To tell them that nothing was kept."""
    door = Door()
    door.inside(HERE, NOW)
    assert door.is_inside(HERE)
    door.leave(HERE)
    assert not door.is_inside(HERE)


def test_a_correction_replaces_its_message() -> None:
    """Whoever edits a message in Telegram means the new words."""
    draft = Draft()
    draft.tell("eins", 1)
    draft.tell("zwei", 2)
    draft.tell("EINS", 1)
    assert [piece.text for piece in draft.pieces] == ["EINS", "zwei"]
    with pytest.raises(TooMuchTold):
        draft.tell("x" * 60_001, 3)


def test_nothing_told_shows_in_a_representation() -> None:
    """Whatever an error quotes."""
    private = Drafts().open(HERE, "de", NOW)
    talk = talk_of(private)
    talk.draft.tell("Zwetschge", 1)
    talk.draft.answers[Probe.WHEN] = Answer((), "Zwetschge")
    for thing in (private, talk, talk.draft, talk.draft.pieces, talk.draft.answers):
        assert "Zwetschge" not in repr(thing)
