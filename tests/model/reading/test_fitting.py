"""Fitting: its sums are those of all paths counted out, and it learns what it is shown."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from model.reading import kinds
from model.reading.decision import Model, decide
from model.reading.fitting import NONE, Example, fit, fit_kinds, fit_temperature
from model.reading.lattice import Pieces, Scored, runs_of
from model.recognition import Scores
from tests.model.reading.start import default_model

HEIGHT = 40.0


def line(text: str, rng: np.random.Generator, *, halves: bool) -> Example:
    """A line of upright digits, some in two pieces that touch, a speck between two, and what a network says.

    A whole digit is scores as what it is, half of one as no digit when `halves`, else as a 1.
    """
    boxes, lengths, cuts, whole = [], [], [0.0], {}
    x = 0.0
    for place, letter in enumerate(text):
        if place and rng.random() < 0.3:
            boxes.append((x, 36.0, x + 3, 39.0))
            lengths.append(3.0)
            cuts.append(0.0)
            x += 8
        start = len(boxes)
        parts = 2 if rng.random() < 0.6 else 1
        for part in range(parts):
            boxes.append((x, 0.0, x + 24 / parts, HEIGHT))
            lengths.append(80.0 / parts)
            x += 24 / parts
            cuts.append(1.2 if part + 1 < parts else 0.0)
        whole[start, len(boxes)] = int(letter)
        x += 8
    pieces = Pieces(np.array(boxes), np.array(lengths), np.array(cuts), np.zeros(len(boxes), bool))
    runs = runs_of(pieces, HEIGHT)
    probabilities = np.full((len(runs.starts), 10), 0.02)
    score = np.full(len(runs.starts), 0.02)
    for place, ends in enumerate(zip(runs.starts.tolist(), runs.ends.tolist(), strict=True)):
        label = whole.get(ends, 1)
        probabilities[place, label] = 0.82
        if ends in whole or (not halves and ends[1] == ends[0] + 1):
            score[place] = 0.95
    fields = np.zeros((len(runs.starts), 28, 28), np.uint8)
    labels = np.array(
        [whole.get(ends, NONE) for ends in zip(runs.starts.tolist(), runs.ends.tolist(), strict=True)]
    )
    scored = Scored(pieces, runs, fields, Scores(probabilities, score), HEIGHT)
    return Example(scored, text, "made", labels)


def lines(count: int, seed: int, *, halves: bool = True) -> list[Example]:
    rng = np.random.default_rng(seed)
    return [
        line("".join(str(d) for d in rng.integers(0, 10, int(rng.integers(2, 6)))), rng, halves=halves)
        for _ in range(count)
    ]


def right(examples: Sequence[Example], model: Model) -> float:
    texts = [decide(example.line, model).texts[0].text for example in examples]
    return float(np.mean([text == e.text for text, e in zip(texts, examples, strict=True)]))


def loss(examples: Sequence[Example], model: Model) -> float:
    """The mean of -log p(text), by the texts' probabilities that reading gives."""
    total = 0.0
    for example in examples:
        texts = decide(example.line, model).texts
        total -= np.log(max([t.probability for t in texts if t.text == example.text], default=1e-4))
    return total / len(examples)


def spoilt() -> Model:
    """Weights that believe nobody: what is no digit may be one, and what is one may be passed over."""
    start = default_model()
    skip = list(start.weights.skip)
    skip[0], skip[1] = 0.0, 0.0
    return replace(start, weights=replace(start.weights, digit=[0.3] + [0.0] * 7, skip=skip))


def test_fitting_raises_the_probability_of_the_right_texts_also_of_lines_not_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown, others, start = lines(60, 1), lines(40, 2), spoilt()
    fitted = fit(shown, start, rounds=2, steps=15)
    assert right(others, start) < 0.7
    assert right(others, fitted) >= 0.95
    assert loss(shown, fitted) < 0.5 * loss(shown, start)
    assert loss(others, fitted) < 0.5 * loss(others, start)
    assert "100.0% within the graph's reach" in capsys.readouterr().out


def test_fitting_learns_the_usual_shape_of_digits() -> None:
    fitted = fit(lines(60, 3), default_model(), rounds=2, steps=5)
    width, height = np.array(fitted.weights.shapes)[:2, :, 0]
    assert width == pytest.approx(np.log(24 / HEIGHT), abs=0.02)
    assert height == pytest.approx(0.0, abs=0.02)


def test_lines_whose_text_no_path_spells_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    shown = lines(20, 5)
    beyond = replace(shown[0], text="1234567890123456789")
    fit([*shown, beyond], default_model(), rounds=1, steps=2)
    assert "95.2% within the graph's reach" in capsys.readouterr().out


def test_temperature_is_high_where_the_network_is_too_sure() -> None:
    examples = lines(60, 7)
    wrong = [replace(e, text=e.text[:-1] + str((int(e.text[-1]) + 1) % 10)) for e in examples[:30]]
    cold = fit_temperature(examples, default_model()).weights.temperature
    hot = fit_temperature([*examples[30:], *wrong], default_model()).weights.temperature
    assert hot > cold


def test_kinds_are_told_by_place_and_size(capsys: pytest.CaptureFixture[str]) -> None:
    """Specks on the base line are points here, and digits are digits."""
    shown = lines(60, 8)
    pointed = []
    for example in shown:
        tall = np.ptp(example.line.runs.boxes[:, [1, 3]], axis=1)
        pointed.append(replace(example, labels=np.where(tall < 10, 10, example.labels)))
    fitted = fit_kinds(pointed, default_model())
    for example in pointed[:10]:
        seen = kinds.features(example.line, HEIGHT, HEIGHT / 2)
        told = kinds.log_shares(seen, fitted.layers).argmax(axis=1)
        assert (told[example.labels == 10] == kinds.KINDS.index(".")).all()
        assert (told[(example.labels >= 0) & (example.labels < 10)] == 0).mean() > 0.8
    assert "kinds of" in capsys.readouterr().out
