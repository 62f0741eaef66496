"""Tells our own page's requests from those of other sites."""

from urllib.parse import urlsplit

from bot.channels.webchat.settings import WebChatSettings


def same_origin(origin: str | None, host: str | None, settings: WebChatSettings) -> bool:
    """Whether a request comes from our own page, by its `Origin` header.

    Browsers always send it with a WebSocket, and no page can forge it.
    """
    if origin is None:
        return False
    if settings.origins:
        allowed = {value.rstrip("/").lower() for value in settings.origins}
        return origin.rstrip("/").lower() in allowed
    return host is not None and urlsplit(origin).netloc.lower() == host.lower()
