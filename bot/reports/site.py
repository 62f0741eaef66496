"""The secret of this place: it salts receipts and locks the links of those who chose a push."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import SettingsError

_FILE = "reports.secret"
_BYTES = 32


def derived(secret: bytes, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose, by HKDF-SHA256; from none can another be worked out."""
    return HKDF(
        algorithm=hashes.SHA256(), length=length, salt=None, info=f"kreis-bot:{purpose}".encode()
    ).derive(secret)


class SiteSecret:
    """What is derived from the secret; the secret itself is not kept.

    Whoever loses it voids every receipt; whoever learns it beside the database can resolve the
    links of the linked mode, and nothing else.
    """

    def __init__(self, secret: bytes) -> None:
        self.receipt_salt = derived(secret, "receipt salt", 16)
        self.link_key = derived(secret, "link sealing")
        self._tag_key = derived(secret, "link tag")
        self._owner_key = derived(secret, "link owner")
        self._bucket_key = derived(secret, "private bucket")

    def link_tag(self, lookup: bytes) -> bytes:
        """What a link is filed under, worked out from the case's look-up id."""
        return hmac.digest(self._tag_key, lookup, hashlib.sha256)

    def link_owner(self, channel: str, chat_id: int) -> bytes:
        """What a chat's own links are found by."""
        return hmac.digest(self._owner_key, f"{channel}:{chat_id}".encode(), hashlib.sha256)

    def bucket(self, channel: str, chat_id: int) -> int:
        """One of 256 buckets: many chats share one, so that it names nobody."""
        return hmac.digest(self._bucket_key, f"{channel}:{chat_id}".encode(), hashlib.sha256)[0]


def read_secret(given: str | None, folder: Path) -> SiteSecret:
    """The secret from ``REPORTS_SECRET``, or from a file that is made once, for its owner only.

    Raises ``SettingsError`` when it can be neither read nor made.
    """
    if given is not None:
        return SiteSecret(given.encode())
    file = folder / _FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "wb") as new:
                new.write(secrets.token_bytes(_BYTES))
                new.flush()
                os.fsync(new.fileno())
        secret = file.read_bytes()
    except OSError as error:
        raise SettingsError(f"DATA_DIR: {_FILE} cannot be used ({error.strerror})") from None
    if len(secret) < _BYTES:
        raise SettingsError(f"DATA_DIR: {_FILE} is damaged; restore it from the backup")
    return SiteSecret(secret)
