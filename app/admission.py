"""How much is taken in at once: what does not fit is refused at the door, and nothing piles up inside."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import Refusal


class Admission:
    """Counts the recognitions in hand, from the last byte of a request to its answer.

    Args:
        capacity: The most that may be in hand at once.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.in_hand = 0

    def enter(self, count: int = 1) -> bool:
        """Have `count` more in hand, if they fit; whoever does it lowers `in_hand` again."""
        if self.in_hand and self.in_hand + count > self.capacity:
            return False
        self.in_hand += count
        return True

    @contextmanager
    def take(self, count: int = 1) -> Iterator[None]:
        """Keep `count` recognitions in hand while the block lasts.

        A batch larger than the capacity is taken when nothing else is in hand.

        Raises:
            Refusal: they do not fit.
        """
        if not self.enter(count):
            raise Refusal("overloaded", f"{self.in_hand} images are being read already; try again shortly.")
        try:
            yield
        finally:
            self.in_hand -= count
