from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.training.data.datasets import DataSet
from model.training.data.folders import load_folder, load_images
from model.training.data.idx import DataError


@pytest.fixture
def photographs(tmp_path: Path, small: DataSet) -> Path:
    """Ten images of each digit, dark ink on white, at four times MNIST's size."""
    for label in range(10):
        (tmp_path / str(label)).mkdir()
        for i in np.flatnonzero(small.train.labels == label)[:10]:
            picture = Image.fromarray(255 - small.train.images[i]).resize((112, 112))
            picture.save(tmp_path / str(label) / f"{i}.png")
    return tmp_path


def test_images_are_normalised_and_split_by_class(photographs: Path) -> None:
    found = load_folder(photographs)
    assert np.bincount(found.train.labels).tolist() == [9] * 10
    assert np.bincount(found.test.labels).tolist() == [1] * 10
    assert found.train.images.shape == (90, 28, 28)
    assert found.train.images[:, 0].max() == 0
    assert found.train.images.max(axis=(1, 2)).min() > 150
    assert not found.verified


def test_all_images_are_there_to_measure_by_and_not_every_digit_needs_some(photographs: Path) -> None:
    assert np.bincount(load_images(photographs).labels).tolist() == [10] * 10
    for path in (photographs / "7").iterdir():
        path.unlink()
    assert np.bincount(load_images(photographs).labels).tolist() == [10] * 7 + [0] + [10] * 2
    with pytest.raises(DataError, match="no images in folders 0 to 9"):
        load_images(photographs / "7")


def test_a_file_that_is_no_image_is_named(photographs: Path) -> None:
    (photographs / "3" / "notes.png").write_text("not a digit")
    with pytest.raises(DataError, match=r"3/notes\.png: "):
        load_folder(photographs)


def test_a_digit_without_images_is_named(photographs: Path) -> None:
    for path in (photographs / "7").iterdir():
        path.unlink()
    (photographs / "0" / "broken.png").write_text("looked at only once all folders are there")
    with pytest.raises(DataError, match="7: no images"):
        load_folder(photographs)


def test_what_is_hidden_or_has_no_images_name_is_passed_over(photographs: Path) -> None:
    for name in (".DS_Store", "._12.png", "Thumbs.db", "notes.txt"):
        (photographs / "3" / name).write_text("no image")
    (photographs / "3" / "kept.png").mkdir()
    found = load_folder(photographs)
    assert len(found.train) + len(found.test) == 100
