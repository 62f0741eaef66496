"""What a translator has to do in a language, as a file they can work in, and back again, checked.

A unit is one text: a title, a body, a contact's name, a sentence of a screen. Units are collected
from ``knowledge/`` and ``locales/`` (``units``), written as XLSX or XLIFF (``files``), read back,
checked against the German text of today, and written into the folders (``taking``).
"""

from bot.translating.files import read_units, write_units
from bot.translating.taking import Taken, take
from bot.translating.units import State, Unit, open_units

__all__ = ["State", "Taken", "Unit", "open_units", "read_units", "take", "write_units"]
