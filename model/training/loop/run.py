"""One training run: what it learns from, where it is kept, and what its weights are made from."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from rich.progress import Progress

from model.checkpoints.checkpoint import Checkpoint, Metadata, describe, load
from model.networks.base import Network
from model.training.corrections.database import Corrections
from model.training.data import DataSet, LabelledImages
from model.training.data.sources import Mixture, Source
from model.training.loop.settings import TrainingSettings
from model.training.loop.teachers import pooled, teachers_of
from model.training.loop.trainer import Phase

OPTIONS, SETTINGS, LOG, STATE = "options.json", "settings.json", "log.jsonl", "last.pt"
BEST, REPORT, HISTORY = "best.safetensors", "report.json", "history"
"""The files in a run's folder."""


@dataclass(slots=True)
class Run:
    """A run to be trained by `model.training.loop.train`.

    `extra` are sources beside the training part, `validations` parts to watch beside the validation part.
    `pool_folder` keeps the pools of distorted images that runs share; the run's folder if None. `test`:
    whether the run is measured on the test part once, at its end. `weights` are those to start from, random
    ones if None. `corrections` are learned from beside the data, as one of the extra sources.
    `options` is what the command line was given, kept so that a run can be resumed by its folder alone.
    """

    settings: TrainingSettings
    data: DataSet
    folder: Path
    device: torch.device
    extra: list[Source] = field(default_factory=list)
    validations: dict[str, LabelledImages] = field(default_factory=dict)
    pool_folder: Path | None = None
    test: bool = True
    weights: Checkpoint | None = None
    corrections: Corrections | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def parts(self) -> tuple[LabelledImages, LabelledImages]:
        """The images to learn from, cut to the settings' limit, and those to choose by."""
        training, validation = self.data.split()
        if self.settings.limit:
            training = training.first(self.settings.limit)
        return training, validation

    def teachers(self) -> list[list[Checkpoint]]:
        """The teachers of each source: of the training part first, then of the further ones.

        Raises:
            CheckpointError: one cannot be read.
            ValueError: one is for a source that does not exist, or lacks the digit head that is needed.
        """
        names = [self.data.name, *(source.name for source in self.extra)]
        wanted = teachers_of(self.settings.teachers, names)
        loaded = {path: load(path) for paths in wanted for path in paths}
        if self.settings.digit_teacher_weight:
            for path, teacher in loaded.items():
                if teacher.digit_head is None:
                    raise ValueError(f"--digit-teacher-weight: the teacher {path} has no digit head")
        return [[loaded[path] for path in paths] for paths in wanted]

    def phases(
        self, training: LabelledImages, teachers: list[list[Checkpoint]], progress: Progress
    ) -> list[Phase]:
        """The run's passes: those with the first distortions, then those with the last ones.

        A source that has teachers is distorted beforehand, and they are asked about each of its images.
        """
        settings = self.settings
        last = round(settings.passes * settings.last_share)
        first = (settings.passes - last, settings.distort)
        sources = [Source(self.data.name, training.images[None], training.labels), *self.extra]
        phases = []
        for passes, distort in (first, (last, settings.distort_last)):
            if passes == 0:
                continue
            shown = [
                pooled(
                    source,
                    asked,
                    copies=min(settings.copies or passes, passes),
                    distort=distort,
                    scores=settings.digit_teacher_weight > 0,
                    folder=self.pool_folder or self.folder,
                    device=self.device,
                    progress=progress,
                )
                if asked
                else source
                for source, asked in zip(sources, teachers, strict=True)
            ]
            phases.append(Phase(passes, Mixture(shown, settings.batch, settings.seed), distort))
        return phases

    def metadata(self, network: Network, temperature: float, kept_at_pass: int) -> Metadata:
        """Describe the weights of a pass; those that learned corrections keep calibration and threshold."""
        training = self.provenance() | {"kept_at_pass": kept_at_pass}
        if self.weights is None or self.corrections is None:
            classes = list(self.data.classes)
            return replace(describe(network), classes=classes, temperature=temperature, training=training)
        before = self.weights.metadata
        description = f"{before.description}; then {len(self.corrections.part):,} corrections"
        return replace(before, description=description, training=training)

    def provenance(self) -> dict[str, Any]:
        """What the weights are made from: settings, data, versions."""
        made_from: dict[str, Any] = asdict(self.settings.without_folders())
        if self.weights:
            made_from["init_digest"] = self.weights.metadata.digest
        if self.corrections:
            made_from["corrections_used"] = len(self.corrections.part)
        data = self.data
        files = {"licence": data.licence, "verified": data.verified, "sha256": data.files}
        made_from["data"] = {"name": data.name, **files}
        return made_from | {"torch": torch.__version__, "device": self.device.type}
