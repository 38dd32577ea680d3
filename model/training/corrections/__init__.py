"""Learning from what people said their drawings were, without forgetting.

`database` reads the corrections that the service keeps, `recipe` makes the settings and the sources of a run
that learns from them, `report` says what that has changed.
"""

__all__ = ["database", "recipe", "report"]
