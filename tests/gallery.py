"""`python -m tests.gallery` draws docs/gallery.png: the pictures, what the network saw, and its answers."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from model.recognition import Answer, Recogniser
from tests.support import ROOT

PICTURES = sorted(path for path in (ROOT / "tests" / "data" / "gallery").iterdir())
"""Drawn, scanned and photographed digits; a file's name begins with the digit in it."""

SHEET = ROOT / "docs" / "gallery.png"
COLUMNS, WIDTH, HEIGHT = 4, 300, 178


def thumbnail(data: bytes) -> Image.Image:
    """The picture upright and small, what is transparent in it grey."""
    picture = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    if picture.mode.startswith("I"):
        picture = Image.fromarray((np.asarray(picture) // 256).astype(np.uint8))
    picture = picture.convert("RGBA")
    ground = Image.new("RGBA", picture.size, (225, 225, 225, 255))
    picture = Image.alpha_composite(ground, picture).convert("RGB")
    method = Image.Resampling.NEAREST if max(picture.size) < 60 else Image.Resampling.LANCZOS
    return ImageOps.contain(picture, (150, 140), method)


def main() -> None:
    """Draw the sheet."""
    sheet = Image.new("RGB", (COLUMNS * WIDTH, -(-len(PICTURES) // COLUMNS) * HEIGHT), (250, 250, 250))
    draw = ImageDraw.Draw(sheet)
    small, large = ImageFont.load_default(14), ImageFont.load_default(30)
    answers = Recogniser.load("lenet5").recognise([path.read_bytes() for path in PICTURES])
    for number, (path, answer) in enumerate(zip(PICTURES, answers, strict=True)):
        assert isinstance(answer, Answer), path
        x, y = number % COLUMNS * WIDTH + 8, number // COLUMNS * HEIGHT + 8
        picture = thumbnail(path.read_bytes())
        sheet.paste(picture, (x + (150 - picture.width) // 2, y))
        field = Image.fromarray(answer.ink.field).resize((84, 84), Image.Resampling.NEAREST)
        sheet.paste(field, (x + 166, y))
        colour = (20, 110, 50) if path.name.startswith(str(answer.digit)) else (180, 30, 30)
        draw.text((x + 166, y + 92), str(answer.digit), fill=colour, font=large)
        draw.text((x + 192, y + 106), f"{100 * answer.confidence:.1f} %", fill=(70, 70, 70), font=small)
        draw.text((x, y + 146), path.stem[2:].replace("-", " "), fill=(40, 40, 40), font=small)
    sheet.quantize(256).save(SHEET, optimize=True)


if __name__ == "__main__":
    main()
