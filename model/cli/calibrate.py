"""`python -m model calibrate`: fit temperature, digit score, choice and threshold, and write them down."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from model.checkpoints import checkpoint
from model.checkpoints.checkpoint import Checkpoint
from model.checkpoints.export import export
from model.checkpoints.metadata import locate
from model.cli import CommandError
from model.cli.evaluate import OWN_DATA
from model.cli.options import Device, Fields, device_named
from model.cli.output import console, errors
from model.generator.build import Generated, joined, load
from model.recognition.choice import SUFFIX, choice_for
from model.training.data import load_mnist_test, load_npz
from model.training.evaluation.figures import evaluate_checkpoint
from model.training.evaluation.inference import run_checkpoint
from model.training.rejection.choosing import fit_choice, looks, threshold
from model.training.rejection.fitting import calibrate as fit
from model.training.rejection.fitting import gather


def calibrate(
    weights: Annotated[str, typer.Argument(help="a checkpoint, or the name of a shipped preset")],
    *,
    validation: Fields = None,
    proposals: Annotated[
        list[Path] | None, typer.Option(help="what generate wrote, to fit the choice by; may be repeated")
    ] = None,
    refine: Annotated[bool, typer.Option("--refine/--anew", help="start from the present choice")] = False,
    accepted: Annotated[float, typer.Option(help="share of digits to accept", min=0.01, max=1)] = 0.99,
    device: Device = "auto",
) -> None:
    """Fit temperature, digit score and threshold to digits and other things, and save them.

    Each kind in the files of --validation counts the same. The checkpoint is written anew with the same
    weights, and exported again. --proposals also fits the weights that compare proposals, and sets the
    threshold for whole pictures; without --validation, temperature and digit score stay as they are.
    """
    if not validation and not proposals:
        raise CommandError("nothing to fit by: --validation or --proposals is wanted")
    chosen = device_named(device)
    path = locate(weights)
    loaded = checkpoint.load(path)
    # A checkpoint older than the second look gets its preset's value.
    metadata = replace(loaded.metadata, second_look=loaded.network.preset.second_look)
    if validation:
        gathered = gather({file.stem: load_npz(file) for file in validation})
        with errors.status(f"{path.name}: {len(gathered):,} images"):
            outputs = run_checkpoint(replace(loaded, metadata=metadata), gathered.images, chosen)
            metadata = fit(metadata, gathered, outputs, accepted)
    fitted = replace(loaded, metadata=metadata)
    if proposals:
        learned, held_out = (_proposals(proposals, part) for part in ("train", "validation"))
        start = choice_for(path) if refine else None
        with errors.status(f"choice: {len(learned):,} proposals"):
            fit_choice(learned, *looks(fitted, learned, chosen), start=start).save(path.with_suffix(SUFFIX))
            accept = threshold(choice_for(path), held_out, *looks(fitted, held_out, chosen), accepted)
        fitted = replace(loaded, metadata=replace(metadata, accept=accept))
    metadata = replace(fitted.metadata, measured=_measured(fitted, chosen))
    checkpoint.save(path, loaded.network, metadata, loaded.digit_head)
    for name in ("temperature", "digit_scale", "digit_offset", "accept"):
        before, after = getattr(loaded.metadata, name), getattr(metadata, name)
        console.print(f"{path.name}: {name} {before:.4g} -> {after:.4g}")
    target, difference = export(path)
    console.print(f"{target.name}: differs from torch by {difference:.1e} at the most")


def _proposals(folders: Sequence[Path], part: str) -> Generated:
    """A part's proposals in all folders that have some."""
    found = [load(file) for folder in folders if (file := folder / f"{part}-proposals.npz").is_file()]
    if not found:
        raise CommandError(f"no {part}-proposals.npz to fit the choice by: see generate")
    return joined(found)


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
