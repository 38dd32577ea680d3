"""The one normaliser: an image or pen strokes -> ink -> the network's input.

bytes -> decode -> colour -> tone (ink map) -> rules -> pieces (the digit's own ink) -> frame (28x28)
strokes --------------------------------------------------------> strokes.Drawings (28x28)
"""

from model.ink.decode import DEFAULT_LIMITS, Limits
from model.ink.errors import ImageTooLarge, InkError, InvalidStrokes, NoInk, NotAnImage, UnsupportedFormat
from model.ink.frame import FIELD_SIDE
from model.ink.normalise import (
    NormalisedInk,
    normalise_drawings,
    normalise_image,
    normalise_pixels,
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
    "normalise_drawings",
    "normalise_image",
    "normalise_pixels",
    "normalise_strokes",
    "strokes",
    "tone",
]
