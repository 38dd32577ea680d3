"""Fitting the weights of the segmentation graph: global training of a conditional random field.

LeCun et al. 1998, section VI: the probability of the right text, all its paths through the graph
summed, is raised against the sum over all paths, whatever they spell. The network stays as it is. Needs
torch; reading does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.reading.decision import decide, settle
from model.reading.lattice import RUN_FEATURES, Pieces, Runs
from model.reading.weights import Weights, features, shape_of
from model.recognition import Scores

FAR = -1e9
MOST_PIECES = 60
MOST_LETTERS = 20


@dataclass(frozen=True, slots=True)
class Example:
    """One line and its true text."""

    pieces: Pieces
    runs: Runs
    scores: Scores
    height: float
    text: str
    tag: str
    """What is counted apart: the spacing, say."""


@dataclass(frozen=True, slots=True)
class _Graphs:
    """b graphs with n nodes at most and a arcs in all.

    `digit` (a, 10, f) and `run` (a, g) are the arcs' features; arc i goes to place `where[i]` of a table
    (b, n, r), filed under its graph and its end; `begins` (b, n, r) is where each begins. `skip` (b, n, h)
    is filed under its end, too, `passed` (b, n) is where each begins, `skipped` (b, n) whether there is one.
    """

    digit: Tensor
    run: Tensor
    where: Tensor
    begins: Tensor
    skip: Tensor
    passed: Tensor
    skipped: Tensor
    last: Tensor
    text: Tensor
    letters: Tensor


CHUNK = 128
"""Graphs of about one size are summed together."""


def fit(examples: Sequence[Example], start: Weights, rounds: int = 3, steps: int = 25) -> Weights:
    """Fit the weights, the digits' usual shapes among them, from `start`. Prints how it goes."""
    examples = [e for e in examples if len(e.pieces.boxes) <= MOST_PIECES and len(e.text) <= MOST_LETTERS]
    examples.sort(key=lambda example: len(example.pieces.boxes))
    chunks = [examples[begin : begin + CHUNK] for begin in range(0, len(examples), CHUNK)]
    weights = start
    for number in range(rounds):
        settled = [[_settled(example, weights) for example in chunk] for chunk in chunks]
        graphs = [_graphs(*both, weights) for both in zip(chunks, settled, strict=True)]
        if number:
            weights = replace(weights, shapes=_shapes(chunks, settled, graphs, weights))
            graphs = [_graphs(*both, weights) for both in zip(chunks, settled, strict=True)]
        weights, loss, reachable = _climb(graphs, weights, steps)
        print(
            f"round {number + 1}: {len(examples):,} lines, {reachable:.1%} within the graph's reach, "
            f"mean -log p(text) {loss:.4f}",
            flush=True,
        )
    return weights


def _settled(example: Example, weights: Weights) -> tuple[float, float]:
    """The line's height and middle as reading settles on them."""
    return settle(example.pieces, example.runs, example.scores, weights, example.height)


def _graphs(examples: Sequence[Example], settled: Sequence[tuple[float, float]], weights: Weights) -> _Graphs:
    orders = [example.pieces.order() for example in examples]
    count = max(len(order) for order in orders)
    total = len(examples)
    letters = max(len(example.text) for example in examples)
    digit, run, slots = [], [], []
    skip = torch.zeros(total, count, len(weights.skip))
    passed = torch.zeros(total, count, dtype=torch.long)
    skipped = torch.zeros(total, count, dtype=torch.bool)
    text = torch.zeros(total, letters, dtype=torch.long)
    for place, (example, (height, middle)) in enumerate(zip(examples, settled, strict=True)):
        runs, order = example.runs, orders[place]
        found = features(example.pieces, runs, example.scores, weights, height=height, middle=middle)
        digit.append(found.digit)
        run.append(found.run)
        ends = order[runs.ends]
        by_end = np.argsort(ends, kind="stable")
        slot = np.empty(len(ends), np.int64)
        slot[by_end] = np.arange(len(ends)) - np.searchsorted(ends[by_end], ends[by_end])
        slots.append(np.stack([np.full(len(ends), place), ends, slot, order[runs.starts]]))
        own = torch.from_numpy(order[: len(found.skip) + 1])
        skip[place, own[1:]] = torch.from_numpy(found.skip).float()
        passed[place, own[1:]] = own[:-1]
        skipped[place, own[1:]] = True
        text[place, : len(example.text)] = torch.tensor([int(letter) for letter in example.text])
    graph, end, slot, begin = np.concatenate(slots, axis=1)
    room = int(slot.max()) + 1
    where = torch.from_numpy((graph * count + end) * room + slot)
    begins = torch.zeros(total * count * room, dtype=torch.long).index_copy(0, where, torch.from_numpy(begin))
    return _Graphs(
        torch.from_numpy(np.concatenate(digit)).float(),
        torch.from_numpy(np.concatenate(run)).float(),
        where,
        begins.view(total, count, room),
        skip,
        passed,
        skipped,
        torch.tensor([len(order) - 1 for order in orders]),
        text,
        torch.tensor([len(example.text) for example in examples]),
    )


def _scores(graphs: _Graphs, digit: Tensor, run: Tensor, skip: Tensor) -> tuple[Tensor, Tensor]:
    """Scores of arcs (b, n, r, 10), FAR where there is none, and of skips (b, n)."""
    shape = graphs.begins.shape
    values = graphs.digit @ digit + (graphs.run @ run)[:, None]
    table = torch.full((graphs.begins.numel(), 10), FAR).index_copy(0, graphs.where, values)
    return table.view(*shape, 10), torch.where(graphs.skipped, graphs.skip @ skip, FAR)


def _all_paths(arcs: Tensor, skips: Tensor, graphs: _Graphs) -> Tensor:
    """(b,): logarithm of the sum over all paths."""
    whole = torch.logsumexp(arcs, dim=-1)
    forward = torch.zeros(len(arcs), 1)
    for node in range(1, arcs.shape[1]):
        terms = forward.gather(1, graphs.begins[:, node].clamp_max(node - 1)) + whole[:, node]
        passed = forward.gather(1, graphs.passed[:, node, None].clamp_max(node - 1)) + skips[:, node, None]
        here = torch.logsumexp(torch.cat([passed, terms], dim=1), dim=1, keepdim=True)
        forward = torch.cat([forward, here.clamp_min(FAR)], dim=1)
    return forward.gather(1, graphs.last[:, None])[:, 0]


def _text_paths(arcs: Tensor, skips: Tensor, graphs: _Graphs) -> Tensor:
    """(b,): logarithm of the sum over the paths that spell the text; about FAR when there is none."""
    total, nodes, room = arcs.shape[:3]
    letters = graphs.text.shape[1]
    index = graphs.text[:, None, None, :].expand(total, nodes, room, letters)
    spelt = arcs.gather(3, index)
    rows = torch.arange(total)
    forward = torch.full((total, 1, letters + 1), FAR)
    forward[:, 0, 0] = 0.0
    nothing = torch.full((total, room, 1), FAR)
    for node in range(1, nodes):
        begins = graphs.begins[:, node].clamp_max(node - 1)
        step = forward[rows[:, None], begins, :-1] + spelt[:, node]
        passed = forward[rows, graphs.passed[:, node].clamp_max(node - 1)] + skips[:, node, None]
        terms = torch.cat([passed[:, None], torch.cat([nothing, step], dim=2)], dim=1)
        here = torch.logsumexp(terms, dim=1, keepdim=True)
        forward = torch.cat([forward, here.clamp_min(FAR)], dim=1)
    return forward[rows, graphs.last, graphs.letters]


def _climb(graphs: Sequence[_Graphs], start: Weights, steps: int) -> tuple[Weights, float, float]:
    begin = [torch.tensor(part) for part in (start.digit, start.run, start.skip)]
    moving = [part.clone().requires_grad_(True) for part in begin]
    with torch.no_grad():
        reachable = [_text_paths(*_scores(part, *moving), part) > FAR / 2 for part in graphs]
    count = sum(int(part.sum()) for part in reachable)
    optimiser = torch.optim.LBFGS(moving, lr=1.0, max_iter=steps, line_search_fn="strong_wolfe")
    last = 0.0

    def closure() -> Tensor:
        nonlocal last
        optimiser.zero_grad()
        total = torch.zeros(())
        for part, possible in zip(graphs, reachable, strict=True):
            arcs, skips = _scores(part, *moving)
            shortfall = (_all_paths(arcs, skips, part) - _text_paths(arcs, skips, part))[possible]
            # Labels hold errors: beyond 8 a line pulls no harder.
            loss = (8.0 * torch.tanh(shortfall / 8.0)).sum() / count
            torch.autograd.backward(loss)
            total += loss.detach()
        last = float(total)
        penalty = torch.zeros(())
        for now, old in zip(moving, begin, strict=True):
            penalty = penalty + 1e-3 * ((now - old) ** 2).sum()
        torch.autograd.backward(penalty)
        return total + penalty.detach()

    step: Callable[[Callable[[], Tensor]], object] = optimiser.step
    step(closure)
    digit, run, skip = ([round(float(v), 4) for v in part.detach()] for part in moving)
    share = count / sum(len(part) for part in reachable)
    return replace(start, digit=digit, run=run, skip=skip), last, share


def _shapes(
    chunks: Sequence[Sequence[Example]],
    settled: Sequence[Sequence[tuple[float, float]]],
    graphs: Sequence[_Graphs],
    weights: Weights,
) -> list[list[list[float]]]:
    """Mean and deviation of each digit's shape on the paths that spell the text: (4, 10, 2).

    The gradient of the sum over those paths by an arc's score is the arc's share of it.
    """
    parts = [torch.tensor(part) for part in (weights.digit, weights.run, weights.skip)]
    found: list[list[NDArray[np.float64]]] = [[] for _ in range(10)]
    length = RUN_FEATURES.index("length")
    for chunk, sizes, graph in zip(chunks, settled, graphs, strict=True):
        with torch.no_grad():
            arcs, skips = _scores(graph, *parts)
        arcs.requires_grad_(True)
        spelt = _text_paths(arcs, skips, graph)
        (share,) = torch.autograd.grad(spelt[spelt > FAR / 2].sum(), arcs)
        sure = share.view(-1, 10)[graph.where].numpy() > 0.7
        lengths = graph.run[:, length].double().numpy()
        ends = np.cumsum([len(example.runs.starts) for example in chunk])
        shapes = np.concatenate(
            [
                shape_of(example.runs, part, height, middle)
                for example, part, (height, middle) in zip(
                    chunk, np.split(lengths, ends[:-1]), sizes, strict=True
                )
            ]
        )
        for arc, label in np.argwhere(sure):
            found[label].append(shapes[arc])
    out = np.zeros((len(weights.shapes), 10, 2))
    for label, rows in enumerate(found):
        values = np.array(rows)
        out[:, label, 0] = values.mean(axis=0)
        out[:, label, 1] = values.std(axis=0) + 0.02
    return [[[round(v, 4) for v in pair] for pair in feature] for feature in out.tolist()]


def fit_temperature(examples: Sequence[Example], weights: Weights) -> Weights:
    """The temperature under which the best texts' probabilities say how often they are right."""
    best, loss = weights, np.inf
    for temperature in (0.8, 1.0, 1.2, 1.4, 1.7, 2.0):
        tried = replace(weights, temperature=round(float(temperature), 2))
        total = 0.0
        for example in examples:
            text = decide(example.pieces, example.runs, example.scores, tried, example.height).texts[0]
            probability = min(max(text.probability, 1e-3), 1 - 1e-3)
            total -= np.log(probability if text.text == example.text else 1 - probability)
        if total < loss:
            best, loss = tried, total
    return best
