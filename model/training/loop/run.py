"""One training run and its folder: settings, log, state, weights, figures."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import Progress

from model.checkpoints import checkpoint
from model.networks.family import Network
from model.training.corrections.database import Corrections
from model.training.data import DataSet, LabelledImages, stratified_split
from model.training.data.sources import Mixture, Source
from model.training.evaluation.figures import Report
from model.training.loop.finish import finish
from model.training.loop.pool import build_pool, pool_key
from model.training.loop.progress import interruptible, progress_bars
from model.training.loop.records import Record, best
from model.training.loop.settings import Settings
from model.training.loop.teachers import Teacher, teachers_of
from model.training.loop.trainer import InterruptedRunError, Phase, Trainer

STATE, BEST, LOG = "last.pt", "best.safetensors", "log.jsonl"


@dataclass(slots=True)
class Run:
    """A run to be started or resumed.

    `extra` are sources beside the training part, `validations` parts to watch beside the validation part.
    `pool_folder` keeps the pools of distorted images that runs share; the run's folder if None.
    `weights` are those to start from, random ones if None; `corrections` what is learned from beside
    the data, as one of the extra sources.
    """

    settings: Settings
    data: DataSet
    folder: Path
    device: torch.device
    console: Console
    extra: list[Source] = field(default_factory=list)
    validations: dict[str, LabelledImages] = field(default_factory=dict)
    pool_folder: Path | None = None
    test: bool = True
    weights: checkpoint.Checkpoint | None = None
    corrections: Corrections | None = None

    def start(self, *, resume: bool = False) -> Report | None:
        """Train, keep the best weights, and look at the test part once, at the end.

        Returns the test part's report (None if `test` is off). Raises `InterruptedRunError` after a
        SIGINT, with the state saved; `ValueError` if the folder holds another run, or none to resume, or if
        the loss is no longer finite.
        """
        state = self.folder / STATE
        if resume and not state.exists():
            raise ValueError(f"there is no run in {self.folder} to go on with")
        if state.exists() and not resume:
            raise ValueError(f"{self.folder} holds a run already: --resume goes on with it")
        teachers = self.teachers()
        self.folder.mkdir(parents=True, exist_ok=True)
        training, validation = self.parts()
        with progress_bars(self.console) as progress:
            phases = self.phases(training, teachers, progress)
            watched = {"validation": validation, **self.validations}
            trainer = Trainer(self.settings, phases, watched, self.device, self.weights)
            if resume:
                trainer.resume(state)
            self.settings.save(self.folder / "settings.json")
            self._train(trainer, validation, progress)
        return finish(self, self.folder / BEST, trainer.records, validation)

    def parts(self) -> tuple[LabelledImages, LabelledImages]:
        """The training part, cut to the settings' limit, and the validation part."""
        training, validation = stratified_split(self.data.train.labels)
        if self.settings.limit:
            training = training[: self.settings.limit]
        return self.data.train.take(training), self.data.train.take(validation)

    def teachers(self) -> list[list[checkpoint.Checkpoint]]:
        """The teachers of each source: of the training part first, then of the further ones.

        Raises:
            CheckpointError: one cannot be read.
            ValueError: one is of a source that there is not.
        """
        names = [self.data.name, *(source.name for source in self.extra)]
        wanted = teachers_of(self.settings.teachers, names)
        loaded = {path: checkpoint.load(path) for paths in wanted for path in paths}
        if self.settings.digit_teacher_weight:
            for path, teacher in loaded.items():
                if teacher.digit_head is None:
                    raise ValueError(f"--digit-teacher-weight: the teacher {path} has no digit head")
        return [[loaded[path] for path in paths] for paths in wanted]

    def phases(
        self, training: LabelledImages, teachers: list[list[checkpoint.Checkpoint]], progress: Progress
    ) -> list[Phase]:
        """The run's passes: those with the first distortions, then those with the last ones.

        A source that has teachers is distorted beforehand, and they are asked about each of its images.
        """
        settings = self.settings
        last = round(settings.passes * settings.last_share)
        parts = [(settings.passes - last, settings.distort), (last, settings.distort_last)]
        sources = [Source(self.data.name, training.images[None], training.labels), *self.extra]
        phases = []
        for passes, distort in parts:
            if passes == 0:
                continue
            copies = min(settings.copies or passes, passes)
            shown = [
                self.pool(source, of_source, copies, distort, progress) if of_source else source
                for source, of_source in zip(sources, teachers, strict=True)
            ]
            phases.append(Phase(passes, self.mixture(shown), "none" if all(teachers) else distort))
        return phases

    def mixture(self, sources: list[Source]) -> Mixture:
        """The sources, mixed as the settings say."""
        return Mixture(sources, self.settings.batch, self.settings.seed)

    def pool(
        self,
        source: Source,
        teachers: list[checkpoint.Checkpoint],
        copies: int,
        distort: str,
        progress: Progress,
    ) -> Source:
        """The pool of distorted images of a source with the teachers' logits, made or found."""
        if not source.distort:
            copies, distort = 1, "none"
        task = progress.add_task(f"{source.name}, {distort}", total=copies * len(source.labels))
        # The pool does not depend on the run's seed: five seeds share one.
        scores = self.settings.digit_teacher_weight > 0
        digests = [teacher.metadata.digest for teacher in teachers]
        key = pool_key(source, digests, copies, distort, seed=0, scores=scores)
        made = build_pool(
            source,
            teachers,
            scores=scores,
            key=key,
            copies=copies,
            distort=distort,
            seed=0,
            folder=self.pool_folder or self.folder,
            device=self.device,
            on_images=lambda n: progress.advance(task, n),
        )
        progress.remove_task(task)
        return made

    def _train(self, trainer: Trainer, validation: LabelledImages, progress: Progress) -> None:
        all_passes = progress.add_task("passes", total=trainer.passes, completed=len(trainer.records))
        steps = trainer.steps // trainer.passes
        this_pass = progress.add_task("batches", total=steps, completed=trainer.step % steps)
        log = self.folder / LOG
        log.write_text("".join(json.dumps(record.to_json()) + "\n" for record in trainer.records))

        def on_step() -> None:
            refuse_divergence(len(trainer.records) + 1, trainer.last_loss)
            progress.advance(this_pass)

        def on_pass(record: Record) -> None:
            refuse_divergence(record.pass_, *(found.nll for found in record.validation.values()))
            progress.update(all_passes, completed=record.pass_)
            progress.update(this_pass, completed=0)
            line = json.dumps(record.to_json())
            with log.open("a") as file:
                file.write(line + "\n")
            self.console.print(str(record), highlight=False, soft_wrap=True)
            if best(trainer.records) == len(trainer.records) - 1:
                self.keep(trainer)
            trainer.save(self.folder / STATE)

        with interruptible(trainer):
            try:
                trainer.run(on_step, on_pass)
            except InterruptedRunError:
                trainer.save(self.folder / STATE)
                raise

    def keep(self, trainer: Trainer) -> None:
        """Write the averaged weights of this moment as the best so far."""
        record = trainer.records[-1]
        found = record.validation["validation"]
        learner = trainer.averaged()
        network = learner.network.fold()
        metadata = replace(
            self.described(network, found.temperature),
            training=self.provenance(trainer),
            measured={"validation_accuracy": found.accuracy, "validation_nll": found.nll},
        )
        checkpoint.save(self.folder / BEST, network, metadata, learner.head)

    def described(self, network: Network, temperature: float) -> checkpoint.Metadata:
        """What is known of the weights; corrections leave calibration and threshold as they were."""
        if self.weights is None or self.corrections is None:
            plain = checkpoint.describe(network)
            return replace(plain, classes=list(self.data.classes), temperature=temperature)
        before = self.weights.metadata
        learned = f"{before.description}; then {len(self.corrections.part):,} corrections"
        return replace(before, description=learned)

    def provenance(self, trainer: Trainer) -> dict[str, Any]:
        """What the weights were made from: settings, data, and the pass they were kept at."""
        return {
            **self.settings.to_json(),
            "teachers": [Teacher.asked(teacher).short() for teacher in self.settings.teachers],
            "mix": [Path(source).name for source in self.settings.mix],
            **(
                {"init": Teacher(self.settings.init).short(), "init_digest": self.weights.metadata.digest}
                if self.weights
                else {}
            ),
            **(
                {"corrections": self.corrections.path.name, "corrections_used": len(self.corrections.part)}
                if self.corrections
                else {}
            ),
            "kept_at_pass": len(trainer.records),
            "data": {
                "name": self.data.name,
                "licence": self.data.licence,
                "verified": self.data.verified,
                "sha256": self.data.files,
            },
            "torch": torch.__version__,
            "device": self.device.type,
        }


def refuse_divergence(pass_: int, *losses: float) -> None:
    """Raise `ValueError` if a loss of the pass `pass_` (1, 2, ...) is not finite: no later one would be."""
    if not all(map(math.isfinite, losses)):
        raise ValueError(f"the loss is no longer finite in pass {pass_}: choose a lower --lr")
