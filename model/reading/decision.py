"""What a line says: its candidates are weighed twice, the second time knowing where its digits stand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.reading.lattice import SYMBOLS, Candidates, Network, Real
from model.reading.paths import Text, best_texts
from model.reading.pattern import DIGITS, Pattern
from model.reading.symbols import Model, features
from model.recognition import Scores

ALTERNATIVES = 4
"""How many other readings are given, at most, and those only with at least `LEAST` probability."""
LEAST = 0.001
CERTAIN = 0.97
"""What the digits' network is surer of than this is not looked at again."""


@dataclass(frozen=True, slots=True)
class Look:
    """A line's candidates, how high its digits seem to be, and where their middle seems to lie."""

    line: Candidates
    height: float
    middle: float

    def features(self) -> Real:
        """(m, features) of the candidates; see `model.reading.symbols`."""
        return features(self.line, self.height, self.middle)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a line may say, best text first, and the scores (m, SYMBOLS) of its runs."""

    texts: list[Text]
    scores: Real


def first_look(line: Candidates) -> Look:
    """All that is known before any text is."""
    return Look(line, line.height, float(np.median((line.pieces.boxes[:, 1] + line.pieces.boxes[:, 3]) / 2)))


def weigh(
    look: Look, model: Model, letters: Sequence[str] = SYMBOLS, pattern: Pattern | None = None
) -> Decision:
    """The texts of a line at one look; with a `pattern` there may be none.

    `letters` are what each of `SYMBOLS` adds to the text.
    """
    runs = look.line.runs
    scores = model.scores(look.features())
    skips = scores[runs.alone(), -1]
    texts = best_texts(runs, scores[:, :-1], skips, most=ALTERNATIVES + 2, letters=letters, pattern=pattern)
    return Decision(texts, scores[:, :-1])


def look_again(look: Look, texts: Sequence[Text], network: Network) -> Look:
    """A second look, by the texts of the first: the network sees their doubtful runs in more ways.

    The digits of the best text tell how high those of the line are, and where they stand.
    """
    line = look.line
    used = np.array(sorted({run for text in texts for run, _ in text.path}), np.int64)
    doubtful = used[line.scores.probabilities[used].max(axis=1) < CERTAIN]
    if len(doubtful):
        again = network.score(line.fields[doubtful])
        probabilities, digit_score = line.scores.probabilities.copy(), line.scores.digit_score.copy()
        probabilities[doubtful], digit_score[doubtful] = again.probabilities, again.digit_score
        line = replace(line, scores=Scores(probabilities, digit_score))
    digits = [run for run, symbol in texts[0].path if symbol < len(DIGITS)] if texts else []
    if not digits:
        return replace(look, line=line)
    top, bottom = line.runs.boxes[digits, 1], line.runs.boxes[digits, 3]
    # A line that lies quite flat has no height of its own.
    tall = float(np.median(bottom - top)) or look.height
    return Look(line, tall, float(np.median((top + bottom) / 2)))


def decide(
    line: Candidates,
    model: Model,
    network: Network,
    *,
    letters: Sequence[str] = SYMBOLS,
    pattern: Pattern | None = None,
) -> tuple[Candidates, Decision]:
    """Weigh the candidates of a line, and give them with what the second look changed."""
    look = first_look(line)
    look = look_again(look, weigh(look, model, letters, pattern).texts, network)
    return look.line, weigh(look, model, letters, pattern)
