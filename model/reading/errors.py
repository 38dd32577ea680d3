"""What can be wrong with a number, beside what `model.ink.errors` says of any picture."""

from model.ink import NoInk


class NothingToRead(NoInk):
    """There is ink, but no number in it."""
