"""MNIST's digits as other programs, scanners and data sets would show them."""

from PIL import Image

from model.generator.chance import between, one_of
from model.generator.items import Bytes, Rng
from model.generator.paper.camera import blurred, jpeg, noisy
from model.generator.paper.canvas import mixed, placed_on_page, present, stretched
from model.generator.paper.inks import Ink, sharp

SMOOTH = (Image.Resampling.BICUBIC, Image.Resampling.BILINEAR, Image.Resampling.LANCZOS)


def disguise(ink: Ink, rng: Rng) -> tuple[Bytes, Bytes]:
    """MNIST's digit on a page or faint: (pixels, clean)."""
    return _on_page(ink.mask, rng) if rng.random() < 0.75 else _faint(ink.mask, rng)


def _on_page(digit: Bytes, rng: Rng) -> tuple[Bytes, Bytes]:
    """Enlarged or made small, off-centre on a page, in any colours, maybe as a JPEG: (pixels, clean)."""
    if rng.random() < 0.5:
        factor = between(rng, 0.9, 7.0)
        mask = stretched(digit, factor, 8, one_of(rng, SMOOTH))
    elif rng.random() < 0.3:
        factor = float(rng.integers(2, 7))
        mask = stretched(digit, factor, 8, Image.Resampling.NEAREST)
    else:
        factor = rng.uniform(2.0, 7.0)
        mask = sharp(digit, factor, rng.uniform(80, 165), rng.uniform(10, 60))
    if rng.random() < 0.6:
        mask = placed_on_page(mask, rng, room=rng.uniform(1.1, max(1.2, min(4.0, 10 / factor))))
    pixels = present(mask, rng)
    return (pixels if pixels.shape[-1] == 4 else jpeg(pixels, rng, 0.35, 15)), mask


def _faint(digit: Bytes, rng: Rng) -> tuple[Bytes, Bytes]:
    """Low contrast, blur or noise, at MNIST's own size or larger: (pixels, clean)."""
    factor = rng.choice([1.0, 1.0, 2.0, 4.0])
    mask = digit if factor == 1 else stretched(digit, factor, 8)
    ground = rng.uniform(0, 255)
    gap = rng.uniform(40, 110) * (1 if ground < 127 else -1)
    pixels = mixed(mask, ground + gap, ground)
    if rng.random() < 0.4:
        pixels = blurred(pixels, 0.5 * factor)
    if rng.random() < 0.5:
        pixels = noisy(pixels, rng, rng.uniform(0.5, abs(gap) / 14))
    return jpeg(pixels, rng, 0.4, 40), mask
