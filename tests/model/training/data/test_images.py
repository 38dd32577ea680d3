import numpy as np
from numpy.typing import NDArray

from model.training.data import stratified_split


def mnist_like_labels() -> NDArray[np.int64]:
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]  # of MNIST's training set
    return np.random.default_rng(0).permutation(np.repeat(np.arange(10), counts))


def test_sixty_thousand_are_split_into_55_000_and_5_000() -> None:
    training, validation = stratified_split(mnist_like_labels())
    assert (len(training), len(validation)) == (55_000, 5_000)
    assert len(np.union1d(training, validation)) == 60_000


def test_every_class_gives_its_share() -> None:
    labels = mnist_like_labels()
    _, validation = stratified_split(labels)
    given = np.bincount(labels[validation])
    np.testing.assert_allclose(given, np.bincount(labels) / 12, atol=1)


def test_the_split_is_the_same_every_time() -> None:
    first, second = stratified_split(mnist_like_labels()), stratified_split(mnist_like_labels())
    np.testing.assert_array_equal(first[1], second[1])
