"""The start, step by step, as whoever started it sees it."""

import gc
import sys

from tqdm import tqdm


def collect_from_now_on() -> None:
    """Turn the collector on, for what comes: what the start made stays and is never looked at.

    Without this a full collection would halt every answer for a third of a second.
    """
    gc.freeze()
    gc.enable()


class Steps:
    """A progress bar over the steps of the start, on stderr."""

    def __init__(self, *names: str) -> None:
        self._names = iter(names)
        self._bar = tqdm(total=len(names), file=sys.stderr, bar_format="{l_bar}{bar:24} {desc}")
        self._bar.set_description_str(next(self._names))

    def done(self) -> None:
        """The current step is done; the next one is shown."""
        self._bar.update()
        self._bar.set_description_str(next(self._names, "ready"))

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()
