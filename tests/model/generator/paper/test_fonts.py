from pathlib import Path

import numpy as np
import pytest

from model.generator.items import PARTS
from model.generator.outliers import characters
from model.generator.outliers.characters import like_digits
from model.generator.paper.fonts import Font, find_fonts, glyph, of_part, picker, with_digits


def test_fonts_are_found_with_their_family_and_map(fonts: list[Font], tmp_path: Path) -> None:
    assert "dejavu" in {font.family for font in fonts}
    sans = next(font for font in fonts if font.path.name == "DejaVuSans.ttf")
    assert {ord("A"), ord("0"), 0x3B1} <= sans.codepoints
    (tmp_path / "broken.ttf").write_bytes(b"no font at all")
    assert find_fonts([tmp_path]) == []


def test_a_family_is_in_one_part_only(fonts: list[Font]) -> None:
    families = [{font.family for font in of_part(fonts, part)} for part in PARTS]
    assert set.union(*families) == {font.family for font in fonts}
    assert sum(map(len, families)) == len(set.union(*families))


def test_symbol_fonts_have_no_digits(fonts: list[Font]) -> None:
    usable = with_digits(fonts)
    assert any(font.path.name == "DejaVuSans.ttf" for font in usable)
    assert all(set(font.digits) <= set("0123456789") and len(font.digits) >= 8 for font in usable)
    # Computer Modern's extension font has brackets where its map says digits, or no digits at all.
    assert not any(font.path.name in ("cmex10.ttf", "STIXSizOneSymReg.ttf") for font in usable)


def test_a_glyph_is_ink_on_black_with_a_margin(fonts: list[Font]) -> None:
    font = next(font for font in fonts if font.path.name == "DejaVuSans.ttf")
    mask = glyph(font, "8", 48)
    assert mask.max() == 255
    assert mask[0].max() == mask[-1].max() == mask[:, 0].max() == 0
    assert glyph(font, "8", 48, stroke=2).sum() > 1.2 * mask.sum()
    assert glyph(font, " ", 48).shape == (1, 1)


def test_large_families_do_not_drown_others(fonts: list[Font]) -> None:
    pick = picker(fonts)
    rng = np.random.default_rng(0)
    drawn = {pick(rng).family for _ in range(300)}
    assert drawn == {font.family for font in fonts}
    with pytest.raises(ValueError, match="no fonts"):
        picker([])


def test_printed_digits_are_known_as_such(fonts: list[Font]) -> None:
    resembles = like_digits(with_digits(fonts))
    font = next(font for font in fonts if font.path.name == "DejaVuSans.ttf")
    assert all(resembles(glyph(font, digit, 40)) for digit in "0123456789")
    assert not any(resembles(glyph(font, letter, 40)) for letter in "AKMWHX#&")


def test_look_alikes_are_in_no_script(fonts: list[Font]) -> None:
    covered = characters.coverage(fonts)
    assert {"latin", "greek", "cyrillic", "symbols"} <= set(covered)
    for name, entries in covered.items():
        for codes in entries.values():
            texts = {chr(code) for code in codes}
            if name != "icons":
                assert not texts & characters.LOOK_ALIKES
                assert not any(
                    text.isdigit() or text.isnumeric() for text in texts if name in ("latin", "symbols")
                )


@pytest.mark.parametrize("text", ["○", "●", "①", "|", "¹", "½", "⓪", "◯", "⊘"])
def test_circles_bars_and_digits_are_no_symbols(text: str) -> None:
    assert not characters.is_symbol(ord(text))
