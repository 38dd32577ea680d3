"""Digits on displays: their segments or dots stand apart, and are joined before the digits are read.

Parts are joined across ever wider gaps until the groups grow no taller: joining the parts of a digit makes
them taller, joining digits side by side does not. Handwriting needs no joining.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage, sparse

from model.ink.frame import stroke_width
from model.ink.polarity import Grey
from model.reading.lattice import Numbers, Real

GAPS = np.arange(0.15, 1.7, 0.15)
"""The gaps between parts that are tried, as multiples of the parts' thickness."""
GROWN, ENOUGH = 1.5, 0.84
"""Joined groups are at least this many times as tall as the parts, and this share of the tallest tried."""
SMALL, FEW = 0.6, 0.15
"""Points stay apart: parts below this share of the usual size, if together at most this share of all ink."""


def joined(ink: Grey, labels: NDArray[np.int32], count: int) -> Grey:
    """Ink (H, W) with lines drawn between the parts of each digit; `ink` itself if no digit is in parts.

    `labels` (H, W) number the components of the ink from 1 to `count`.
    """
    if count < 2:
        return ink
    numbers = np.arange(1, count + 1)
    mass = ndimage.sum(ink, labels, numbers)
    sides = np.array([[(side.start, side.stop) for side in box] for box in ndimage.find_objects(labels)])
    top, foot = sides[:, 0].T

    def height(group: NDArray[np.integer]) -> float:
        """The mean height of groups of parts, weighted by their ink."""
        tall = ndimage.maximum(foot, group, group) - ndimage.minimum(top, group, group)
        return float(np.average(tall, weights=mass))

    least = GROWN * height(numbers)
    # Boxes are no farther apart than the ink in them, so they rule out most writing at once.
    away = (sides[:, None, :, 0] - sides[:, :, 1]).max(axis=2)
    close = np.maximum(away, away.T) <= 2 * GAPS[-1] * stroke_width(ink) + 1  # a dot's is half its width
    if height(sparse.csgraph.connected_components(close)[1]) < least:
        return ink
    depth = ndimage.maximum(ndimage.distance_transform_edt(labels > 0), labels, numbers)
    thick = max(1.0, 2 * float(np.average(depth, weights=mass)) - 1)
    size = (sides[..., 1] - sides[..., 0]).max(axis=1)
    order = np.argsort(size)
    grown = np.cumsum(mass[order])
    small = size < SMALL * size[order][np.searchsorted(grown, grown[-1] / 2)]
    small &= mass[small].sum() <= FEW * grown[-1]
    pairs, ends, gaps = _between(labels)
    kept = ~small[pairs].any(axis=0)
    pairs, ends, gaps = pairs[:, kept], ends[kept], (gaps[kept] - 1) / thick
    graphs = (sparse.coo_array((on[on], pairs[:, on]), (count, count)) for on in gaps <= GAPS[:, None])
    heights = np.array([height(sparse.csgraph.connected_components(graph)[1]) for graph in graphs])
    place = int((heights >= ENOUGH * heights.max()).argmax())
    if heights[place] < least:
        return ink
    image = Image.fromarray(ink)
    pen = ImageDraw.Draw(image)
    for start, stop in ends[gaps <= GAPS[place]]:
        reach = (stop - start) / np.hypot(*(stop - start)) * thick / 2
        pen.line((*(start - reach), *(stop + reach)), fill=255, width=max(1, round(0.9 * thick)))
    return np.asarray(image)


def _between(labels: NDArray[np.int32]) -> tuple[Numbers, Real, Real]:
    """Pairs (2, k; from 0) of neighbouring components, their nearest points (k, 2, 2) and gaps (k,).

    Points are x, y; gaps are in pixels. Two components are neighbours if a pixel that is nearest to one of
    them adjoins a pixel that is nearest to the other.
    """
    near = ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True)
    here = np.concatenate([near[:, :, :-1].reshape(2, -1), near[:, :-1].reshape(2, -1)], axis=1)
    there = np.concatenate([near[:, :, 1:].reshape(2, -1), near[:, 1:].reshape(2, -1)], axis=1)
    pairs = np.stack([labels[tuple(here)], labels[tuple(there)]]) - 1
    other = pairs[0] != pairs[1]
    pairs, ends = pairs[:, other], np.stack([here, there])[:, ::-1, other].transpose(2, 0, 1)
    ends = np.where((pairs[0] < pairs[1])[:, None, None], ends, ends[:, ::-1])
    gaps = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    pairs = np.sort(pairs, axis=0)
    order = np.lexsort((gaps, *pairs))
    first = order[np.append(True, (np.diff(pairs[:, order]) != 0).any(axis=0))]
    return pairs[:, first], ends[first].astype(np.float64), gaps[first]
