"""Training: settings, losses and the loop itself, and a run's folder from its start to its measured end."""

__all__ = ["records", "run", "settings", "sweep", "teachers", "train", "trainer"]
