"""Whole numbers: over-segmentation, the network on every candidate, the best path through the graph.

image   -> page (lines of ink) -> graph (pieces, by cuts) -+
strokes -> pen (lines, pieces) ----------------------------+-> lattice -> network -> symbols -> paths

`read_image` and `read_strokes` are what readers of numbers use; the submodules are for the generator and for
fitting.
"""

from model.reading.page import NothingToRead
from model.reading.pattern import BadPattern, read_pattern
from model.reading.reading import Answerer, Reading, read_image, read_strokes

__all__ = [
    "Answerer",
    "BadPattern",
    "NothingToRead",
    "Reading",
    "cells",
    "files",
    "fitting",
    "graph",
    "lattice",
    "page",
    "pattern",
    "pen",
    "read_image",
    "read_pattern",
    "read_strokes",
    "symbols",
]
