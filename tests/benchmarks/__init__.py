"""Speed and memory beside peers in one run. Not tests: machines differ, so nothing fails here.

A new benchmark is one function that takes ``Amounts`` and returns figures, and one line in
``tests.benchmarks.registry``. Names of figures end in their unit.
"""
