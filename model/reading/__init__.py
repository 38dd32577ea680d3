"""Whole numbers: over-segmentation, the network on every candidate, the best path through the graph.

image   -> page (lines of ink) -> segment (pieces, by seams) -+
strokes -> pen (lines, pieces) -------------------------------+-> lattice -> recogniser -> weights -> paths
"""

from model.reading.errors import NothingToRead
from model.reading.reading import Alternative, Digit, Reading, read_image, read_strokes

__all__ = ["Alternative", "Digit", "NothingToRead", "Reading", "read_image", "read_strokes"]
