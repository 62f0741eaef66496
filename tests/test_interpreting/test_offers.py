"""A request finds its interpreter: who is asked, who is first, who is told what."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.db import Sessions, create_engine
from bot.errors import AlreadyTaken, DoesNotFit, NothingToDo, NotVolunteer, OfferOver
from bot.interpreting import (
    Answer,
    Seat,
    State,
    accept_offer,
    decline_offer,
    details,
    my_offers,
    my_seats,
    open_request,
    request_summary,
    volunteer_unreachable,
)
from bot.models import Assignment, Chat, Offer, Volunteer, VolunteerTally
from bot.settings import Settings
from bot.volunteers import Gender, Mode, Topic, pause, suspend_volunteer
from tests.pool import Pool


@pytest_asyncio.fixture
async def colleague(settings: Settings) -> AsyncIterator[Sessions]:
    """The database connections of a second process."""
    sessions = Sessions(create_engine(settings.database))
    yield sessions
    await sessions.engine.dispose()


async def test_a_yes_gets_the_appointment_and_both_sides_are_told(pool: Pool) -> None:
    """And the ledger has its row."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    assert (await pool.kinds(amina))[-1] == "offer"
    assert await pool.accept(amina, number) is Seat.INTERPRETER
    request = await pool.request(number)
    assert request.state == State.FILLED
    assert (await pool.kinds(amina))[-1] == "details"
    assert (await pool.kinds(kita[0]))[-1] == "found"
    async with pool.sessions.begin() as session:
        [row] = await session.scalars(select(Assignment))
        assert (row.planned_minutes, row.institution_name) == (60, "Kita Sonnenschein")
        [held] = await my_seats(session, amina, pool.now)
        assert held.seat is Seat.INTERPRETER


async def test_an_offer_says_nothing_private(pool: Pool) -> None:
    """No address, no contact, no institution; nor does any other letter."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita, note="Frau K. bringt ihr Kind mit")
    await pool.accept(amina, number)
    await pool.leave(amina, number)
    told = f"{await pool.letters(amina)} {await pool.letters(kita[0])}"
    for private in ("Musterweg", "klingeln", "Sonnenschein", "Muster", "Amina", "06152", "Frau K."):
        assert private not in told


async def test_a_hundred_yes_at_once_are_one_interpreter_and_one_standby(
    pool: Pool, colleague: Sessions
) -> None:
    """Ninety-eight are refused kindly, whichever worker hears them."""
    kita = await pool.institution()
    everybody = [await pool.volunteer() for _ in range(100)]
    number = await pool.ask(kita, wants_standby=True)
    async with pool.sessions.begin() as session:
        # Everybody has been asked, as in a pool of people who hardly ever answer.
        asked = set(await session.scalars(select(Offer.volunteer_id)))
        volunteers = list(await session.scalars(select(Volunteer).order_by(Volunteer.id)))
        session.add_all(
            Offer(
                request_id=number, volunteer_id=each.id, wave=1, chance=0.1, score=0.1,
                reasons={}, offered_at=pool.now, part="workday-morning", state="open",
            )
            for each in volunteers
            if each.id not in asked
        )  # fmt: skip
    offers = {chat: await pool.offer(chat, number) for chat in everybody}

    async def press(chat: Chat, sessions: Sessions) -> str:
        offer_id = offers[chat]
        assert offer_id is not None
        try:
            async with sessions.begin() as session:
                return (await accept_offer(session, chat, offer_id, pool.now)).value
        except AlreadyTaken:
            return "taken"

    both = (pool.sessions, colleague)
    ends = await asyncio.gather(*(press(c, both[n % 2]) for n, c in enumerate(everybody)))
    assert Counter(ends) == {"interpreter": 1, "standby": 1, "taken": 98}
    async with pool.sessions.begin() as session:
        assert len(list(await session.scalars(select(Assignment)))) == 1
        states = Counter(await session.scalars(select(Offer.state)))
    assert states == {"yes": 1, "standby": 1, "over": 98}


async def test_a_second_press_gives_the_same_seat(pool: Pool) -> None:
    """Nobody takes both seats, and nothing is told twice."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita, wants_standby=True)
    offer_id = await pool.offer(amina, number)
    assert offer_id is not None
    for _ in range(2):
        async with pool.sessions.begin() as session:
            assert await accept_offer(session, amina, offer_id, pool.now) is Seat.INTERPRETER
    request = await pool.request(number)
    assert request.standby_id is None
    assert (await pool.kinds(amina)).count("details") == 1


async def test_another_ones_offer_cannot_be_answered(pool: Pool) -> None:
    """Forged numbers open nothing, for a volunteer, a stranger and an applicant."""
    kita = await pool.institution()
    amina, berivan = await pool.volunteer(), await pool.volunteer("ti")
    applicant = await pool.volunteer(approved=False)
    number = await pool.ask(kita)
    offer_id = await pool.offer(amina, number)
    assert offer_id is not None
    for thief in (berivan, applicant, Chat("telegram", 5), Chat("webchat", amina.id), kita[0]):
        with pytest.raises(NotVolunteer):
            async with pool.sessions.begin() as session:
                await accept_offer(session, thief, offer_id, pool.now)
        with pytest.raises(NotVolunteer):
            async with pool.sessions.begin() as session:
                await decline_offer(session, thief, offer_id, Answer.NO, pool.now)
    with pytest.raises(OfferOver):
        async with pool.sessions.begin() as session:
            await accept_offer(session, amina, 10**9, pool.now)
    assert (await pool.request(number)).interpreter_id is None


async def test_details_are_for_who_sits_and_only_as_long(pool: Pool) -> None:
    """Asked: nothing. Interpreter: all. Standby: when and where roughly. After leaving: nothing."""
    kita = await pool.institution()
    amina, berivan = await pool.volunteer(), await pool.volunteer()
    number = await pool.ask(kita, wants_standby=True)

    async def read(chat: Chat) -> str:
        async with pool.sessions.begin() as session:
            found = await details(session, chat, number, pool.now)
            return f"{found.address} {found.other_name} {found.other_phone}"

    for chat in (amina, berivan):
        with pytest.raises(NotVolunteer):
            await read(chat)
    await pool.accept(amina, number)
    assert await read(amina) == "Musterweg 1, 1. Stock Frau Muster 06152 111111"
    assert await read(kita[0]) == "Musterweg 1, 1. Stock Amina Beispiel 06152 000000"
    await pool.accept(berivan, number)
    assert (await read(berivan)).strip() == ""
    await pool.leave(amina, number)
    assert "Musterweg" in await read(berivan)
    with pytest.raises(NotVolunteer):
        await read(amina)


async def test_the_standby_moves_up_at_once(pool: Pool) -> None:
    """Within the transaction of the cancellation; nobody else is asked."""
    kita = await pool.institution()
    amina, berivan = await pool.volunteer(), await pool.volunteer()
    number = await pool.ask(kita, wants_standby=True)
    await pool.accept(amina, number)
    await pool.accept(berivan, number)
    await pool.leave(amina, number)
    request = await pool.request(number)
    assert (request.state, request.standby_id) == (State.FILLED, None)
    assert (await pool.kinds(berivan))[-1] == "promoted"
    [left] = await pool.letters(kita[0], "interpreter_left")
    assert left["promoted"] is True
    async with pool.sessions.begin() as session:
        [row] = await session.scalars(select(Assignment))
        assert row.chat_id == berivan.id
    with pytest.raises(NothingToDo):
        await pool.leave(amina, number)


async def test_a_cancellation_without_standby_starts_the_waves_again(pool: Pool) -> None:
    """Whoever was told "taken" may be asked again; whoever left is not."""
    kita = await pool.institution()
    amina, berivan = await pool.volunteer(), await pool.volunteer()
    number = await pool.ask(kita)
    await pool.wait_for(amina, number)
    await pool.wait_for(berivan, number)
    await pool.accept(amina, number)
    assert [letter["why"] for letter in await pool.letters(berivan, "offer_closed")] == ["taken"]
    pool.later(days=2, hours=12)
    await pool.leave(amina, number)
    [left] = await pool.letters(kita[0], "interpreter_left")
    assert (left["promoted"], left["urgent"]) == (False, True)
    await pool.work()
    assert await pool.asked([amina, berivan], number) == [berivan]
    assert await pool.accept(berivan, number) is Seat.INTERPRETER


async def test_a_storm_of_cancellations_ends_honestly(pool: Pool) -> None:
    """Ten say yes and leave again, one after the other; then nobody is left, and it is said."""
    kita = await pool.institution()
    everybody = [await pool.volunteer() for _ in range(10)]
    number = await pool.ask(kita, wants_standby=True)
    for turn in range(40):
        asked = await pool.asked(everybody, number)
        for chat in asked[:2]:
            await pool.accept(chat, number)
        request = await pool.request(number)
        async with pool.sessions.begin() as session:
            sits = await session.get(Volunteer, request.interpreter_id or 0)
        if sits is None:
            break
        await pool.leave(Chat(sits.channel, sits.chat_id), number)
        pool.later(minutes=turn)
        await pool.work()
    await pool.work()
    request = await pool.request(number)
    assert request.state == State.UNFILLED
    assert (await pool.kinds(kita[0])).count("nobody_found") == 1
    assert (await pool.kinds(pool.staff))[-1] == "staff_nobody_found"
    async with pool.sessions.begin() as session:
        assert list(await session.scalars(select(Assignment))) == []
        assert set(await session.scalars(select(Offer.state))) == {"left"}


async def test_who_knows_the_person_is_not_asked_again_and_not_judged(pool: Pool) -> None:
    """It is shown to nobody: in the summary it is a no."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    await pool.decline(amina, number, Answer.KNOWS)
    await pool.work()
    assert (await pool.request(number)).state == State.UNFILLED
    async with pool.sessions.begin() as session:
        [tally] = await session.scalars(select(VolunteerTally))
        assert (tally.asked, tally.yes, tally.no) == (0, 0, 0)
        summary = await request_summary(session, kita[0], number)
    assert (summary.asked, summary.no) == (1, 1)
    assert "knows" not in " ".join(event.kind for event in summary.history)
    assert "knows" not in str(await pool.letters(kita[0]))
    assert "knows" not in str(await pool.letters(pool.staff))


async def test_who_knows_the_person_is_asked_for_none_of_their_appointments(pool: Pool) -> None:
    """A further appointment of the same person is one case; another person's is not."""
    kita = await pool.institution()
    amina, berivan = await pool.volunteer(), await pool.volunteer()
    first = await pool.ask(kita)
    await pool.decline(amina, first, Answer.KNOWS)
    await pool.accept(berivan, first)
    wish = pool.wish(starts_at=pool.now + timedelta(days=9))
    async with pool.sessions.begin() as session:
        again = await open_request(session, kita[0], kita[1], wish, pool.now, again_after=first)
        further = await open_request(
            session, kita[0], kita[1], wish, pool.now, again_after=again.id
        )
        numbers = (again.id, further.id)
    await pool.work()
    async with pool.sessions.begin() as session:
        for number in numbers:
            asked = (
                select(Volunteer.chat_id)
                .join(Offer)
                .where(Offer.request_id == number, Offer.state != "knows")
            )
            assert set(await session.scalars(asked)) <= {berivan.id}
            summary = await request_summary(session, kita[0], number)
            assert summary.asked <= 1
    other = await pool.ask(kita, starts_at=pool.now + timedelta(days=12))
    await pool.wait_for(amina, other)


async def test_later_keeps_the_offer_open(pool: Pool) -> None:
    """And a no ends it for good."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    await pool.decline(amina, number, Answer.LATER)
    await pool.work()
    assert (await pool.request(number)).state == State.SEARCHING
    offer_id = await pool.offer(amina, number)
    await pool.decline(amina, number, Answer.NO)
    assert offer_id is not None
    with pytest.raises(OfferOver):
        async with pool.sessions.begin() as session:
            await accept_offer(session, amina, offer_id, pool.now)


async def test_when_everybody_said_no_it_is_said_at_once(pool: Pool) -> None:
    """An empty wave is skipped; nobody waits for the deadline of the day after tomorrow."""
    kita = await pool.institution()
    everybody = [await pool.volunteer() for _ in range(3)]
    number = await pool.ask(kita)
    for chat in everybody:
        if await pool.offer(chat, number) is not None:
            await pool.decline(chat, number)
            await pool.work()
    for chat in await pool.asked(everybody, number):
        await pool.decline(chat, number)
    await pool.work()
    assert (await pool.request(number)).state == State.UNFILLED
    [told] = await pool.letters(kita[0], "nobody_found")
    assert (told["language"], told["asked"]) == ("kmr", 3)


async def test_nobody_speaks_it(pool: Pool) -> None:
    """Dari is not Farsi: nobody is asked, and it is said at once."""
    kita = await pool.institution()
    shirin = await pool.volunteer("fa")
    number = await pool.ask(kita, language="prs")
    assert (await pool.request(number)).state == State.UNFILLED
    assert await pool.offer(shirin, number) is None


async def test_two_appointments_at_one_hour_cannot_both_be_taken(pool: Pool) -> None:
    """The second yes is refused, also within the time for the way; the offer stays answerable."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    first = await pool.ask(kita)
    second = await pool.ask(kita, starts_at=pool.now + timedelta(days=3, hours=1))
    await pool.accept(amina, first)
    with pytest.raises(DoesNotFit, match="overlap"):
        await pool.accept(amina, second)
    await pool.leave(amina, first)
    assert await pool.accept(amina, second) is Seat.INTERPRETER


async def test_two_yes_of_one_person_at_the_same_moment(pool: Pool, colleague: Sessions) -> None:
    """Two offers for one hour, pressed at once on two workers: only one becomes a yes."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    numbers = [await pool.ask(kita) for _ in range(2)]
    offers = [await pool.offer(amina, number) for number in numbers]

    async def press(offer_id: int | None, sessions: Sessions) -> str:
        assert offer_id is not None
        try:
            async with sessions.begin() as session:
                return (await accept_offer(session, amina, offer_id, pool.now)).value
        except DoesNotFit:
            return "does not fit"

    ends = await asyncio.gather(press(offers[0], pool.sessions), press(offers[1], colleague))
    assert sorted(ends) == ["does not fit", "interpreter"]


async def test_leaving_and_saying_yes_at_the_same_moment(pool: Pool, colleague: Sessions) -> None:
    """The interpreter leaves while the standby seat is taken: exactly one sits at the end."""
    kita = await pool.institution()
    amina, berivan = await pool.volunteer(), await pool.volunteer()
    for _ in range(5):
        number = await pool.ask(kita, wants_standby=True, starts_at=pool.now + timedelta(days=9))
        await pool.accept(amina, number)
        offer_id = await pool.offer(berivan, number)
        assert offer_id is not None

        async def yes(offer_id: int = offer_id) -> None:
            async with colleague.begin() as session:
                await accept_offer(session, berivan, offer_id, pool.now)

        await asyncio.gather(pool.leave(amina, number), yes())
        await pool.work()
        request = await pool.request(number)
        async with pool.sessions.begin() as session:
            sits = await session.get(Volunteer, request.interpreter_id or 0)
            rows = await session.scalars(
                select(Assignment.chat_id).where(Assignment.request_id == number)
            )
            assert sits is not None
            assert (sits.chat_id, list(rows)) == (berivan.id, [berivan.id])
        await pool.leave(berivan, number)


async def test_who_blocks_the_bot_holds_nobody_up(pool: Pool) -> None:
    """Their offers end and the next are asked, or nobody is left."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    async with pool.sessions.begin() as session:
        await volunteer_unreachable(session, amina, pool.now)
    await pool.work()
    assert (await pool.request(number)).state == State.UNFILLED


async def test_who_sits_and_blocks_the_bot_is_called(pool: Pool) -> None:
    """The seat stays; staff are told once."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    for _time in range(2):
        async with pool.sessions.begin() as session:
            await volunteer_unreachable(session, amina, pool.now)
    assert (await pool.request(number)).state == State.FILLED
    assert (await pool.kinds(pool.staff)).count("staff_unreachable") == 1


async def test_a_suspended_volunteer_loses_seat_and_offers(pool: Pool) -> None:
    """The role is checked at each action: the button of yesterday opens nothing."""
    kita = await pool.institution()
    amina, berivan = await pool.volunteer(), await pool.volunteer()
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    later = await pool.ask(kita, starts_at=pool.now + timedelta(days=5))
    offer_id = await pool.wait_for(amina, later)
    async with pool.sessions.begin() as session:
        volunteer = await session.scalar(select(Volunteer).where(Volunteer.chat_id == amina.id))
        assert volunteer is not None
        await suspend_volunteer(session, volunteer.id, pool.now, pool.staff)
    await pool.work()
    with pytest.raises(NotVolunteer):
        async with pool.sessions.begin() as session:
            await accept_offer(session, amina, offer_id, pool.now)
    assert await pool.offer(berivan, number) is not None
    assert (await pool.letters(kita[0], "interpreter_left"))[0]["promoted"] is False


@pytest.mark.parametrize(
    ("changes", "wish"),
    [
        ({"until": None, "excluded_topics": frozenset({Topic.CHILDCARE})}, {}),
        ({"radius_km": 5, "municipality": "Gernsheim"}, {}),
        ({"towns": ("Raunheim",), "radius_km": None}, {}),
        ({"hours": (0,) * 6 + (1,)}, {}),
        ({"modes": frozenset({Mode.PHONE})}, {}),
        ({"gender": Gender.MAN}, {"gender_wish": Gender.WOMAN}),
        ({}, {"gender_wish": Gender.WOMAN}),
    ],
)
async def test_who_does_not_fit_is_not_asked(
    pool: Pool, changes: dict[str, Any], wish: dict[str, Any]
) -> None:
    """Topic, distance, towns, hours, mode, a wish for a woman: each by itself."""
    kita = await pool.institution()
    amina = await pool.volunteer(**changes)
    number = await pool.ask(kita, **wish)
    assert await pool.offer(amina, number) is None


async def test_a_pause_ends_by_itself(pool: Pool) -> None:
    """Nothing before its day; then whoever is needed is asked."""
    kita = await pool.institution()
    amina = await pool.volunteer()
    async with pool.sessions.begin() as session:
        await pause(session, amina, (pool.now + timedelta(days=1)).date(), pool.now)
    number = await pool.ask(kita)
    assert await pool.offer(amina, number) is None
    pool.later(hours=13)
    await pool.work()
    assert await pool.offer(amina, number) is None
    pool.later(hours=2)
    await pool.work()
    assert await pool.offer(amina, number) is not None


async def test_quiet_hours_are_kept(pool: Pool) -> None:
    """A request at 22:00 waits for 8:00, although it is urgent."""
    kita = await pool.institution()
    amina = await pool.volunteer(quiet_from=21, quiet_until=8)
    pool.later(hours=12)
    number = await pool.ask(kita, starts_at=pool.now + timedelta(hours=25))
    assert await pool.offer(amina, number) is None
    pool.later(hours=9)
    await pool.work()
    assert await pool.offer(amina, number) is None
    pool.later(hours=1)
    await pool.work()
    assert await pool.offer(amina, number) is not None


async def test_nobody_is_asked_more_often_in_a_week_than_they_said(
    pool: Pool, colleague: Sessions
) -> None:
    """Five requests at once, two workers, a limit of two."""
    kita = await pool.institution()
    amina = await pool.volunteer(weekly_cap=2)
    numbers = []
    for day in range(5):
        async with pool.sessions.begin() as session:
            starts_at = pool.now + timedelta(days=3 + day)
            request = await open_request(session, *kita, pool.wish(starts_at=starts_at), pool.now)
            numbers.append(request.id)
    second = Pool(colleague, pool.now, pool.staff)
    for _ in range(4):
        await asyncio.gather(pool.work(), second.work())
    async with pool.sessions.begin() as session:
        assert len(await my_offers(session, amina, pool.now)) == 2
    pool.later(days=1)
    await pool.work()
    async with pool.sessions.begin() as session:
        assert len(await my_offers(session, amina, pool.now)) == 2
