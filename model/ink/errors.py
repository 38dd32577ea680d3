"""What can be wrong with an image or a drawing."""


class InkError(ValueError):
    """Base of everything that keeps an image or a drawing from becoming a network's input."""


class NotAnImage(InkError):
    """The bytes cannot be decoded as an image."""


class UnsupportedFormat(InkError):
    """The image is of a format that is not in `model.ink.decode.FORMATS`."""


class ImageTooLarge(InkError):
    """The image has more pixels than `Limits.pixels`, or the file more pages than are read at once."""


class InvalidStrokes(InkError):
    """The drawing has too many points, or one that is malformed, not finite or too far away."""


class NoInk(InkError):
    """Nothing stands out from the paper."""
