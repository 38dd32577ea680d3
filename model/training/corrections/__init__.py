"""Learning from what people corrected: the file of it, the recipe of such a run, and what it changed."""

__all__ = ["database", "recipe", "report"]
