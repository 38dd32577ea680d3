"""The text of a line: its candidates are weighed twice, the second time knowing where its digits stand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model.reading.lattice import SYMBOLS, Candidates, Network, Real
from model.reading.paths import Text, best_texts
from model.reading.pattern import DIGITS, Pattern
from model.reading.symbols import Float32, Model, features
from model.recognition import Scores

ALTERNATIVES = 4
"""At most this many other readings are given, each with a probability of at least `LEAST`."""
LEAST = 0.001
CERTAIN = 0.97
"""A run is not scored again if the digits' network gives one digit at least this probability."""


def weigh(
    line: Candidates, model: Model, seen: Float32, letters: Sequence[str], pattern: Pattern | None = None
) -> tuple[list[Text], Real]:
    """A line's texts, best first (none if none fits the `pattern`), and the scores (m, SYMBOLS) of its runs.

    `seen` is `model.see` of the line's fields; `letters` are what each of `SYMBOLS` adds to the text.
    """
    scores = model.scores(features(line), seen)
    skips, scores = scores[line.runs.alone(), -1], scores[:, :-1]
    texts = best_texts(line.runs, scores, skips, most=ALTERNATIVES + 2, letters=letters, pattern=pattern)
    return texts, scores


def look_again(line: Candidates, texts: Sequence[Text], network: Network) -> Candidates:
    """A second look at a line: the network scores the doubtful runs of its first `texts` in more ways.

    The digits of the best text also give the height and the middle of the line's digits.
    """
    used = np.array(sorted({run for text in texts for run, _ in text.path}), np.int64)
    doubtful = used[line.scores.probabilities[used].max(axis=1) < CERTAIN]
    if len(doubtful):
        again = network.score(line.fields[doubtful])
        probabilities, digit_score = line.scores.probabilities.copy(), line.scores.digit_score.copy()
        probabilities[doubtful], digit_score[doubtful] = again.probabilities, again.digit_score
        line = replace(line, scores=Scores(probabilities, digit_score))
    digits = [run for run, symbol in texts[0].path if symbol < len(DIGITS)] if texts else []
    if not digits:
        return line
    top, bottom = line.runs.boxes[digits, 1], line.runs.boxes[digits, 3]
    # Digits that are level strokes have no height.
    tall = float(np.median(bottom - top)) or line.height
    return replace(line, height=tall, middle=float(np.median((top + bottom) / 2)))


def decide(
    line: Candidates,
    model: Model,
    network: Network,
    letters: Sequence[str] = SYMBOLS,
    pattern: Pattern | None = None,
) -> tuple[Candidates, list[Text], Real]:
    """A line's candidates after the second look, and their texts and scores, as from `weigh`."""
    seen = model.see(line.fields)
    line = look_again(line, weigh(line, model, seen, letters, pattern)[0], network)
    return line, *weigh(line, model, seen, letters, pattern)
