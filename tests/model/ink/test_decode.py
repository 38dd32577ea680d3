from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from model.ink import ImageTooLarge, InkError, Limits, NotAnImage, UnsupportedFormat
from model.ink.decode import DRAFT_SIDE, FORMATS, decode
from tests.robustness.corpus import png
from tests.support import encoded


def sample() -> NDArray[np.uint8]:
    pixels = np.full((40, 30), 255, np.uint8)
    pixels[5:35, 12:16] = 0
    return pixels


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_named_is_read(form: str) -> None:
    found = decode(encoded(Image.fromarray(sample()).convert("RGB"), form))
    assert found.pixels.shape[:2] == (40, 30)
    assert found.scale == 1
    grey = np.asarray(Image.fromarray(found.pixels).convert("L")).astype(int)
    assert np.abs(grey - sample()).mean() < 4


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16", "F", "CMYK", "YCbCr"])
def test_every_mode_means_the_same_picture(mode: str) -> None:
    grey = Image.fromarray(sample())
    image = Image.fromarray(sample().astype(np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    form = "TIFF" if mode in ("F", "CMYK", "YCbCr", "I", "LA") else "PNG"
    found = decode(encoded(image, form)).pixels
    flat = np.asarray(Image.fromarray(found).convert("L"))
    assert (flat[5:35, 12:16] < 10).all()
    assert (flat[:, :10] > 245).all()


def test_a_twelve_bit_scan_in_a_sixteen_bit_file_is_not_black() -> None:
    values = sample().astype(np.uint16) * 16  # up to 4080 of 65535
    found = decode(encoded(Image.fromarray(values), "PNG")).pixels
    assert int(found.max()) == 255


def test_a_palette_with_transparency_keeps_it() -> None:
    image = Image.fromarray(sample()).convert("P")
    found = decode(encoded(image, "PNG", transparency=255)).pixels
    assert found.shape == (40, 30, 4)
    assert found[0, 0, 3] == 0
    assert found[20, 13, 3] == 255


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    turned: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.uint8]]] = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: np.transpose,
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(np.transpose(a), 2),
        8: lambda a: np.rot90(a, -1),
    }
    upright = sample()
    upright[5:9, 12:28] = 0  # no symmetry left
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.ascontiguousarray(turned[orientation](upright))
    found = decode(encoded(Image.fromarray(stored), "PNG", exif=exif)).pixels
    assert np.array_equal(found, upright)


def test_only_the_first_frame_is_read() -> None:
    first, second = Image.fromarray(sample()), Image.fromarray(255 - sample())
    data = encoded(first, "GIF", save_all=True, append_images=[second])
    grey = np.asarray(Image.fromarray(decode(data).pixels).convert("L"))
    assert grey[0, 0] > 245


def test_a_large_jpeg_is_decoded_at_reduced_scale() -> None:
    data = encoded(Image.new("L", (4000, 3000), 200), "JPEG")
    found = decode(data)
    assert DRAFT_SIDE <= max(found.pixels.shape) < 2 * DRAFT_SIDE
    assert found.scale == pytest.approx(4000 / max(found.pixels.shape))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", NotAnImage),
        (b"hello", NotAnImage),
        (b"\x89PNG\r\n\x1a\n", NotAnImage),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 40, NotAnImage),
        (b"GIF89a" + b"\xff" * 30, NotAnImage),
        (b"%PDF-1.7 ...", UnsupportedFormat),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedFormat),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 20, UnsupportedFormat),
    ],
)
def test_what_is_no_image_is_refused(data: bytes, error: type[InkError]) -> None:
    with pytest.raises(error):
        decode(data)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "TIFF"])
def test_truncated_files_are_refused(form: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    data = encoded(Image.fromarray(noise), form)
    with pytest.raises(NotAnImage):
        decode(data[: len(data) * 2 // 3])


def test_pixels_are_counted_before_they_are_decoded() -> None:
    """A PNG that says it is 20,000 x 20,000 in a few bytes: nothing of it is inflated."""
    bomb = png(20_000, 20_000, b"")
    with pytest.raises(ImageTooLarge, match="pixels"):
        decode(bomb)


def test_the_bound_on_pixels_is_exact() -> None:
    data = encoded(Image.new("L", (30, 40)), "PNG")
    assert decode(data, Limits(pixels=1200)).pixels.shape == (40, 30)
    with pytest.raises(ImageTooLarge):
        decode(data, Limits(pixels=1199))
