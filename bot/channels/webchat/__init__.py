"""A bot behind a web page: `WebChatSession` for aiogram and `create_app` for the web server."""

from bot.channels.webchat.server import UVICORN, create_app
from bot.channels.webchat.session import WebChatSession
from bot.channels.webchat.settings import WebChatSettings
from bot.channels.webchat.visitors import MemoryVisitors, Visitors, hash_secret
from bot.channels.webchat.words import ENGLISH, Strings, english

__all__ = [
    "ENGLISH",
    "UVICORN",
    "MemoryVisitors",
    "Strings",
    "Visitors",
    "WebChatSession",
    "WebChatSettings",
    "create_app",
    "english",
    "hash_secret",
]
