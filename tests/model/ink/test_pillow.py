"""Pixels are the same with Pillow as with numpy."""

import numpy as np

from model.ink.pillow import grey_of, image_of


def test_there_and_back() -> None:
    grey = np.arange(35, dtype=np.uint8).reshape(5, 7)
    for pixels in (grey, grey[1:, 2:], grey.T, grey[:, ::-1]):
        image = image_of(pixels)
        assert (image.width, image.height) == (pixels.shape[1], pixels.shape[0])
        np.testing.assert_array_equal(np.asarray(image), pixels)
        np.testing.assert_array_equal(grey_of(image), pixels)


def test_nothing_is_copied_of_what_is_in_one_piece() -> None:
    grey = np.zeros((5, 7), np.uint8)
    image = image_of(grey)
    grey[2, 3] = 9
    assert image.getpixel((3, 2)) == 9
