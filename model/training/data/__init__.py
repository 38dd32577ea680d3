"""The data that networks learn from and are measured on.

`images` has labelled images, data sets and their split; `published`, `files`, `download` and `own` load them
from files, `idx` reads the format of MNIST. `sources` mixes them into batches and `distortions` varies them:
these two need torch, and are imported by name.
"""

from model.training.data.files import DATA_SETS, load_data_set, load_mnist_test
from model.training.data.images import DIGITS, NO_DIGIT, DataError, DataSet, LabelledImages, stratified_split
from model.training.data.own import load_images, load_npz

__all__ = [
    "DATA_SETS",
    "DIGITS",
    "NO_DIGIT",
    "DataError",
    "DataSet",
    "LabelledImages",
    "distortions",
    "download",
    "idx",
    "load_data_set",
    "load_images",
    "load_mnist_test",
    "load_npz",
    "sources",
    "stratified_split",
]
