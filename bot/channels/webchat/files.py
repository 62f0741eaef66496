"""Photos and documents of the open rooms, in memory only and never more than agreed."""

import mimetypes
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field


class NoSpace(Exception):
    """The file is larger than one room, or all rooms together, may hold."""


@dataclass(slots=True)
class KeptFile:
    """One file: its bytes, its name, and the rooms that show it."""

    file_id: str
    data: bytes
    name: str
    mime: str
    size: tuple[int, int] | None
    rooms: set[int] = field(default_factory=set)

    @property
    def unique_id(self) -> str:
        """The `file_unique_id` of the Bot API."""
        return self.file_id[:15]


class Files:
    """All files by id. The oldest leave first; a file nobody's room shows is gone at once."""

    def __init__(self, *, most_bytes: int, most_bytes_per_room: int) -> None:
        self._most = most_bytes
        self._most_per_room = most_bytes_per_room
        self._files: OrderedDict[str, KeptFile] = OrderedDict()
        self._by_room: dict[int, OrderedDict[str, None]] = {}
        self.bytes = 0

    def keep(self, chat_id: int, data: bytes, name: str, mime: str | None = None) -> KeptFile:
        """Keeps a file for a room. Raises `NoSpace` if even an empty house could not hold it."""
        if len(data) > min(self._most, self._most_per_room):
            raise NoSpace
        clean = clean_name(name)
        kind = mime or mimetypes.guess_type(clean)[0] or "application/octet-stream"
        file = KeptFile(secrets.token_urlsafe(24), data, clean, kind, image_size(data))
        self._files[file.file_id] = file
        self.bytes += len(data)
        self.share(chat_id, file)
        while self.bytes > self._most:
            self._drop(next(iter(self._files)))
        return file

    def share(self, chat_id: int, file: KeptFile) -> None:
        """Shows a file that is already here in this room, too."""
        file.rooms.add(chat_id)
        shown = self._by_room.setdefault(chat_id, OrderedDict())
        shown[file.file_id] = None
        shown.move_to_end(file.file_id)
        while sum(len(self._files[key].data) for key in shown) > self._most_per_room:
            self.leave(chat_id, next(iter(shown)))

    def get(self, file_id: str) -> KeptFile | None:
        """The file for the bot, which may use it in any room."""
        return self._files.get(file_id)

    def shown_in(self, chat_id: int, file_id: str) -> KeptFile | None:
        """The file for a visitor: only what their own room shows."""
        file = self._files.get(file_id)
        return file if file is not None and chat_id in file.rooms else None

    def clear(self, chat_id: int) -> None:
        """Forgets what a room shows."""
        for file_id in list(self._by_room.pop(chat_id, ())):
            self.leave(chat_id, file_id)

    def leave(self, chat_id: int, file_id: str) -> None:
        """A room shows this file no longer."""
        if chat_id in self._by_room:
            self._by_room[chat_id].pop(file_id, None)
        file = self._files.get(file_id)
        if file is not None:
            file.rooms.discard(chat_id)
            if not file.rooms:
                self._drop(file_id)

    def _drop(self, file_id: str) -> None:
        file = self._files.pop(file_id)
        self.bytes -= len(file.data)
        for chat_id in file.rooms:
            self._by_room.get(chat_id, OrderedDict()).pop(file_id, None)


def clean_name(name: str) -> str:
    """A file name without folders, control characters and marks that turn the reading direction.

    The marks matter: with one of them "gpj.exe" can be made to look like "exe.jpg".
    """
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(character for character in last if character.isprintable())
    return kept.strip(" .")[:120] or "file"


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, JPEG or WebP; `None` for everything else."""
    if data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) >= 24:
        return _positive(int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
    if data[:6] in {b"GIF87a", b"GIF89a"} and len(data) >= 10:
        little = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
        return _positive(*little)
    if data[:3] == b"\xff\xd8\xff":
        return _jpeg_size(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        return _webp_size(data)
    return None


def _positive(width: int, height: int) -> tuple[int, int] | None:
    return (width, height) if width > 0 and height > 0 else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height = int.from_bytes(data[at + 5 : at + 7], "big")
            return _positive(int.from_bytes(data[at + 7 : at + 9], "big"), height)
        alone = marker in {0x01, 0xFF} or 0xD0 <= marker <= 0xD8
        at += 2 if alone else 2 + max(int.from_bytes(data[at + 2 : at + 4], "big"), 2)
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        return _positive(width, int.from_bytes(data[27:30], "little") + 1)
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return _positive((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
    if kind == b"VP8 ":
        width = int.from_bytes(data[26:28], "little") & 0x3FFF
        return _positive(width, int.from_bytes(data[28:30], "little") & 0x3FFF)
    return None


PHOTO_TYPES = {
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
    b"\xff\xd8\xff": "image/jpeg",
    b"RIFF": "image/webp",
}


def photo_type(data: bytes) -> str | None:
    """The media type of an image the page can show, told from its bytes and not its name."""
    if image_size(data) is None:
        return None
    return next((mime for start, mime in PHOTO_TYPES.items() if data.startswith(start)), None)
