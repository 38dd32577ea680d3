"""What a line says: its candidates are weighed twice, the second time knowing where its digits stand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model.reading.lattice import SYMBOLS, Candidates, Network, Real
from model.reading.paths import Text, best_texts
from model.reading.pattern import DIGITS, Pattern
from model.reading.symbols import Float32, Model, features
from model.recognition import Scores

ALTERNATIVES = 4
"""How many other readings are given, at most, and those only with at least `LEAST` probability."""
LEAST = 0.001
CERTAIN = 0.97
"""What the digits' network is surer of than this is not looked at again."""


def weigh(
    line: Candidates, model: Model, seen: Float32, letters: Sequence[str], pattern: Pattern | None = None
) -> tuple[list[Text], Real]:
    """The texts of a line, best first, and the scores (m, SYMBOLS) of its runs; a `pattern` may leave none.

    `seen` is what the model sees in the line's fields, `letters` what each of `SYMBOLS` adds to the text.
    """
    scores = model.scores(features(line), seen)
    skips, scores = scores[line.runs.alone(), -1], scores[:, :-1]
    texts = best_texts(line.runs, scores, skips, most=ALTERNATIVES + 2, letters=letters, pattern=pattern)
    return texts, scores


def look_again(line: Candidates, texts: Sequence[Text], network: Network) -> Candidates:
    """A second look, by the texts of the first: the network sees their doubtful runs in more ways.

    The digits of the best text tell how high those of the line are, and where they stand.
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
    # A line that lies quite flat has no height of its own.
    tall = float(np.median(bottom - top)) or line.height
    return replace(line, height=tall, middle=float(np.median((top + bottom) / 2)))


def decide(
    line: Candidates,
    model: Model,
    network: Network,
    letters: Sequence[str] = SYMBOLS,
    pattern: Pattern | None = None,
) -> tuple[Candidates, list[Text], Real]:
    """The candidates of a line as the second look leaves them, and what `weigh` says of them then."""
    seen = model.see(line.fields)
    line = look_again(line, weigh(line, model, seen, letters, pattern)[0], network)
    return line, *weigh(line, model, seen, letters, pattern)
