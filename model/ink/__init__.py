"""The one normaliser: an image or pen strokes -> proposals for the network's input, 28x28 fields as in MNIST.

Ink knows no network: it proposes, and `model.recognition` decides.

| step | modules | what they do |
|---|---|---|
| all of it | `normalise` | from bytes, pixels or strokes to the proposals; one picture or many |
| bytes to pixels | `decode` | within bounds, upright, 8 bits; a JPEG as small as will do |
| | `fields`, `canvas` | quick readers of 28x28 PNGs and of the PNGs of drawing canvases |
| what is plain to see | `plain_drawing` | a drawing on even paper: one proposal |
| everything else | `proposals`, `features` | a proposal for each way to see a digit, and its features |
| colours to grey | `colour` | along the axis of contrast; transparent pixels laid on paper |
| grey to ink | `polarity`, `paper` | dark ink or light, on paper of one level or a smooth surface |
| where is it written | `grounds` | for whole numbers: all of a picture, its paper in shade, sheets in it |
| views, groups | `views`, `components` | ink without lines; which components may be one digit |
| | `neighbours`, `seams` | neighbours that touch the digit, cut off |
| ink to the field | `frame` | 20x20 box, centre of mass in the middle, strokes as wide as MNIST's |
| strokes to the field | `strokes` | drawn from the vectors straight at that size |

`morphology` has tools that these modules share. `python -m model predict --explain` draws the proposals.
"""

from model.ink.decode import DEFAULT_LIMITS, Limits
from model.ink.errors import ImageTooLarge, InkError, InvalidStrokes, NoInk, NotAnImage, UnsupportedFormat
from model.ink.features import FEATURES, PLAIN
from model.ink.frame import FIELD_SIDE
from model.ink.normalise import (
    normalise_drawings,
    normalise_image,
    normalise_images,
    normalise_pixels,
    normalise_quickly,
    normalise_strokes,
)
from model.ink.proposals import NormalisedInk

__all__ = [
    "DEFAULT_LIMITS",
    "FEATURES",
    "FIELD_SIDE",
    "PLAIN",
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
    "grounds",
    "morphology",
    "normalise_drawings",
    "normalise_image",
    "normalise_images",
    "normalise_pixels",
    "normalise_quickly",
    "normalise_strokes",
    "paper",
    "polarity",
    "seams",
    "strokes",
    "views",
]
