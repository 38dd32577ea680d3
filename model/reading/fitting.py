"""Fitting what weighs the candidates: global training of the segmentation graph.

LeCun et al. 1998, section VI: the probability of the right text, all its paths through the graph
summed, is raised against the sum over all paths, whatever they spell; where it is known what a candidate is,
its outputs are trained to say so as well. The digits' network stays as it is. Needs torch; reading does not.
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
"""Longer lines are left out."""
UNSURE = -2
"""The label of a candidate of which nobody could say what it is; -1 is one that is no symbol."""
HIDDEN, SEEN, BATCH = 256, 400, 64
FIRST = 4
"""One line in so many is learned from first, and does without a second look."""
WARM, PASSES = 3, (12, 12)
"""Passes over the candidates alone, and over the texts: of some lines first, then of all."""
RATE, DECAY = 4e-3, 1e-2
DROPPED: dict[Way, float] = {"image": 0.1, "strokes": 0.3}
"""The dropout; of strokes there are fewer lines to learn from."""
PULL = 8.0
"""Labels hold errors: a line whose text is less probable than exp(-PULL) pulls no harder."""
TEMPERATURES = 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.7, 2.0, 2.4


@dataclass(frozen=True, slots=True)
class Example:
    """One line and its true text."""

    line: Candidates
    text: str
    labels: NDArray[np.int64]
    """(m,): which of SYMBOLS each run is, or -1 or UNSURE."""
    marks: bool = True
    """Whether the text has the marks that are written; of a cheque it does not."""

    @property
    def letters(self) -> Sequence[str]:
        """What each symbol adds to the text."""
        return SYMBOLS if self.marks else IGNORING


class _Graphs(NamedTuple):
    """b graphs with n nodes at most, of a candidates in all.

    Candidate i goes to place `where[i]` of a table (b, n, r), filed under its graph and its end; `begins`
    (b, n, r) is where each begins. Piece j is passed over by the score of candidate `alone[j]`, filed at
    `pieces[j]` of a table (b, n).
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
    """(b, letters): symbols."""
    letters: Tensor
    marks: Tensor


class _Net(nn.Module):
    """As `Model`, for features with this `middle` and `scale`."""

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
        """The same, for features as they are."""
        state = {name: value.clone() for name, value in self.state_dict().items()}
        own = state["hidden.weight"][:, : len(self.middle)].div_(self.scale)
        state["hidden.bias"] -= own @ self.middle
        layers = [(state[f"{name}.weight"].flatten(1), state[f"{name}.bias"]) for name in Model._fields]
        return Model(*(torch.cat([weight, bias[:, None]], dim=1).T.numpy() for weight, bias in layers))


def fit(examples: Sequence[Example], network: Network, way: Way = "image") -> Model:
    """Fit the weights: first to some lines, then to all, most as looked at again. Prints how it goes."""
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
    """(b,) and (b,): the logarithm of the sum over all paths, and over those that spell the text.

    The latter is about FAR where there is none.
    """
    total, nodes, room = graphs.begins.shape
    letters = graphs.text.shape[1]
    arcs = torch.full((graphs.begins.numel(), OTHER + 1), FAR).index_copy(0, graphs.where, scores[:, :NONE])
    arcs = arcs.view(total, nodes, room, OTHER + 1)
    skips = torch.full((total * nodes,), FAR).index_copy(0, graphs.pieces, scores[graphs.alone, NONE])
    skips = skips.view(total, nodes)
    whole = arcs.logsumexp(dim=3)
    spelt = arcs.gather(3, graphs.text[:, None, None, :].expand(total, nodes, room, letters))
    # Other signs add nothing to the text, nor do marks that it is without.
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
    """Train on some graphs, on their candidates alone for `warm` passes. Prints how each pass went."""
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
                # Candidates that leave each other's scores alone: so far nothing says how they compare.
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
    """The temperature under which the best texts' probabilities say how often they are right."""
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
