"""A promised error rate: the confidence above which no more than a given share of answers is wrong.

Learn then test (Angelopoulos, Bates, Candes, Jordan and Lei 2021, arXiv:2110.01052): thresholds are tested
from strict to lax until one fails, each by the exact binomial bound (Clopper and Pearson 1934). Which ones
are tested depends on the confidences alone, so that the promise is broken no more often than it says.
"""

import csv
import math
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError
from scipy.stats import binom

STEPS = 50
"""The most thresholds that are tested."""


class NoPromise(ValueError):
    """The checked fields do not allow the promise; the message says why, and how many would."""


class Promise(BaseModel):
    """At most the share `wrong` of answers at or above `threshold` is wrong, with probability `confidence`.

    Of the `checked` fields, `kept` had a confidence of at least `threshold`; `errors` of these were wrong.
    """

    threshold: float
    wrong: float
    confidence: float
    checked: int
    kept: int
    errors: int

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a promise. Raises OSError, or ValueError if the file is not one."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise ValueError(f"{path}: it is no promise of `promise`") from error


def promise(
    confidences: NDArray[np.float64], right: NDArray[np.bool_], wrong: float, confidence: float
) -> Promise:
    """Promise the laxest threshold above which at most the share `wrong` is wrong, with that `confidence`.

    n answers were checked: `confidences` (n,) is NaN for those that go to people in any case, `right` (n,)
    says which are right. Raises NoPromise if there are too few answers, or too many wrong ones.
    """
    fewest = math.ceil(math.log(1 - confidence) / math.log(1 - wrong))
    ordered = np.sort(confidences[~np.isnan(confidences)])[::-1]
    if len(ordered) < fewest:
        raise NoPromise(
            f"{len(ordered):,} checked fields are too few: for {wrong:.3%} wrong at {confidence:.0%} "
            f"at least {fewest:,} are needed, all of them right"
        )
    counts = np.linspace(max(fewest, len(ordered) // 2), len(ordered), STEPS).astype(int)
    thresholds = np.unique(ordered[counts - 1])[::-1]
    above = confidences >= thresholds[:, None]
    kept, errors = above.sum(axis=1), (above & ~right).sum(axis=1)
    passed = int(np.append(binom.cdf(errors, kept, wrong) > 1 - confidence, True).argmax())
    if not passed:
        raise NoPromise(
            f"of the {kept[0]:,} surest answers {errors[0]:,} are wrong: {wrong:.3%} cannot be promised at "
            f"{confidence:.0%}; check more fields, or allow more"
        )
    threshold, count, faults = (values[passed - 1].item() for values in (thresholds, kept, errors))
    own = {"checked": len(confidences), "kept": count, "errors": faults}
    return Promise(threshold=threshold, wrong=wrong, confidence=confidence, **own)


def read_checked(path: Path) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Confidences (n,) and whether each is right (n,), of the rows of a CSV file that a person checked.

    Raises ValueError for a file without the columns.
    """
    with path.open(newline="") as file:
        rows = [*csv.DictReader(file)]
    if rows and not {"text", "truth", "confidence", "why"} <= rows[0].keys():
        raise ValueError(f"{path} needs the columns text, truth, confidence and why, as `forms` writes")
    rows = [row for row in rows if row["truth"] is not None and row.get("checked", "true") == "true"]
    sure = [float(row["confidence"] or "nan") if row["why"] in ("", "doubtful") else np.nan for row in rows]
    return np.array(sure), np.array([row["text"] == row["truth"] for row in rows], bool)
