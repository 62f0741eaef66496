"""The office, without Telegram: what the bot knows, keeps and is allowed to do.

This file must stay: with it ``import bot`` means this package, without it the script ``bot.py``.
"""
