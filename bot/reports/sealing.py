"""Sealing with age: padded to a few sizes, to the public keys of the case workers.

The running bot holds public keys only. What it sealed it cannot open again.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pyrage import DecryptError, decrypt, encrypt, x25519

from bot.errors import SettingsError

_LENGTH = struct.Struct(">I")
_KIB = 1024
# Ciphertext comes in these sizes only, so that its length says little about what was told.
SIZES = tuple(
    size * _KIB
    for size in (4, 16, 64, 256, 1024, 2048, 4096, 8192, 12288, 16384, 20480, 24576, 28672)
)
_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
TRIAL = "# trial key"
"""Stands before a key that was only made to try reports out."""
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


class CannotOpen(Exception):
    """Sealed to somebody else, or not sealed by us."""


class TooLarge(Exception):
    """More than can be sealed in one piece."""


@dataclass(frozen=True, slots=True)
class Recipients:
    """The public keys that reports are sealed to."""

    keys: tuple[x25519.Recipient, ...]
    names: tuple[str, ...]
    trial: bool = False

    def seal(self, data: bytes, *also: x25519.Recipient) -> bytes:
        """Padded and sealed to all of them. Raises ``TooLarge``."""
        return seal(data, [*self.keys, *also])


def read_recipients(file: Path) -> Recipients | None:
    """The public keys in a file, one a line; what follows a ``#`` is a note.

    Nothing when there is no file or no key in it. Raises ``SettingsError`` naming the line for
    anything that is no public key, above all for a private one: it must not be on this machine.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    names = []
    for number, line in enumerate(lines, 1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        if word.upper().startswith("AGE-SECRET-KEY"):
            raise SettingsError(f"{file.name}:{number} is a private key; it must never be here")
        try:
            x25519.Recipient.from_str(word)
        except Exception:
            raise SettingsError(f"{file.name}:{number} is no public key (age1…)") from None
        if word not in names:
            names.append(word)
    if not names:
        return None
    keys = tuple(x25519.Recipient.from_str(name) for name in names)
    return Recipients(keys, tuple(names), trial=any(TRIAL in line for line in lines))


def seal(data: bytes, recipients: Sequence[x25519.Recipient]) -> bytes:
    """Padded to the next of ``SIZES`` and sealed. Raises ``TooLarge``."""
    wanted = len(data) + _LENGTH.size
    size = next((size for size in SIZES if size >= wanted), None)
    if size is None:
        raise TooLarge
    padded = b"".join((_LENGTH.pack(len(data)), data, bytes(size - wanted)))
    return bytes(encrypt(padded, list(recipients)))


def unseal(sealed: bytes, identity: x25519.Identity) -> bytes:
    """What was sealed to this identity, without the padding. Raises ``CannotOpen``."""
    try:
        padded = decrypt(sealed, [identity])
        (length,) = _LENGTH.unpack_from(padded)
    except (DecryptError, struct.error):
        raise CannotOpen from None
    if length > len(padded) - _LENGTH.size:
        raise CannotOpen
    return bytes(padded[_LENGTH.size : _LENGTH.size + length])


def identity_from(secret: bytes) -> x25519.Identity:
    """The age identity of 32 secret bytes, always the same one."""
    return x25519.Identity.from_str(_bech32("age-secret-key-", secret).upper())


def _polymod(values: Sequence[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for number, generator in enumerate(_GENERATOR):
            check ^= generator if (top >> number) & 1 else 0
    return check


def _bech32(prefix: str, data: bytes) -> str:
    """Bech32 as in BIP 173, the form that age writes its keys in."""
    bits = int.from_bytes(data, "big")
    length = len(data) * 8
    short = -length % 5
    bits <<= short
    values = [(bits >> shift) & 31 for shift in range(length + short - 5, -1, -5)]
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = _polymod([*spread, *values, *[0] * 6]) ^ 1
    values += [(check >> 5 * (5 - number)) & 31 for number in range(6)]
    return prefix + "1" + "".join(_CHARSET[value] for value in values)
