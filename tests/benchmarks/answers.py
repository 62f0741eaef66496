"""``answers``: a question at the wire, beside echo bots that do nothing else."""

import asyncio
import json
import os
import platform
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Any

from tqdm import tqdm

from tests.benchmarks.amounts import Amounts
from tests.benchmarks.figures import BenchmarkError, middle, percentile, questions
from tests.benchmarks.wire import ROOT, Flood, Running, flood, latencies, running

PROMISED = frozenset(
    {
        "answer_p50_ms",
        "answer_p95_ms",
        "updates_per_s",
        "cpu_us_per_update",
        "aiogram_echo",
        "ptb_echo",
        "search_p95_ms",
        "rss_mb",
        "first_start_s",
        "start_s",
    }
)
"""The figures that every run has."""

# The bot's own limits are no part of what is measured here.
_UNHURRIED = {
    "MESSAGES_PER_MINUTE": "10000",
    "TELEGRAM_PER_SECOND": "100000",
    "TELEGRAM_CHAT_PER_SECOND": "100000",
}
_PEERS = ("aiogram", "ptb", "raw")
_ONE_CORE_ASKED = 100
_SEARCH_PATIENCE = 240.0

_Step = Callable[[str], None]


async def measure_answers(amounts: Amounts) -> dict[str, Any]:
    """The figures of our bot and of the echo bots, from one run.

    Raises BenchmarkError when one of them does not answer.
    """
    machine = {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }
    steps = 2 + amounts.rounds + len(amounts.articles) + 2 * amounts.thorough
    with _progress(steps) as step:
        if amounts.thorough:
            wire = await _at_the_wire(amounts, step)
            searches = await _searches(amounts, step)
        else:
            searching = asyncio.create_task(_searches(amounts, step))
            try:
                wire = await _at_the_wire(amounts, step)
                searches = await searching
            finally:
                searching.cancel()
                await asyncio.gather(searching, return_exceptions=True)
    return {**wire, **searches, "machine": machine}


async def _at_the_wire(amounts: Amounts, step: _Step) -> dict[str, Any]:
    """All figures but those of searching."""
    texts = questions(max(amounts.asked, amounts.flood))
    starts, one_core = [], {}
    with tempfile.TemporaryDirectory() as folder:
        ours = {"DATA_DIR": folder, "PORT": "0", **_UNHURRIED}
        if amounts.thorough:
            step("first start")
            async with running("bot.py", environment=ours) as (_bot, took):
                starts.append(took)
        async with AsyncExitStack() as stack:
            step("start")
            bot, took = await stack.enter_async_context(running("bot.py", environment=ours))
            starts.append(took)
            step("one question after the other")
            times = await latencies(bot, texts[: amounts.asked])
            # Before the peers start: they would share pages of Python with our bot.
            memory = bot.megabytes()
            bots = {"bot": bot}
            for name in _PEERS:
                peer = running("-m", "tests.benchmarks.peers", name)
                bots[name], _took = await stack.enter_async_context(peer)
            floods = await _floods(bots, texts, amounts, step)
        if amounts.thorough:
            step("one question after the other, on one core")
            one_core = await _on_one_core(ours, texts[:_ONE_CORE_ASKED])
    return {
        "answer_p50_ms": percentile(times, 50),
        "answer_p95_ms": percentile(times, 95),
        **one_core,
        **floods,
        "rss_mb": round(memory, 1),
        "first_start_s": round(starts[0], 2),
        "start_s": round(starts[-1], 2),
    }


@contextmanager
def _progress(total: int) -> Iterator[_Step]:
    """A function that names what is measured now, in a progress bar on stderr."""
    with tqdm(total=total, file=sys.stderr, bar_format="{l_bar}{bar:24} {postfix}") as bar:
        begun = False

        def step(name: str) -> None:
            nonlocal begun
            bar.update(begun)
            begun = True
            bar.set_postfix_str(name)

        yield step
        bar.update()
        bar.set_postfix_str("done")


async def _floods(
    bots: Mapping[str, Running], texts: Sequence[str], amounts: Amounts, step: _Step
) -> dict[str, Any]:
    """Many updates at once, to one bot after the other: what else the machine does meets all."""
    found: dict[str, list[Flood]] = defaultdict(list)
    for number in range(amounts.rounds):
        step(f"many updates at once, round {number + 1}")
        found["bot"].append(await flood(bots["bot"], texts, amounts.flood))
        found["menu"].append(await flood(bots["bot"], ["/menu"], amounts.light))
        for name in _PEERS:
            found[name].append(await flood(bots[name], texts, amounts.light))
    per_s = {name: round(middle([f.updates_per_s for f in fs]), 1) for name, fs in found.items()}
    cpu = {name: round(middle([f.cpu_us_per_update for f in fs])) for name, fs in found.items()}
    return {
        "updates_per_s": per_s["bot"],
        "cpu_us_per_update": cpu["bot"],
        "menu_updates_per_s": per_s["menu"],
        "menu_cpu_us_per_update": cpu["menu"],
        "aiogram_echo": {"updates_per_s": per_s["aiogram"], "cpu_us_per_update": cpu["aiogram"]},
        "ptb_echo": {"updates_per_s": per_s["ptb"], "cpu_us_per_update": cpu["ptb"]},
        "fake_ceiling_updates_per_s": per_s["raw"],
        "generator_busy": {
            name: round(middle([f.generator_busy for f in fs]), 2) for name, fs in found.items()
        },
    }


async def _on_one_core(settings: Mapping[str, str], texts: Sequence[str]) -> dict[str, float]:
    """Latencies of a bot whose processes share one core; the load generator has the others."""
    core = max(os.sched_getaffinity(0))
    async with running("bot.py", environment=settings, core=core) as (bot, _took):
        times = await latencies(bot, texts)
    return {
        "one_core_answer_p50_ms": percentile(times, 50),
        "one_core_answer_p95_ms": percentile(times, 95),
    }


async def _searches(amounts: Amounts, step: _Step) -> dict[str, dict[str, float]]:
    """The figures of searching by the number of articles, each from a process of its own."""
    by_size: dict[str, dict[str, float]] = {}
    for size in amounts.articles:
        step(f"searching {size} articles")
        by_size[str(size)] = await _search(size, amounts.searched)
    names = next(iter(by_size.values()))
    return {f"search_{name}": {size: f[name] for size, f in by_size.items()} for name in names}


async def _search(size: int, number: int) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.benchmarks.searching",
        str(size),
        str(number),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        printed, log = await asyncio.wait_for(process.communicate(), _SEARCH_PATIENCE)
    except TimeoutError:
        raise BenchmarkError(f"searching {size} articles took too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = log.decode(errors="replace").strip().rpartition("\n")[2]
        raise BenchmarkError(f"searching {size} articles: {last}")
    figures: dict[str, float] = json.loads(printed)
    return figures
