"""Whole numbers: over-segmentation, the network on every candidate, the best path through the graph.

image   -> page (lines of ink) -> segment (pieces, by seams) -+
strokes -> pen (lines, pieces) -------------------------------+-> lattice -> recogniser -> weights -> paths
"""

from model.reading.errors import NothingToRead
from model.reading.reading import Reading, read_image, read_strokes

__all__ = [
    "NothingToRead",
    "Reading",
    "beyond",
    "fitting",
    "lattice",
    "network",
    "page",
    "pen",
    "read_image",
    "read_strokes",
    "reading",
    "segment",
    "weights",
]
