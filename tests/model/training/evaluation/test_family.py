import numpy as np
import pytest
import torch

from model.networks.family import PRESETS
from model.training.data import LabelledImages
from model.training.evaluation.family import PresetFigures, measure_family, table


@pytest.mark.slow
def test_a_row_for_every_shipped_preset_in_their_order(mnist_test: LabelledImages) -> None:
    part = mnist_test.take(np.arange(256))
    found = measure_family(part, torch.device("cpu"))
    names = [row.preset for row in found]
    assert names == [name for name in PRESETS if name in names]
    assert "lenet5" in names
    for row in found:
        assert row.parameters == PRESETS[row.preset].parameters
        assert 0.9 < row.accuracy <= 1
        assert 0 < row.one < row.many
        assert 200 < row.kilobytes < 300


def test_the_text_of_a_row() -> None:
    row = PresetFigures(
        "lenet5", 28, 61706, 429342, 0.99612, 0.995967, 0.000153, 5, 0.00123, 0.0105, 249.4, 0.081, 3.46
    )
    text = table([row]).rows[0]
    assert len(text) == len(table([row]).header) == len(table([row], narrow=True).header)
    assert text[4:] == ("99.61%", "99.60% ± 0.02 (5)", "0.12%", "1.05%", "249", "0.08", "3.5")
    assert table([PresetFigures("x", 28, 1, 1, 0.5, None, None, 0, 0, 0, 1, 1, 1)]).rows[0][5] == ""
    lines = table([row]).markdown().splitlines()
    assert lines[2].startswith("| lenet5 | 28x28 | 61,706 | 429,342 | 99.61% |")
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|")


def test_one_seed_has_no_spread() -> None:
    row = PresetFigures("x", 28, 1, 1, 0.5, 0.5, None, 1, 0, 0, 1, 1, 1)
    assert table([row]).rows[0][5] == "50.00%"
