"""What a search for a doctor names: the specialty, the language, the municipality."""

from bot.answering.slots.reading import SPECIALTIES, Slots, slots, wants_directory, warm_up

__all__ = ["SPECIALTIES", "Slots", "slots", "wants_directory", "warm_up"]
