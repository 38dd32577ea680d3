"""Everything a training run depends on, saved with its weights; the options of `train` are made from it."""

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Self, get_args, get_type_hints

from model.networks.presets import preset_named
from model.training.data import DATA_SETS
from model.training.data.distortions import DISTORTIONS
from model.training.loop.optimisation import rate
from model.training.loop.teachers import Teacher


@dataclass(frozen=True, slots=True)
class Option:
    """How a setting is set on the command line.

    `help` describes it in a few words. `name` is the option's name where it differs from the setting's.
    `corrections` is the default of a run that learns from corrections, where it differs. `least` and `most`
    are the lowest and the highest value.
    """

    help: str
    name: str = ""
    corrections: float | str | None = None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """The settings of one run. The defaults train every preset soundly."""

    preset: Annotated[str, Option("the network to train; with --init, the one to start from")] = (
        "lenet5-mnist"
    )
    data_set: Annotated[str, Option(f"the data set: {', '.join(DATA_SETS)}")] = "mnist"
    seed: Annotated[int, Option("of the weights and of every random draw", least=0)] = 0
    passes: Annotated[int, Option("passes through the training part", corrections=3, least=1)] = 30
    batch: Annotated[int, Option("images a step, at most as many as there are", least=1)] = 128
    learning_rate: Annotated[
        float, Option("the highest learning rate of the schedule", name="lr", corrections=1e-3, least=0)
    ] = 2e-3
    schedule: Annotated[str, Option("one-cycle, cosine or constant", corrections="cosine")] = "one-cycle"
    weight_decay: Annotated[
        float, Option("AdamW's, on weights, not on biases and gains", corrections=0.0, least=0)
    ] = 0.01
    average: Annotated[
        float,
        Option(
            "decay a step of the averaged weights that are kept; 0: no averaging",
            corrections=0.99,
            least=0,
            most=0.99999,
        ),
    ] = 0.999
    distort: Annotated[
        str, Option("distortions of all passes but the last: none, mild, affine or full", corrections="mild")
    ] = "none"
    distort_last: Annotated[str, Option("distortions of the last passes")] = "none"
    last_share: Annotated[float, Option("share of the passes that are last", least=0, most=1)] = 0.0
    teachers: Annotated[
        tuple[str, ...],
        Option(
            "a checkpoint to learn from: FILE for all images, SOURCE=FILE for those of the data set or of "
            "the --mix file of that name, in place of those for all",
            name="teacher",
        ),
    ] = ()
    temperature: Annotated[float, Option("of teachers and student in distillation", least=0.01)] = 4.0
    teacher_weight: Annotated[
        float, Option("share of the teachers in the loss, if there are any", least=0, most=1)
    ] = 0.9
    copies: Annotated[
        int, Option("distorted copies of the images that teachers are asked about; 0: one a pass", least=0)
    ] = 0
    rubbish: Annotated[
        float, Option("j of lenet5-1998's loss, above 0; with --init that of its checkpoint")
    ] = 10.0
    init: Annotated[
        str, Option("weights to start from: a checkpoint, or a shipped preset; none: random ones")
    ] = ""
    corrections: Annotated[
        str, Option("learn from the corrections in this file, which the service keeps, without forgetting")
    ] = ""
    corrections_weight: Annotated[
        float, Option("their share of a batch, relative to the data set's 1", least=0.01)
    ] = 0.2
    digit_weight: Annotated[
        float,
        Option("of the loss of a head that tells digits from other things; 0.5 if --init has one", least=0),
    ] = 0.0
    digit_teacher_weight: Annotated[
        float,
        Option("share of the teachers' digit heads in that loss; 1 with --corrections", least=0, most=1),
    ] = 0.0
    outlier_weight: Annotated[
        float, Option("of the even distribution over the classes, wanted for what is no digit", least=0)
    ] = 0.0
    mix: Annotated[tuple[str, ...], Option("further images: FILE.npz or FILE.npz=WEIGHT")] = ()
    mix_distort: Annotated[bool, Option("distort the further images too")] = False
    limit: Annotated[int, Option("learn from this many images of the training part; 0: all", least=0)] = 0
    history: Annotated[
        int, Option("how many checkpoints to keep along the way, in half precision", least=0)
    ] = 0

    def __post_init__(self) -> None:
        """Refuse impossible values before anything is trained: `ValueError`, `KeyError` for a preset."""
        preset_named(self.preset)
        rate(self.schedule, 0)
        if not 0 < self.rubbish < math.inf:
            raise ValueError(f"--rubbish must be above 0, not {self.rubbish:g}")
        for name in (self.distort, self.distort_last):
            if name not in DISTORTIONS:
                raise ValueError(f"there are no distortions '{name}': choose from {', '.join(DISTORTIONS)}")

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The settings that `asdict` gave; `TypeError` for unknown names."""
        plain: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
        return cls(**plain)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read them from the JSON file that `save` wrote; `OSError`, `ValueError` or `TypeError`."""
        return cls.from_json(json.loads(path.read_text()))

    def save(self, path: Path) -> None:
        """Write them as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")

    def without_folders(self) -> Self:
        """The same settings without local folders: files as runs/NAME/FILE, corrections as FILE."""
        teachers = map(Teacher.parse, self.teachers)
        return replace(
            self,
            teachers=tuple(str(replace(teacher, path=_short(teacher.path))) for teacher in teachers),
            mix=tuple(map(_short, self.mix)),
            init=_short(self.init),
            corrections=Path(self.corrections).name,
        )

    def differing(self, other: Self) -> str:
        """The settings in which `other` differs, in words: `batch is 50 there, 20 here`."""
        mine, theirs = asdict(self), asdict(other)
        names = [name for name in mine if mine[name] != theirs[name]]
        return "; ".join(f"{name} is {theirs[name]} there, {mine[name]} here" for name in names)


def options() -> dict[str, tuple[object, Option]]:
    """The type of each setting and its option on the command line."""
    hints = get_type_hints(TrainingSettings, include_extras=True)
    return {entry.name: get_args(hints[entry.name]) for entry in fields(TrainingSettings)}


def defaults(*, corrections: bool) -> dict[str, Any]:
    """The default of each setting, for a run that learns from corrections or for one that does not."""
    values = {entry.name: entry.default for entry in fields(TrainingSettings)}
    if corrections:
        others = {name: option.corrections for name, (_, option) in options().items()}
        values |= {name: value for name, value in others.items() if value is not None}
    return values


def _short(path: str) -> str:
    parts = Path(path).parts[-2:]
    return str(Path("runs", *parts)) if len(parts) > 1 else path
