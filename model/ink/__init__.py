"""The one normaliser: an image or pen strokes -> ink -> the network's input, a 28x28 field framed as MNIST's.

| step | modules | what they do |
|---|---|---|
| all of it | `normalise` | from bytes, pixels or strokes to the field; one or many |
| bytes to pixels | `decode`, `scans`, `parts` | within bounds, upright, 8 bits; a JPEG as small as will do |
| | `fields`, `canvas` | quick readers of 28x28 PNGs and of the PNGs of drawing canvases |
| colours to grey | `colour` | along the axis of contrast; what is transparent laid on paper |
| where to look | `finding` | the steps below, at a reduced scale first, and closer where the digit is small |
| | `document`, `boxed` | the sheet of paper on a desk; the inside of boxes on even ground |
| | `plain_drawing` | the usual drawing on a canvas: the same in a third of the time |
| grey to ink | `tone` | how much pen there is at each pixel: on even paper by itself, otherwise by |
| | `background` | what differs from the paper around it, |
| | `planar_background` | or broad strokes in fading light |
| | `polarity` | dark ink or light, by odds; where they are small both are made |
| not the digit's | `cell`, `rules` | the frames of cells, the rules of the paper |
| | `acutance` | light and shade that no pen made |
| the digit's own | `pieces`, `components` | which pieces of ink belong together, and which are the digit |
| | `lines`, `neighbours` | underlines, pens on the paper; neighbours that touch, cut off |
| | `plate`, `ring`, `shapes` | the digit on a tile, a disc, a note; in a ring, a box, a sign's border |
| ink to the field | `frame` | 20x20 box, centre of mass in the middle, strokes as wide as MNIST's |
| strokes to the field | `strokes` | drawn from the vectors straight at that size |

`morphology`, `hull` and `pillow` are tools of these. `python -m model predict --explain` draws every step.
"""

from model.ink.decode import DEFAULT_LIMITS, Limits
from model.ink.errors import ImageTooLarge, InkError, InvalidStrokes, NoInk, NotAnImage, UnsupportedFormat
from model.ink.frame import FIELD_SIDE
from model.ink.normalise import (
    NormalisedInk,
    normalise_drawings,
    normalise_image,
    normalise_images,
    normalise_pixels,
    normalise_quickly,
    normalise_strokes,
)

__all__ = [
    "DEFAULT_LIMITS",
    "FIELD_SIDE",
    "ImageTooLarge",
    "InkError",
    "InvalidStrokes",
    "Limits",
    "NoInk",
    "NormalisedInk",
    "NotAnImage",
    "UnsupportedFormat",
    "colour",
    "components",
    "decode",
    "frame",
    "morphology",
    "normalise_drawings",
    "normalise_image",
    "normalise_images",
    "normalise_pixels",
    "normalise_quickly",
    "normalise_strokes",
    "seams",
    "strokes",
    "tone",
]
