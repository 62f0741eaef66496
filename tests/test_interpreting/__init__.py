"""The Dolmetsch-Pool at the level of its actions, on both databases."""
