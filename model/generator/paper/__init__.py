"""Ink and where it stands: print, displays, canvases, paper under a camera, forms and cheques."""

# fmt: off
__all__ = [
    "camera", "canvas", "cells", "cheques", "coarse", "desk", "disguises", "displays", "fonts", "ground",
    "inks", "light", "meters", "nibs", "registers", "scene", "surroundings",
]
# fmt: on
