import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.training.data.arrays import load_part, load_source
from model.training.data.idx import DataError

IMAGES = np.zeros((4, 28, 28), np.uint8)


def test_images_labels_and_kinds_are_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=np.array([0, 9, -1, 3], np.int8),
             kinds=np.array([0, 0, 1, 1], np.int16), names=np.array(["drawn", "letters"]))  # fmt: skip
    part = load_part(tmp_path / "a.npz")
    assert part.labels.tolist() == [0, 9, -1, 3]
    assert part.labels.dtype == np.int64
    assert part.groups == ("drawn", "letters")
    assert part.writers is not None
    assert part.writers.tolist() == [0, 0, 1, 1]


def test_a_source_has_the_weight_asked_for(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=np.arange(4))
    assert load_source(f"{tmp_path / 'a.npz'}=0.25", distort=True).weight == 0.25
    plain = load_source(str(tmp_path / "a.npz"), distort=False)
    assert (plain.name, plain.weight, plain.distort, plain.images.shape) == ("a", 1.0, False, (1, 4, 28, 28))


@pytest.mark.parametrize("weight", ["0", "-1", "much", "nan"])
def test_a_weight_must_be_above_nothing(tmp_path: Path, weight: str) -> None:
    np.savez(tmp_path / "a.npz", images=IMAGES, labels=np.arange(4))
    with pytest.raises(DataError, match="not a weight above 0"):
        load_source(f"{tmp_path / 'a.npz'}={weight}", distort=True)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"images": IMAGES}, "has no `images` and `labels`"),
        ({"images": IMAGES.astype(float), "labels": np.arange(4)}, "not 28x28 images of bytes"),
        ({"images": IMAGES[:, :14], "labels": np.arange(4)}, "not 28x28 images of bytes"),
        ({"images": IMAGES, "labels": np.arange(3)}, "4 images but labels"),
        ({"images": IMAGES, "labels": np.arange(4.0)}, "4 images but labels"),
        ({"images": IMAGES, "labels": np.arange(8, 12)}, "labels from 8 to 11"),
        ({"images": IMAGES, "labels": np.array([{}] * 4)}, "not an .npz file that can be read"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict[str, Any], reason: str) -> None:
    np.savez(tmp_path / "bad.npz", allow_pickle=True, **arrays)
    with pytest.raises(DataError, match=reason):
        load_part(tmp_path / "bad.npz")


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
            load_part(tmp_path / name)
        assert str(refused.value) == f"{tmp_path / name}: {reason}"


def test_a_file_that_is_damaged_inside_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", images=np.arange(4 * 784, dtype=np.uint8), labels=np.arange(4))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[100:140] = bytes(40)
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.npz: not an \.npz file that can be read: damaged"):
        load_part(tmp_path / "a.npz")
