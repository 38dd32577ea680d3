"""The head that judges whether a field is a digit."""

import torch

from model.networks.family import DigitHead


def test_it_costs_what_it_says() -> None:
    assert sum(parameter.numel() for parameter in DigitHead().parameters()) == 2_065


def test_it_gives_one_logit_a_field_and_can_learn() -> None:
    torch.manual_seed(0)
    head = DigitHead()
    features = torch.randn(64, 84)
    labels = (features[:, 0] * features[:, 1] > 0).float()
    assert head(features).shape == (64,)
    optimiser = torch.optim.Adam(head.parameters(), 0.02)
    for _ in range(200):
        optimiser.zero_grad()
        torch.autograd.backward(torch.nn.functional.binary_cross_entropy_with_logits(head(features), labels))
        optimiser.step()
    assert ((head(features) > 0) == labels.bool()).float().mean() > 0.95
