"""From ink to an answer: ONE function, `Recogniser.answer`, that everyone who answers goes through.

Its steps: the candidates of doubtful pictures (`candidates`), the network with its second look
(`second_look`), calibration and digit score (`recogniser`), and the decision (`decision`). `files` answers
image files by the thousand, `saliency` and `explanation` show why, `review_sheet` what a person should check.
"""

from model.recognition.recogniser import Answer, Recogniser, Scores

__all__ = ["Answer", "Recogniser", "Scores", "explanation", "files", "review_sheet", "saliency"]
