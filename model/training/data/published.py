"""The data sets that can be downloaded: their mirrors, and the checksums that they were published with.

| name | what | checksum, and where it was published |
|---|---|---|
| mnist | 60,000 + 10,000 digits (LeCun, Cortes, Burges) | SHA-256 of the unpacked files |
| fashion-mnist | 60,000 + 10,000 articles of clothing (Zalando) | MD5 of the archives, its own page |
"""

import hashlib
from dataclasses import dataclass

from model.training.data.images import DIGITS

FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
"""The IDX files of MNIST, and of data sets published in the same form."""
CLOTHING = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Published:
    """A data set in MNIST's form that can be downloaded and checked.

    `checksums` has the published checksum of each of its `FILES`, of the archive or (`unpacked`) of its
    content. A file's address is one of `mirrors`, followed by its name.
    """

    checksums: dict[str, str]
    mirrors: tuple[str, ...]
    licence: str
    classes: tuple[str, ...] = DIGITS
    algorithm: str = "md5"
    unpacked: bool = False

    def matches(self, name: str, archive: bytes, content: bytes) -> bool:
        """Whether the bytes of the file `name` have its published checksum."""
        data = content if self.unpacked else archive
        found = hashlib.new(self.algorithm, data, usedforsecurity=False).hexdigest()
        return found == self.checksums.get(name)


PUBLISHED = {
    "mnist": Published(
        {
            FILES[0]: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            FILES[1]: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            FILES[2]: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            FILES[3]: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        },
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "http://yann.lecun.com/exdb/mnist/",
        ),
        "CC BY-SA 3.0, Y. LeCun, C. Cortes",
        algorithm="sha256",
        unpacked=True,
    ),
    "fashion-mnist": Published(
        {
            FILES[0]: "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            FILES[1]: "25c81989df183df01b3e8a0aad5dffbe",
            FILES[2]: "bef4ecab320f06d8554ea6380940ec79",
            FILES[3]: "bb300cfdad3c16e7a12a480ee83cd310",
        },
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        "MIT, Zalando SE",
        classes=CLOTHING,
    ),
}
"""The data sets that can be downloaded, by the names that `--data-set` takes."""
OWN = Published({}, (), "its owner's")
"""Four IDX files of one's own, named as MNIST's: they have no checksums, and no mirror has them."""
