"""Contact sheets: what a kind's items look like to the network, with their labels."""

import numpy as np
from PIL import Image, ImageDraw

from model.generator.items import Bytes
from model.training.data import NO_DIGIT


def contact_sheet(images: Bytes, labels: list[int], *, columns: int = 16, scale: int = 2) -> Image.Image:
    """Fields (n, 28, 28) in a grid, each with its label above it, "-" for no digit."""
    cell_width, cell_height = 28 * scale + 4, 28 * scale + 14
    rows = -(-len(images) // columns)
    sheet = Image.new("L", (columns * cell_width, rows * cell_height), 60)
    pen = ImageDraw.Draw(sheet)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        x, y = number % columns * cell_width + 2, number // columns * cell_height
        pen.text((x + 2, y), "-" if label == NO_DIGIT else str(label), fill=255)
        big = np.kron(image, np.ones((scale, scale), np.uint8))
        sheet.paste(Image.fromarray(big), (x, y + 12))
    return sheet
