"""`python -m model calibrate`: fit temperature, digit score, choice and threshold, and write them down."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint
from model.checkpoints.metadata import locate
from model.cli import CommandError
from model.cli.evaluate import OWN_DATA
from model.cli.options import Device, Fields, data_set_named, device_named
from model.cli.output import console, errors
from model.recognition.choice import SUFFIX, choice_for
from model.training.data import load_mnist_test, load_npz
from model.training.evaluation.figures import evaluate_checkpoint
from model.training.evaluation.inference import run_checkpoint
from model.training.rejection.fitting import calibrate as fit
from model.training.rejection.fitting import gather


def calibrate(
    weights: Annotated[str, typer.Argument(help="a checkpoint, or the name of a shipped preset")],
    *,
    validation: Fields = None,
    proposals: Annotated[
        list[Path] | None, typer.Option(help="what generate wrote, to fit the choice by; may be repeated")
    ] = None,
    refine: Annotated[bool, typer.Option("--refine/--anew", help="begin at the choice there is")] = False,
    data: Annotated[Path | None, typer.Option(help="the folder with MNIST, to fit by it too")] = None,
    accepted: Annotated[float, typer.Option(help="share of digits to accept", min=0.01, max=1)] = 0.99,
    onnx: Annotated[bool, typer.Option("--export/--no-export", help="write the .onnx file anew")] = True,
    device: Device = "auto",
) -> None:
    """Fit temperature, digit score and threshold to digits and other things, and save them.

    Each kind counts the same: the files of --validation, and the validation part of MNIST in --data.
    The checkpoint is written anew with the same weights, and exported again. With `proposals` the weights by
    which proposals are compared are fitted, and the threshold is that of whole pictures; alone, they leave
    temperature and digit score as they are.
    """
    chosen = device_named(device)
    path = locate(weights)
    loaded = checkpoint.load(path)
    # A checkpoint older than the second look gets that of its preset.
    metadata = replace(loaded.metadata, second_look=loaded.network.preset.second_look)
    parts = {file.stem: load_npz(file) for file in validation or ()}
    if data is not None:
        parts["mnist-validation"] = data_set_named("mnist", data).split()[1]
    if not parts and not proposals:
        raise CommandError("nothing to fit by: --validation, --data or --proposals is wanted")
    if parts:
        gathered = gather(parts)
        with errors.status(f"{path.name}: {len(gathered):,} images"):
            outputs = run_checkpoint(replace(loaded, metadata=metadata), gathered.images, chosen)
            metadata = fit(metadata, gathered, outputs, accepted)
    if proposals:
        metadata = _choose(
            replace(loaded, metadata=metadata), path, proposals, accepted, chosen, refine=refine
        )
    metadata = replace(metadata, measured=_measured(replace(loaded, metadata=metadata), chosen))
    head = None if loaded.digit_head is None else loaded.digit_head.cpu()
    checkpoint.save(path, loaded.network.cpu(), metadata, head)
    for name in ("temperature", "digit_scale", "digit_offset", "accept"):
        before, after = getattr(loaded.metadata, name), getattr(metadata, name)
        console.print(f"{path.name}: {name} {before:.4g} -> {after:.4g}")
    if onnx:
        from model.checkpoints.export import export

        target, difference = export(path)
        console.print(f"{target.name}: differs from torch by {difference:.1e} at the most")


def _choose(
    fitted: Checkpoint,
    path: Path,
    folders: Sequence[Path],
    accepted: float,
    device: torch.device,
    *,
    refine: bool,
) -> checkpoint.Metadata:
    """Fit the choice among proposals, and save it; the metadata with the threshold of whole pictures."""
    from model.generator.build import joined, load
    from model.training.rejection.choosing import fit_choice, looks, threshold

    files = {
        part: [folder / f"{part}-proposals.npz" for folder in folders] for part in ("train", "validation")
    }
    there = {part: [load(path) for path in paths if path.is_file()] for part, paths in files.items()}
    for part, found in there.items():
        if not found:
            raise CommandError(f"no {part}-proposals.npz to fit the choice by: see generate")
    learned, held_out = (joined(there[part]) for part in ("train", "validation"))
    with errors.status(f"choice: {len(learned):,} proposals"):
        start = choice_for(path) if refine else None
        fit_choice(learned, *looks(fitted, learned, device), start=start).save(path.with_suffix(SUFFIX))
        choice = choice_for(path)
        accept = threshold(choice, held_out, *looks(fitted, held_out, device), accepted)
    return replace(fitted.metadata, accept=accept)


def _measured(fitted: Checkpoint, device: torch.device) -> dict[str, Any]:
    """What was measured, with MNIST's test images measured anew at the new temperature.

    Likelihood and calibration error at the old temperature are left out.
    """
    before = fitted.metadata.measured
    kept = {name: value for name, value in before.items() if not name.endswith(("nll", "ece"))}
    if before.get("data_set") != "mnist" or not OWN_DATA.is_dir():
        return kept
    report, _ = evaluate_checkpoint(fitted, load_mnist_test(OWN_DATA), device)
    return kept | report.main() | {f"test_{name}": value for name, value in report.main().items()}
