"""The web chat: its session, its line, its server."""
