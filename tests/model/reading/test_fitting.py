"""Fitting: its sums are those that reading makes, and it learns what it is shown."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.reading.decision import decide, weigh
from model.reading.fitting import Example, fit, fit_temperature
from model.reading.lattice import SYMBOLS, Candidates, Fields, Pieces, runs_of
from model.reading.symbols import Model, features, save, shipped
from model.recognition import Scores

HEIGHT = 40.0
POINT = SYMBOLS.index(".")


class Unmoved:
    """A network whose second look says what the first did: nothing."""

    def score(self, fields: Fields, *, again: bool = True) -> Scores:
        return Scores(np.full((len(fields), 10), 0.1), np.full(len(fields), 0.5))


def line(digits: str, rng: np.random.Generator) -> Example:
    """Upright digits with points between some, some in two pieces that touch, and what a network says.

    A whole digit scores as what it is, half of one as a 1; a 9 scores as a 6, and only the field tells them.
    """
    boxes: list[tuple[float, ...]] = []
    lengths, cuts, whole, text = list[float](), [0.0], dict[tuple[int, int], int](), ""
    x = 0.0
    for place, letter in enumerate(digits):
        if place and rng.random() < 0.3:
            whole[len(boxes), len(boxes) + 1] = POINT
            boxes.append((x, 36.0, x + 3, 39.0))
            lengths.append(3.0)
            cuts.append(0.0)
            text += "."
            x += 8
        start = len(boxes)
        parts = 2 if rng.random() < 0.6 else 1
        for part in range(parts):
            boxes.append((x, 0.0, x + 24 / parts, HEIGHT))
            lengths.append(80.0 / parts)
            x += 24 / parts
            cuts.append(1.2 if part + 1 < parts else 0.0)
        whole[start, len(boxes)] = int(letter)
        text += letter
        x += 8
    none = np.zeros(len(boxes), np.int64)
    pieces = Pieces(np.array(boxes), np.array(lengths), np.array(cuts), none.astype(bool), none)
    runs = runs_of(pieces, HEIGHT)
    spans = list(zip(runs.starts.tolist(), runs.ends.tolist(), strict=True))
    labels = np.array([whole.get(span, -1) for span in spans])
    probabilities = np.full((len(spans), 10), 0.002)
    said = np.where((labels < 0) | (labels == POINT), 1, np.where(labels == 9, 6, labels))
    probabilities[np.arange(len(spans)), said] = 0.982
    fields = np.zeros((len(spans), 28, 28), np.uint8)
    fields[labels == 6, 18:, 8:14] = fields[labels == 9, 6:12, 12:20] = 255
    scores = Scores(probabilities, np.full(len(spans), 0.8))
    return Example(Candidates.of(pieces, runs, fields, scores, HEIGHT), text, labels)


def lines(count: int, seed: int) -> list[Example]:
    rng = np.random.default_rng(seed)
    return [line("".join(map(str, rng.integers(0, 10, rng.integers(2, 6)))), rng) for _ in range(count)]


def right(examples: Sequence[Example], model: Model) -> float:
    """The share of the lines, none like those shown, of which the best text is the right one."""
    texts = [decide(example.line, model, Unmoved())[1][0].text for example in examples]
    return float(np.mean([text == e.text for text, e in zip(texts, examples, strict=True)]))


@pytest.fixture(scope="module")
def fitted() -> Model:
    return fit(lines(700, 1), Unmoved())


def test_lines_that_were_not_shown_are_read_by_shape_and_place(fitted: Model) -> None:
    assert right(lines(40, 2), fitted) >= 0.95


def test_saved_weights_come_back(fitted: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.reading.symbols.FILE", tmp_path / "weights.safetensors")
    save({"image": fitted, "strokes": fitted}, "by hand")
    for model in shipped.__wrapped__().values():
        for now, then in zip(model, fitted, strict=True):
            np.testing.assert_allclose(now, then, rtol=1e-3, atol=1e-4)


def test_what_a_candidate_is_and_is_not_is_told_by_its_outputs(fitted: Model) -> None:
    shown = lines(30, 3)
    told = [fitted.scores(features(each.line), fitted.see(each.line.fields)).argmax(axis=1) for each in shown]
    labels = np.concatenate([example.labels for example in shown])
    assert (np.concatenate(told) == np.where(labels < 0, len(SYMBOLS), labels)).mean() > 0.95


def test_fitting_and_reading_sum_over_the_same_paths(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss that fitting prints is that of the texts' probabilities, at weights that stay as they are."""
    calm = {"fitting.RATE": 1e-9, "fitting.FIRST": 1, "fitting.DROPPED": {"image": 0}, "paths.UNEXPECTED": 1}
    every = {"decision.ALTERNATIVES": 9999, "paths.SYMBOLS_EACH": 99, "paths.MARGIN": 30, "paths.BEAM": 9999}
    for name, value in (calm | every).items():
        monkeypatch.setattr(f"model.reading.{name}", value)
    shown = [each for each in lines(40, 5) if len(each.text) < 4][:3]
    model = fit(shown, Unmoved())
    printed = float(capsys.readouterr().out.rsplit(" ", 1)[1])
    total = 0.0
    for example in shown:
        texts, _ = weigh(example.line, model, model.see(example.line.fields), SYMBOLS)
        total -= np.log(sum(text.probability for text in texts if text.text == example.text))
    assert printed == pytest.approx(total / len(shown), rel=1e-3)


def test_lines_whose_text_no_path_spells_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    shown = lines(20, 5)
    fit([*shown, replace(shown[0], text="12345678901234567890")], Unmoved())
    assert "95.2% within reach" in capsys.readouterr().out


def test_temperature_is_high_where_the_network_is_too_sure(fitted: Model) -> None:
    examples = lines(60, 7)
    wrong = [replace(e, text=e.text[:-1] + str((int(e.text[-1]) + 1) % 10)) for e in examples[:30]]
    cold = fit_temperature(examples, fitted, Unmoved())
    hot = fit_temperature([*examples[30:], *wrong], fitted, Unmoved())
    assert np.abs(hot.out).max() < np.abs(cold.out).max()
