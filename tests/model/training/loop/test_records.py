import json
from dataclasses import asdict

import numpy as np
import pytest
import torch

from model.networks.family import build
from model.networks.layers import DigitHead
from model.training.data import LabelledImages
from model.training.loop.records import Record, Validation, best, validate


def record(number: int, *nlls: float) -> Record:
    parts = {f"part {i}": Validation(0.9, nll, 1.1, 0.5 if i else None) for i, nll in enumerate(nlls)}
    return Record(number, 0.25, 0.875, 1e-3, 2.5, parts)


def test_a_record_comes_back_from_json() -> None:
    one = record(3, 0.1, 0.2)
    assert Record.from_json(json.loads(json.dumps(asdict(one)))) == one


def test_the_best_pass_has_the_least_likelihood_loss_over_all_parts() -> None:
    assert best([record(1, 0.3, 0.1), record(2, 0.1, 0.2), record(3, 0.1, 0.5)]) == 1


def test_a_line_for_people() -> None:
    line = str(record(7, 0.125, 0.5))
    assert line.startswith("pass   7  loss 0.2500  training 87.500%")
    assert "part 0 90.000% NLL 0.1250  " in line
    assert "part 1 90.000% NLL 0.5000 AUC 0.5000" in line


def test_a_validation_leaves_out_what_is_no_digit(mnist_test: LabelledImages) -> None:
    cpu = torch.device("cpu")
    network, head = build("lenet5", 0).eval(), DigitHead().eval()
    digits = mnist_test.first(50)
    mixed = LabelledImages(mnist_test.images[:80], np.append(digits.labels, np.full(30, -1)))
    found, plain = validate(network, head, mixed, cpu), validate(network, None, digits, cpu)
    assert found.accuracy == plain.accuracy
    assert found.nll == pytest.approx(plain.nll, rel=1e-3)
    assert found.digit_auc is not None
    assert plain.digit_auc is None
    assert validate(network, head, digits, cpu).digit_auc is None
