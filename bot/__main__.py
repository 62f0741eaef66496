"""``python -m bot`` does what ``python bot.py`` does."""

from bot.app import main

main()
