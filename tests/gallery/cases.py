"""The gallery: drawn and photographed digits as people send them, in tests/data/gallery, one file a case."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.gallery.scene import area_of, bytes_of, half, ink, line_of, lines, noise, over, paper, soft
from tests.support import ROOT

FOLDER = ROOT / "tests" / "data" / "gallery"
MOST_BYTES = 20_000
"""No picture's file is larger."""

BLUE, BLACK, GRAPHITE = (40.0, 52.0, 140.0), (28.0, 28.0, 34.0), (96.0, 96.0, 100.0)
SIZE = (320, 280)


def pencil_on_squared_paper() -> bytes:
    page = over(paper(SIZE), (150, 175, 215), 0.6 * lines(SIZE, 24, squared=True, tilt=0.01))
    page = over(page, GRAPHITE, ink(4, SIZE, 130, 5, lean=0.1) * np.clip(0.8 + noise(SIZE, 0.2, 1), 0, 1))
    return bytes_of(page + noise(SIZE, 3, 2)[..., None], quality=70)


def ball_pen_on_ruled_paper() -> bytes:
    page = over(
        paper(SIZE, (246, 246, 240)), (140, 160, 200), 0.7 * lines(SIZE, 62, squared=False, tilt=-0.01)
    )
    page = over(page, BLUE, ink(5, SIZE, 96, 4, at=(0.45, 0.47), lean=0.15))
    return bytes_of(page + noise(SIZE, 2, 3)[..., None], quality=75)


def shadow_across_the_digit() -> bytes:
    page = over(paper(SIZE), BLACK, ink(3, SIZE, 140, 8))
    page = page * (1 - 0.35 * soft(half(SIZE, 1.0, 0.6, 0.85), 12))[..., None]
    return bytes_of(page + noise(SIZE, 2, 4)[..., None], quality=70)


def dark_desk_at_the_edge() -> bytes:
    page = over(paper(SIZE), GRAPHITE, ink(9, SIZE, 120, 5, at=(0.55, 0.5)))
    page = over(page, (38, 30, 26), half(SIZE, -1.0, 0.12, -0.1))
    return bytes_of(page + noise(SIZE, 3, 5)[..., None], quality=70)


def light_from_one_side() -> bytes:
    page = over(paper(SIZE), BLUE, ink(2, SIZE, 120, 6))
    fall = np.linspace(0.35, 1.0, SIZE[0], dtype=np.float32)[None, :, None]
    return bytes_of(page * fall + noise(SIZE, 3, 6)[..., None], quality=70)


def turned_by_exif() -> bytes:
    upright = over(paper((260, 340)), BLACK, ink(7, (260, 340), 170, 9))
    return bytes_of(np.rot90(upright), quality=75, exif=6)


def red_on_green_paper() -> bytes:
    page = over(paper(SIZE, (120, 170, 120)), (190, 70, 60), ink(6, SIZE, 130, 9))
    return bytes_of(page + noise(SIZE, 2, 7)[..., None], quality=75)


def blurred_photograph() -> bytes:
    page = over(paper(SIZE), BLACK, ink(8, SIZE, 130, 10))
    image = Image.fromarray(page.astype(np.uint8)).filter(ImageFilter.GaussianBlur(5))
    return bytes_of(np.asarray(image, np.float32) + noise(SIZE, 2, 8)[..., None], quality=70)


def noisy_and_hard_pressed() -> bytes:
    size = (160, 150)
    page = over(paper(size, (200, 196, 190)), BLACK, ink(2, size, 100, 6))
    return bytes_of(page + noise(size, 22, 9)[..., None], quality=18)


def low_contrast() -> bytes:
    page = over(paper(SIZE, (206, 204, 200)), (176, 176, 174), ink(0, SIZE, 130, 9))
    return bytes_of(page + noise(SIZE, 1.5, 10)[..., None], quality=80)


def small_on_a_large_page() -> bytes:
    size = (1000, 800)
    return bytes_of(over(paper(size, (255, 255, 255)), BLACK, ink(5, size, 60, 4, at=(0.8, 0.2))), quality=60)


def black_on_white() -> bytes:
    return bytes_of(255 - 255 * ink(3, (280, 280), 180, 16))


def white_on_black() -> bytes:
    return bytes_of(255 * ink(6, (200, 200), 130, 12, at=(0.4, 0.55)))


def hairline() -> bytes:
    return bytes_of(255 - 255 * ink(8, (300, 300), 220, 1.2))


def fat_marker() -> bytes:
    return bytes_of(255 - 255 * ink(4, (240, 240), 160, 30))


def transparent_ground() -> bytes:
    share = ink(9, (220, 220), 150, 12)
    pixels = np.zeros((220, 220, 4), np.uint8)
    pixels[..., :3] = (20, 60, 160)
    pixels[..., 3] = (255 * share).astype(np.uint8)
    return bytes_of(pixels)


def yellow_on_violet() -> bytes:
    return bytes_of(over(paper((240, 200), (92, 52, 130)), (244, 214, 70), ink(1, (240, 200), 140, 13)))


def far_in_a_corner() -> bytes:
    return bytes_of(255 - 255 * ink(0, (400, 300), 60, 5, at=(0.12, 0.85)))


def slanted() -> bytes:
    return bytes_of(255 - 255 * ink(7, (260, 240), 160, 10, lean=0.4))


def cell_with_its_border() -> bytes:
    size = (90, 110)
    page = 1 - ink(7, size, 62, 7)
    for part in (np.s_[3:6], np.s_[-6:-3], np.s_[:, 3:6], np.s_[:, -6:-3]):
        page[part] = 0.25
    return bytes_of(250 * page + noise(size, 3, 11), quality=80)


def neighbour_in_view() -> bytes:
    size = (140, 140)
    page = 1 - np.maximum(ink(5, size, 88, 6), ink(3, size, 88, 6, at=(-0.02, 0.5)))
    return bytes_of(235 * page + noise(size, 4, 12), quality=75)


def neighbours_on_both_sides() -> bytes:
    size = (150, 140)
    page = ink(8, size, 84, 6)
    for digit, place in ((4, 0.02), (0, 1.02)):
        page = np.maximum(page, ink(digit, size, 84, 6, at=(place, 0.5)))
    return bytes_of(235 * (1 - page) + noise(size, 4, 13), quality=75)


def stained_register() -> bytes:
    size = (150, 170)
    stain = soft(half(size, 0.4, 1.0, 0.9), 30)
    page = over(paper(size, (222, 200, 160)), (170, 140, 100), 0.6 * stain)
    page = over(page, (70, 48, 36), 0.85 * ink(6, size, 100, 7, lean=0.2))
    page = over(page, (70, 48, 36), 0.85 * ink(1, size, 100, 7, at=(1.0, 0.5), lean=0.2))
    return bytes_of(page + noise(size, 6, 14)[..., None], quality=75)


def eight_by_eight() -> bytes:
    fine = Image.fromarray((255 * ink(3, (64, 64), 58, 9)).astype(np.uint8))
    grey = np.asarray(fine.resize((8, 8), Image.Resampling.BOX), np.float32)
    return bytes_of(np.rint(grey / grey.max() * 16) * (255 / 16))


def sixteen_by_sixteen() -> bytes:
    fine = Image.fromarray((255 * ink(2, (64, 64), 62, 7)).astype(np.uint8))
    grey = np.asarray(fine.resize((16, 16), Image.Resampling.BOX))
    return bytes_of(np.where(grey > 90, 0, 255), mode="1")


def small_scan_enlarged() -> bytes:
    fine = Image.fromarray((255 * ink(6, (64, 64), 62, 8)).astype(np.uint8))
    grey = np.asarray(fine.resize((16, 16), Image.Resampling.BOX))
    return bytes_of(np.kron(grey, np.ones((12, 12), np.uint8)))


def sixteen_bits_deep() -> bytes:
    values = (40_000 - 30_000 * ink(9, (120, 120), 80, 7)).astype(np.uint16)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def printed() -> bytes:
    image = Image.new("L", (120, 150), 250)
    font = ImageFont.load_default(120)
    ImageDraw.Draw(image).text((60, 75), "4", fill=20, font=font, anchor="mm")
    return bytes_of(np.asarray(image))


def ringed_by_hand() -> bytes:
    page = over(paper(SIZE), BLUE, ink(4, SIZE, 110, 5, at=(0.5, 0.51), lean=0.15))
    way = np.linspace(0.3, 6.35, 90)
    away = 104 + 8 * np.sin(2 * way) + np.linspace(0, 9, 90)
    points = np.stack([160 + 1.15 * away * np.cos(way), 142 + away * np.sin(way)], axis=1)
    page = over(page, BLUE, line_of([(x, y) for x, y in points.tolist()], SIZE, 5))
    return bytes_of(page + noise(SIZE, 2, 15)[..., None], quality=70)


def coloured_note() -> bytes:
    corners = [(70.0, 44.0), (262.0, 60.0), (246.0, 252.0), (54.0, 236.0)]
    page = over(paper(SIZE, (252, 252, 252)), (250, 226, 96), area_of(corners, SIZE))
    page = over(page, BLACK, ink(3, SIZE, 120, 8, lean=-0.1))
    return bytes_of(page + noise(SIZE, 1.5, 16)[..., None], quality=75)


def meter_display() -> bytes:
    size = (150, 200)
    top, middle, low, left, right = 30.0, 100.0, 170.0, 40.0, 110.0
    lit = np.zeros((size[1], size[0]), np.float32)
    for x0, y0, x1, y1 in (
        (left + 7, top, right - 7, top),
        (left, top + 7, left, middle - 7),
        (left + 7, middle, right - 7, middle),
        (left, middle + 7, left, low - 7),
        (right, middle + 7, right, low - 7),
        (left + 7, low, right - 7, low),
    ):
        lit = np.maximum(lit, line_of([(x0, y0), (x1, y1)], size, 12))
    page = over(paper(size, (24, 10, 10)), (250, 60, 40), soft(lit, 1.5))
    return bytes_of(page + noise(size, 4, 17)[..., None], quality=75)


def pen_on_the_paper() -> bytes:
    page = over(paper(SIZE), BLUE, ink(5, SIZE, 110, 5, at=(0.36, 0.45), lean=0.1))
    page = over(page, (30, 30, 40), line_of([(226, 262), (304, 22)], SIZE, 16))
    return bytes_of(page + noise(SIZE, 2, 18)[..., None], quality=70)


Case = Callable[[], bytes]
CASES: dict[Case, int] = {
    pencil_on_squared_paper: 4,
    ball_pen_on_ruled_paper: 5,
    shadow_across_the_digit: 3,
    dark_desk_at_the_edge: 9,
    light_from_one_side: 2,
    turned_by_exif: 7,
    red_on_green_paper: 6,
    blurred_photograph: 8,
    noisy_and_hard_pressed: 2,
    low_contrast: 0,
    small_on_a_large_page: 5,
    black_on_white: 3,
    white_on_black: 6,
    hairline: 8,
    fat_marker: 4,
    transparent_ground: 9,
    yellow_on_violet: 1,
    far_in_a_corner: 0,
    slanted: 7,
    cell_with_its_border: 7,
    neighbour_in_view: 5,
    neighbours_on_both_sides: 8,
    stained_register: 6,
    eight_by_eight: 3,
    sixteen_by_sixteen: 2,
    small_scan_enlarged: 6,
    sixteen_bits_deep: 9,
    printed: 4,
    ringed_by_hand: 4,
    coloured_note: 3,
    meter_display: 6,
    pen_on_the_paper: 5,
}
"""What draws each picture, and the digit on it."""


def name_of(case: Case) -> str:
    """The case's name, as in its file's."""
    return case.__name__.replace("_", "-")


def file_of(case: Case) -> Path:
    """The case's picture."""
    return next(FOLDER.glob(f"{name_of(case)}.*"), FOLDER / f"{name_of(case)}.png")
