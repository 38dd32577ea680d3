"""Training a network: a run, from its settings to its best weights and their figures.

`settings` is what a run depends on, `run` the run and its folder; `train` trains it by the loop of `trainer`,
which uses `losses`, `optimisation` and `records`, and measures it. `teachers` brings what teachers answer,
`sweep` finds a learning rate.
"""

__all__ = ["losses", "optimisation", "records", "run", "settings", "sweep", "teachers", "train", "trainer"]
