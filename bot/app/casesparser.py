"""The command line of ``cases``: verbs of a case worker's machine, and ``token`` on the server."""

import argparse
import os
from pathlib import Path


def _home() -> Path:
    given = os.environ.get("CASES_HOME")
    return Path(given) if given else Path.home() / ".kreis-cases"


def add_cases(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb ``cases`` and all under it."""
    cases = verbs.add_parser("cases", help="work on reports, on a case worker's machine")
    cases.add_argument(
        "--home", type=Path, default=_home(), help="the folder with your key (CASES_HOME)"
    )
    under = cases.add_subparsers(dest="cases_verb", required=True, metavar="VERB")

    keygen = under.add_parser("keygen", help="make your key; prints the public half")
    keygen.add_argument("--passphrase", action="store_true", help="lock it with a passphrase")
    connect = under.add_parser("connect", help="say where the server is; asks for your token")
    connect.add_argument("url", help="such as https://chat.example.org")
    trust = under.add_parser("trust", help="you compared a colleague's public key on the phone")
    trust.add_argument("key", help="age1…")
    under.add_parser("pull", help="fetch what is new; lets go what was deleted")
    under.add_parser("push", help="send what could not be sent before")
    under.add_parser("list", help="all cases, with due dates and cases that lie close together")

    def one(name: str, words: str) -> argparse.ArgumentParser:
        parser = under.add_parser(name, help=words)
        parser.add_argument("case", help="the case's number, or how it begins")
        return parser

    show = one("show", "open a case")
    show.add_argument("--files", type=Path, metavar="FOLDER", help="write its files there")
    for name, words in (
        ("reply", "answer who reported; found with the receipt"),
        ("note", "a note that only case workers can open"),
    ):
        writing = one(name, words)
        writing.add_argument("text", nargs="?", help="the text; without it, from standard input")
    step = one("step", "bring a case to the next state of the process guide")
    step.add_argument("state", help="such as conversation-offered")
    done = one("done", "a task is done")
    done.add_argument("task", help="such as offer-conversation")
    hand = one("hand", "give a case to a colleague")
    hand.add_argument("worker", type=int, help="the number that `staff list` shows")
    close = one("close", "ask for closing, or --confirm as the second person")
    close.add_argument("--confirm", action="store_true", help="you are the second person")
    close.add_argument("--substatus", help="how it ended, such as advised")
    close.add_argument("--form", help="for the figures; otherwise the first one told")
    close.add_argument("--motive", help="for the figures; otherwise the first one told")
    close.add_argument("--town", help="for the figures; otherwise the one told")
    export = one("export", "write a case to a file")
    export.add_argument("--pdf", type=Path, metavar="FILE", help="readable, to print")
    export.add_argument("--age", type=Path, metavar="FILE", help="sealed: PDF, JSON and files")
    export.add_argument("--to", action="append", metavar="KEY", help="seal --age to this key")
    one("openings", "who opened a case, and when")
    under.add_parser("rotate", help="seal all cases anew, after a key came or went")
    figures = under.add_parser("figures", help="publish the figures of a year or quarter")
    figures.add_argument("period", help="2026 or 2026-Q3")
    figures.add_argument("--out", type=Path, metavar="FOLDER", help="CSV, XLSX and PNG")
    figures.add_argument("--json", action="store_true", help="print JSON as well")

    token = under.add_parser("token", help="on the server: a new token for a case worker")
    token.add_argument("worker", type=int, help="the number that `staff list` shows")
