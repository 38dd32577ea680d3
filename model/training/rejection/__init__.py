"""Telling digits from what is none: fitting the digit score and its threshold, and measuring both by kind."""

__all__ = ["card", "fitting", "kinds", "report"]
