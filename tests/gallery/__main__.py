"""`python -m tests.gallery` draws docs/gallery.png: the pictures, what the network saw, and its answers.

With `--pictures` the pictures themselves are drawn anew first.
"""

import argparse
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from model.ink import normalise_image
from model.recognition import Recogniser
from tests.gallery.cases import CASES, FOLDER, MOST_BYTES, file_of, name_of
from tests.support import ROOT

SHEET = ROOT / "docs" / "gallery.png"


def draw_pictures() -> None:
    """Draw every picture into its file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for case in CASES:
        data = case()
        if len(data) > MOST_BYTES:
            raise SystemExit(f"{name_of(case)} has {len(data):,} bytes")
        suffix = "jpg" if data.startswith(b"\xff\xd8") else "png"
        (FOLDER / f"{name_of(case)}.{suffix}").write_bytes(data)


def draw_sheet() -> Image.Image:
    """The pictures, what the network saw of each, and its answer."""
    recogniser = Recogniser.load("lenet5")
    columns, wide, high = 4, 300, 178
    rows = -(-len(CASES) // columns)
    sheet = Image.new("RGB", (columns * wide, rows * high), (250, 250, 250))
    draw = ImageDraw.Draw(sheet)
    small, large = ImageFont.load_default(14), ImageFont.load_default(30)
    for number, (case, digit) in enumerate(CASES.items()):
        x, y = number % columns * wide + 8, number // columns * high + 8
        data = file_of(case).read_bytes()
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        if picture.mode.startswith("I"):
            picture = Image.fromarray((np.asarray(picture) // 256).astype(np.uint8))
        picture = picture.convert("RGBA")
        ground = Image.new("RGBA", picture.size, (225, 225, 225, 255))
        picture = Image.alpha_composite(ground, picture).convert("RGB")
        way = Image.Resampling.NEAREST if max(picture.size) < 60 else Image.Resampling.LANCZOS
        picture = ImageOps.contain(picture, (150, 140), way)
        sheet.paste(picture, (x + (150 - picture.width) // 2, y))
        (answer,) = recogniser.answer([normalise_image(data)])
        sheet.paste(
            Image.fromarray(answer.ink.field).resize((84, 84), Image.Resampling.NEAREST), (x + 166, y)
        )
        colour = (20, 110, 50) if answer.digit == digit else (180, 30, 30)
        draw.text((x + 166, y + 92), str(answer.digit), fill=colour, font=large)
        draw.text((x + 192, y + 106), f"{100 * answer.confidence:.1f} %", fill=(70, 70, 70), font=small)
        draw.text((x, y + 146), name_of(case).replace("-", " "), fill=(40, 40, 40), font=small)
    return sheet


def main() -> None:
    """Draw the sheet, and the pictures if asked."""
    parser = argparse.ArgumentParser(description="draw docs/gallery.png")
    parser.add_argument("--pictures", action="store_true", help="draw the pictures anew first")
    if parser.parse_args().pictures:
        draw_pictures()
    draw_sheet().quantize(256).save(SHEET, optimize=True)


if __name__ == "__main__":
    main()
