"""What is minimised: cross-entropy, the paper's losses, distillation, and the digit head's."""

import math

import torch
from torch import Tensor
from torch.nn.functional import (
    binary_cross_entropy_with_logits,
    cross_entropy,
    log_softmax,
    nll_loss,
    softmax,
)

from model.networks.lenet5_1998 import log_posterior
from model.training.data import NO_DIGIT


def class_loss(logits: Tensor, labels: Tensor, *, output: str, rubbish: float) -> Tensor:
    """Compute the losses (n,) of `logits` (n,10) for `labels` (n,), 0 to 9.

    For a linear output: cross-entropy. For RBF outputs, logits -y: the paper's equation 9, the right
    class's distance with competition of all classes and of a rubbish class at distance `rubbish`.
    """
    if output != "rbf":
        return cross_entropy(logits, labels, reduction="none")
    return nll_loss(log_posterior(logits, rubbish), labels, reduction="none")


def distillation_loss(logits: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Compute the KL divergences (n,) of the student from the teacher, both (n,10) logits, at `temperature`.

    The factor temperature^2 keeps the size of the gradients (Hinton, Vinyals, Dean 2015, section 2.1).
    """
    wanted = softmax(teacher / temperature, dim=1)
    given = log_softmax(logits / temperature, dim=1)
    divergence = (wanted * (wanted.clamp_min(1e-12).log() - given)).sum(dim=1)
    return divergence * temperature**2


def digit_loss(
    scores: Tensor, labels: Tensor, teacher: Tensor | None = None, teacher_weight: float = 0.0
) -> Tensor:
    """Compute the mean binary cross-entropy of the digit head's logits (n,), for labels 0 to 9 or `NO_DIGIT`.

    `teacher` (n,) holds a teacher's logits, NaN where it was not asked. Where it was, the target is the
    teacher's probability with weight `teacher_weight`, and the label's with the rest.
    """
    wanted = (labels != NO_DIGIT).to(scores.dtype)
    if teacher is not None:
        taught = torch.lerp(wanted, torch.sigmoid(teacher).to(scores.dtype), teacher_weight)
        wanted = torch.where(teacher.isnan(), wanted, taught)
    return binary_cross_entropy_with_logits(scores, wanted)


def outlier_loss(logits: Tensor) -> Tensor:
    """Mean cross-entropy of `logits` (n,10) of things that are no digit, against the even distribution.

    Outlier exposure (Hendrycks, Mazeika, Dietterich 2019, section 4.1): what is no digit must not
    be taken for one with confidence. The loss is 0 where every class has the probability 1/10.
    """
    return -log_softmax(logits, dim=1).mean() - math.log(logits.shape[1])


def correct(logits: Tensor, labels: Tensor) -> int:
    """Count the `logits` (n,10) that have their largest value at the label."""
    return int(torch.count_nonzero(logits.argmax(dim=1) == labels))
