"""Whole numbers: over-segmentation, the network on every candidate, the best path through the graph.

image   -> page (lines of ink) -> graph (pieces, by cuts) -+
strokes -> pen (lines, pieces) ----------------------------+-> lattice -> network -> symbols -> paths

Readers of numbers call `read_image` and `read_strokes`; the submodules serve the generator and fitting.
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
