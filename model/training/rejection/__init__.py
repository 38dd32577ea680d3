"""Telling digits from other things: fitting temperature, digit score and threshold, and measuring them.

`kinds` gathers images of many kinds, `fitting` fits to them, `report` measures, `card` writes a section of a
model card.
"""

__all__ = ["card", "fitting", "kinds", "report"]
