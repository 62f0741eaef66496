"""A message → what it wants → what the office says about it. Knows no messenger."""

import os

# Before numpy is loaded: its products here take a millisecond or two, and a second thread would
# wait for its core longer than that whenever the encoder or anything else uses it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
