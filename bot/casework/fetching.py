"""Keys, and what a case worker's machine fetches, sends and seals anew."""

import argparse
import base64
import hashlib
import os
import secrets
import sys
from collections.abc import Iterable
from datetime import date
from typing import Any

from bot.casework.machine import Machine, typed_secret
from bot.casework.server import Refused, Server, base64_of
from bot.errors import CaseworkError
from bot.reports.arrivals import NOTE
from bot.reports.process import guide
from bot.reports.sealing import unseal
from bot.reports.told import pack


def say(text: str = "") -> None:
    """One line of an answer."""
    print(text, flush=True)


def server_of(machine: Machine) -> Server:
    """The server that this machine knows. Raises ``CaseworkError`` when there is none."""
    settings = machine.settings()
    token = os.environ.get("CASES_TOKEN") or settings.get("token")
    url = os.environ.get("CASES_URL") or settings.get("url")
    if not url or not token:
        raise CaseworkError("no server is known yet; begin with: bot.py cases connect URL")
    return Server(url, token)


def keygen(machine: Machine, options: argparse.Namespace) -> int:
    """Make the private key and say the public one."""
    words = None
    if options.passphrase:
        words = typed_secret("CASES_PASSPHRASE", "A new passphrase: ")
        if len(words) < 8:
            raise CaseworkError("a passphrase needs at least 8 letters")
    public = machine.make_identity(words)
    say("Your key was made. It stays on this machine: make a copy on paper or on a stick")
    say(f"that is locked away. The file is {machine.folder / 'identity.txt'}")
    say()
    say("Give this public key to whoever runs the server:")
    say(public)
    return 0


def connect(machine: Machine, options: argparse.Namespace) -> int:
    """Note where the server is, and the token; both are tried first."""
    token = typed_secret("CASES_TOKEN", "The token: ")
    Server(options.url, token).get("/list")
    machine.keep_settings(url=options.url, token=token)
    say("Connected. Next: bot.py cases pull")
    return 0


def trust(machine: Machine, options: argparse.Namespace) -> int:
    """Note that a colleague's key was compared."""
    machine.trust(options.key)
    say("Noted: you have compared this key with its owner.")
    return 0


def flush(machine: Machine, server: Server) -> int:
    """Send what waits, oldest first; what the server refuses is said and let go."""
    refused = 0
    for file, path, words in machine.owed():
        try:
            server.post(path, words)
        except Refused as error:
            say(f"Not taken: {path.split('/')[-1]}: {error}")
            refused += 1
        file.unlink()
    rows = machine.queued_figures()
    if rows:
        secrets.SystemRandom().shuffle(rows)
        server.post("/figures", {"rows": rows})
        machine.figures_sent()
    return refused


def push(machine: Machine, options: argparse.Namespace) -> int:
    """Send what waits."""
    waiting = len(machine.owed())
    refused = flush(machine, server_of(machine))
    say(f"Sent: {waiting - refused}.")
    return 1 if refused else 0


def pull(machine: Machine, options: argparse.Namespace) -> int:
    """Send what waits, fetch what is new, let go what is gone."""
    server = server_of(machine)
    refused = flush(machine, server)
    lines, recipients = _checked(server.get("/list"))
    machine.keep_settings(cases=lines, recipients=recipients)
    here, there = set(machine.cases()), {line["id"] for line in lines}
    for case_id in sorted(here - there):
        machine.let_go(case_id)
    new = sorted(there - here)
    for case_id in _progress(sorted(there), "cases"):
        if case_id in new:
            machine.keep_report(case_id, server.fetch(f"/{case_id}/report"))
        _fetch_messages(machine, server, case_id)
    say(f"New: {len(new)}. Gone: {len(here - there)}. Here now: {len(there)}.")
    if here - there:
        say("Gone means: deleted by who reported, or the period was over.")
    _warn_of_keys(machine)
    return 1 if refused else 0


def _checked(listed: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """The list of cases and the keys, if they have the form that this program knows."""
    try:
        recipients = [str(key) for key in listed["recipients"]]
        lines = [
            {
                "id": str(line["id"]),
                "week": str(line["week"]),
                "state": guide().states[line["state"]].id,
                "substatus": line["substatus"],
                "urgent": bool(line["urgent"]),
                "due_on": _day(line["due_on"]),
                "worker": _number(line["worker"]),
                "closing": _number(line["closing"]),
                "delete_on": _day(line["delete_on"]),
                "unread": int(line["unread"]),
                "tasks": [
                    {
                        "task": str(task["task"]),
                        "due_on": _day(task["due_on"]),
                        "done_on": _day(task["done_on"]),
                    }
                    for task in line["tasks"]
                ],
            }
            for line in listed["cases"]
        ]
        plain = [*recipients, *(line["id"] for line in lines), *(line["week"] for line in lines)]
    except (KeyError, TypeError, ValueError):
        raise CaseworkError("the server's list cannot be read; is it the same version?") from None
    if not all(word.isascii() and word.replace("-", "").isalnum() for word in plain):
        raise CaseworkError("the server's list cannot be read")
    return lines, recipients


def _day(given: str | None) -> str | None:
    return None if given is None else date.fromisoformat(given).isoformat()


def _number(given: int | None) -> int | None:
    return None if given is None else int(given)


def _progress(items: list[str], what: str) -> Iterable[str]:
    from tqdm import tqdm

    return tqdm(items, desc=what, file=sys.stderr, disable=len(items) < 5, leave=False)


def _fetch_messages(machine: Machine, server: Server, case_id: str) -> None:
    found = server.get(f"/{case_id}/messages")["messages"]
    machine.keep_messages(
        case_id, [(m["id"], m["direction"], base64.b64decode(m["sealed"])) for m in found]
    )


def _warn_of_keys(machine: Machine) -> None:
    named = machine.settings().get("recipients", [])
    for key in named:
        if key not in machine.trusted():
            say(f"Reports are sealed to a key that you have not compared: {key}")
            say("Ask your colleague on the phone. Then: bot.py cases trust KEY")
    if machine.public not in named:
        say("Reports are NOT sealed to your key yet. Give it to whoever runs the server:")
        say(machine.public)


def rotate(machine: Machine, options: argparse.Namespace) -> int:
    """Seal every case anew to the keys that the server names now."""
    server = server_of(machine)
    pull(machine, options)
    replaced = kept = 0
    for case_id in _progress(machine.cases(), "sealing anew"):
        try:
            opened = machine.open_report(case_id)
        except CaseworkError:
            kept += 1
            continue
        old = machine.sealed_report(case_id)
        new = machine.seal(pack(opened.told, opened.received_on, opened.reply_to))
        replaced += _replace(server, case_id, None, old, new)
        machine.keep_report(case_id, new)
        for message_id, direction, sealed in machine.sealed_messages(case_id):
            also = () if direction == NOTE else (opened.reply_to,)
            fresh = machine.seal(unseal(sealed, machine.identity), *also)
            replaced += _replace(server, case_id, message_id, sealed, fresh)
            machine.keep_messages(case_id, [(message_id, direction, fresh)])
    say(f"Sealed anew: {replaced}. Not ours to open: {kept}.")
    return 0


def _replace(server: Server, case_id: str, message_id: str | None, old: bytes, new: bytes) -> int:
    words = {
        "case_id": case_id,
        "message_id": message_id,
        "was": hashlib.sha256(old).hexdigest(),
        "sealed": base64_of(new),
    }
    return int(server.post("/reseal", words)["replaced"])
