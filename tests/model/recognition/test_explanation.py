import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.cli.predict import predict
from model.ink import NotAnImage
from model.recognition import Recogniser
from model.recognition.explanation import explain
from tests.support import Digits, encoded


def photograph(mnist: Digits) -> bytes:
    digit = Image.fromarray(mnist.images[0]).resize((140, 140), Image.Resampling.BICUBIC)
    light = np.linspace(230, 120, 200)[None, :]
    pixels = np.repeat(light, 180, axis=0)
    pixels[20:160, 30:170] *= 1 - 0.7 * np.asarray(digit) / 255.0
    return encoded(pixels.astype(np.uint8))


def test_every_step_of_a_photograph_is_drawn(mnist: Digits) -> None:
    drawn = np.asarray(
        Image.open(io.BytesIO(explain(photograph(mnist), Recogniser.load("lenet5")))).convert("L")
    )
    assert drawn.shape[0] > 400
    assert drawn.shape[1] > 800
    assert drawn.std() > 20  # pictures, not a blank page


def test_what_has_no_ink_is_drawn_as_far_as_it_went() -> None:
    blank = encoded(Image.new("L", (100, 100), 200))
    assert explain(blank, Recogniser.load("lenet5")).startswith(b"\x89PNG")


def test_what_is_no_image_is_said() -> None:
    with pytest.raises(NotAnImage):
        explain(b"no image", Recogniser.load("lenet5"))


def test_the_picture_is_written_beside_the_image(
    mnist: Digits, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = tmp_path / "seven.png"
    image.write_bytes(photograph(mnist))
    predict([str(image)], explain=True)
    predict([str(tmp_path)], explain=True)  # does not explain its explanation
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seven.explained.png", "seven.png"]
    with Image.open(tmp_path / "seven.explained.png") as drawn:
        assert drawn.size[0] > 800
    assert "seven.png" in capsys.readouterr().out
