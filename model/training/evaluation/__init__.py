"""Measuring a checkpoint on labelled images.

`inference` runs a network over arrays, `measures` computes figures from its outputs, `figures` puts
them into a report, `family` into the table of all presets.
"""

__all__ = ["family", "figures", "inference", "measures"]
