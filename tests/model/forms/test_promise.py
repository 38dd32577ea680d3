import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from model.forms.promise import NoPromise, Promise, promise, read_checked


@pytest.mark.parametrize(("wrong", "confidence", "count"), [(0.02, 0.9, 600), (0.01, 0.95, 1500)])
def test_a_promise_is_broken_no_more_often_than_it_says(wrong: float, confidence: float, count: int) -> None:
    """By simulation: an answer of confidence c is wrong in 1.3 (1 - c) of the cases."""
    rng = np.random.default_rng(19)
    many = np.sort(rng.beta(6, 0.15, 400_000))[::-1]
    risk = np.cumsum(1.3 * (1 - many)) / np.arange(1, len(many) + 1)
    broken = 0
    for _ in range(400):
        confidences = rng.beta(6, 0.15, count)
        found = promise(confidences, rng.random(count) < 1 - 1.3 * (1 - confidences), wrong, confidence)
        broken += risk[np.searchsorted(-many, -found.threshold)] > wrong
    # 400 draws may exceed what is promised by some two standard deviations.
    assert broken / 400 <= 1 - confidence + 2 * math.sqrt(confidence * (1 - confidence) / 400)


def test_too_small_a_sample_is_refused_plainly() -> None:
    with pytest.raises(NoPromise, match=r"500 checked fields are too few.*2,995 are needed"):
        promise(np.linspace(0.9, 1, 500), np.ones(500, bool), 0.001, 0.95)
    with pytest.raises(NoPromise, match="cannot be promised"):
        promise(np.linspace(0.9, 1, 500), np.arange(500) % 5 > 0, 0.01, 0.95)


def test_what_goes_to_people_in_any_case_is_not_counted_as_kept(tmp_path: Path) -> None:
    rows = [
        {"text": "1", "truth": "1", "confidence": "0.9", "why": "", "checked": "true"},
        {"text": "1", "truth": "2", "confidence": "0.99", "why": "struck through", "checked": "true"},
        {"text": "7", "truth": "", "confidence": "0.99", "why": "", "checked": "false"},
        {"text": "", "truth": "", "confidence": "0.999", "why": "doubtful", "checked": "true"},
    ]
    with (tmp_path / "fields.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    confidences, right = read_checked(tmp_path / "fields.csv")
    assert right.tolist() == [True, False, True]
    assert np.isnan(confidences).tolist() == [False, True, False]
    found = promise(np.tile(confidences, 50), np.tile(right, 50), 0.1, 0.95)
    assert (found.checked, found.kept, found.errors, found.threshold) == (150, 100, 0, 0.9)
    (tmp_path / "promise.json").write_text(found.model_dump_json())
    assert Promise.load(tmp_path / "promise.json") == found
    (tmp_path / "promise.json").write_text(json.dumps({"threshold": 1}))
    with pytest.raises(ValueError, match="it is no promise"):
        Promise.load(tmp_path / "promise.json")
