"""Some proposal shows the digit, whatever lies around it; and there are few."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.generator.build import likeness
from model.ink import FEATURES, NormalisedInk
from model.ink.proposals import MOST, propose
from tests.support import Digits

Pixels = NDArray[np.uint8]
GREY, INK = 190, 60


def digit_on(page: Image.Image, digit: Pixels, left: int, top: int, side: int = 84) -> None:
    """Write a digit on a page of grey levels."""
    ink = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
    page.paste(INK, (left, top), ink)


def in_a_ring(digit: Pixels, corner: int = 75) -> Image.Image:
    page = Image.new("L", (240, 220), GREY)
    ImageDraw.Draw(page).rounded_rectangle((40, 30, 190, 180), corner, outline=INK, width=6)
    digit_on(page, digit, 72, 62)
    return page


def in_a_box(digit: Pixels) -> Image.Image:
    return in_a_ring(digit, corner=0)


def on_a_sheet(digit: Pixels) -> Image.Image:
    page = Image.new("L", (260, 240), 40)
    ImageDraw.Draw(page).polygon([(50, 30), (215, 45), (200, 215), (35, 195)], fill=225)
    digit_on(page, digit, 85, 80)
    return page


def on_ruled_paper(digit: Pixels) -> Image.Image:
    page = Image.new("L", (220, 200), GREY)
    for y in (40, 85, 130, 175):
        ImageDraw.Draw(page).line((0, y, 220, y + 3), fill=110, width=2)
    digit_on(page, digit, 70, 55)
    return page


def under_a_lamp(digit: Pixels) -> Image.Image:
    page = Image.new("L", (220, 200), GREY)
    digit_on(page, digit, 70, 55)
    light = np.linspace(0.35, 1.2, 220)[None, :]
    return Image.fromarray(np.clip(np.asarray(page) * light, 0, 255).astype(np.uint8))


def beside_a_pen(digit: Pixels) -> Image.Image:
    page = Image.new("L", (260, 220), GREY)
    ImageDraw.Draw(page).line((200, 10, 235, 215), fill=30, width=14)
    digit_on(page, digit, 60, 60)
    return page


def far_away(digit: Pixels) -> Image.Image:
    page = Image.new("L", (900, 800), GREY)
    digit_on(page, digit, 300, 500, 100)
    return page


def light_on_dark(digit: Pixels) -> Image.Image:
    return Image.fromarray(255 - np.asarray(in_a_box(digit)))


def two_parts(digit: Pixels) -> Image.Image:
    page = Image.new("L", (220, 200), GREY)
    digit_on(page, digit, 70, 55)
    ImageDraw.Draw(page).line((60, 98, 170, 98), fill=GREY, width=3)
    return page


SCENES: list[Callable[[Pixels], Image.Image]] = [
    in_a_box, in_a_ring, on_a_sheet, on_ruled_paper, under_a_lamp, beside_a_pen, far_away, light_on_dark,
    two_parts,
]  # fmt: skip


def proposals(page: Image.Image, grain: float = 2.0) -> list[NormalisedInk]:
    """The proposals for a page, as a camera sees it."""
    noise = np.random.default_rng(0).normal(0, grain, (page.height, page.width))
    return list(propose(np.clip(np.asarray(page) + noise, 0, 255).astype(np.uint8)))


@pytest.mark.parametrize("scene", SCENES)
def test_some_proposal_shows_the_digit(mnist: Digits, scene: Callable[[Pixels], Image.Image]) -> None:
    for digit in (2, 3, 5, 6, 9):
        image = mnist.first(digit)
        found = proposals(scene(image))
        assert 1 <= len(found) <= MOST
        assert max(likeness(proposal.field, image) for proposal in found) > 0.85


def test_no_two_proposals_are_alike(mnist: Digits) -> None:
    fields = [proposal.field.ravel().astype(float) for proposal in proposals(in_a_box(mnist.first(3)))]
    fields = [field / np.linalg.norm(field) for field in fields]
    assert max(float(a @ b) for n, a in enumerate(fields) for b in fields[:n]) <= 0.985


def told_of(proposal: NormalisedInk) -> dict[str, float]:
    """A proposal's features by their names."""
    return dict(zip(FEATURES, proposal.features.tolist(), strict=True))


def test_the_features_tell_where_the_ink_lies(mnist: Digits) -> None:
    page = Image.new("L", (220, 200), GREY)
    digit_on(page, mnist.first(3), 70, 55)
    told = told_of(proposals(page)[0])
    assert told["sides"] == told["ends"] == told["left out"] == told["beside"] == 0
    assert told["off centre"] < 0.05
    assert told["polarity"] > 0
    bar = Image.new("L", (220, 200), GREY)
    ImageDraw.Draw(bar).rectangle((205, 0, 211, 200), fill=INK)
    edge = told_of(proposals(bar)[0])
    assert (edge["sides"], edge["ends"]) == (0, 1)
    assert edge["upright"] > 0.95
    assert edge["off centre"] > 0.4


def test_the_features_tell_what_is_left_out(mnist: Digits) -> None:
    pen = [told_of(proposal) for proposal in proposals(beside_a_pen(mnist.first(3)))]
    assert any(told["tallest"] > 0.7 and told["left out"] > 0.3 for told in pen), "the digit"
    assert any(told["tallest"] < -0.7 for told in pen), "the pen"
    ringed = [told_of(proposal) for proposal in proposals(in_a_ring(mnist.first(3)))]
    assert max(told["enclosing"] for told in ringed) > 0.2, "the digit"
    assert max(told["enclosed"] for told in ringed) > 0.2, "the ring"
    page = Image.new("L", (120, 220), GREY)
    for top in (15, 120):
        digit_on(page, mnist.first(3), 20, top)
    assert max(told_of(proposal)["above or below"] for proposal in proposals(page)) > 0.3


def test_a_small_digit_seen_closer_keeps_what_is_farther_off(mnist: Digits) -> None:
    page = far_away(mnist.first(3))
    ImageDraw.Draw(page).rectangle((700, 200, 830, 300), outline=30, width=12)
    told = [told_of(proposal) for proposal in proposals(page)]
    closer = [features for features in told if features["closer"]]
    assert any(features["heaviest"] > 1 and features["left out"] > 0.5 for features in closer)


def test_a_digit_beside_is_counted(mnist: Digits) -> None:
    page = Image.new("L", (220, 120), GREY)
    digit_on(page, mnist.first(3), 20, 18)
    digit_on(page, mnist.first(5), 115, 18)
    assert proposals(page)[0].pieces == 2


def test_the_box_is_in_the_pixels_of_the_picture(mnist: Digits) -> None:
    digit = mnist.first(3)
    across = np.flatnonzero(digit.any(axis=0))
    x, _, width, _ = proposals(far_away(digit))[0].box
    assert x == pytest.approx(300 + across[0] * 100 / 28, abs=8)
    assert width == pytest.approx((across[-1] + 1 - across[0]) * 100 / 28, abs=12)
