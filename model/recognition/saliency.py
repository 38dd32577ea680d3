"""Which ink spoke for an answer: what the answer would lose without each piece of it.

Occlusion (Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, 2014, section 4.2): a
small window of the field is blanked, the network answers again, and the change belongs to the ink that
was in the window. It needs no gradients, so it is the same for every engine.
"""

import numpy as np
from numpy.typing import NDArray

from model.recognition import Recogniser

WINDOW = 5
"""The window's side in pixels: that of a kernel, about twice the thickness of a stroke."""
STEP = 2
"""Pixels from one window to the next, so that every pixel is in several."""


def saliency(recogniser: Recogniser, field: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much each pixel's ink speaks for the answer.

    Args:
        recogniser: Whose answer; for one thread at a time.
        field: (28, 28), 0 background to 255 ink.

    Returns:
        (S, S), S the network's input size, from -1 to 1: above 0 where the answered digit's log-odds would
        fall without the ink, below where they would rise, and 0 where there is no ink. The strongest pixel
        has 1 or -1, unless no ink changes the answer.
    """
    (field,) = recogniser.network_input(field[None])
    size = len(field)
    starts = range(-(WINDOW // 2), size - WINDOW // 2, STEP)
    windows = [(slice(max(0, y), y + WINDOW), slice(max(0, x), x + WINDOW)) for y in starts for x in starts]
    windows = [window for window in windows if field[window].any()]
    spoken = np.zeros(field.shape)
    if not windows:
        return spoken.astype(np.float32)
    fields = np.repeat(field[None], len(windows) + 1, axis=0)
    for index, window in enumerate(windows, 1):
        fields[index][window] = 0
    logits = recogniser.engine.run(fields)[0].astype(np.float64)
    odds = _log_odds(logits, int(logits[0].argmax()))
    times = np.zeros(field.shape)
    for window, without in zip(windows, odds[1:], strict=True):
        share = field[window] / field[window].sum()
        spoken[window] += (odds[0] - without) * share
        times[window] += 1
    spoken /= np.maximum(times, 1)
    strongest = np.abs(spoken).max()
    return (spoken / strongest if strongest > 0 else spoken).astype(np.float32)


def _log_odds(logits: NDArray[np.float64], digit: int) -> NDArray[np.float64]:
    """The log-odds of `digit` against all others together, for logits (n, 10); (n,)."""
    others = np.logaddexp.reduce(np.delete(logits, digit, axis=1), axis=1)
    return np.asarray(logits[:, digit] - others)
