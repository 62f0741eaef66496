"""``python bot.py cases …`` on a case worker's machine: one function a verb."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bot.casework.fetching import connect, flush, keygen, pull, push, rotate, say, server_of, trust
from bot.casework.machine import Machine, Message, figure_words, new_id
from bot.casework.reading import (
    close_cases,
    entries,
    harmless,
    message_entries,
    month_of,
)
from bot.casework.server import Offline, base64_of
from bot.errors import CaseworkError
from bot.reports.arrivals import NOTE, TO_REPORTER, today
from bot.reports.desk import pack_message
from bot.reports.figures import UNKNOWN, Counted, Period, town_names
from bot.reports.process import CLOSED, RECEIVED, guide
from bot.reports.sealing import TooLarge
from bot.reports.told import Form, Motive, Opened, pack_parts

Verb = Callable[[Machine, argparse.Namespace], int]


def do(options: argparse.Namespace) -> int:
    """Carry out a ``cases`` verb; returns the exit code."""
    machine = Machine(options.home)
    try:
        return VERBS[options.cases_verb](machine, options)
    except CaseworkError as error:
        print(f"bot.py: {error}", file=sys.stderr)
        return 1


def _now() -> datetime:
    return datetime.now(UTC)


def _open_all(machine: Machine) -> dict[str, Opened]:
    opened = {}
    for case_id in machine.cases():
        try:
            opened[case_id] = machine.open_report(case_id)
        except CaseworkError as error:
            say(str(error))
    return opened


def _due(line: dict[str, Any], opened: Opened | None) -> date | None:
    """Until when the next step is to be done; for a new case worked out from inside the seal."""
    if line["state"] == RECEIVED and opened is not None:
        return guide().states[RECEIVED].tasks[0].due_on(opened.received_on)
    return date.fromisoformat(line["due_on"]) if line.get("due_on") else None


def _list(machine: Machine, options: argparse.Namespace) -> int:
    lines, opened = machine.lines(), _open_all(machine)
    close, day = close_cases(opened), today(_now())
    if not machine.cases():
        say("No cases here. Fetch them with: bot.py cases pull")
    for case_id in machine.cases():
        line = lines.get(case_id)
        if line is None:
            continue
        due = _due(line, opened.get(case_id))
        words = [
            case_id,
            line["week"],
            guide().states[line["state"]].name,
            f"until {due}" if due else "",
            "OVERDUE" if due and due < day and line["state"] != CLOSED else "",
            "URGENT" if line["urgent"] else "",
            f"new messages: {line['unread']}" if line["unread"] else "",
            f"worker {line['worker']}" if line["worker"] else "",
            f"closing asked by {line['closing']}" if _is_asked(line) else "",
            f"goes on {line['delete_on']}" if line["delete_on"] else "",
        ]
        say("  ".join(word for word in words if word))
        for other, why in close.get(case_id, ()):
            say(f"            {why} as {other}")
    return 0


def _is_asked(line: dict[str, Any]) -> bool:
    return line["closing"] is not None and line["state"] != CLOSED


def _show(machine: Machine, options: argparse.Namespace) -> int:
    case_id = machine.find(options.case)
    opened, messages = machine.open_report(case_id), machine.open_messages(case_id)
    _log_opening(machine, case_id)
    line = machine.lines().get(case_id, {})
    say(f"{case_id}  {line.get('week', '')}  {_name_of(line)}")
    for task in line.get("tasks", ()):
        known = guide().task(task["task"])
        done = f"done {task['done_on']}" if task["done_on"] else f"until {task['due_on']}"
        say(f"  [{done}] {known.name if known else harmless(task['task'])} ({task['task']})")
    for entry in [*entries(opened), *message_entries(messages)]:
        say()
        say(f"{entry.heading}:")
        for text in entry.text.split("\n"):
            say(f"  {text}")
    if options.files is not None:
        _save_files(options.files, opened, messages)
    return 0


def _name_of(line: dict[str, Any]) -> str:
    state = guide().states.get(line.get("state", ""))
    substatus = guide().substatuses.get(line.get("substatus") or "", "")
    return " · ".join(word for word in (state.name if state else "", substatus) if word)


def _save_files(folder: Path, opened: Opened, messages: list[Message]) -> None:
    from bot.casework.printing import safe_name

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = [(file.name, file.data) for file in opened.told.attachments]
    files += [file for message in messages for file in message.files]
    for number, (name, data) in enumerate(files, 1):
        (folder / safe_name(number, name)).write_bytes(data)
    say(f"\nFiles written to {folder}: {len(files)}. They are open there: delete them afterwards.")


def _log_opening(machine: Machine, case_id: str) -> None:
    """Every opening is logged, also when the server is out of reach: then later."""
    _send(machine, f"/{case_id}/opened", {}, quiet=True)


def _send(machine: Machine, path: str, words: dict[str, Any], *, quiet: bool = False) -> None:
    """Keep what is to be said, then say it; what does not arrive now waits for ``push``."""
    file = machine.owe(path, words)
    try:
        server_of(machine).post(path, words)
    except Offline as error:
        if not quiet:
            say(f"{error}; it waits here. Later: bot.py cases push")
        return
    except CaseworkError:
        file.unlink()
        raise
    file.unlink()


def _text(options: argparse.Namespace) -> str:
    text = options.text if options.text is not None else sys.stdin.read()
    if not text.strip():
        raise CaseworkError("there is no text")
    return str(text).strip()


def _message(machine: Machine, case_id: str, direction: str, data: bytes, *also: str) -> None:
    try:
        sealed = machine.seal(data, *also)
    except TooLarge:
        raise CaseworkError("this is too long") from None
    message_id = new_id()
    words = {"id": message_id, "direction": direction, "sealed": base64_of(sealed)}
    _send(machine, f"/{case_id}/messages", words)
    machine.keep_messages(case_id, [(message_id, direction, sealed)])


def _number(messages: list[Message]) -> int:
    return 1 + max((m.number for m in messages if m.direction != NOTE), default=0)


def _reply(machine: Machine, options: argparse.Namespace) -> int:
    case_id = machine.find(options.case)
    opened, messages = machine.open_report(case_id), machine.open_messages(case_id)
    data = pack_message(_text(options), _number(messages), _now())
    _message(machine, case_id, TO_REPORTER, data, opened.reply_to)
    say("Answered. Who reported finds it with the receipt.")
    return 0


def _note(machine: Machine, options: argparse.Namespace) -> int:
    case_id = machine.find(options.case)
    _message(machine, case_id, NOTE, pack_message(_text(options), 0, _now()))
    say("Noted, for case workers only.")
    return 0


def _step(machine: Machine, options: argparse.Namespace) -> int:
    case_id = machine.find(options.case)
    if options.state not in guide().states:
        raise CaseworkError(f"the states are: {', '.join(guide().states)}")
    _send(machine, f"/{case_id}/step", {"state": options.state})
    say(f"Now: {guide().states[options.state].name}. See the new tasks after a pull.")
    return 0


def _done(machine: Machine, options: argparse.Namespace) -> int:
    _send(machine, f"/{machine.find(options.case)}/task", {"task": options.task})
    say("Done.")
    return 0


def _hand(machine: Machine, options: argparse.Namespace) -> int:
    _send(machine, f"/{machine.find(options.case)}/hand", {"to": options.worker})
    say(f"Case worker {options.worker} has it now.")
    return 0


def _close(machine: Machine, options: argparse.Namespace) -> int:
    case_id = machine.find(options.case)
    return _confirm(machine, case_id) if options.confirm else _ask(machine, case_id, options)


def _ask(machine: Machine, case_id: str, options: argparse.Namespace) -> int:
    """The first of two people says what the case was, sealed, and asks for closing."""
    opened = machine.open_report(case_id)
    told = opened.told
    form = options.form or (told.forms[0].value if told.forms else Form.OTHER.value)
    motive = options.motive or (told.motives[0].value if told.motives else Motive.UNKNOWN.value)
    town = options.town or told.town or UNKNOWN
    if town not in town_names():
        raise CaseworkError(f"the towns are: {', '.join(town_names())}")
    if options.substatus not in guide().substatuses:
        raise CaseworkError(f"--substatus is one of: {', '.join(guide().substatuses)}")
    counted = Counted("", form, motive, town, month_of(opened.received_on))
    words = {**figure_words(counted), "substatus": options.substatus}
    text = ", ".join(
        (
            guide().word("form", form),
            guide().word("motive", motive),
            guide().word("town", town),
            guide().substatuses[options.substatus],
        )
    )
    head = {"text": f"→ {text}", "number": 0, "on": today(_now()).isoformat(), "closing": words}
    _message(machine, case_id, NOTE, pack_parts(head))
    _send(machine, f"/{case_id}/closing", {"substatus": options.substatus})
    say(f"Asked for closing: {text}")
    say(f"A second case worker: bot.py cases close {case_id} --confirm")
    return 0


def _confirm(machine: Machine, case_id: str) -> int:
    """The second of two people closes; the row of figures waits here until a later look."""
    proposals = [m.head["closing"] for m in machine.open_messages(case_id) if "closing" in m.head]
    if not proposals:
        raise CaseworkError("nobody has asked for closing yet, or you have not pulled")
    server_of(machine).post(f"/{case_id}/closed", {})
    counted = {name: proposals[-1][name] for name in ("form", "motive", "town", "month")}
    machine.queue_figure(case_id, counted)
    say("Closed. It is deleted in 60 days, and who reported can see that day.")
    return 0


def _export(machine: Machine, options: argparse.Namespace) -> int:
    from bot.casework.printing import age_of, bundle_of, pdf_of

    case_id = machine.find(options.case)
    if options.pdf is None and options.age is None:
        raise CaseworkError("say --pdf FILE or --age FILE")
    opened, messages = machine.open_report(case_id), machine.open_messages(case_id)
    _log_opening(machine, case_id)
    if options.pdf is not None:
        machine.write(options.pdf.absolute(), pdf_of(case_id, opened, messages))
        say(f"{options.pdf}: readable by whoever has the file. Delete it when it is not needed.")
    if options.age is not None:
        keys = options.to or [machine.public]
        machine.write(options.age.absolute(), age_of(bundle_of(case_id, opened, messages), keys))
        say(f"{options.age}: sealed to {len(keys)} key(s); inside is a ZIP file.")
    return 0


def _openings(machine: Machine, options: argparse.Namespace) -> int:
    found = server_of(machine).get(f"/{machine.find(options.case)}/openings")
    for one in found["openings"]:
        say(f"{one['at'][:16].replace('T', ' ')} UTC  case worker {one['worker']}")
    return 0


def _figures(machine: Machine, options: argparse.Namespace) -> int:
    from bot.casework.tables import note_of, rows_of, write_tables

    try:
        period = Period.parse(options.period)
    except ValueError as error:
        raise CaseworkError(str(error)) from None
    server = server_of(machine)
    flush(machine, server)
    tables = server.post("/releases", {"period": period.name})
    if tables.get("period") != period.name:
        raise CaseworkError("the server answered for another period")
    for dimension in tables["tables"]:
        say(f"\n{guide().word('dimension', dimension)}")
        for name, count in rows_of(tables, dimension):
            say(f"  {harmless(name):<44} {'<5 *' if count is None else count:>6}")
    say(f"\n{note_of(tables)}")
    if options.out is not None:
        for file in write_tables(tables, options.out):
            say(str(file))
    if options.json:
        say(json.dumps(tables, ensure_ascii=False))
    return 0


VERBS: dict[str, Verb] = {
    "keygen": keygen,
    "connect": connect,
    "trust": trust,
    "pull": pull,
    "push": push,
    "list": _list,
    "show": _show,
    "reply": _reply,
    "note": _note,
    "step": _step,
    "done": _done,
    "hand": _hand,
    "close": _close,
    "export": _export,
    "rotate": rotate,
    "openings": _openings,
    "figures": _figures,
}
