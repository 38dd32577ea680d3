"""Draw items from the sources, and gather the proposals that the normaliser makes of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from model.generator.batches import Batch, in_batches
from model.generator.items import Bytes, Item, Rng
from model.generator.kinds import Kind
from model.generator.materials import Materials
from model.ink import FEATURES, NormalisedInk
from model.ink.components import STRONG
from model.ink.frame import frame
from model.recognition import Recogniser
from model.training.data import NO_DIGIT

ALIKE, LIKE, UNLIKE = 0.75, 0.5, 0.6
"""Cosines (0 to 1) of a proposal with the clean ink. From ALIKE on it shows the digit, and from LIKE on if it
is also read as it. Below UNLIKE it shows none, if it is not read as the digit and does not look like one."""
READ, NOT_READ = 0.5, 0.2
"""A field is read as the digit from the probability READ on, and not read as it below NOT_READ."""
SINGLE = 0.65
"""A proposal whose cosine with one of a pair's digits is above this shows that digit alone."""
CERTAIN = 0.9
"""A wrong proposal that looks like some digit with more than this probability is `UNTOLD`."""
UNTOLD = -2
"""The label of a field that does not tell by itself whether it shows the digit."""
MOST = 2
"""How many proposals of a picture are learned from: of those that show its digit, and of the others."""


@dataclass(frozen=True, slots=True)
class Generated:
    """The proposals of generated pictures and drawings.

    images (n, 28, 28) uint8; labels (n,) int8: 0 to 9 where the field shows the digit, -1 where it shows
    none, or `UNTOLD`; truths (n,) int8: the picture's label; kinds (n,) int16, which index `names`;
    groups (n,) int32; pictures (n,) int32: a number for each picture; features (n, k) float32, NaN where a
    drawing has none.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int8]
    truths: NDArray[np.int8]
    kinds: NDArray[np.int16]
    groups: NDArray[np.int32]
    pictures: NDArray[np.int32]
    features: NDArray[np.float32]
    names: tuple[str, ...]

    def __len__(self) -> int:
        """The number of proposals."""
        return len(self.labels)

    def of_kind(self, name: str) -> NDArray[np.bool_]:
        """Which proposals are of the kind `name`: (n,)."""
        return np.asarray(self.kinds == self.names.index(name))

    def take(self, rows: NDArray[np.bool_]) -> "Generated":
        """Some of the proposals."""
        return Generated(**{name: getattr(self, name)[rows] for name in COLUMNS}, names=self.names)


ROW = np.dtype(
    [
        ("images", np.uint8, (28, 28)), ("labels", np.int8), ("truths", np.int8), ("kinds", np.int16),
        ("groups", np.int32), ("pictures", np.int32), ("features", np.float32, (len(FEATURES),)),
    ]
)  # fmt: skip
"""One proposal, in the order of the columns of `Generated`."""
COLUMNS: tuple[str, ...] = ROW.names or ()


def save(generated: Generated, path: Path) -> None:
    """Write to an .npz file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{name: getattr(generated, name) for name in COLUMNS}, names=np.array(generated.names))


def load(path: Path) -> Generated:
    """Read what `save` wrote. Raises OSError, ValueError or KeyError for any other file."""
    with np.load(path, allow_pickle=False) as file:
        return Generated(**{name: file[name] for name in COLUMNS}, names=tuple(map(str, file["names"])))


def joined(parts: Sequence[Generated]) -> Generated:
    """All proposals of several runs of the generator, each with a seed of its own."""
    names = tuple(dict.fromkeys(name for part in parts for name in part.names))
    numbered, pictures = [], 0
    for part in parts:
        kinds = np.array([names.index(name) for name in part.names], np.int16)[part.kinds]
        numbered.append(replace(part, kinds=kinds, pictures=part.pictures + pictures))
        pictures += int(part.pictures.max(initial=-1)) + 1
    return Generated(
        **{name: np.concatenate([getattr(part, name) for part in numbered]) for name in COLUMNS}, names=names
    )


def likeness(first: Bytes, second: Bytes) -> float:
    """Largest cosine between two fields (28, 28) over shifts by up to 5 pixels: 0 to 1."""
    a, b = first.astype(np.float32), second.astype(np.float32)
    norm = max(float(np.sqrt((a * a).sum() * (b * b).sum())), 1e-9)
    product = signal.fftconvolve(a, b[::-1, ::-1], mode="same")
    return float(product[9:19, 9:19].max()) / norm


def is_bar(field: Bytes) -> bool:
    """Whether a field (28, 28) shows nothing but an upright or leaning bar, thick or thin: that is a 1."""
    covariance = np.cov(np.indices(field.shape).reshape(2, -1), aweights=field.ravel(), bias=True)
    narrow, long = np.sqrt(np.maximum(np.linalg.eigvalsh(covariance), 1e-6))
    return bool(narrow < 1.3 and long > 2.5 * narrow and covariance[0, 0] > covariance[1, 1])


def inks_of(item: Item) -> list[NormalisedInk]:
    """All proposals for an item; none where nothing stands out."""
    ink = item.ink()
    return [] if ink is None else [ink, *ink.further()]


def framed(clean: Bytes) -> Bytes:
    """Clean ink as a field; an empty one where there is none."""
    return frame(clean) if clean.max() > STRONG else np.zeros((28, 28), np.uint8)


def labels_of(item: Item, fields: Bytes, recogniser: Recogniser) -> list[int]:
    """What each of an item's proposals (n, 28, 28) shows by itself: its digit, nothing, or `UNTOLD`."""
    scores = recogniser.score(fields)
    clean = None if item.clean is None else framed(item.clean)
    parts = [framed(part) for part in item.parts]
    looks = (scores.probabilities.max(axis=1) > CERTAIN) & (scores.digit_score > recogniser.accept)
    labels = []
    for field, row, looks_like_one in zip(fields, scores.probabilities, looks.tolist(), strict=True):
        if item.label == NO_DIGIT:
            alone = any(likeness(field, part) > SINGLE for part in parts)
            labels.append(UNTOLD if alone or is_bar(field) else NO_DIGIT)
            continue
        like = likeness(field, clean) if clean is not None else LIKE
        read = float(row[item.label])
        if like >= ALIKE or (like >= LIKE and read >= READ):
            labels.append(item.label)
        elif like < UNLIKE and read < NOT_READ and not looks_like_one and not is_bar(field):
            labels.append(NO_DIGIT)
        else:
            labels.append(UNTOLD)
    if item.label != NO_DIGIT and clean is None and item.label not in labels:
        labels[0] = item.label
    return labels


def proposals(
    batch: Batch, items: Iterable[Item], recogniser: Recogniser, names: tuple[str, ...]
) -> Generated:
    """All proposals for a batch's items; `names` are those of all kinds."""
    rows: list[tuple[object, ...]] = []
    for number, item in enumerate(items):
        if inks := inks_of(item):
            labels = labels_of(item, np.stack([ink.field for ink in inks]), recogniser)
            of_item = item.label, batch.kind, item.group, number
            rows += [
                (ink.field, label, *of_item, ink.features) for ink, label in zip(inks, labels, strict=True)
            ]
    table = np.array(rows, ROW)
    return Generated(**{name: np.ascontiguousarray(table[name]) for name in COLUMNS}, names=names)


def learnable(generated: Generated, rng: Rng) -> Generated:
    """The proposals with a label: at most `MOST` of a picture that show its digit, and `MOST` that do not."""
    order = rng.permutation(len(generated))
    order = order[np.argsort(generated.pictures[order], kind="stable")]
    keep = np.zeros(len(generated), bool)
    for wanted in (generated.labels >= 0, generated.labels == NO_DIGIT):
        rows = order[wanted[order]]
        pictures = generated.pictures[rows]
        begins = np.searchsorted(pictures, pictures)
        keep[rows[np.arange(len(rows)) - begins < MOST]] = True
    return generated.take(keep)


def build(
    materials: Materials,
    kinds: Sequence[Kind],
    *,
    share: float = 1.0,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[int], object] = lambda _: None,
) -> Generated:
    """Generate the part of the materials: `share` times the default number of items of each kind.

    `progress` is called with the number of items of each batch made. Raises DataError where a source fails.
    """
    counts = [kind.count(materials.part, share) for kind in kinds]
    make = partial(proposals, names=tuple(kind.name for kind in kinds))
    batches = in_batches(materials, kinds, counts, make, seed=seed, workers=workers, progress=progress)
    return joined([made for _, made in batches])
