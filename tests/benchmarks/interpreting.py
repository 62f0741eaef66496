"""The Dolmetsch-Pool: a simulated year under three ways of asking, and how fast two queries are.

``match_p95_ms`` ranks a pool of 10,000 volunteers for one request, the languages of both by Zipf's
law; ``claim_p95_ms`` claims due jobs among 100,000 open ones. Both on SQLite in a file, thorough
runs on PostgreSQL, too.
"""

import asyncio
import random
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, text

from bot.db import Sessions, open_database
from bot.interpreting.finding import ranked_volunteers
from bot.interpreting.wishes import Lane, State
from bot.jobs import MOST_AT_ONCE, claim_jobs
from bot.models import (
    Assignment,
    Job,
    Offer,
    Request,
    Volunteer,
    VolunteerLanguage,
    VolunteerTally,
)
from bot.volunteers import DAYS, Mode, VolunteerState
from tests.benchmarks.amounts import Amounts
from tests.benchmarks.figures import BenchmarkError, percentile
from tests.benchmarks.simulated_pool import (
    BEGINS,
    LANGUAGES,
    SEED,
    Case,
    all_at_once,
    in_waves,
    languages_of,
    made_candidate,
    made_cases,
    one_by_one,
    simulate,
)
from tests.databases import postgresql

PROMISED = frozenset(
    {
        "fill_rate",
        "fill_rate_ask_all",
        "messages_per_filled",
        "messages_per_filled_ask_all",
        "median_minutes_to_yes",
        "gini",
        "match_p95_ms",
        "claim_p95_ms",
    }
)
_MEMBERS = 300
_PARTS = ("workday-morning", "workday-afternoon", "workday-evening", "weekend-morning")
_NOW = BEGINS + timedelta(days=182, hours=9)  # a Monday morning
_AT_ONCE = 5_000  # rows of one insert


async def measure_interpreting(amounts: Amounts) -> dict[str, Any]:
    """The figures; raises BenchmarkError when the pool did not find anybody."""
    figures = await asyncio.to_thread(_compared, amounts.requests)
    with tempfile.TemporaryDirectory(prefix="kreis-bot-bench-") as folder:
        address = f"sqlite+aiosqlite:///{Path(folder) / 'pool.sqlite'}"
        figures |= await _timed(address, amounts, "")
    if amounts.thorough:
        with postgresql() as address:
            figures |= await _timed(address, amounts, "_postgresql")
    return figures


def _compared(requests: int) -> dict[str, float]:
    waves, everybody, single = (
        simulate(_MEMBERS, requests, way) for way in (in_waves, all_at_once, one_by_one)
    )
    return {
        "fill_rate": round(waves.fill_rate, 2),
        "fill_rate_ask_all": round(everybody.fill_rate, 2),
        "fill_rate_one_by_one": round(single.fill_rate, 2),
        "messages_per_filled": round(waves.messages_per_filled, 2),
        "messages_per_filled_ask_all": round(everybody.messages_per_filled, 2),
        "messages_per_filled_one_by_one": round(single.messages_per_filled, 2),
        "median_minutes_to_yes": round(waves.median_minutes, 1),
        "median_minutes_to_yes_ask_all": round(everybody.median_minutes, 1),
        "median_minutes_to_yes_one_by_one": round(single.median_minutes, 1),
        "gini": round(waves.gini, 3),
        "gini_ask_all": round(everybody.gini, 3),
        "gini_one_by_one": round(single.gini, 3),
    }


async def _timed(address: str, amounts: Amounts, suffix: str) -> dict[str, float]:
    sessions = await open_database(address)
    try:
        cases = made_cases(amounts.matched, SEED + 7)
        await _fill(sessions, amounts.volunteers)
        matching = await _time_matching(sessions, cases)
        await _fill_jobs(sessions, amounts.jobs)
        claiming = await _time_claims(sessions, amounts.matched)
    finally:
        await sessions.close()
    return {
        f"match_p50_ms{suffix}": percentile(matching, 50),
        f"match_p95_ms{suffix}": percentile(matching, 95),
        f"claim_p95_ms{suffix}": percentile(claiming, 95),
    }


async def _insert(sessions: Sessions, model: Any, rows: list[dict[str, Any]]) -> None:
    for first in range(0, len(rows), _AT_ONCE):
        async with sessions.begin() as session:
            await session.execute(insert(model), rows[first : first + _AT_ONCE])


async def _fill(sessions: Sessions, number: int) -> None:
    """A pool with a history: answers, offers of the week, appointments of the quarter."""
    draw = random.Random(SEED)
    now = _NOW
    people = [
        made_candidate(identity, language, draw)
        for identity, language in enumerate(languages_of(number), start=1)
    ]
    rows = []
    for each in people:
        rows.append(
            {
                "id": each.id, "channel": "telegram", "chat_id": each.id, "name": "Beispiel",
                "phone": "000000", "german": "c1", "municipality": each.municipality, "towns": [],
                "radius_km": each.radius_km, "on_site": Mode.ON_SITE in each.modes,
                "by_phone": True, "by_video": Mode.VIDEO in each.modes, "quiet_from": 21,
                "quiet_until": 7, "weekly_cap": each.weekly_cap,
                "excluded_topics": sorted(each.excluded_topics), "gender": each.gender,
                "certificate": "", "certified_on": None, "certified_until": date(2028, 1, 1),
                "pledged_on": None, "consented_at": BEGINS, "applied_at": BEGINS,
                "state": VolunteerState.APPROVED.value, "paused_until": None,
                "asked_at": now - timedelta(days=draw.randrange(1, 60)), "seen_on": BEGINS.date(),
            }
            | dict(zip(DAYS, each.hours, strict=True))
        )  # fmt: skip
    await _insert(sessions, Volunteer, rows)
    spoken = [
        {"volunteer_id": each.id, "language": language, "level": level}
        for each in people
        for language, level in each.languages.items()
    ]
    await _insert(sessions, VolunteerLanguage, spoken)
    tallies = [
        {"volunteer_id": each.id, "part": part, "asked": 9, "yes": draw.randrange(9), "no": 0}
        for each in people
        for part in _PARTS
    ]
    await _insert(sessions, VolunteerTally, tallies)
    await _insert(sessions, Request, [_request(1, made_cases(1)[0])])
    offers = [
        {
            "request_id": 1, "volunteer_id": each.id, "wave": 1, "chance": 0.3, "score": 0.5,
            "reasons": {}, "offered_at": now - timedelta(days=draw.randrange(1, 20)),
            "part": _PARTS[0], "state": "over",
        }
        for each in people
        if draw.random() < 0.5
    ]  # fmt: skip
    await _insert(sessions, Offer, offers)
    done = []
    for each in people:
        for _ in range(draw.randrange(3)):
            starts_at = now - timedelta(days=draw.randrange(1, 120))
            done.append(
                {
                    "request_id": 1, "volunteer_id": each.id, "volunteer_name": "",
                    "institution_name": "", "language": LANGUAGES[0], "mode": "phone",
                    "municipality": "", "starts_at": starts_at,
                    "ends_at": starts_at + timedelta(hours=1), "planned_minutes": 60,
                }
            )  # fmt: skip
    await _insert(sessions, Assignment, done)
    if not sessions.sqlite:
        async with sessions.begin() as session:
            await session.execute(text("ANALYZE"))


def _request(identity: int, case: Case) -> dict[str, Any]:
    wanted = case.wanted
    return {
        "id": identity, "institution_id": None, "language": wanted.languages[0],
        "substitutes": [], "lane": Lane.APPOINTMENT.value, "mode": wanted.mode.value,
        "municipality": wanted.municipality, "topic": wanted.topic.value,
        "gender_wish": wanted.gender_wish.value if wanted.gender_wish else None,
        "wants_standby": False, "starts_at": wanted.starts_at, "ends_at": wanted.ends_at,
        "opened_at": case.opened_at, "searched_from": case.opened_at,
        "state": State.SEARCHING.value, "reason": "", "wave": 0, "next_wave_at": None,
        "everyone_asked": False, "by_hand": False, "interpreter_id": None, "standby_id": None,
        "filled_at": None,
    }  # fmt: skip


async def _time_matching(sessions: Sessions, cases: list[Case]) -> list[float]:
    """Milliseconds to rank the whole pool for each request, queries included."""
    now = _NOW
    milliseconds, found = [], 0
    for number, case in enumerate([*cases[:5], *cases]):
        request = Request(**_request(number + 2, case))
        began = time.perf_counter()
        async with sessions.begin() as session:
            found += len(await ranked_volunteers(session, request, now))
        milliseconds.append((time.perf_counter() - began) * 1000)
    if not found:
        raise BenchmarkError("nobody fits any request")
    return milliseconds[5:]


async def _fill_jobs(sessions: Sessions, number: int) -> None:
    """Open jobs, one in ten of them due."""
    rows = [
        {
            "kind": "look_after", "subject": subject, "attempts": 0,
            "due_at": BEGINS + timedelta(minutes=subject if subject % 10 else -subject),
        }
        for subject in range(1, number + 1)
    ]  # fmt: skip
    await _insert(sessions, Job, rows)
    if not sessions.sqlite:
        async with sessions.begin() as session:
            await session.execute(text("ANALYZE"))


async def _time_claims(sessions: Sessions, rounds: int) -> list[float]:
    """Milliseconds for each claim. What was claimed is then done, as a worker does, untimed."""
    milliseconds, claimed = [], 0
    for _ in range(rounds):
        began = time.perf_counter()
        async with sessions.begin() as session:
            jobs = await claim_jobs(session, BEGINS)
        milliseconds.append((time.perf_counter() - began) * 1000)
        claimed += len(jobs)
        async with sessions.begin() as session:
            await session.execute(delete(Job).where(Job.id.in_([job.id for job in jobs])))
    if not 0 < claimed <= rounds * MOST_AT_ONCE:
        raise BenchmarkError("no job was due")
    return milliseconds
