"""Images of digits to be sent, and to be labelled."""

from pathlib import Path

from PIL import Image

from model.training.data.idx import read_idx
from tests.support import ROOT

MNIST = ROOT / "tests" / "data" / "mnist"


def write_images(folder: Path, first: int, count: int) -> dict[str, int]:
    """MNIST's test images as files of many sizes, dark on light and light on dark; gives path -> digit."""
    images = read_idx(MNIST / "t10k-images-idx3-ubyte.gz")[first : first + count]
    labels = read_idx(MNIST / "t10k-labels-idx1-ubyte.gz")[first : first + count]
    written = {}
    for number, (pixels, digit) in enumerate(zip(images, labels, strict=True), first):
        side = 28 + 12 * (number % 7)
        ink = pixels if number % 3 else 255 - pixels
        name = f"{number % 10}/{number:05}.{'jpg' if number % 5 == 0 else 'png'}"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(ink).resize((side, side), Image.Resampling.BICUBIC).save(folder / name)
        written[name] = int(digit)
    return written
