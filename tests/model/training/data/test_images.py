import numpy as np

from model.training.data import stratified_split

COUNTS = 5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949
"""Of MNIST's training set."""


def test_sixty_thousand_are_split_into_55_000_and_5_000_of_which_every_class_gives_its_share() -> None:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(10), COUNTS))
    training, validation = stratified_split(labels)
    assert (len(training), len(validation)) == (55_000, 5_000)
    assert len(np.union1d(training, validation)) == 60_000
    np.testing.assert_allclose(np.bincount(labels[validation]), np.array(COUNTS) / 12, atol=1)
    np.testing.assert_array_equal(validation, stratified_split(labels)[1])
