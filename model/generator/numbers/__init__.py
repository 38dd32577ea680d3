"""Whole numbers: digits of one hand in a row, amounts on cheques, and the pieces of both."""

__all__ = ["lines", "measure", "segments", "strings", "texts"]
