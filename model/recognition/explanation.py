"""A picture of every step from an image to its answer, by the very path that the answer takes."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from model.ink import NoInk, normalise_image
from model.ink.decode import decode
from model.recognition.recogniser import Answer, Recogniser
from model.recognition.saliency import saliency

_COLUMNS = 4


@dataclass(slots=True)
class Steps:
    """A picture and its proposals in order, each with a caption, and the answer that came of them."""

    pictures: list[tuple[str, NDArray[np.uint8]]]
    answer: Answer | None = None
    """None where there is no ink: `title` then gives the reason."""
    title: str = ""


def explain(data: bytes, recogniser: Recogniser) -> bytes:
    """Draw how the image `data` was normalised and what was answered, as a PNG.

    Where there is no ink, the steps up to there and the reason are drawn. Raises `InkError` for bytes that
    are not an image.
    """
    steps = walk(data, recogniser)
    spoken = None if steps.answer is None else saliency(recogniser, steps.answer.ink.field)
    return _drawn(steps, spoken)


def walk(data: bytes, recogniser: Recogniser) -> Steps:
    """Answer the image `data`, and note every proposal. Raises `InkError` for bytes that are not an image."""
    steps = Steps([("the picture", decode(data).pixels)])
    try:
        ink = normalise_image(data)
    except NoInk as error:
        steps.title = str(error)
        return steps
    (answer,) = recogniser.answer([ink])
    steps.answer = answer
    steps.title = f"{answer.digit}, with {answer.confidence:.1%}; digit score {answer.digit_score:.2f}"
    if answer.reason:
        steps.title += f" ({answer.reason})"
    proposals = [ink, *ink.further()]
    looks = recogniser.look(proposals)
    for proposal, digit, odds in zip(proposals, looks.probabilities.argmax(axis=1), looks.odds, strict=True):
        chosen = ", CHOSEN" if proposal.field is answer.ink.field else ""
        seen = f"{proposal.way}\n{digit}, log-odds {odds:.1f}{chosen}"
        steps.pictures.append((seen, proposal.field))
    return steps


def _drawn(steps: Steps, spoken: NDArray[np.float32] | None) -> bytes:
    count = len(steps.pictures) + (2 if steps.answer is not None else 0)
    rows = -(-count // _COLUMNS)
    figure = Figure(figsize=(3 * _COLUMNS, 3.2 * rows + 0.5), layout="constrained")
    figure.suptitle(steps.title)
    for number, (name, picture) in enumerate(steps.pictures, start=1):
        axes = figure.add_subplot(rows, _COLUMNS, number)
        axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axes.set_title(f"{number}. {name}\n{picture.shape[1]} x {picture.shape[0]}", fontsize=9)
        axes.set_axis_off()
    if steps.answer is not None and spoken is not None:
        axes = figure.add_subplot(rows, _COLUMNS, count - 1)
        axes.imshow(spoken, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
        axes.set_title(f"{count - 1}. which ink spoke\nred for the answer, blue against", fontsize=9)
        axes.set_axis_off()
        axes = figure.add_subplot(rows, _COLUMNS, count)
        axes.barh(np.arange(10), steps.answer.probabilities, color="tab:blue")
        axes.set_yticks(np.arange(10))
        axes.invert_yaxis()
        axes.set_xlim(0, 1)
        for digit, probability in enumerate(steps.answer.probabilities):
            if probability >= 0.005:
                axes.text(min(probability, 0.8) + 0.02, digit, f"{probability:.1%}", va="center")
        axes.set_title(f"{count}. probabilities", fontsize=9)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=80)
    return buffer.getvalue()
