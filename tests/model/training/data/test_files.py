import gzip
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.training.data import DataError, DataSet, LabelledImages, load_data_set, load_mnist_test
from model.training.data.published import FILES, PUBLISHED
from tests.model.conftest import MNIST
from tests.support import write_idx


@pytest.fixture
def own(tmp_path: Path, small: DataSet) -> Path:
    """Four IDX files of one's own, some packed and some not."""
    write_idx(tmp_path / "train-images-idx3-ubyte", small.train.images)
    write_idx(tmp_path / "train-labels-idx1-ubyte.gz", small.train.labels.astype(np.uint8))
    write_idx(tmp_path / "t10k-images-idx3-ubyte.gz", small.test.images)
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", small.test.labels.astype(np.uint8))
    return tmp_path


def test_the_repositorys_test_images_are_the_published_ones(mnist_test: LabelledImages) -> None:
    assert mnist_test.images.shape == (10_000, 28, 28)
    assert np.bincount(mnist_test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist_test.group_names is not None
    assert mnist_test.groups is not None
    assert np.bincount(mnist_test.groups).tolist() == [5_000, 5_000]


def test_files_of_ones_own_are_loaded_and_recorded(own: Path, small: DataSet) -> None:
    found = load_data_set("idx", own)
    for part, expected in ((found.train, small.train), (found.test, small.test)):
        np.testing.assert_array_equal(part.images, expected.images)
        np.testing.assert_array_equal(part.labels, expected.labels)
    assert not found.verified
    raw = gzip.decompress((own / "train-labels-idx1-ubyte.gz").read_bytes())
    assert found.files["train-labels-idx1-ubyte.gz"] == hashlib.sha256(raw).hexdigest()
    # They may lie in a folder of the data set's name, and a packed file comes before an unpacked one.
    (own / "idx").mkdir()
    for path in own.glob("*ubyte*"):
        path.rename(own / "idx" / path.name)
    (own / "idx" / "train-labels-idx1-ubyte").write_bytes(b"junk")
    assert len(load_data_set("idx", own).train.labels) == 1200


def test_another_files_checksum_is_refused_unless_asked_for(own: Path) -> None:
    with pytest.raises(DataError, match="the SHA256 sum is not the published ba891046"):
        load_data_set("mnist", own)
    found = load_data_set("mnist", own, unverified=True)
    assert not found.verified


def test_the_published_files_are_verified(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in list(own.glob("*ubyte")):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    sums = {file: hashlib.md5((own / file).read_bytes()).hexdigest() for file in FILES}
    monkeypatch.setitem(PUBLISHED, "fashion-mnist", replace(PUBLISHED["fashion-mnist"], checksums=sums))
    found = load_data_set("fashion-mnist", own)
    assert found.verified
    assert found.classes[9] == "Ankle boot"


def test_a_missing_file_is_named_with_what_to_do(own: Path) -> None:
    (own / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz is not in .*--download"):
        load_data_set("mnist", own, unverified=True)
    with pytest.raises(DataError) as refused:
        load_data_set("idx", own)  # nobody but its owner has it
    assert str(refused.value).endswith(f"t10k-labels-idx1-ubyte.gz is not in {own}, packed or unpacked")


@pytest.mark.parametrize(
    ("file", "array", "reason"),
    [
        ("train-labels-idx1-ubyte.gz", np.zeros(3, np.uint8), "images but labels uint8"),
        ("train-labels-idx1-ubyte.gz", np.full(1200, 10, np.uint8), "labels from 10 to 10"),
        ("train-labels-idx1-ubyte.gz", np.zeros((1200, 2), np.uint8), "images but labels uint8"),
        ("train-images-idx3-ubyte", np.zeros((1200, 14, 14), np.uint8), "are not 28x28 images"),
    ],
)
def test_what_does_not_fit_is_refused(own: Path, file: str, array: NDArray[Any], reason: str) -> None:
    write_idx(own / file, array)
    with pytest.raises(DataError, match=reason):
        load_data_set("idx", own)


def test_unknown_names_and_folders(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no data set 'cifar'"):
        load_data_set("cifar", tmp_path)
    with pytest.raises(DataError, match="there is no such folder"):
        load_data_set("mnist", tmp_path / "nowhere")


def test_the_test_part_alone_is_checked_too(tmp_path: Path) -> None:
    for name in FILES[2:]:
        (tmp_path / name).write_bytes((MNIST / name).read_bytes())
    assert len(load_mnist_test(tmp_path)) == 10_000
    write_idx(tmp_path / FILES[3], np.zeros(10_000, np.uint8))
    with pytest.raises(DataError, match="not the published"):
        load_mnist_test(tmp_path)
