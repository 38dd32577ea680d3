"""Distortions of training images, computed for a whole batch at once.

The affine part is what the paper used (LeCun et al. 1998, section III.A: shifts, scaling, squeezing,
horizontal shear) plus rotation; the elastic part follows Simard, Steinkraus, Platt (2003, section 2):
a displacement field of white noise smoothed by a Gaussian. Both end in one displacement field and one
bilinear resampling, so that an image is blurred only once. Stroke width is changed before that, by a
blend with the gray-scale dilation or erosion of the image.
"""

import math
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, max_pool2d

THINNING = 0.6
"""Thinning makes a stroke fade, so a stroke is thinned less than it is thickened, by this factor."""


@dataclass(frozen=True, slots=True)
class Distortion:
    """How far an image may be distorted; every amount is drawn uniformly from +- its limit."""

    rotation: float = 0.0
    """degrees"""
    scale: float = 0.0
    """relative size: 0.1 is 10 % smaller to 10 % larger"""
    squeeze: float = 0.0
    """relative aspect: 0.1 makes the digit up to 10 % wider and as much lower, or the reverse"""
    shear: float = 0.0
    """horizontal shift of a row per row from the centre (the tangent of the slant)"""
    shift: float = 0.0
    """pixels, each way"""
    elastic: float = 0.0
    """standard deviation of the displacement of a pixel, in pixels, each way (not uniform: Gaussian)"""
    smoothness: float = 4.0
    """standard deviation of the Gaussian that smooths the displacements, in pixels (Simard: 4)"""
    stroke: float = 0.0
    """share of the way to the image's 3x3 dilation (thicker); to its erosion (thinner) THINNING times that"""

    def scaled(self, factor: float) -> Self:
        """The same distortion with every amount times `factor`."""
        amounts = ("rotation", "scale", "squeeze", "shear", "shift", "elastic", "stroke")
        return replace(self, **{name: getattr(self, name) * factor for name in amounts})

    def __call__(self, fields: Tensor, random: torch.Generator) -> Tensor:
        """Distort copies of `fields` (n,1,S,S), floats in [0,1], 0 the background."""
        if self.stroke:
            amount = self._uniform(self.stroke, len(fields), fields, random)
            fields = change_stroke(fields, torch.where(amount < 0, amount * THINNING, amount))
        if not any((self.rotation, self.scale, self.squeeze, self.shear, self.shift, self.elastic)):
            return fields
        grid = affine_grid(self._matrices(fields, random), list(fields.shape), align_corners=False)
        if self.elastic:
            grid = grid + self._displacements(fields, random)
        distorted: Tensor = grid_sample(fields, grid, padding_mode="zeros", align_corners=False)
        return distorted

    @staticmethod
    def _uniform(limit: float, n: int, like: Tensor, random: torch.Generator) -> Tensor:
        draw = torch.rand(n, generator=random, dtype=like.dtype)
        return ((2 * draw - 1) * limit).to(like.device)

    def _matrices(self, fields: Tensor, random: torch.Generator) -> Tensor:
        """Output-to-input affine maps (n,2,3) in grid_sample's coordinates (-1 to 1 over the field)."""
        n, size = len(fields), fields.shape[-1]
        angle = self._uniform(math.radians(self.rotation), n, fields, random)
        scale = torch.exp(self._uniform(math.log1p(self.scale), n, fields, random))
        squeeze = torch.exp(self._uniform(math.log1p(self.squeeze), n, fields, random))
        shear = self._uniform(self.shear, n, fields, random)
        shift = torch.stack(
            [self._uniform(2 * self.shift / size, n, fields, random) for _ in range(2)], dim=1
        )
        cos, sin = torch.cos(angle), torch.sin(angle)
        wide, high = 1 / (scale * squeeze), squeeze / scale
        rows = [
            torch.stack((wide * cos, wide * (shear * cos - sin), shift[:, 0]), dim=1),
            torch.stack((high * sin, high * (shear * sin + cos), shift[:, 1]), dim=1),
        ]
        return torch.stack(rows, dim=1)

    def _displacements(self, fields: Tensor, random: torch.Generator) -> Tensor:
        """Smooth Gaussian displacement fields (n,S,S,2) in grid_sample's coordinates.

        White noise on a coarse grid of knots, interpolated by Gaussians: the same autocorrelation as
        noise on every pixel smoothed by a Gaussian of `smoothness`, for two small matrix products.
        """
        n, size = len(fields), fields.shape[-1]
        basis = gaussian_basis(size, self.smoothness).to(fields)
        noise = torch.randn(n, 2, basis.shape[1], basis.shape[1], generator=random, dtype=fields.dtype)
        smooth = basis @ noise.to(fields.device) @ basis.T
        return smooth.permute(0, 2, 3, 1) * (2 * self.elastic / size)


def gaussian_basis(size: int, sigma: float) -> Tensor:
    """Weights (size, knots) of Gaussians on knots `sigma` apart, reaching beyond the field.

    Each row has unit length, so that unit noise on the knots gives unit variance at every pixel.
    """
    knots = torch.arange(-2 * sigma, size - 1 + 2 * sigma + 1e-6, sigma)
    distance = torch.arange(size).float()[:, None] - knots[None, :]
    weights = torch.exp(-(distance**2) / (2 * sigma**2))
    unit: Tensor = weights / weights.norm(dim=1, keepdim=True)
    return unit


def change_stroke(fields: Tensor, amount: Tensor) -> Tensor:
    """Thicker (amount > 0) or thinner (< 0) strokes: `fields` (n,1,S,S) blended with dilation or erosion.

    `amount` (n,) in [-1,1] is the share of the way. Erosion is the dilation of the negative, so one
    pooling with a sign per image serves both.
    """
    sign = torch.where(amount >= 0, 1.0, -1.0).to(fields)[:, None, None, None]
    extreme = max_pool2d(fields * sign, 3, stride=1, padding=1) * sign
    return torch.lerp(fields, extreme, amount.abs()[:, None, None, None])


NONE = Distortion()
AFFINE = Distortion(rotation=10, scale=0.12, squeeze=0.1, shear=0.2, shift=1.5)
FULL = Distortion(rotation=12, scale=0.14, squeeze=0.12, shear=0.25, shift=1.5, elastic=0.9, stroke=0.6)
DISTORTIONS: dict[str, Distortion] = {"none": NONE, "affine": AFFINE, "mild": FULL.scaled(0.4), "full": FULL}
"""The distortions, by their names on the command line."""
