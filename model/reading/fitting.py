"""Fit the model that scores the candidates, by global training of the segmentation graph.

As in LeCun et al. 1998, section VI, training raises the sum over all paths that spell the right text against
the sum over all paths. Candidates whose symbol is known are also trained on it directly. The digits' network
does not change. Fitting needs torch; reading does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, dropout

from model.reading.decision import look_again, weigh
from model.reading.lattice import IGNORING, OTHER, SYMBOLS, Candidates, Network
from model.reading.symbols import KERNELS, NONE, SIDES, STRIDE, Model, Way, features

FAR = -1e9
MOST_NODES, MOST_LETTERS = 90, 20
"""Lines with this many pieces or more, or with more letters than this, are left out."""
UNSURE = -2
"""The label of a candidate whose symbol is unknown; -1 is the label of one that is no symbol."""
HIDDEN, SEEN, BATCH = 256, 400, 64
FIRST = 4
"""One line in this many is used for the first training, and gets no second look."""
WARM, PASSES = 3, (12, 12)
"""Passes over the candidates alone; then over the texts, of some lines first and of all afterwards."""
RATE, DECAY = 4e-3, 1e-2
DROPPED: dict[Way, float] = {"image": 0.1, "strokes": 0.3}
"""The dropout rate; it is higher for strokes, which have fewer lines to learn from."""
PULL = 8.0
"""Some labels are wrong, so a line's loss levels off once its text is less probable than exp(-PULL)."""
TEMPERATURES = 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.7, 2.0, 2.4


@dataclass(frozen=True, slots=True)
class Example:
    """One line and its true text."""

    line: Candidates
    text: str
    labels: NDArray[np.int64]
    """(m,): which of SYMBOLS each run is, or -1 or UNSURE."""
    marks: bool = True
    """Whether the text includes the marks that are written; a cheque's text does not."""

    @property
    def letters(self) -> Sequence[str]:
        """What each symbol adds to the text."""
        return SYMBOLS if self.marks else IGNORING


class _Graphs(NamedTuple):
    """A batch of b graphs with at most n nodes each; a is the number of all their candidates.

    Candidate i has place `where[i]` in a flattened table (b, n, r), by its graph and its end node; `begins`
    (b, n, r) holds the start node of each. The score for skipping piece j is one of candidate `alone[j]`; its
    place in a flattened table (b, n) is `pieces[j]`.
    """

    features: Tensor
    fields: Tensor
    """(a, 28, 28)."""
    labels: Tensor
    where: Tensor
    begins: Tensor
    alone: Tensor
    pieces: Tensor
    last: Tensor
    text: Tensor
    """(b, letters): the symbols of each text."""
    letters: Tensor
    marks: Tensor


class _Net(nn.Module):
    """The network of a `Model` in torch, for features that it normalises by `middle` and `scale`."""

    def __init__(self, middle: Tensor, scale: Tensor, dropped: float) -> None:
        super().__init__()
        self.middle, self.scale, self.dropped = middle, scale, dropped
        self.first = nn.Conv2d(1, KERNELS[0], SIDES[0], STRIDE)
        self.second = nn.Conv2d(*KERNELS, SIDES[1], STRIDE)
        self.hidden = nn.Linear(len(middle) + SEEN, HIDDEN)
        self.out = nn.Linear(HIDDEN, NONE + 1)

    def forward(self, part: _Graphs) -> Tensor:
        seen = torch.relu(self.second(torch.relu(self.first(part.fields[:, None] / 255))))
        seen = dropout(seen.flatten(1), self.dropped)
        both = torch.cat([(part.features - self.middle) / self.scale, seen], dim=1)
        out: Tensor = self.out(dropout(torch.relu(self.hidden(both)), self.dropped))
        return out

    def model(self) -> Model:
        """The same network as a `Model`, which takes features without normalising them."""
        state = {name: value.clone() for name, value in self.state_dict().items()}
        own = state["hidden.weight"][:, : len(self.middle)].div_(self.scale)
        state["hidden.bias"] -= own @ self.middle
        layers = [(state[f"{name}.weight"].flatten(1), state[f"{name}.bias"]) for name in Model._fields]
        return Model(*(torch.cat([weight, bias[:, None]], dim=1).T.numpy() for weight, bias in layers))


def fit(examples: Sequence[Example], network: Network, way: Way = "image") -> Model:
    """Fit the weights to some lines, then to all, most of them after a second look. Prints its progress."""
    torch.manual_seed(0)
    chosen = [e for e in examples if len(e.line.pieces.boxes) < MOST_NODES and len(e.text) <= MOST_LETTERS]
    chosen.sort(key=lambda example: len(example.line.pieces.boxes))
    graphs = _batches(chosen[::FIRST])
    found = torch.cat([part.features for part in graphs])
    net = _Net(found.mean(dim=0), found.std(dim=0) + 0.05, DROPPED[way])
    _train(net, graphs, PASSES[0], WARM)
    model = net.model()
    looks = [_second(one, model, network) if n % FIRST else one for n, one in enumerate(chosen)]
    _train(net, _batches(looks), PASSES[1])
    return net.model()


def _batches(looks: Sequence[Example]) -> list[_Graphs]:
    return [_graphs(looks[k : k + BATCH]) for k in range(0, len(looks), BATCH)]


def _second(example: Example, model: Model, network: Network) -> Example:
    texts, _ = weigh(example.line, model, model.see(example.line.fields), example.letters)
    return replace(example, line=look_again(example.line, texts, network))


def _graphs(looks: Sequence[Example]) -> _Graphs:
    lines = [look.line for look in looks]
    nodes = max(len(line.pieces.boxes) for line in lines) + 1
    letters = max(len(look.text) for look in looks)
    slots, alone, pieces = [], [], []
    text = torch.zeros(len(looks), letters, dtype=torch.long)
    count = 0
    for place, (look, line) in enumerate(zip(looks, lines, strict=True)):
        ends = line.runs.ends
        by_end = np.argsort(ends, kind="stable")
        slot = np.empty(len(ends), np.int64)
        slot[by_end] = np.arange(len(ends)) - np.searchsorted(ends[by_end], ends[by_end])
        slots.append(np.stack([place * nodes + ends, slot, line.runs.starts]))
        alone.append(line.runs.alone() + count)
        pieces.append(place * nodes + 1 + np.arange(len(line.pieces.boxes)))
        text[place, : len(look.text)] = torch.tensor([SYMBOLS.index(letter) for letter in look.text])
        count += len(ends)
    file, slot, begin = np.concatenate(slots, axis=1)
    room = int(slot.max()) + 1
    where = torch.from_numpy(file * room + slot)
    begins = torch.zeros(len(looks) * nodes * room, dtype=torch.long).index_copy(
        0, where, torch.from_numpy(begin)
    )
    return _Graphs(
        features=torch.from_numpy(np.concatenate([features(line) for line in lines])).float(),
        fields=torch.from_numpy(np.concatenate([line.fields for line in lines])),
        labels=torch.from_numpy(np.concatenate([look.labels for look in looks])),
        where=where,
        begins=begins.view(len(looks), nodes, room),
        alone=torch.from_numpy(np.concatenate(alone)),
        pieces=torch.from_numpy(np.concatenate(pieces)),
        last=torch.tensor([len(line.pieces.boxes) for line in lines]),
        text=text,
        letters=torch.tensor([len(look.text) for look in looks]),
        marks=torch.tensor([look.marks for look in looks]),
    )


def _paths(scores: Tensor, graphs: _Graphs) -> tuple[Tensor, Tensor]:
    """Two (b,): the logarithms of the sum over all paths, and of the sum over those that spell the text.

    The second is about FAR where no path spells the text.
    """
    total, nodes, room = graphs.begins.shape
    letters = graphs.text.shape[1]
    arcs = torch.full((graphs.begins.numel(), OTHER + 1), FAR).index_copy(0, graphs.where, scores[:, :NONE])
    arcs = arcs.view(total, nodes, room, OTHER + 1)
    skips = torch.full((total * nodes,), FAR).index_copy(0, graphs.pieces, scores[graphs.alone, NONE])
    skips = skips.view(total, nodes)
    whole = arcs.logsumexp(dim=3)
    spelt = arcs.gather(3, graphs.text[:, None, None, :].expand(total, nodes, room, letters))
    # Other signs add nothing to the text, nor do marks where the text leaves them out.
    marks = torch.where(graphs.marks[:, None, None], FAR, arcs[..., 10:OTHER].logsumexp(dim=3))
    silent = torch.logaddexp(arcs[..., OTHER], marks)
    rows = torch.arange(total)
    nothing = torch.full((total, room, 1), FAR)
    every = [torch.zeros(total)]
    spelling = [torch.full((total, letters + 1), FAR).index_fill(1, torch.tensor(0), 0.0)]
    for node in range(1, nodes):
        begins = graphs.begins[:, node].clamp_max(node - 1)
        before = torch.stack(every, dim=1).gather(1, begins) + whole[:, node]
        skip = skips[:, node, None]
        every.append(torch.cat([every[-1][:, None] + skip, before], dim=1).logsumexp(dim=1).clamp_min(FAR))
        at = torch.stack(spelling, dim=1)[rows[:, None], begins]
        step = torch.cat([nothing, at[..., :-1] + spelt[:, node]], dim=2)
        terms = [(spelling[-1] + skip)[:, None], step, at + silent[:, node, :, None]]
        spelling.append(torch.cat(terms, dim=1).logsumexp(dim=1).clamp_min(FAR))
    return (
        torch.stack(every, dim=1)[rows, graphs.last],
        torch.stack(spelling, dim=1)[rows, graphs.last, graphs.letters],
    )


def _train(net: _Net, graphs: Sequence[_Graphs], passes: int, warm: int = 0) -> None:
    """Train on graphs: `warm` passes over the candidates alone, then passes over the texts, each printed."""
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps, total = (warm + passes) * len(graphs), sum(len(part.last) for part in graphs)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for number in range(-warm, passes):
        losses, reached = 0.0, 0
        for place in torch.randperm(len(graphs)).tolist():
            part = graphs[place]
            scores = net(part)
            known = part.labels != UNSURE
            labels = torch.where(part.labels < 0, NONE, part.labels)[known]
            loss = cross_entropy(scores[known], labels, reduction="sum") / max(len(labels), 1)
            if number < 0:
                # Keep each candidate's scores normalised: so far nothing tells how candidates compare.
                loss = loss + 0.1 * scores.logsumexp(dim=1).square().mean()
            else:
                every, spelt = _paths(scores, part)
                shortfall = (every - spelt)[spelt > FAR / 2]
                reached += len(shortfall)
                losses += float(shortfall.detach().sum())
                loss = 0.3 * loss + PULL * torch.tanh(shortfall / PULL).sum() / len(part.last)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            schedule.step()
        if number >= 0:
            said = f"{reached / total:.1%} within reach, mean -log p(text) {losses / max(reached, 1):.4f}"
            print(f"pass {number + 1} of {passes}, {total:,} lines: {said}", flush=True)


def fit_temperature(examples: Sequence[Example], model: Model, network: Network) -> Model:
    """The model at the temperature at which a best text's probability best tells how often it is right."""
    looks = [(_second(one, model, network), model.see(one.line.fields)) for one in examples]
    best, least = model, np.inf
    for temperature in TEMPERATURES:
        tried = model._replace(out=model.out / np.float32(temperature))
        loss = 0.0
        for look, seen in looks:
            text = weigh(look.line, tried, seen, look.letters)[0][0]
            probability = min(max(text.probability, 1e-3), 1 - 1e-3)
            loss -= np.log(probability if text.text == look.text else 1 - probability)
        if loss < least:
            best, least = tried, loss
    return best
