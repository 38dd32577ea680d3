"""From ink to an answer: ONE function, `Recogniser.answer`, that everyone who answers goes through.

Its steps: the network and its `calibration`, the `choice` among proposals, the `second_look`, the
`decision`. `files` answers image files by the thousand, `saliency` and `explanation` show why an answer is
as it is, `review_sheet` shows what a person should check.
"""

from model.recognition.calibration import Scores
from model.recognition.recogniser import Answer, Recogniser

__all__ = [
    "Answer",
    "Recogniser",
    "Scores",
    "calibration",
    "choice",
    "decision",
    "explanation",
    "files",
    "review_sheet",
    "saliency",
    "second_look",
]
