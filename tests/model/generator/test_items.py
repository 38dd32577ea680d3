import numpy as np

from model.generator.items import PARTS, part_of


def test_about_the_wanted_shares_are_held_out() -> None:
    found = [part_of(f"a_car_{number:06d}.jpg") for number in range(4000)]
    shares = [np.mean([part == wanted for part in found]) for wanted in PARTS]
    np.testing.assert_allclose(shares, [0.8, 0.12, 0.08], atol=0.02)


def test_who_is_held_out_never_changes() -> None:
    found = {name: part_of(name) for name in ("dejavu", "lato", "noto", "roboto", "karla", "cmu", "tuffy")}
    assert found == PARTED


PARTED = dict.fromkeys(("dejavu", "lato", "roboto", "karla", "cmu"), "train") | dict.fromkeys(
    ("noto", "tuffy"), "validation"
)
