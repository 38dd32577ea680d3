"""A picture of every step from a photograph to the network's input and its answer."""

from io import BytesIO

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model.ink import NoInk, normalise_image
from model.recognition import Recogniser
from model.recognition.saliency import saliency

_COLUMNS = 4


def explain(data: bytes, recogniser: Recogniser) -> bytes:
    """Draw how the image `data` was normalised and what was answered, as a PNG.

    Where there is no ink the steps up to there are drawn, and the reason. Raises `InkError` for bytes that
    are no image.
    """
    steps: list[tuple[str, NDArray[np.uint8]]] = []

    def observe(name: str, picture: NDArray[np.uint8]) -> None:
        steps.append((name, picture))

    probabilities: list[float] | None = None
    spoken: NDArray[np.float32] | None = None
    try:
        ink = normalise_image(data, observe=observe)
    except NoInk as error:
        title = str(error)
    else:
        (answer,) = recogniser.answer([ink])
        probabilities = answer.probabilities
        spoken = saliency(recogniser, answer.ink.field)
        title = f"{answer.digit}, with {answer.confidence:.1%}; digit score {answer.digit_score:.2f}"
        if answer.reason:
            title += f" ({answer.reason})"
    return _drawn(steps, spoken, probabilities, title)


def _drawn(
    steps: list[tuple[str, NDArray[np.uint8]]],
    spoken: NDArray[np.float32] | None,
    probabilities: list[float] | None,
    title: str,
) -> bytes:
    count = len(steps) + (spoken is not None) + (probabilities is not None)
    rows = -(-count // _COLUMNS)
    figure = Figure(figsize=(3 * _COLUMNS, 3.2 * rows + 0.5), layout="constrained")
    figure.suptitle(title)
    for number, (name, picture) in enumerate(steps, start=1):
        axes = figure.add_subplot(rows, _COLUMNS, number)
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(f"{number}. {name}\n{picture.shape[1]} x {picture.shape[0]}", fontsize=9)
        axes.set_axis_off()
    if spoken is not None:
        axes = figure.add_subplot(rows, _COLUMNS, len(steps) + 1)
        axes.imshow(spoken, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
        axes.set_title(f"{len(steps) + 1}. which ink spoke\nred for the answer, blue against", fontsize=9)
        axes.set_axis_off()
    if probabilities is not None:
        axes = figure.add_subplot(rows, _COLUMNS, count)
        axes.barh(np.arange(10), probabilities, color="tab:blue")
        axes.set_yticks(np.arange(10))
        axes.invert_yaxis()
        axes.set_xlim(0, 1)
        for digit, probability in enumerate(probabilities):
            if probability >= 0.005:
                axes.text(min(probability, 0.8) + 0.02, digit, f"{probability:.1%}", va="center")
        axes.set_title(f"{count}. probabilities", fontsize=9)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    return buffer.getvalue()
