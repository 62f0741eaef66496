"""The case worker's own machine: opens, answers and closes cases with a key that stays there."""
