"""The bitmaps of the output layer."""

import numpy as np

from model.networks.lecun1998 import codes


def test_codes_are_the_bitmaps_row_by_row() -> None:
    found = np.array(codes())
    assert found.shape == (10, 84)
    assert set(np.unique(found)) == {-1.0, 1.0}
    assert (found[7].reshape(12, 7)[1] == 1).all()
    assert found[1].reshape(12, 7)[1].tolist() == [-1, -1, -1, 1, -1, -1, -1]


def test_characters_that_look_alike_have_codes_that_are_near() -> None:
    differing = (np.array(codes())[:, None] != np.array(codes())).sum(-1)
    assert differing[~np.eye(10, dtype=bool)].min() >= 9
    for near, far in (
        ((0, 8), (0, 1)),
        ((5, 6), (5, 7)),
        ((3, 8), (3, 4)),
        ((0, 9), (0, 7)),
        ((3, 9), (3, 1)),
    ):
        assert differing[near] * 1.5 < differing[far]
