"""Filled forms, with the truth about them: their template, what is written, and how the page lies."""

__all__ = ["measure", "pages"]
