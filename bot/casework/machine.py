"""The folder on a case worker's machine: the private key, sealed copies, what waits to be sent.

Copies of cases lie here sealed, as they lie on the server. They are opened in memory only.
"""

import getpass
import hashlib
import json
import os
import secrets
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pyrage import DecryptError, passphrase, x25519

from bot.errors import CaseworkError
from bot.reports.arrivals import FROM_REPORTER, NOTE, TO_REPORTER, random_id
from bot.reports.figures import Counted
from bot.reports.sealing import CannotOpen, Recipients, seal, unseal
from bot.reports.told import Opened, unpack, unpack_parts

_AGE = b"age-encryption.org/v1"
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_DIRECTIONS = frozenset({NOTE, FROM_REPORTER, TO_REPORTER})


@dataclass(frozen=True, slots=True)
class Message:
    """One opened message or note of a case."""

    id: str
    direction: str
    on: date | None
    number: int
    text: str
    head: dict[str, Any]
    rest: bytes

    @property
    def files(self) -> list[tuple[str, bytes]]:
        """The attached files, by name."""
        found, at = [], 0
        for file in self.head.get("files", ()):
            found.append((str(file["name"]), self.rest[at : at + int(file["size"])]))
            at += int(file["size"])
        return found


class Machine:
    """The folder; made for its owner only. Raises ``CaseworkError`` in one line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._identity: x25519.Identity | None = None

    # The key

    @property
    def _identity_file(self) -> Path:
        return self.folder / "identity.txt"

    def make_identity(self, words: str | None) -> str:
        """Make the private key, locked with a passphrase where one is given; the public key.

        An existing key is never overwritten: nobody could open its cases any more.
        """
        if self._identity_file.exists():
            raise CaseworkError(f"there is a key already: {self._identity_file}")
        identity = x25519.Identity.generate()
        data = f"{identity}\n".encode()
        self.write(self._identity_file, passphrase.encrypt(data, words) if words else data)
        self._identity = identity
        self.trust(str(identity.to_public()))
        return str(identity.to_public())

    @property
    def identity(self) -> x25519.Identity:
        """The private key; asks for its passphrase when it is locked."""
        if self._identity is None:
            if not self._identity_file.is_file():
                raise CaseworkError("there is no key here yet; begin with: bot.py cases keygen")
            data = self._identity_file.read_bytes()
            if data.startswith(_AGE):
                words = typed_secret("CASES_PASSPHRASE", "Passphrase: ")
                try:
                    data = passphrase.decrypt(data, words)
                except DecryptError:
                    raise CaseworkError("this passphrase does not open the key") from None
            self._identity = x25519.Identity.from_str(data.decode().strip().splitlines()[-1])
        return self._identity

    @property
    def public(self) -> str:
        """The public key, for the file of case workers' keys on the server."""
        return str(self.identity.to_public())

    # Whom we seal to

    @property
    def _trusted_file(self) -> Path:
        return self.folder / "trusted.txt"

    def trusted(self) -> set[str]:
        """Public keys that this case worker compared with their owners."""
        if not self._trusted_file.is_file():
            return set()
        return set(self._trusted_file.read_text(encoding="utf-8").split())

    def trust(self, key: str) -> None:
        """Note that a key was compared with its owner."""
        try:
            x25519.Recipient.from_str(key)
        except Exception:
            raise CaseworkError("this is no public key (age1…)") from None
        self.write(self._trusted_file, "\n".join(sorted({*self.trusted(), key})).encode() + b"\n")

    def recipients(self) -> Recipients:
        """The keys that the server names, all of them trusted. A server may not smuggle one in."""
        names = self.settings().get("recipients", [])
        unknown = [name for name in names if name not in self.trusted()]
        if not names:
            raise CaseworkError("the server names no keys; pull first")
        if unknown:
            raise CaseworkError(
                f"the server names a key that you have not compared: {unknown[0]} — ask your "
                "colleague on the phone, then: bot.py cases trust KEY"
            )
        keys = tuple(x25519.Recipient.from_str(name) for name in names)
        return Recipients(keys, tuple(names))

    def seal(self, data: bytes, *also: str) -> bytes:
        """Sealed to all case workers, and to the mailbox of a reporter where it is meant to be."""
        try:
            extra = [x25519.Recipient.from_str(key) for key in also]
        except Exception:
            raise CaseworkError("this report names no mailbox that could be answered") from None
        return seal(data, [*self.recipients().keys, *extra])

    # Settings and files

    def settings(self) -> dict[str, Any]:
        """The server's address, the token, and what the last look brought."""
        file = self.folder / "settings.json"
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}

    def keep_settings(self, **values: Any) -> None:
        """Change some settings."""
        words = json.dumps({**self.settings(), **values}, indent=1)
        self.write(self.folder / "settings.json", words.encode())

    def write(self, file: Path, data: bytes) -> None:
        """Write a file whole or not at all, readable for its owner only."""
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(file)

    # Cases

    def _case(self, case_id: str) -> Path:
        return self.folder / "cases" / _plain_id(case_id)

    def cases(self) -> list[str]:
        """The cases of which there is a copy here."""
        return sorted(path.parent.name for path in self.folder.glob("cases/*/report.age"))

    def lines(self) -> dict[str, dict[str, Any]]:
        """The list of cases as of the last look, by number."""
        return {str(line["id"]): line for line in self.settings().get("cases", [])}

    def find(self, beginning: str) -> str:
        """The one case whose number begins so."""
        found = [case for case in self.cases() if case.startswith(beginning.lower())]
        if len(found) != 1:
            raise CaseworkError(
                f"no case here begins with {beginning}; pull first"
                if not found
                else f"{len(found)} cases begin with {beginning}; type more of the number"
            )
        return found[0]

    def keep_report(self, case_id: str, sealed: bytes) -> None:
        """Keep a sealed report."""
        self.write(self._case(case_id) / "report.age", sealed)

    def keep_messages(self, case_id: str, messages: Iterable[tuple[str, str, bytes]]) -> None:
        """Keep sealed messages: number, direction, ciphertext."""
        for message_id, direction, sealed in messages:
            _plain_id(message_id)
            if direction not in _DIRECTIONS:
                raise CaseworkError("the server sent a message of an unknown kind")
            name = f"{message_id}.{direction}.age"
            self.write(self._case(case_id) / "messages" / name, sealed)

    def let_go(self, case_id: str) -> None:
        """Delete the copy of a case."""
        folder = self._case(case_id)
        for file in sorted(folder.rglob("*"), reverse=True):
            if file.is_dir():
                file.rmdir()
            else:
                # Overwritten first: on disks that write in place nothing of it stays.
                file.write_bytes(bytes(file.stat().st_size))
                file.unlink()
        folder.rmdir()

    def sealed_report(self, case_id: str) -> bytes:
        """The sealed report."""
        return (self._case(case_id) / "report.age").read_bytes()

    def sealed_messages(self, case_id: str) -> list[tuple[str, str, bytes]]:
        """The sealed messages: number, direction, ciphertext."""
        found = []
        for file in sorted((self._case(case_id) / "messages").glob("*.age")):
            message_id, direction, _age = file.name.split(".")
            found.append((message_id, direction, file.read_bytes()))
        return found

    def open_report(self, case_id: str) -> Opened:
        """The report, opened."""
        try:
            return unpack(unseal(self.sealed_report(case_id), self.identity))
        except CannotOpen:
            raise CaseworkError(
                f"case {case_id} is not sealed to your key; a colleague must reseal it: "
                "bot.py cases rotate"
            ) from None
        except ValueError:
            raise CaseworkError(f"case {case_id} cannot be read") from None

    def open_messages(self, case_id: str) -> list[Message]:
        """Messages and notes, opened, as they followed each other."""
        found = []
        for message_id, direction, sealed in self.sealed_messages(case_id):
            try:
                head, rest = unpack_parts(unseal(sealed, self.identity))
                on, number = date.fromisoformat(head["on"]), int(head["number"])
            except (CannotOpen, ValueError, KeyError, TypeError):
                head, rest = {"text": "(cannot be opened with this key)"}, b""
                on, number = None, 0
            found.append(
                Message(message_id, direction, on, number, str(head.get("text", "")), head, rest)
            )
        return sorted(found, key=lambda m: (m.on or date.min, m.number, m.id))

    # What waits to be sent

    def owe(self, path: str, words: dict[str, Any]) -> Path:
        """Keep something that the server is to be told."""
        names = [int(file.stem) for file in self.folder.glob("outbox/*.json")]
        file = self.folder / "outbox" / f"{max(names, default=0) + 1:06}.json"
        self.write(file, json.dumps({"path": path, "words": words}).encode())
        return file

    def owed(self) -> list[tuple[Path, str, dict[str, Any]]]:
        """What waits to be sent, oldest first."""
        found = []
        for file in sorted(self.folder.glob("outbox/*.json")):
            one = json.loads(file.read_text(encoding="utf-8"))
            found.append((file, str(one["path"]), dict(one["words"])))
        return found

    def queue_figure(self, case_id: str, counted: dict[str, str]) -> None:
        """Keep a row of figures for a later look, without the number of its case.

        Its id is worked out with the private key: the same case gives the same row, and nobody
        else can tell which case that was.
        """
        mixed = hashlib.sha256(f"{self.identity}:{case_id}".encode()).digest()
        row_id = "".join(_ALPHABET[byte % 32] for byte in mixed[:10])
        rows = {row["id"]: row for row in self.queued_figures()}
        rows[row_id] = {**counted, "id": row_id}
        self.write(self.folder / "figures.json", json.dumps(list(rows.values())).encode())

    def queued_figures(self) -> list[dict[str, str]]:
        """Rows of figures that wait."""
        file = self.folder / "figures.json"
        return list(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else []

    def figures_sent(self) -> None:
        """Nothing waits any more."""
        (self.folder / "figures.json").unlink(missing_ok=True)


def typed_secret(variable: str, prompt: str) -> str:
    """A secret from the environment, typed without showing, or from standard input."""
    given = os.environ.get(variable)
    if given is None:
        given = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()
    if not given.strip():
        raise CaseworkError(f"nothing was typed (or set {variable})")
    return given.strip()


def _plain_id(given: str) -> str:
    """A number drawn by lot; anything else could lead out of the folder."""
    if not 0 < len(given) <= 16 or any(letter not in _ALPHABET for letter in given):
        raise CaseworkError("this is no number of a case or a message")
    return given


def figure_words(row: Counted) -> dict[str, str]:
    """A row of figures as it waits and travels."""
    return {
        "form": row.form,
        "motive": row.motive,
        "town": row.town,
        "month": row.month.isoformat(),
    }


def new_id() -> str:
    """A number drawn by lot, so that a repeated sending is noticed."""
    return random_id()
