"""Telling digits from other things: `fitting` fits temperature, score and threshold, `report` measures."""

__all__ = ["fitting", "report"]
