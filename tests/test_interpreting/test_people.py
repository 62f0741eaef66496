"""Volunteers and institutions: applying, approving, one-time links, roles at every action."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.colleagues import add_colleague, all_colleagues, colleagues_for, remove_colleague
from bot.db import Sessions, create_engine
from bot.errors import (
    AlreadyVolunteer,
    DoesNotFit,
    InstitutionLocked,
    InstitutionWaits,
    InvitationInvalid,
    NoPush,
    NotEligible,
    NothingToDo,
    NotInstitution,
    NotVolunteer,
)
from bot.institutions import (
    InstitutionKind,
    Registration,
    confirm_pool_invitation,
    invite_to_institution,
    invite_volunteer,
    lock_institution,
    members_of,
    open_pool_invitation,
    register_institution,
    remove_member,
)
from bot.interpreting import (
    Answer,
    State,
    agree_to_substitutes,
    assign_by_hand,
    cancel_request,
    close_request,
    fitting_volunteers,
    open_request,
    open_requests,
    phone_lane,
    request_summary,
)
from bot.models import Chat, PoolInvitation, Volunteer
from bot.settings import Settings
from bot.volunteers import (
    Gender,
    Level,
    Spoken,
    VolunteerState,
    applications,
    apply_as_volunteer,
    approve_volunteer,
    change_application,
    find_volunteer,
    languages_of,
    pause,
    set_quiet_hours,
    set_weekly_cap,
    volunteers_expiring,
)
from tests.pool import APPLICATION, Pool


@pytest_asyncio.fixture
async def colleague(settings: Settings) -> AsyncIterator[Sessions]:
    """The database connections of a second process."""
    sessions = Sessions(create_engine(settings.database))
    yield sessions
    await sessions.engine.dispose()


async def _row(pool: Pool, chat: Chat) -> Volunteer:
    async with pool.sessions.begin() as session:
        found = await find_volunteer(session, chat)
    assert found is not None
    return found


async def test_an_applicant_waits_for_the_staff(pool: Pool) -> None:
    """And is asked nothing until then."""
    kita = await pool.institution()
    amina = await pool.volunteer(approved=False)
    [told] = await pool.letters(pool.staff, "volunteer_applied")
    number = await pool.ask(kita)
    assert (await pool.request(number)).state == State.UNFILLED
    async with pool.sessions.begin() as session:
        assert [row.id for row in await applications(session)] == [told["volunteer_id"]]
        until = date(2028, 1, 1)
        await approve_volunteer(session, told["volunteer_id"], until, pool.now, pool.staff)
    assert [letter["state"] for letter in await pool.letters(amina)] == ["approved"]


async def test_who_cannot_be_written_to_cannot_apply(pool: Pool) -> None:
    """Nor twice, nor against the rules."""
    chat = Chat("webchat", 5)
    with pytest.raises(NoPush):
        async with pool.sessions.begin() as session:
            await apply_as_volunteer(session, chat, APPLICATION, pool.now, can_push=False)
    amina = await pool.volunteer()
    with pytest.raises(AlreadyVolunteer):
        async with pool.sessions.begin() as session:
            await apply_as_volunteer(session, amina, APPLICATION, pool.now, can_push=True)
    young = replace(APPLICATION, of_age=False)
    with pytest.raises(NotEligible):
        async with pool.sessions.begin() as session:
            await apply_as_volunteer(session, Chat("telegram", 6), young, pool.now, can_push=True)


async def test_a_new_language_is_looked_at_by_staff_and_new_hours_are_not(pool: Pool) -> None:
    """What was approved is what is spoken, not when."""
    amina = await pool.volunteer()
    async with pool.sessions.begin() as session:
        await change_application(session, amina, replace(APPLICATION, weekly_cap=1), pool.now)
    assert (await _row(pool, amina)).state == VolunteerState.APPROVED
    more = replace(APPLICATION, languages=(*APPLICATION.languages, Spoken("ckb", Level.FLUENT)))
    async with pool.sessions.begin() as session:
        await change_application(session, amina, more, pool.now)
    row = await _row(pool, amina)
    assert row.state == VolunteerState.APPLIED
    async with pool.sessions.begin() as session:
        assert {each.language for each in await languages_of(session, row.id)} == {"kmr", "ckb"}


async def test_certificates_that_run_out_are_listed(pool: Pool) -> None:
    """And whose has run out by the day of the appointment is not asked."""
    kita = await pool.institution()
    soon = (pool.now + timedelta(days=2)).date()
    amina = await pool.volunteer(until=soon)
    await pool.volunteer("ti")
    async with pool.sessions.begin() as session:
        expiring = await volunteers_expiring(session, pool.now.date())
    assert [row.chat_id for row in expiring] == [amina.id]
    number = await pool.ask(kita)
    assert await pool.offer(amina, number) is None
    yesterday = (pool.now - timedelta(days=1)).date()
    with pytest.raises(NotEligible):
        async with pool.sessions.begin() as session:
            await approve_volunteer(session, expiring[0].id, yesterday, pool.now, pool.staff)


async def test_pause_quiet_hours_and_limit_are_the_volunteers_own(pool: Pool) -> None:
    """A stranger has none."""
    amina = await pool.volunteer()
    async with pool.sessions.begin() as session:
        await pause(session, amina, date(2026, 12, 24), pool.now)
        await set_quiet_hours(session, amina, 20, 9)
        await set_weekly_cap(session, amina, 1)
    row = await _row(pool, amina)
    assert (row.paused_until, row.quiet_from, row.weekly_cap) == (date(2026, 12, 24), 20, 1)
    with pytest.raises(NotVolunteer):
        async with pool.sessions.begin() as session:
            await pause(session, Chat("telegram", 1), None, pool.now)
    with pytest.raises(NotEligible):
        async with pool.sessions.begin() as session:
            await set_weekly_cap(session, amina, 0)


async def test_an_institution_asks_once_it_is_approved_and_until_it_is_locked(pool: Pool) -> None:
    """The state counts at each request; a stranger asks for nobody."""
    chat = Chat("telegram", 870_001)
    registration = Registration(InstitutionKind.SCHOOL, "Schule", "Trebur", "Herr M.", "06147 1")
    async with pool.sessions.begin() as session:
        row = await register_institution(session, chat, registration, pool.now)
    assert len(await pool.letters(pool.staff, "institution_registered")) == 1
    with pytest.raises(InstitutionWaits):
        await pool.ask((chat, row.id))
    kita = await pool.institution()
    await pool.ask(kita)
    for stranger in (chat, Chat("webchat", kita[0].id)):
        with pytest.raises(NotInstitution):
            await pool.ask((stranger, kita[1]))
    async with pool.sessions.begin() as session:
        await lock_institution(session, kita[1], pool.now, pool.staff)
    with pytest.raises(InstitutionLocked):
        await pool.ask(kita)
    with pytest.raises(NotEligible):
        async with pool.sessions.begin() as session:
            await register_institution(session, chat, replace(registration, phone=" "), pool.now)


async def test_a_colleague_joins_by_a_link_and_two_digits(pool: Pool, colleague: Sessions) -> None:
    """The first chat to open it wins, on whichever worker; the token is kept nowhere."""
    kita, number = await pool.institution()
    async with pool.sessions.begin() as session:
        link = await invite_to_institution(session, kita, number, pool.now)
        assert link.token not in str((await session.scalars(select(PoolInvitation))).one().__dict__)
    new, thief = Chat("telegram", 870_002), Chat("telegram", 870_003)

    async def open_it(chat: Chat, sessions: Sessions) -> int | None:
        try:
            async with sessions.begin() as session:
                opened = await open_pool_invitation(session, link.token, chat, pool.now)
                return opened.digits
        except InvitationInvalid:
            return None

    both = await asyncio.gather(open_it(new, pool.sessions), open_it(thief, colleague))
    assert sum(digits is not None for digits in both) == 1
    digits = next(each for each in both if each is not None)
    winner = new if both[0] is not None else thief
    assert await open_it(winner, pool.sessions) == digits
    [told] = await pool.letters(kita, "pool_invitation_opened")
    for somebody in (winner, Chat("telegram", 1)):
        with pytest.raises(InvitationInvalid):
            async with pool.sessions.begin() as session:
                await confirm_pool_invitation(
                    session, somebody, told["invitation_id"], digits, pool.now
                )
    async with pool.sessions.begin() as session:
        assert await confirm_pool_invitation(session, kita, told["invitation_id"], digits, pool.now)
        members = await members_of(session, winner, number)
    assert [member.chat_id for member in members] == [kita.id, winner.id]
    request = await pool.ask((winner, number))
    async with pool.sessions.begin() as session:
        assert (await request_summary(session, kita, request)).state is State.UNFILLED
        await remove_member(session, kita, members[1].id)
    with pytest.raises(NotInstitution):
        async with pool.sessions.begin() as session:
            await request_summary(session, winner, request)


async def test_wrong_digits_and_old_links_open_nothing(pool: Pool) -> None:
    """Wrong digits void the link; a day later it is void anyway."""
    kita, number = await pool.institution()
    thief = Chat("telegram", 870_004)
    for wait in (timedelta(0), timedelta(hours=25)):
        async with pool.sessions.begin() as session:
            link = await invite_to_institution(session, kita, number, pool.now)
        if wait:
            with pytest.raises(InvitationInvalid):
                async with pool.sessions.begin() as session:
                    await open_pool_invitation(session, link.token, thief, pool.now + wait)
            continue
        async with pool.sessions.begin() as session:
            opened = await open_pool_invitation(session, link.token, thief, pool.now)
            wrong = 10 + (opened.digits or 0) % 89
            assert not await confirm_pool_invitation(session, kita, link.id, wrong, pool.now)
        right = opened.digits or 0
        with pytest.raises(InvitationInvalid):
            async with pool.sessions.begin() as session:
                await confirm_pool_invitation(session, kita, link.id, right, pool.now)
    async with pool.sessions.begin() as session:
        assert len(await members_of(session, kita, number)) == 1


async def test_a_volunteers_link_gives_no_right(pool: Pool) -> None:
    """It opens the application, once."""
    async with pool.sessions.begin() as session:
        link = await invite_volunteer(session, pool.now, pool.staff)
        opened = await open_pool_invitation(session, link.token, Chat("telegram", 3), pool.now)
        assert (opened.institution, opened.digits) == (None, None)
    with pytest.raises(InvitationInvalid):
        async with pool.sessions.begin() as session:
            await open_pool_invitation(session, link.token, Chat("telegram", 4), pool.now)


async def test_a_substitute_is_asked_only_after_the_institution_agreed(pool: Pool) -> None:
    """Farsi for Dari; and the interpreter is told which language is meant."""
    kita = await pool.institution()
    shirin = await pool.volunteer("fa")
    number = await pool.ask(kita, language="prs")
    assert (await pool.request(number)).state == State.UNFILLED
    with pytest.raises(NotEligible):
        async with pool.sessions.begin() as session:
            await agree_to_substitutes(session, kita[0], number, ("ps",), pool.now)
    async with pool.sessions.begin() as session:
        await agree_to_substitutes(session, kita[0], number, ("fa",), pool.now)
    await pool.work()
    [offer] = await pool.letters(shirin, "offer")
    assert offer["language"] == "fa"
    with pytest.raises(NotInstitution):
        async with pool.sessions.begin() as session:
            await agree_to_substitutes(session, shirin, number, ("fa",), pool.now)


async def test_staff_see_what_is_open_and_step_in(pool: Pool) -> None:
    """Counts and states; by hand, by telephone, closed with a reason."""
    kita = await pool.institution()
    amina, berivan = await pool.volunteer(), await pool.volunteer()
    numbers = [await pool.ask(kita, starts_at=pool.now + timedelta(days=3 + n)) for n in range(3)]
    chat = (await pool.asked([amina, berivan], numbers[0]))[0]
    await pool.decline(chat, numbers[0])
    async with pool.sessions.begin() as session:
        summaries = await open_requests(session, pool.now)
        assert [each.request.id for each in summaries] == numbers
        assert (summaries[0].asked, summaries[0].no) == (1, 1)
        assert [event.kind for event in summaries[0].history][:2] == ["opened", "asked"]
        [(volunteer, reasons)] = await fitting_volunteers(session, numbers[0], pool.now)
        assert reasons.reasons()["load"] == 0
        await assign_by_hand(session, numbers[0], volunteer.id, pool.now, pool.staff)
        await phone_lane(session, numbers[1], pool.now, pool.staff)
        await close_request(session, numbers[2], "doppelt", pool.now, pool.staff)
    states = [(await pool.request(number)).state for number in numbers]
    assert states == [State.FILLED, State.BY_PHONE, State.CLOSED]
    assert [letter["reason"] for letter in await pool.letters(kita[0], "request_closed")] == [
        "doppelt"
    ]
    with pytest.raises(NothingToDo):
        async with pool.sessions.begin() as session:
            await close_request(session, numbers[2], "noch einmal", pool.now, pool.staff)


async def test_staff_cannot_assign_against_the_rules(pool: Pool) -> None:
    """Not another language, not who is suspended, not who knows the person (and it is not said)."""
    kita = await pool.institution()
    amina, shirin = await pool.volunteer(gender=Gender.WOMAN), await pool.volunteer("fa")
    number = await pool.ask(kita)
    await pool.decline(amina, number, Answer.KNOWS)
    for chat, reason in ((amina, "asked"), (shirin, "language")):
        row = await _row(pool, chat)
        with pytest.raises(DoesNotFit) as refusal:
            async with pool.sessions.begin() as session:
                await assign_by_hand(session, number, row.id, pool.now, pool.staff)
        assert refusal.value.reasons == (reason,)


async def test_only_the_institution_cancels(pool: Pool) -> None:
    """A stranger, another institution and a volunteer cannot; and nobody twice."""
    kita, other = await pool.institution(), await pool.institution("Schule")
    amina = await pool.volunteer()
    number = await pool.ask(kita)
    for stranger in (other[0], amina, Chat("telegram", 1)):
        with pytest.raises(NotInstitution):
            async with pool.sessions.begin() as session:
                await cancel_request(session, stranger, number, "", pool.now)
    async with pool.sessions.begin() as session:
        await cancel_request(session, kita[0], number, "", pool.now)
    assert await pool.offer(amina, number) is None
    with pytest.raises(NothingToDo):
        async with pool.sessions.begin() as session:
            await cancel_request(session, kita[0], number, "", pool.now)


async def test_an_institution_has_a_limit_of_open_requests(pool: Pool) -> None:
    """Twenty; the twenty-first is refused and nothing of it stays."""
    kita = await pool.institution()
    await pool.volunteer()
    async with pool.sessions.begin() as session:
        for _ in range(20):
            await open_request(session, *kita, pool.wish(), pool.now)
    with pytest.raises(NotEligible, match="too_many"):
        await pool.ask(kita)


async def test_the_colleagues_list(pool: Pool) -> None:
    """Named by language; a name is needed."""
    async with pool.sessions.begin() as session:
        row = await add_colleague(session, pool.staff, "kmr", "Zimmer 12", "12", pool.now)
        await add_colleague(session, pool.staff, "ti", "Bürgerbüro", "", pool.now)
        assert [each.id for each in await colleagues_for(session, ["kmr"])] == [row.id]
        await remove_colleague(session, pool.staff, row.id, pool.now)
        assert len(await all_colleagues(session)) == 1
    with pytest.raises(NothingToDo):
        async with pool.sessions.begin() as session:
            await remove_colleague(session, pool.staff, row.id, pool.now)
    with pytest.raises(NotEligible):
        async with pool.sessions.begin() as session:
            await add_colleague(session, pool.staff, "ti", " ", "", pool.now)
