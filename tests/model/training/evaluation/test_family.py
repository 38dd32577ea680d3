import torch

from model.checkpoints import checkpoint
from model.networks.presets import PRESETS
from model.training.data import LabelledImages
from model.training.evaluation.family import family, table
from model.training.evaluation.figures import evaluate_checkpoint


def test_a_row_for_every_shipped_preset_in_their_order(mnist_test: LabelledImages) -> None:
    names = family()
    assert names == [name for name in PRESETS if name in names]
    part, device = mnist_test.first(256), torch.device("cpu")
    reports = {name: evaluate_checkpoint(checkpoint.load(name), part, device)[0] for name in names}
    rows = {row[0]: row for row in table(reports, part.images, "cpu").rows}
    assert list(rows) == names
    assert rows["lenet5-1998"][:4] == ("lenet5-1998", "32x32", "60,000", "340,908")
    assert rows["lenet5-mnist"][4] == f"{reports['lenet5-mnist'].accuracy:.2%}"
    assert rows["lenet5-mnist"][5].endswith(" (5)")
    assert 0 < float(rows["lenet5"][-2]) < float(rows["lenet5"][-1])
    assert "±" not in rows["lenet5"][5]  # of one run
