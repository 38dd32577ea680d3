"""Characters of many scripts, symbols and icons in fonts: what is printed but is no digit.

Look-alikes are left out. Some are known by their code point (see `LOOK_ALIKES`); symbols and icons are left
out by their names (circles are zeros, bars are ones).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from model.generator.paper.fonts import Font

RANGES: dict[str, tuple[tuple[int, int], ...]] = {
    # Without those that have many look-alikes (of digits, or of Latin letters that are): syllabics,
    # hieroglyphs, Cherokee, Armenian, Coptic, Tifinagh, runes.
    "latin": ((0x41, 0x5A), (0x61, 0x7A)),
    "greek": ((0x391, 0x3A9), (0x3B1, 0x3C9)),
    "cyrillic": ((0x410, 0x44F),),
    "hebrew": ((0x5D0, 0x5EA),),
    "arabic": ((0x628, 0x64A),),
    "devanagari": ((0x905, 0x914), (0x915, 0x939)),
    "bengali": ((0x985, 0x9B9),),
    "gurmukhi": ((0xA15, 0xA39),),
    "tamil": ((0xB85, 0xBB9),),
    "thai": ((0xE01, 0xE2E),),
    "tibetan": ((0xF40, 0xF6C),),
    "ethiopic": ((0x1200, 0x1357),),
    "khmer": ((0x1780, 0x17A2),),
    "hiragana": ((0x3042, 0x3093),),
    "katakana": ((0x30A2, 0x30F3),),
    "chinese": ((0x4E00, 0x9FA5),),
    "korean": ((0xAC00, 0xD7A3),),
    "cuneiform": ((0x12000, 0x12399),),
}

LOOK_ALIKES = frozenset(
    "OoQ0IlijJ|1ZzSsBbgqDG"  # Latin: printed J and G come too near 1 and 6 in some faces
    "ΟοΘθΦφΙιΖζΒβσδςξϑρϚΩΣ"
    "ОоЗзЭэЕбЧчІіЇїЅѕВвФфдДьЬгуУЮюЯяЪъ"
    "וןסזיםךרד"
    "اأإآٱهةوىملدذرز"
    "रठडटढगएइईउऊछहद"
    "ওঠঢডটতত্অআ"
    "ਠਰਟਡਗਞਫ"
    "ரஈஉஊஒஓஔகசபெவ"
    "วางใไโเๆอรธดตคลถภกเงฎฏฐ"
    "つしりノフラろるそワクてユヨローへンくのちらうとヲヌアマスヌケソリレルミニハト"
    "一丨口日曰囗乙了丁己已巳弓卩亅丿乁〇吕目彐工卫二三八人入九七乂乃刀力又"
    "이으응미리기니디비오요우유어아"
    "いぅぃづっにゔゎャュョヮィイチブプヰテムタゥェォァッ川"
    "ዐዑዒዓዔዕዖፀፁፂጌጓጔፉፊሩሪሃሣራлИלטגפקףץعقنλЦцШш"
    "ՕօՏտՁձՑցՉչԶզՅյՁջԼլՉզցԾծՖֆՇշ"
)
"""Characters that are, or in some faces come near, a digit: they are used for neither side."""

_ROUND_OR_UPRIGHT = re.compile(
    r"CIRCLE|CIRCLED|RING|ROUND|DISC|BALL|DIGIT|NUMBER|NUMERAL|ZERO|ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|NINE"
    r"|VERTICAL|BAR|LINE|OCLOCK|LETTER|FRACTION|BULLET|FULL STOP|EMPTY SET|DIAMETER|EXCLAMATION|QUESTION"
    r"|QUOTATION|APOSTROPHE|COMMA|DOT|PRIME|DIVIDES|INTEGRAL|INFINITY|MOON|SUN|CLOCK|PARENTHESIS|BRACKET|SOLIDUS|SLASH|SQUARE"
    r"|SECTION|DOLLAR|CENT|PER|NUMERO|LOZENGE|DEGREE|TEMPERATURE|JUPITER|SATURN|DRACHM|ORIGINAL|IMAGE|NORMAL"
    r"|BRAILLE|HEXAGRAM|TETRAGRAM|HIGH VOLTAGE|LIGHTNING|BETWEEN|COMPLEMENT|RATIO|COLON|PROPORTION|BLOCK"
    r"|SHADE|HOURGLASS|PARTIAL|ELEMENT|CONTAIN|ROTATED|TIP|CORNER|TACK|ANGLE|ELLIPSE|OVAL|HEXAGON|WIGGLY|REVERSED|PENNY|CURVED|ZIGZAG"
    r"|CAPITAL|SMALL|OHM|KELVIN|ANGSTROM|ESTIMATED|OUNCE|LITRE|SCRIPT"
)
_ICON = re.compile(
    r"circle|ring|round|disc|record|dot|clock|time|\d|zero|one|two|three|four|five|six|seven|eight|nine|num|uni|glyph"
    r"|digit|bar|line|vert|minus|looks|filter|letter|alpha|format|text|info|exclam|question|power|ellips|moon|globe|radio"
    r"|target|coin|percent|plus|thermo|pen|stick|bolt|flash|i-|-i$|^i$|small|cube|box|^u[0-9a-f]+$",
    re.IGNORECASE,
)


FRAMED_DIGITS = frozenset(range(0xE3C0, 0xE402))
"""Where icon fonts without names keep digits in frames and circles."""
_NAMELESS = re.compile(r"^(uni|u|glyph)[0-9A-Fa-f]{3,}$")
_ICON_FONT = re.compile(r"awesome|material|entypo|elusive|glyphicon|opens___|symbol", re.IGNORECASE)


# fmt: off
_BLOCKS = (
    (0x23, 0x2F), (0x3C, 0x40), (0xA1, 0xBF), (0x2030, 0x205E), (0x20A0, 0x20BF), (0x2190, 0x2319),
    (0x2590, 0x2BFF), (0x1F300, 0x1F6FF),
)
# fmt: on


def _is_symbol(code: int) -> bool:
    name = unicodedata.name(chr(code), "")
    return bool(name) and unicodedata.category(chr(code))[0] in "SP" and not _ROUND_OR_UPRIGHT.search(name)


def _is_letter(code: int) -> bool:
    return chr(code) not in LOOK_ALIKES and unicodedata.category(chr(code))[0] in "LS"


def _codes(ranges: Iterable[tuple[int, int]]) -> Iterator[int]:
    return (code for first, last in ranges for code in range(first, last + 1))


SYMBOLS = tuple(filter(_is_symbol, _codes(_BLOCKS)))


def icons_of(font: Font) -> tuple[int, ...]:
    """The private-use pictures of an icon font, without those whose names tell of circles, bars or digits."""
    if not _ICON_FONT.search(font.path.name):
        return ()
    return tuple(
        code
        for code, name in sorted(font.names.items())
        if code not in FRAMED_DIGITS and len(name) > 2 and (_NAMELESS.search(name) or not _ICON.search(name))
    )


def coverage(fonts: Iterable[Font]) -> dict[str, list[tuple[Font, tuple[int, ...]]]]:
    """For each script, "symbols" and "icons": the fonts that have it, and the usable code points of each."""
    wanted = {name: tuple(filter(_is_letter, _codes(ranges))) for name, ranges in RANGES.items()}
    wanted["symbols"] = SYMBOLS
    found: dict[str, list[tuple[Font, tuple[int, ...]]]] = {name: [] for name in (*wanted, "icons")}
    for font in fonts:
        usable = {name: tuple(filter(font.codepoints.__contains__, codes)) for name, codes in wanted.items()}
        for name, codes in {**usable, "icons": icons_of(font)}.items():
            if len(codes) >= 8:
                found[name].append((font, codes))
    return {name: fonts_ for name, fonts_ in found.items() if fonts_}
