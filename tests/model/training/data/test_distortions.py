import pytest
import torch
from torch import Tensor

from model.training.data.distortions import DISTORTIONS, FULL, Distortion, change_stroke


@pytest.fixture
def blob() -> Tensor:
    """A filled 8x8 square in the middle of a 28x28 field, 400 times."""
    fields = torch.zeros(400, 1, 28, 28)
    fields[:, :, 10:18, 10:18] = 1
    return fields


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def centre(fields: Tensor) -> tuple[Tensor, Tensor]:
    axis = torch.arange(28.0)
    mass = fields.sum(dim=(1, 2, 3))
    x = (fields.sum(dim=(1, 2)) * axis).sum(dim=1) / mass
    y = (fields.sum(dim=(1, 3)) * axis).sum(dim=1) / mass
    return x, y


@pytest.mark.parametrize("name", DISTORTIONS)
def test_shape_and_range_are_kept_and_an_empty_field_stays_empty(blob: Tensor, name: str) -> None:
    out = DISTORTIONS[name](torch.cat([blob, 0 * blob]), generator())
    assert out.shape == (800, 1, 28, 28)
    assert 0 <= out.min() <= out.max() <= 1
    assert not out[400:].any()
    assert torch.equal(out[:400], blob) is (name == "none")


def test_the_same_seed_gives_the_same_images_and_another_seed_others(blob: Tensor) -> None:
    first, again, other = (FULL(blob, generator(seed)) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_shift_moves_up_to_its_limit_and_no_farther(blob: Tensor) -> None:
    x, y = centre(Distortion(shift=2)(blob, generator()))
    for moved in (x - 13.5, y - 13.5):
        assert moved.abs().max() <= 2.001
        assert moved.min() < -1.8
        assert moved.max() > 1.8


def test_scale_changes_the_area_by_its_square(blob: Tensor) -> None:
    area = Distortion(scale=0.2)(blob, generator()).sum(dim=(1, 2, 3)) / 64
    assert area.min() == pytest.approx(1.2**-2, rel=0.05)
    assert area.max() == pytest.approx(1.2**2, rel=0.05)


def test_rotation_turns_by_the_angle() -> None:
    """A vertical bar, turned: its principal axis leans by up to the limit and no more."""
    bar = torch.zeros(300, 1, 28, 28)
    bar[:, :, 5:23, 13:15] = 1
    out = Distortion(rotation=20)(bar, generator())[:, 0]
    axis = torch.arange(28.0) - 13.5
    xx = (out.sum(1) * axis**2).sum(1)
    yy = (out.sum(2) * axis**2).sum(1)
    xy = (out * axis[:, None] * axis[None, :]).sum((1, 2))
    angle = torch.rad2deg(0.5 * torch.atan2(2 * xy, yy - xx))
    assert angle.abs().max() <= 20.5
    assert angle.max() > 18
    assert angle.min() < -18


def test_shear_moves_rows_sideways_only() -> None:
    """Each row keeps its ink; the top and the bottom go opposite ways."""
    bar = torch.zeros(200, 1, 28, 28)
    bar[:, :, 6:22, 12:16] = 1
    out = Distortion(shear=0.3)(bar, generator())
    torch.testing.assert_close(out.sum(dim=(1, 3)), bar.sum(dim=(1, 3)), atol=0.02, rtol=0)
    columns = torch.arange(28.0)
    top, bottom = ((out[:, 0, row] * columns).sum(1) / 4 - 13.5 for row in (6, 21))
    torch.testing.assert_close(top, -bottom, atol=0.02, rtol=0)
    assert top.abs().max() == pytest.approx(0.3 * 7.5, abs=0.1)


def test_elastic_displacements_have_the_asked_deviation_and_are_smooth() -> None:
    found = Distortion(elastic=1.5)._displacements(torch.zeros(2000, 1, 28, 28), generator()) * 14
    assert found.std(dim=0).min() == pytest.approx(1.5, abs=0.1)
    assert found.std(dim=0).max() == pytest.approx(1.5, abs=0.1)
    # White noise smoothed by a Gaussian of sigma 4: exp(-1/64) is the correlation of neighbours.
    neighbours = (found[:, :, 1:] * found[:, :, :-1]).mean() / found.square().mean()
    assert neighbours.item() == pytest.approx(0.9845, abs=0.004)


def test_strokes_are_thickened_and_thinned_by_one_pixel() -> None:
    line = torch.zeros(3, 1, 9, 9)
    line[:, :, 2:7, 3:6] = 1
    thick, same, thin = change_stroke(line, torch.tensor([1.0, 0.0, -1.0]))
    assert thick.sum() == 7 * 5
    assert torch.equal(same, line[1])
    assert thin.sum() == 3 * 1
