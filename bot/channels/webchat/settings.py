"""How large, how long and how fast the web chat may be."""

from dataclasses import dataclass
from datetime import timedelta

TEXT_LIMIT = 4096
"""Characters of one message, as in Telegram."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebChatSettings:
    """Names on the page and the limits that keep memory bounded; sizes in bytes."""

    office: str = "Büro für Integration"
    operator: str = "Kreis Groß-Gerau"
    username: str = "webchat_bot"
    default_language: str = "de"
    languages: tuple[str, ...] = ("de", "en")
    """Languages the page may open in, as its reader's browser asks for them."""

    origins: tuple[str, ...] = ()
    """Allowed `Origin` values ("https://chat.example.org"); empty: the host the page came from."""

    room_ttl: timedelta = timedelta(hours=24)
    """A room without visitor is dropped after this time."""
    restart_grace: timedelta = timedelta(minutes=10)
    """So long after a start a message for an unknown chat waits in a new room: rooms live in
    memory, and the tabs of the time before the start come back within seconds."""
    spare_after: timedelta = timedelta(hours=1)
    """In a full house the room left longest ago makes place, if left at least so long ago."""

    max_rooms: int = 1000
    rooms_per_minute: int = 120
    """New rooms a minute (and at once, after a quiet minute)."""
    max_connections: int = 2000
    connections_per_room: int = 6

    messages_per_room: int = 200
    """Messages kept for redrawing; older ones leave the memory first."""
    bytes_per_room: int = 512 * 1024
    """Of messages, and once more of events not yet known to be seen."""
    files_per_room_bytes: int = 42 * 1024 * 1024
    files_bytes: int = 256 * 1024 * 1024
    """Of all rooms together."""
    upload_bytes: int = 20 * 1024 * 1024
    uploads_at_once: int = 4

    frames_per_second: float = 4.0
    frames_at_once: int = 20
    frame_bytes: int = 32 * 1024
    bad_frames: int = 20
    """A connection that sends so many unreadable frames is closed."""
    waiting_updates: int = 40
    """Messages of one visitor that may wait for the bot."""

    hello_within: timedelta = timedelta(seconds=10)
    poll_for: timedelta = timedelta(seconds=25)
    absent_after: timedelta = timedelta(seconds=60)
    """A polling page that has not asked for so long counts as closed."""

    def spoken(self, *wanted: str | None) -> str:
        """The first of the wanted languages that the page speaks, else its own."""
        for language in wanted:
            primary = (language or "").split("-")[0].lower()
            if primary in self.languages:
                return primary
        return self.default_language
