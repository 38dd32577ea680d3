import numpy as np

from model.training.generator.items import is_held_out


def test_about_the_wanted_share_is_held_out() -> None:
    names = [f"a_car_{number:06d}.jpg" for number in range(4000)]
    share = np.mean([is_held_out(name) for name in names])
    assert 0.17 < share < 0.23
    assert 0.47 < np.mean([is_held_out(name, 0.5) for name in names]) < 0.53


def test_who_is_held_out_never_changes() -> None:
    assert [
        name for name in ("dejavu", "lato", "noto", "roboto", "karla", "cmu") if is_held_out(name)
    ] == HELD


HELD = ["dejavu", "noto"]
