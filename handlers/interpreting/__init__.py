"""Interpreters: asking for one, how a request stands, and the card for private persons."""
