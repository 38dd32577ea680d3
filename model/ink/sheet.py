"""A picture on plain paper, of which only the part is kept that has something on it.

Most of a canvas is paper, and whatever is done to a picture costs by the pixel.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.ink.pillow import grey_of, image_of

Grey = NDArray[np.uint8]


class Sheet(NamedTuple):
    """A grey picture that is paper of one level, all but a part."""

    part: Grey
    """(h, w)."""
    left: int
    """Where the part begins in the picture (pixels)."""
    top: int
    shape: tuple[int, int]
    """(H, W) of the picture."""
    paper: int
    """The level of all that lies outside of the part."""
    final: bool = True
    """Whether it is what the plain way sees. If not, it is so once it is averaged down."""

    def whole(self) -> Grey:
        """The (H, W) picture."""
        height, width = self.part.shape
        picture = np.full(self.shape, self.paper, np.uint8)
        picture[self.top : self.top + height, self.left : self.left + width] = self.part
        return picture

    def reduced(self, factor: int) -> "Sheet":
        """Averaged down by a whole factor, as the picture would be."""
        if factor == 1:
            return self
        height, width = self.part.shape
        # The part, grown by paper to the blocks of the picture that it touches.
        top, left = self.top // factor * factor, self.left // factor * factor
        bottom = min(-(-(self.top + height) // factor) * factor, self.shape[0])
        right = min(-(-(self.left + width) // factor) * factor, self.shape[1])
        grown = Sheet(self.part, self.left - left, self.top - top, (bottom - top, right - left), self.paper)
        return Sheet(
            grey_of(image_of(grown.whole()).reduce(factor)),
            left // factor,
            top // factor,
            (-(-self.shape[0] // factor), -(-self.shape[1] // factor)),
            self.paper,
        )
