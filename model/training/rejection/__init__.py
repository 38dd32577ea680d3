"""Tell digits from other things: `fitting` fits temperature, score and threshold, `choosing` the choice."""

__all__ = ["choosing", "fitting"]
