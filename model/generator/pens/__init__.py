"""Strokes: recorded ones and stroke models, redrawn by other hands, and the pens that draw them."""

__all__ = ["hands", "rendering", "templates", "vectors"]
