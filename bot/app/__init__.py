"""Puts the parts together: the command line, and what each verb starts.

The only package that may import everything. Imports stay inside the verbs: the light ones must
not wait for aiogram.
"""

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.app.casesparser import add_cases
from bot.errors import KnowledgeError, SettingsError

WRONG_USE = 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bot.py",
        description="The multilingual bot of the Büro für Integration, Kreis Groß-Gerau. "
        "Without a verb: starts the chat page and, with BOT_TOKEN, Telegram.",
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    verbs.add_parser("run", help="start the chat page and, with BOT_TOKEN, Telegram (the default)")
    verbs.add_parser("work", help="only do owed work, beside a running bot on PostgreSQL")

    ask = verbs.add_parser("ask", help="answer one question, or a file of questions")
    ask.add_argument("text", nargs="?", help="the question")
    ask.add_argument("--lang", help="the reader's language, such as de")
    ask.add_argument("--place", help="the reader's town, such as Raunheim")
    ask.add_argument(
        "--jsonl", type=Path, metavar="FILE", help='lines of {"text","lang"?,"place"?}'
    )

    evaluate = verbs.add_parser("evaluate", help="measure the answers against a file of questions")
    evaluate.add_argument("files", nargs="+", type=Path, metavar="FILE.jsonl")
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of tables")
    evaluate.add_argument(
        "--split", metavar="NAME", help='only lines of this "split": "hold" was never learnt from'
    )

    evaluate.add_argument(
        "--gate", action="store_true", help="decide what /language offers; writes docs/languages.md"
    )
    evaluate.add_argument(
        "--check", action="store_true", help="with --gate: only say whether that is of today"
    )

    verbs.add_parser("check", help="say what is wrong in knowledge/, file and line")
    verbs.add_parser("stamp", help="note in translations which German text they were made from")
    vectors = verbs.add_parser("vectors", help="embed what changed and fit the weights anew")
    vectors.add_argument("--check", action="store_true", help="only say whether any is missing")

    directory = verbs.add_parser("directory", help="the office's own list of practices")
    lists = directory.add_subparsers(dest="list_verb", required=True)
    bring = lists.add_parser("import", help="replace the list by a table")
    bring.add_argument("file", type=Path, metavar="FILE.csv|.xlsx")
    bring.add_argument("--dry-run", action="store_true", help="only say what would change")
    give = lists.add_parser("export", help="write the list to a table")
    give.add_argument("file", type=Path, metavar="FILE.csv|.xlsx")

    events = verbs.add_parser("events", help="events from and to a calendar file")
    calendars = events.add_subparsers(dest="events_verb", required=True)
    bring = calendars.add_parser("import", help="take over the events of a calendar feed's file")
    bring.add_argument("file", type=Path, metavar="FILE.ics")
    bring.add_argument("--dry-run", action="store_true", help="only say what would change")
    give = calendars.add_parser("export", help="write every event that is not over")
    give.add_argument("file", type=Path, metavar="FILE.ics")

    translations = verbs.add_parser("translations", help="texts for a translator, and back")
    texts = translations.add_subparsers(dest="translations_verb", required=True)
    texts.add_parser("list", help="how much is missing, stale or unreviewed in each language")
    give = texts.add_parser("export", help="write what is open in a language to a file")
    give.add_argument("language", metavar="LANGUAGE")
    give.add_argument("file", type=Path, metavar="FILE.xlsx|.xlf")
    give.add_argument("--unreviewed", action="store_true", help="also what no person has read")
    bring = texts.add_parser("import", help="take a file over that came back, checked")
    bring.add_argument("language", metavar="LANGUAGE")
    bring.add_argument("file", type=Path, metavar="FILE.xlsx|.xlf")
    bring.add_argument(
        "--reviewed-by", default="", metavar="ROLE", help="a person in this role has read it all"
    )
    bring.add_argument("--dry-run", action="store_true", help="only say what would change")

    staff = verbs.add_parser("staff", help="who is staff")
    people = staff.add_subparsers(dest="staff_verb", required=True)
    invite = people.add_parser("invite", help="print a one-time link")
    invite.add_argument(
        "--role", required=True, choices=["editor", "dispatcher", "case-worker", "admin"]
    )
    invite.add_argument("--no-wait", action="store_true", help="do not wait until it is opened")
    confirm = people.add_parser("confirm", help="make a role active with the two digits")
    confirm.add_argument("invitation", type=int, help="the invitation's number")
    confirm.add_argument("digits", type=int, help="the two digits that were read out")
    people.add_parser("list", help="everybody with a role")
    remove = people.add_parser("remove", help="take a role away")
    remove.add_argument("number", type=int, help="the number that `staff list` shows")
    add_cases(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says; ends the process with the verb's exit code.

    Settings or files that cannot be used: one line on stderr and exit code 2.
    """
    options = _parser().parse_args(arguments)
    try:
        code = _run(options)
    except (SettingsError, KnowledgeError) as error:
        print(f"bot.py: {error}", file=sys.stderr)
        code = WRONG_USE
    except KeyboardInterrupt:
        code = 130
    raise SystemExit(code)


def _run(options: argparse.Namespace) -> int:
    verb = options.verb or "run"
    if verb == "ask":
        from bot.app.asking import ask

        return ask(options.text, options.lang, options.place, options.jsonl)
    if verb == "evaluate":
        from bot.app.asking import evaluate, gate

        if options.gate:
            return gate(options.files, only_check=options.check)
        return evaluate(options.files, options.split, options.json)
    if verb == "translations":
        from bot.app import translations

        if options.translations_verb == "list":
            return translations.list_open()
        if options.translations_verb == "export":
            return translations.export_file(options.language, options.file, options.unreviewed)
        return translations.import_file(
            options.language, options.file, options.reviewed_by, options.dry_run
        )
    if verb in {"check", "stamp", "vectors"}:
        from bot.app.content import check, stamp, vectors

        if verb == "vectors":
            return vectors(only_check=options.check)
        return check() if verb == "check" else stamp()

    if verb == "cases" and options.cases_verb != "token":
        from bot.casework.verbs import do as do_cases

        return do_cases(options)

    from bot.settings import read_settings

    settings = read_settings(os.environ)
    if verb in {"directory", "events", "staff", "cases"}:
        from bot.app.deskwork import do

        return asyncio.run(do(settings, options))
    # A start makes a million small objects that stay; looking through them again and again
    # would take a fifth of its time. `serving` turns the collector on once the doors are open.
    gc.disable()
    from bot.app.serving import start

    return start(settings, only_work=verb == "work")
