"""The training loop: steps, passes, averaging, and a state from which it goes on exactly."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from model.checkpoints.checkpoint import Checkpoint
from model.networks.base import Network
from model.networks.family import Form, build
from model.networks.layers import DigitHead
from model.training.data import NO_DIGIT, LabelledImages
from model.training.data.distortions import DISTORTIONS
from model.training.data.sources import Batch, Mixture
from model.training.evaluation.inference import fit_size
from model.training.loop.losses import class_loss, correct, digit_loss, distillation_loss, outlier_loss
from model.training.loop.optimisation import Average, rate
from model.training.loop.records import Record, validate
from model.training.loop.settings import TrainingSettings


class InterruptedRunError(Exception):
    """The run was asked to stop; its state is saved and it can be resumed."""


@dataclass(slots=True)
class Phase:
    """Passes that share their sources and distortions."""

    passes: int
    mixture: Mixture
    distort: str


class Learner(nn.Module):
    """A network in its training form, and a digit head beside it if one is trained.

    From a checkpoint it starts in the form that is served: batch norms have been folded into its weights.
    """

    def __init__(self, settings: TrainingSettings, start: Checkpoint | None = None) -> None:
        super().__init__()
        form: Form = "training" if start is None else "inference"
        self.network: Network = build(settings.preset, settings.seed, form=form, rubbish=settings.rubbish)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            head = DigitHead(self.network.preset.widths[-1]) if settings.digit_weight else None
        self.head: DigitHead | None = head
        if start is not None:
            self.network.load_state_dict(start.network.state_dict())
            if head is not None and start.digit_head is not None:
                head.load_state_dict(start.digit_head.state_dict())

    def forward(self, fields: Tensor) -> tuple[Tensor, Tensor | None]:
        """(n,1,S,S) -> (logits (n,10), the digit head's logits (n,) or None)."""
        logits, features = self.network.features(fields)
        return logits, None if self.head is None else self.head(features)


class Trainer:
    """Trains one learner through its phases.

    Everything random in a step is drawn from the run's seed and the step's number, so a run that was
    stopped anywhere and resumed ends with the same weights as one that was not.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        phases: list[Phase],
        validation: dict[str, LabelledImages],
        device: torch.device,
        start: Checkpoint | None = None,
    ) -> None:
        self.settings, self.phases, self.validation, self.device = settings, phases, validation, device
        self.start = start
        self.learner = Learner(settings, start).to(device)
        self.size = self.learner.network.preset.input_size
        weights: list[nn.Parameter] = [p for p in self.learner.parameters() if p.ndim > 1]
        rest = [p for p in self.learner.parameters() if p.ndim <= 1]
        groups: list[dict[str, Any]] = [{"params": weights}, {"params": rest, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(
            groups, lr=settings.learning_rate, betas=(0.9, 0.99), weight_decay=settings.weight_decay
        )
        self.average = Average(self.learner, settings.average)
        self.steps = sum(phase.passes * phase.mixture.steps for phase in phases)
        self.step = 0
        self.records: list[Record] = []
        self._sums = [0.0, 0.0, 0.0, 0.0]
        """Sums over the present pass: loss, right digits, all digits, seconds."""
        self.last_loss = float("nan")
        """The loss of the latest step."""
        self.stop = False
        """Set to True, from a signal handler say, to leave `run` after the present step."""

    def run(
        self, on_step: Callable[[], None] = lambda: None, on_pass: Callable[[Record], None] = lambda _: None
    ) -> None:
        """Train from where the state stands to the end. Raises `InterruptedRunError` if `stop` was set."""
        first_step = 0
        first_pass = 0
        for phase in self.phases:
            per_pass = phase.mixture.steps
            for pass_ in range(phase.passes):
                start = self.step - first_step
                if start < per_pass:
                    self._pass(phase, first_pass + pass_, start, on_step)
                    record = self._record(first_pass + pass_ + 1)
                    self.records.append(record)
                    on_pass(record)
                first_step += per_pass
            first_pass += phase.passes

    def _pass(self, phase: Phase, pass_: int, start: int, on_step: Callable[[], None]) -> None:
        self.learner.train()
        distortion = DISTORTIONS[phase.distort]
        random = torch.Generator()
        began = time.perf_counter()
        for batch in phase.mixture.batches(pass_, start):
            if self.stop:
                self._sums[3] += time.perf_counter() - began
                raise InterruptedRunError
            seed = (self.settings.seed << 32) + self.step
            random.manual_seed(seed)
            torch.manual_seed(seed)
            fields = batch.fields.to(self.device)
            wanted = batch.distort.to(self.device)
            if wanted.any():
                fields[wanted] = distortion(fields[wanted], random)
            self._learn(fields, batch)
            on_step()
        self._sums[3] += time.perf_counter() - began

    def _learn(self, fields: Tensor, batch: Batch) -> None:
        now = rate(self.settings.schedule, self.step / self.steps) * self.settings.learning_rate
        for group in self.optimiser.param_groups:
            group["lr"] = now
        labels = batch.labels.to(self.device)
        logits, score = self.learner(fit_size(fields, self.size))
        loss, right, seen = self._loss(logits, score, labels, batch)
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        self.optimiser.step()
        if self.settings.average:
            self.average.update(self.learner)
        self.step += 1
        self.last_loss = loss.item()
        for i, value in enumerate((self.last_loss * seen, right, seen)):
            self._sums[i] += value

    def _loss(
        self, logits: Tensor, score: Tensor | None, labels: Tensor, batch: Batch
    ) -> tuple[Tensor, int, int]:
        """Compute the loss, how many digits are right, and how many there are."""
        settings = self.settings
        is_digit = labels != NO_DIGIT
        digits, targets = logits[is_digit], labels[is_digit]
        n = len(targets)
        loss = logits.sum() * 0.0
        if n:
            loss = self._digits_loss(digits, targets, batch.logits.to(self.device)[is_digit])
        if settings.outlier_weight and n < len(labels):
            share = 1 - n / len(labels)
            loss = loss + settings.outlier_weight * share * outlier_loss(logits[~is_digit])
        if score is not None:
            scores = batch.scores.to(self.device)
            wrong = digit_loss(score, labels, scores, settings.digit_teacher_weight)
            loss = loss + settings.digit_weight * wrong
        return loss, correct(digits, targets), n

    def _digits_loss(self, logits: Tensor, labels: Tensor, teacher: Tensor) -> Tensor:
        """Compute the mean loss of digits: the class's, mixed with the teachers' where they were asked."""
        settings, output = self.settings, self.learner.network.preset.output
        losses = class_loss(logits, labels, output=output, rubbish=settings.rubbish)
        taught = ~teacher[:, 0].isnan()
        if taught.any():
            distilled = distillation_loss(logits[taught], teacher[taught], settings.temperature)
            losses = losses.clone()
            losses[taught] = torch.lerp(losses[taught], distilled, settings.teacher_weight)
        return losses.mean()

    def averaged(self) -> Learner:
        """A copy of the learner with the weights that are kept, in evaluation mode."""
        learner = Learner(self.settings, self.start).to(self.device)
        kept = self.average.state if self.settings.average else self.learner.state_dict()
        learner.load_state_dict(kept)
        return learner.eval()

    def _record(self, pass_: int) -> Record:
        loss, right, seen, seconds = self._sums
        self._sums = [0.0, 0.0, 0.0, 0.0]
        learner = self.averaged()
        validation = {
            name: validate(learner.network, learner.head, part, self.device)
            for name, part in self.validation.items()
        }
        seen = max(seen, 1)
        last_rate = float(self.optimiser.param_groups[0]["lr"])
        return Record(pass_, loss / seen, right / seen, last_rate, seconds, validation)

    def save(self, path: Path) -> None:
        """Write the state, atomically, for `resume`."""
        state = {
            "settings": asdict(self.settings),
            "learner": self.learner.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average.state,
            "average_steps": self.average.steps,
            "step": self.step,
            "sums": self._sums,
            "records": list(map(asdict, self.records)),
        }
        temporary = path.with_suffix(".part")
        torch.save(state, temporary)
        temporary.replace(path)

    def resume(self, path: Path) -> None:
        """Go on from a saved state of the same settings; `ValueError` if it is of another run."""
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
            saved = TrainingSettings.from_json(state["settings"])
        except Exception:
            # torch's message about a damaged file is several lines about its own internals.
            raise ValueError(f"{path}: not the state of a run, or damaged") from None
        if saved != self.settings:
            differing = self.settings.differing(saved)
            raise ValueError(f"{path}: the state of a run with other settings: {differing}")
        self.learner.load_state_dict(state["learner"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.average.state = state["average"]
        self.average.steps = state["average_steps"]
        self.step, self._sums = state["step"], list(state["sums"])
        self.records = [Record.from_json(values) for values in state["records"]]
