"""Draw items from the sources, pass them through the normaliser, and gather the fields.

Every batch of items has a seed of its own, made of the run's seed, the part, the kind and the batch's
number, so a build does not depend on how many processes take part in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from model.generator.forked import forked_map
from model.generator.items import PARTS, Bytes, Item, Part, Rng, Source
from model.generator.kinds import Kind
from model.generator.materials import Materials
from model.ink import NoInk, NormalisedInk, normalise_pixels, normalise_strokes
from model.ink.frame import frame
from model.training.data import NO_DIGIT, DataError

BATCH = 250
"""Items a task."""
LEGIBLE = 0.62
"""A digit was not found if its field is less like its clean ink than this (a cosine, 0 to 1)."""
WHOLE = 0.8
"""The same for what is no digit: a part of it may be one."""
SINGLE = 0.65
"""A pair that is as like as this to one of its parts alone has lost the other."""
PATIENCE = 8
"""A source may fail this often for each item wanted, on average."""


@dataclass(frozen=True, slots=True)
class Generated:
    """Normalised items: images (n, 28, 28) uint8, labels (n,) int8, kinds (n,) int16, groups (n,) int32.

    A label is 0-9 or -1 (no single legible digit). `kinds` index `names`.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int8]
    kinds: NDArray[np.int16]
    groups: NDArray[np.int32]
    names: tuple[str, ...]

    def __len__(self) -> int:
        """The number of items."""
        return len(self.labels)

    def of_kind(self, name: str) -> NDArray[np.bool_]:
        """Which items are of the kind `name`: (n,)."""
        return np.asarray(self.kinds == self.names.index(name))


def save(generated: Generated, path: Path) -> None:
    """Write to an .npz file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        images=generated.images,
        labels=generated.labels,
        kinds=generated.kinds,
        groups=generated.groups,
        names=np.array(generated.names),
    )


def load(path: Path) -> Generated:
    """Read what `save` wrote. Raises OSError, ValueError or KeyError for any other file."""
    with np.load(path, allow_pickle=False) as file:
        return Generated(
            file["images"],
            file["labels"],
            file["kinds"],
            file["groups"],
            tuple(str(name) for name in file["names"]),
        )


def likeness(first: Bytes, second: Bytes) -> float:
    """Largest cosine between two fields (28, 28) over shifts by up to 5 pixels: 0 to 1."""
    a, b = first.astype(np.float32), second.astype(np.float32)
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    if norm == 0:
        return 0.0
    product = signal.fftconvolve(a, b[::-1, ::-1], mode="same")
    return float(product[9:19, 9:19].max()) / norm


def is_bar(field: Bytes) -> bool:
    """Whether a field (28, 28) shows nothing but an upright or leaning bar, thick or thin: that is a 1."""
    ink = field.astype(np.float64)
    index = np.arange(28.0)
    mass = ink.sum()
    x, y = ink.sum(axis=0) @ index / mass, ink.sum(axis=1) @ index / mass
    dx, dy = index - x, index - y
    xx, yy = ink.sum(axis=0) @ dx**2 / mass, ink.sum(axis=1) @ dy**2 / mass
    xy = dy @ ink @ dx / mass
    middle, spread = (xx + yy) / 2, float(np.hypot((xx - yy) / 2, xy))
    narrow, long = np.sqrt(max(middle - spread, 1e-6)), np.sqrt(middle + spread)
    lean = abs(np.degrees(0.5 * np.arctan2(2 * xy, yy - xx)))
    return bool(narrow < 2.0 and long > 2.5 * narrow and lean < 45)


def is_wide(field: Bytes) -> bool:
    """Whether the ink of a field is wider than high: two digits mostly are, one seldom is."""
    ink = field > 60
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return bool(len(rows) and columns[-1] - columns[0] + 1 >= 1.05 * (rows[-1] - rows[0] + 1))


def normalised(item: Item, *, checked: bool = True) -> Bytes | None:
    """The item's field (28, 28), or None where nothing, or not the right thing, is left of it.

    Of a picture whose ink may be dark or light the candidate is taken that is more like the clean ink, or the
    likelier one where there is none to compare with. A digit that is not `checked` is kept whatever the
    normaliser made of it, an empty field where it found nothing: so a service is measured, which cannot
    choose what it is sent.
    """
    checked = checked or item.label == NO_DIGIT
    try:
        ink = _ink(item)
    except NoInk:
        return None if checked else np.zeros((28, 28), np.uint8)
    field = ink.field
    if item.clean is not None:
        clean = frame(item.clean)
        if ink.other is not None and likeness(ink.other.field, clean) > likeness(field, clean):
            field = ink.other.field
        if checked and likeness(field, clean) < (WHOLE if item.label == NO_DIGIT else LEGIBLE):
            return None
    return None if checked and _is_another(field, item) else field


def _ink(item: Item) -> NormalisedInk:
    if item.strokes is not None:
        return normalise_strokes([stroke.tolist() for stroke in item.strokes])
    if item.pixels is None:
        raise ValueError("an item without strokes and pixels")
    return normalise_pixels(item.pixels)


def _is_another(field: Bytes, item: Item) -> bool:
    """Whether the field shows a 1 where no digit is meant, or one of a pair's digits alone."""
    if item.label == NO_DIGIT and is_bar(field):
        return True
    alone = any(likeness(field, frame(part)) > SINGLE for part in item.parts)
    return bool(item.parts) and (alone or not is_wide(field))


def draw_batch(
    source: Source, count: int, rng: Rng, *, checked: bool = True
) -> tuple[Bytes, list[int], list[int]]:
    """`count` items of a source, `normalised`: images (count, 28, 28), labels, groups.

    Raises DataError if the source hardly ever gives anything that survives normalisation.
    """
    images = np.empty((count, 28, 28), np.uint8)
    labels: list[int] = []
    groups: list[int] = []
    for _ in range(count * PATIENCE):
        item = source(rng)
        field = normalised(item, checked=checked)
        if field is not None:
            images[len(labels)] = field
            labels.append(item.label)
            groups.append(item.group)
            if len(labels) == count:
                return images, labels, groups
    raise DataError(f"only {len(labels)} of {count} items survived normalisation")


class Task(NamedTuple):
    """One batch of a kind (its place among the kinds): the batch's number, and how many items it has."""

    kind: int
    batch: int
    items: int


def tasks(kinds: Sequence[Kind], part: Part, share: float) -> list[Task]:
    """The batches of one part: `share` times the default number of items of each kind."""
    out = []
    for number, kind in enumerate(kinds):
        wanted = round(share * (kind.train if part == "train" else kind.held_out))
        out += [
            Task(number, batch, min(BATCH, wanted - start))
            for batch, start in enumerate(range(0, wanted, BATCH))
        ]
    return out


def build(
    materials: Materials,
    kinds: Sequence[Kind],
    *,
    share: float = 1.0,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[int], object] = lambda _: None,
) -> Generated:
    """Generate the part of the materials; `progress` is called with the number of items of each batch made.

    Raises DataError where a source fails.
    """
    part = materials.part
    sources = [kind.make(materials) for kind in kinds]

    def run(task: Task) -> tuple[Task, tuple[Bytes, list[int], list[int]]]:
        name = kinds[task.kind].name.encode()
        rng = np.random.default_rng([seed, PARTS.index(part), *name, task.batch])
        return task, draw_batch(sources[task.kind], task.items, rng, checked=part != "test")

    todo = tasks(kinds, part, share)
    done = {}
    for task, made in forked_map(run, todo, workers):
        done[task] = made
        progress(task.items)
    images, labels, groups = zip(*(done[task] for task in todo), strict=True)
    return Generated(
        np.concatenate(images),
        np.concatenate(labels).astype(np.int8),
        np.repeat([task.kind for task in todo], [task.items for task in todo]).astype(np.int16),
        np.concatenate(groups).astype(np.int32),
        tuple(kind.name for kind in kinds),
    )
