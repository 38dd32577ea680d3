"""Digits told from other things: `fitting` has temperature, score and threshold, `choosing` the choice."""

__all__ = ["choosing", "fitting"]
