"""What a checkpoint is worth on labelled images.

`inference` runs a network over arrays, `measures` computes figures from what it gives, `figures` puts them
into a report, `family` into the table of all presets.
"""

__all__ = ["family", "figures", "inference", "measures"]
