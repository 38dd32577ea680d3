import bz2
import gzip
import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.training.data import DataError, DataSet, LabelledImages, load_data_set, load_mnist_test
from model.training.data.published import PUBLISHED, centred
from tests.model.conftest import MNIST
from tests.support import write_idx

NAMES = list(PUBLISHED["mnist"].checksums)


@pytest.fixture
def own(tmp_path: Path, small: DataSet) -> Path:
    """Four IDX files of one's own, some packed and some not."""
    write_idx(tmp_path / "train-images-idx3-ubyte", small.train.images)
    write_idx(tmp_path / "train-labels-idx1-ubyte.gz", small.train.labels.astype(np.uint8))
    write_idx(tmp_path / "t10k-images-idx3-ubyte.gz", small.test.images)
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", small.test.labels.astype(np.uint8))
    return tmp_path


def published(monkeypatch: pytest.MonkeyPatch, name: str, files: dict[str, bytes]) -> None:
    """Give the files of the data set `name` the checksums of `files`, as if those had been published."""
    sums = {file: hashlib.md5(content).hexdigest() for file, content in files.items()}
    monkeypatch.setitem(PUBLISHED, name, replace(PUBLISHED[name], checksums=sums))


def test_the_repositorys_test_images_are_the_published_ones(mnist_test: LabelledImages) -> None:
    assert mnist_test.images.shape == (10_000, 28, 28)
    assert np.bincount(mnist_test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist_test.group_names is not None
    assert mnist_test.groups is not None
    assert np.bincount(mnist_test.groups).tolist() == [5_000, 5_000]


def test_files_of_ones_own_are_loaded_and_recorded(own: Path, small: DataSet) -> None:
    found = load_data_set("idx", own)
    np.testing.assert_array_equal(found.train.images, small.train.images)
    np.testing.assert_array_equal(found.test.labels, small.test.labels)
    assert not found.verified
    raw = gzip.decompress((own / "train-labels-idx1-ubyte.gz").read_bytes())
    assert found.files["train-labels-idx1-ubyte.gz"] == hashlib.sha256(raw).hexdigest()


def test_a_data_set_may_lie_in_a_folder_of_its_name(own: Path, small: DataSet) -> None:
    (own / "idx").mkdir()
    for path in own.glob("*ubyte*"):
        path.rename(own / "idx" / path.name)
    assert len(load_data_set("idx", own).train) == len(small.train)


def test_another_files_checksum_is_refused_unless_asked_for(own: Path) -> None:
    with pytest.raises(DataError, match="the SHA256 sum is not the published ba891046"):
        load_data_set("mnist", own)
    found = load_data_set("mnist", own, unverified=True)
    assert not found.verified


def test_the_published_files_are_verified(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in list(own.glob("*ubyte")):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    published(monkeypatch, "fashion-mnist", {name: (own / name).read_bytes() for name in NAMES})
    found = load_data_set("fashion-mnist", own)
    assert found.verified
    assert found.classes[9] == "Ankle boot"


def test_a_packed_file_comes_before_an_unpacked_one(own: Path) -> None:
    (own / "train-labels-idx1-ubyte").write_bytes(b"junk")
    assert len(load_data_set("idx", own).train.labels) == 1200


def test_a_half_loaded_file_is_refused_even_unverified(own: Path) -> None:
    path = own / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(DataError, match="damaged or incomplete"):
        load_data_set("mnist", own, unverified=True)


def test_a_missing_file_is_named_with_what_to_do(own: Path) -> None:
    (own / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte\.gz is not in .*--download"):
        load_data_set("mnist", own, unverified=True)
    with pytest.raises(DataError) as refused:
        load_data_set("idx", own)  # nobody but its owner has it
    assert str(refused.value).endswith(f"t10k-labels-idx1-ubyte.gz is not in {own}, packed or unpacked")


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (np.zeros(3, np.uint8), "images but labels uint8"),
        (np.full(1200, 10, np.uint8), "labels from 10 to 10"),
        (np.zeros((1200, 2), np.uint8), "images but labels uint8"),
    ],
)
def test_labels_that_do_not_fit_are_refused(own: Path, labels: NDArray[Any], reason: str) -> None:
    write_idx(own / "train-labels-idx1-ubyte.gz", labels)
    with pytest.raises(DataError, match=reason):
        load_data_set("idx", own)


def test_images_of_another_size_are_refused(own: Path) -> None:
    write_idx(own / "train-images-idx3-ubyte", np.zeros((1200, 14, 14), np.uint8))
    with pytest.raises(DataError, match="are not 28x28 images"):
        load_data_set("idx", own)


def test_unknown_names_and_folders(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no data set 'cifar'"):
        load_data_set("cifar", tmp_path)
    with pytest.raises(DataError, match="there is no such folder"):
        load_data_set("mnist", tmp_path / "nowhere")


def test_qmnist_brings_its_writers(tmp_path: Path, small: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix, part in (("train", small.train), ("test", small.test)):
        table = np.zeros((len(part), 8), np.int32)
        table[:, 0], table[:, 2] = part.labels, np.arange(len(part)) // 100
        write_idx(tmp_path / f"qmnist-{prefix}-images-idx3-ubyte.gz", part.images)
        write_idx(tmp_path / f"qmnist-{prefix}-labels-idx2-int.gz", table)
    names = PUBLISHED["qmnist"].checksums
    published(monkeypatch, "qmnist", {name: (tmp_path / name).read_bytes() for name in names})
    found = load_data_set("qmnist", tmp_path)
    assert found.verified
    assert found.test.groups is not None
    assert found.test.groups.tolist() == (np.arange(400) // 100).tolist()
    np.testing.assert_array_equal(found.train.labels, small.train.labels)


def test_emnist_is_turned_upright(tmp_path: Path, small: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for prefix, part in (("train", small.train), ("test", small.test)):
            for kind, array in (
                ("images-idx3", part.images.transpose(0, 2, 1)),
                ("labels-idx1", part.labels),
            ):
                write_idx(tmp_path / "x.gz", array.astype(np.uint8))
                file.writestr(
                    f"gzip/emnist-digits-{prefix}-{kind}-ubyte.gz", (tmp_path / "x.gz").read_bytes()
                )
    (tmp_path / "gzip.zip").write_bytes(archive.getvalue())
    published(monkeypatch, "emnist-digits", {"gzip.zip": archive.getvalue()})
    np.testing.assert_array_equal(load_data_set("emnist-digits", tmp_path).train.images, small.train.images)
    (tmp_path / "gzip.zip").write_bytes(b"PK no archive")
    with pytest.raises(DataError, match="not EMNIST's archive"):
        load_data_set("emnist-digits", tmp_path, unverified=True)


def test_usps_is_read_and_brought_to_mnists_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar of ink left of the middle of the second of two images: it is centred in its field."""
    values = np.full((2, 16, 16), -1.0)
    values[1, :, 3:7] = 1.0
    lines = [
        f"{label} " + " ".join(f"{i + 1}:{value:.4f}" for i, value in enumerate(image.ravel()))
        for label, image in zip((1, 10), values, strict=True)
    ]
    packed = bz2.compress("\n".join(lines).encode())
    for name in ("usps.bz2", "usps.t.bz2"):
        (tmp_path / name).write_bytes(packed)
    published(monkeypatch, "usps", dict.fromkeys(("usps.bz2", "usps.t.bz2"), packed))
    found = load_data_set("usps", tmp_path)
    assert found.train.labels.tolist() == [0, 9]
    assert not found.train.images[0].any()
    rows, columns = np.nonzero(found.train.images[1] > 127)
    assert rows.max() - rows.min() == 19
    assert columns.mean() == pytest.approx(13.5, abs=0.6)


def test_a_field_keeps_its_ink(small: DataSet) -> None:
    digits = small.test.images[:20, 4:24, 4:24]
    fields = centred(digits)
    np.testing.assert_array_equal(fields.sum(axis=(1, 2)), digits.sum(axis=(1, 2)))


def test_the_test_part_alone_is_checked_too(tmp_path: Path) -> None:
    for name in NAMES[2:]:
        (tmp_path / name).write_bytes((MNIST / name).read_bytes())
    assert len(load_mnist_test(tmp_path)) == 10_000
    write_idx(tmp_path / NAMES[3], np.zeros(10_000, np.uint8))
    with pytest.raises(DataError, match="not the published"):
        load_mnist_test(tmp_path)
