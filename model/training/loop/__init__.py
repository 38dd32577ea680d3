"""Training a network: a run, from its settings to its best weights and their figures.

`settings` is what a run depends on, `run` the run and its folder, `train` trains it by the loop of `trainer`
and ends with `finish`. The loop uses `losses`, `schedules`, `averaging` and `records`; `teachers` and `pool`
bring what teachers answer; `sweep` finds a learning rate.
"""

__all__ = ["losses", "records", "run", "settings", "sweep", "teachers", "train", "trainer"]
