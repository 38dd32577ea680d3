import math

import pytest
import torch

from model.training.loop.losses import class_loss, correct, digit_loss, distillation_loss, outlier_loss

LOGITS = torch.tensor([[2.0, 0.0], [0.0, 1.0]])


def test_cross_entropy_by_hand() -> None:
    found = class_loss(LOGITS, torch.tensor([0, 0]), output="linear", rubbish=0)
    assert found.tolist() == pytest.approx([math.log(1 + math.exp(-2)), math.log(1 + math.exp(1))])
    assert correct(LOGITS, torch.tensor([0, 0])) == 1


def test_the_papers_loss_with_a_rubbish_class_by_hand() -> None:
    """Equation 9: y_right + log(e^-j + sum_i e^-y_i), y = -logits."""
    y, j = torch.tensor([[1.0, 3.0]]), 2.0
    wanted = 3 + math.log(math.exp(-2) + math.exp(-1) + math.exp(-3))
    found = class_loss(-y, torch.tensor([1]), output="rbf", rubbish=j)
    assert found.item() == pytest.approx(wanted)


def test_distillation_by_hand_is_nothing_where_student_and_teacher_agree() -> None:
    assert distillation_loss(LOGITS + 3, LOGITS, 4).tolist() == pytest.approx([0, 0], abs=1e-6)
    student, teacher = torch.zeros(1, 2), torch.tensor([[0.0, 4 * math.log(3)]])
    wanted = 0.25 * math.log(0.25 / 0.5) + 0.75 * math.log(0.75 / 0.5)
    assert distillation_loss(student, teacher, 4).item() == pytest.approx(16 * wanted, rel=1e-5)


def test_digit_loss_by_hand() -> None:
    wanted = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(-1))) / 2
    assert digit_loss(torch.tensor([2.0, -1.0]), torch.tensor([7, -1])).item() == pytest.approx(wanted)


def test_the_digit_loss_follows_the_teacher_where_it_was_asked() -> None:
    """Half of the way from the label 0 to the teacher's probability 1/2, and the label of the other image."""
    wanted = (0.25 * math.log(1 + math.exp(-2)) + 0.75 * math.log(1 + math.exp(2)) + math.log(2)) / 2
    found = digit_loss(
        torch.tensor([2.0, 0.0]), torch.tensor([-1, 3]), torch.tensor([0.0, math.nan]), teacher_weight=0.5
    )
    assert found.item() == pytest.approx(wanted)


def test_no_opinion_on_outliers_costs_nothing_and_an_opinion_something() -> None:
    assert outlier_loss(torch.zeros(3, 10)).item() == pytest.approx(0, abs=1e-6)
    wanted = -(math.log(math.exp(2) / (math.exp(2) + 1)) + math.log(1 / (math.exp(2) + 1))) / 2 - math.log(2)
    assert outlier_loss(LOGITS[:1]).item() == pytest.approx(wanted)
