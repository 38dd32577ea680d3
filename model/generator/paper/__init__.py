"""Ink and where it stands: print, displays, canvases, paper under a camera, forms and cheques."""

# fmt: off
__all__ = [
    "camera", "cells", "cheques", "desk", "displays", "fonts", "inks", "light", "masks", "meters",
    "pictures", "registers", "scene",
]
# fmt: on
