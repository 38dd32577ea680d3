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

from model.reading import kinds
from model.reading.decision import Model, decide, first_look, likely, settle, settled_features
from model.reading.kinds import KINDS
from model.reading.lattice import IGNORING, OTHER, RUN_FEATURES, SYMBOLS, Scored
from model.reading.weights import Weights, shape_of
from model.recognition import Scores

FAR = -1e9
MOST_NODES = 90
HOPELESS = -14.0
"""Runs whose share in all paths is less than this (natural logarithm) make no difference."""
MOST_LETTERS = 20


NONE, UNSURE = -1, -2
"""What a run is that is no symbol, and one of which nobody could say."""


@dataclass(frozen=True, slots=True)
class Example:
    """One line and its true text."""

    line: Scored
    text: str
    tag: str
    """What is counted apart: the spacing, say."""
    labels: NDArray[np.int64]
    """(m,): which of SYMBOLS each run is, or NONE or UNSURE."""
    marks: bool = True
    """Whether the text has the marks that are written; of a cheque it does not."""


@dataclass(frozen=True, slots=True)
class _Graphs:
    """b graphs with n nodes at most and a arcs in all.

    `digit` (a, 10, f), `run` (a, g) and `sign` (a, 6, k) are the arcs' features; arc i goes to
    place `where[i]` of a table (b, n, r), filed under its graph and its end; `begins` (b, n, r) is where each
    begins. `skip` (b, n, h) is filed under its end, too, `passed` (b, n) is where each begins, and `skipped`
    (b, n) whether there is one.
    """

    digit: Tensor
    run: Tensor
    sign: Tensor
    where: Tensor
    begins: Tensor
    skip: Tensor
    passed: Tensor
    skipped: Tensor
    last: Tensor
    text: Tensor
    letters: Tensor
    marks: Tensor
    """(b,): whether the text has its marks."""

    @property
    def features(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Those of the parts that have weights, in their order."""
        return self.digit, self.run, self.sign, self.skip


CHUNK = 128
"""Graphs of about one size are summed together."""


def fit(examples: Sequence[Example], start: Model, rounds: int = 3, steps: int = 25) -> Model:
    """Fit the weights, the digits' usual shapes among them, from `start`. Prints how it goes."""
    examples = [e for e in examples if len(e.line.pieces.order()) <= MOST_NODES]
    examples = [_without_hopeless(e, start) for e in examples if len(e.text) <= MOST_LETTERS]
    examples.sort(key=lambda example: len(example.line.pieces.order()))
    chunks = [examples[begin : begin + CHUNK] for begin in range(0, len(examples), CHUNK)]
    model = start
    for number in range(rounds):
        graphs = [_graphs(chunk, model) for chunk in chunks]
        if number:
            model = replace(model, weights=_shapes(chunks, graphs, model))
            graphs = [_graphs(chunk, model) for chunk in chunks]
        model, loss, reachable = _climb(graphs, model, steps)
        print(
            f"round {number + 1}: {len(examples):,} lines, {reachable:.1%} within the graph's reach, "
            f"mean -log p(text) {loss:.4f}",
            flush=True,
        )
    return model


def _without_hopeless(example: Example, model: Model) -> Example:
    """The example without the runs that make no difference."""
    line = example.line
    kept = np.flatnonzero(likely(line, model) > HOPELESS)
    scores = Scores(line.scores.probabilities[kept], line.scores.digit_score[kept])
    line = replace(line, runs=line.runs.taken(kept), fields=line.fields[kept], scores=scores)
    return replace(example, line=line, labels=example.labels[kept])


HIDDEN, PASSES, BATCH = 64, 12, 512


def fit_kinds(examples: Sequence[Example], model: Model) -> Model:
    """Fit the layers that tell what kind a run is, by the runs' labels. Prints how well they do."""
    found, kinds_ = [], []
    for example in examples:
        known = np.flatnonzero(example.labels != UNSURE)
        labels = example.labels[known]
        kind = np.where(labels < 0, len(KINDS) - 1, np.maximum(labels - 9, 0))
        for look in (first_look(example.line), settle(example.line, model)):
            found.append(kinds.features(example.line, *look)[known])
            kinds_.append(kind)
    x, y = torch.from_numpy(np.concatenate(found)).float(), torch.from_numpy(np.concatenate(kinds_))
    torch.manual_seed(0)
    scale = x.std(dim=0) + 0.05
    first, last = torch.nn.Linear(x.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, len(KINDS))
    network = torch.nn.Sequential(first, torch.nn.ReLU(), last)
    steps = PASSES * (len(x) // BATCH + 1)
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=steps)
    for _ in range(PASSES):
        for chosen in torch.split(torch.randperm(len(x)), BATCH):
            loss = torch.nn.functional.cross_entropy(network(x[chosen] / scale), y[chosen])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        right = (network(x / scale).argmax(dim=1) == y).float()
    shares = ", ".join(f"{name} {float(right[y == k].mean()):.1%}" for k, name in enumerate(KINDS))
    print(f"kinds of {len(x):,} runs told right: {shares}", flush=True)
    hidden = torch.cat([first.weight.T / scale[:, None], first.bias[None]]).detach().double().numpy()
    out = torch.cat([last.weight.T, last.bias[None]]).detach().double().numpy()
    return replace(model, layers=(hidden.round(4), out.round(4)))


def _graphs(examples: Sequence[Example], model: Model) -> _Graphs:
    orders = [example.line.pieces.order() for example in examples]
    count = max(len(order) for order in orders)
    total = len(examples)
    letters = max(len(example.text) for example in examples)
    digit, run, sign, slots = [], [], [], []
    skip = torch.zeros(total, count, len(model.weights.skip))
    passed = torch.zeros(total, count, dtype=torch.long)
    skipped = torch.zeros(total, count, dtype=torch.bool)
    text = torch.zeros(total, letters, dtype=torch.long)
    for place, example in enumerate(examples):
        runs, order = example.line.runs, orders[place]
        found = settled_features(example.line, model)
        digit.append(found.digit)
        run.append(found.run)
        sign.append(found.sign)
        ends = order[runs.ends]
        by_end = np.argsort(ends, kind="stable")
        slot = np.empty(len(ends), np.int64)
        slot[by_end] = np.arange(len(ends)) - np.searchsorted(ends[by_end], ends[by_end])
        slots.append(np.stack([np.full(len(ends), place), ends, slot, order[runs.starts]]))
        own = torch.from_numpy(order[: len(found.skip) + 1])
        skip[place, own[1:]] = torch.from_numpy(found.skip).float()
        passed[place, own[1:]] = own[:-1]
        skipped[place, own[1:]] = True
        text[place, : len(example.text)] = torch.tensor([SYMBOLS.index(letter) for letter in example.text])
    graph, end, slot, begin = np.concatenate(slots, axis=1)
    room = int(slot.max()) + 1
    where = torch.from_numpy((graph * count + end) * room + slot)
    begins = torch.zeros(total * count * room, dtype=torch.long).index_copy(0, where, torch.from_numpy(begin))
    features = [torch.from_numpy(np.concatenate(part)).float() for part in (digit, run, sign)]
    return _Graphs(
        features[0],
        features[1],
        features[2],
        where,
        begins.view(total, count, room),
        skip,
        passed,
        skipped,
        torch.tensor([len(order) - 1 for order in orders]),
        text,
        torch.tensor([len(example.text) for example in examples]),
        torch.tensor([example.marks for example in examples]),
    )


def _scores(graphs: _Graphs, weights: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Scores of arcs (b, n, r, symbols), FAR where there is none, and of skips (b, n)."""
    shape = graphs.begins.shape
    digit, run, sign, skip = (part @ own for part, own in zip(graphs.features, weights, strict=True))
    values = torch.cat([digit + run[:, None], sign], dim=1)
    table = torch.full((graphs.begins.numel(), len(SYMBOLS)), FAR).index_copy(0, graphs.where, values)
    return table.view(*shape, len(SYMBOLS)), torch.where(graphs.skipped, skip, FAR)


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
    # Other signs add nothing to the text, nor do marks that it is without.
    marks = torch.where(graphs.marks[:, None, None], FAR, arcs[..., 10:OTHER].logsumexp(dim=3))
    silent = torch.logaddexp(arcs[..., OTHER], marks)
    rows = torch.arange(total)
    forward = torch.full((total, 1, letters + 1), FAR)
    forward[:, 0, 0] = 0.0
    nothing = torch.full((total, room, 1), FAR)
    for node in range(1, nodes):
        begins = graphs.begins[:, node].clamp_max(node - 1)
        before = forward[rows[:, None], begins]
        step = torch.cat([nothing, before[..., :-1] + spelt[:, node]], dim=2)
        same = before + silent[:, node, :, None]
        passed = forward[rows, graphs.passed[:, node].clamp_max(node - 1)] + skips[:, node, None]
        terms = torch.cat([passed[:, None], step, same], dim=1)
        here = torch.logsumexp(terms, dim=1, keepdim=True)
        forward = torch.cat([forward, here.clamp_min(FAR)], dim=1)
    return forward[rows, graphs.last, graphs.letters]


def _parts(weights: Weights) -> list[Tensor]:
    return [torch.tensor(part) for part in (weights.digit, weights.run, weights.sign, weights.skip)]


def _climb(graphs: Sequence[_Graphs], start: Model, steps: int) -> tuple[Model, float, float]:
    begin = _parts(start.weights)
    moving = [part.clone().requires_grad_(True) for part in begin]
    with torch.no_grad():
        reachable = [_text_paths(*_scores(part, moving), part) > FAR / 2 for part in graphs]
    count = sum(int(part.sum()) for part in reachable)
    optimiser = torch.optim.LBFGS(moving, lr=1.0, max_iter=steps, line_search_fn="strong_wolfe")
    last = 0.0

    def closure() -> Tensor:
        nonlocal last
        optimiser.zero_grad()
        total = torch.zeros(())
        for part, possible in zip(graphs, reachable, strict=True):
            arcs, skips = _scores(part, moving)
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
    digit, run, sign, skip = ([round(float(v), 4) for v in part.detach()] for part in moving)
    share = count / sum(len(part) for part in reachable)
    weights = replace(start.weights, digit=digit, run=run, sign=sign, skip=skip)
    return replace(start, weights=weights), last, share


def _shapes(chunks: Sequence[Sequence[Example]], graphs: Sequence[_Graphs], model: Model) -> Weights:
    """Weights with the mean and deviation of each digit's shape on the paths that spell the text.

    The gradient of the sum over those paths by an arc's score is the arc's share of it.
    """
    found: list[list[NDArray[np.float64]]] = [[] for _ in range(10)]
    length = RUN_FEATURES.index("length")
    for chunk, graph in zip(chunks, graphs, strict=True):
        with torch.no_grad():
            arcs, skips = _scores(graph, _parts(model.weights))
        arcs.requires_grad_(True)
        spelt = _text_paths(arcs, skips, graph)
        (share,) = torch.autograd.grad(spelt[spelt > FAR / 2].sum(), arcs)
        sure = share.view(-1, len(SYMBOLS))[graph.where, :10].numpy() > 0.7
        lengths = graph.run[:, length].double().numpy()
        ends = np.cumsum([len(example.line.runs.starts) for example in chunk])
        shapes = np.concatenate(
            [
                shape_of(example.line.runs, part, *settle(example.line, model))
                for example, part in zip(chunk, np.split(lengths, ends[:-1]), strict=True)
            ]
        )
        for arc, label in np.argwhere(sure):
            found[label].append(shapes[arc])
    out = np.zeros((len(model.weights.shapes), 10, 2))
    for label, rows in enumerate(found):
        values = np.array(rows)
        out[:, label, 0] = values.mean(axis=0)
        out[:, label, 1] = values.std(axis=0) + 0.02
    usual = [[[round(v, 4) for v in pair] for pair in feature] for feature in out.tolist()]
    return replace(model.weights, shapes=usual)


def fit_temperature(examples: Sequence[Example], model: Model) -> Model:
    """The temperature under which the best texts' probabilities say how often they are right."""
    best, loss = model, np.inf
    for temperature in (0.8, 1.0, 1.2, 1.4, 1.7, 2.0, 2.4):
        tried = replace(model, weights=replace(model.weights, temperature=temperature))
        total = 0.0
        for example in examples:
            letters = SYMBOLS if example.marks else IGNORING
            text = decide(example.line, tried, letters=letters).texts[0]
            probability = min(max(text.probability, 1e-3), 1 - 1e-3)
            total -= np.log(probability if text.text == example.text else 1 - probability)
        if total < loss:
            best, loss = tried, total
    return best
