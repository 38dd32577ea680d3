"""What a checkpoint is worth on labelled images.

`inference` runs a network over arrays, `calibration` and `measures` compute figures from what it gives,
`figures` puts them into a report, `family` into the table of all presets.
"""

__all__ = ["calibration", "family", "figures", "inference", "measures"]
