import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model.recognition import Recogniser
from model.training.data import DataError, DataSet, load_data_set, load_images, load_npz

IMAGES = np.zeros((4, 28, 28), np.uint8)


def test_images_labels_and_kinds_are_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=np.array([0, 9, -1, 3], np.int8),
             kinds=np.array([0, 0, 1, 1], np.int16), names=np.array(["drawn", "letters"]))  # fmt: skip
    part = load_npz(tmp_path / "a.npz")
    assert part.labels.tolist() == [0, 9, -1, 3]
    assert part.labels.dtype == np.int64
    assert part.group_names == ("drawn", "letters")
    assert part.groups is not None
    assert part.groups.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"images": IMAGES}, "has no `images` and `labels`"),
        ({"images": IMAGES.astype(float), "labels": np.arange(4)}, "not 28x28 images of bytes"),
        ({"images": IMAGES[:, :14], "labels": np.arange(4)}, "not 28x28 images of bytes"),
        ({"images": IMAGES, "labels": np.arange(3)}, "4 images but labels"),
        ({"images": IMAGES, "labels": np.arange(4.0)}, "4 images but labels"),
        ({"images": IMAGES, "labels": np.arange(8, 12)}, "labels from 8 to 11"),
        ({"images": IMAGES, "labels": np.array([{}] * 4)}, "not a readable .npz file"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict[str, Any], reason: str) -> None:
    np.savez(tmp_path / "bad.npz", allow_pickle=True, **arrays)
    with pytest.raises(DataError, match=reason):
        load_npz(tmp_path / "bad.npz")


def test_a_file_that_is_cut_off_or_missing_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=np.arange(4))
    (tmp_path / "half.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:300])
    np.save(tmp_path / "alone.npy", IMAGES)
    (tmp_path / "notes.txt").write_text("no arrays")
    (tmp_path / "pickled.npz").write_bytes(pickle.dumps([1, 2]))
    no_npz = "not an .npz file, as `numpy.savez` writes it"
    for name, reason in (
        ("half.npz", no_npz),
        ("alone.npy", no_npz),
        ("notes.txt", no_npz),
        ("pickled.npz", no_npz),
        ("missing.npz", "No such file or directory"),
    ):
        with pytest.raises(DataError) as refused:
            load_npz(tmp_path / name)
        assert str(refused.value) == f"{tmp_path / name}: {reason}"


def test_a_file_that_is_damaged_inside_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", images=np.arange(4 * 784, dtype=np.uint8), labels=np.arange(4))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[100:140] = bytes(40)
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.npz: not a readable \.npz file: damaged"):
        load_npz(tmp_path / "a.npz")


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
    found = load_data_set("folder", photographs)
    assert np.bincount(found.train.labels).tolist() == [9] * 10
    assert np.bincount(found.test.labels).tolist() == [1] * 10
    assert found.train.images.shape == (90, 28, 28)
    assert found.train.images[:, 0].max() == 0
    assert found.train.images.max(axis=(1, 2)).min() > 150
    assert not found.verified


def test_all_images_are_there_to_measure_by_and_not_every_digit_needs_some(photographs: Path) -> None:
    recogniser = Recogniser.load("lenet5")
    assert np.bincount(load_images(photographs, recogniser).labels).tolist() == [10] * 10
    for path in (photographs / "7").iterdir():
        path.unlink()
    assert np.bincount(load_images(photographs, recogniser).labels).tolist() == [10] * 7 + [0] + [10] * 2
    with pytest.raises(DataError, match="no images in folders 0 to 9"):
        load_images(photographs / "7", recogniser)


def test_a_file_that_is_no_image_is_named_and_first_a_digit_without_images(photographs: Path) -> None:
    (photographs / "3" / "notes.png").write_text("not a digit")
    with pytest.raises(DataError, match=r"3/notes\.png: "):
        load_data_set("folder", photographs)
    for path in (photographs / "7").iterdir():
        path.unlink()
    with pytest.raises(DataError, match="7: no images"):
        load_data_set("folder", photographs)


def test_what_is_hidden_or_has_no_images_name_is_passed_over(photographs: Path) -> None:
    for name in (".DS_Store", "._12.png", "Thumbs.db", "notes.txt"):
        (photographs / "3" / name).write_text("no image")
    (photographs / "3" / "kept.png").mkdir()
    found = load_data_set("folder", photographs)
    assert len(found.train) + len(found.test) == 100
