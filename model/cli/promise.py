"""`python -m model promise`: find the confidence that keeps a promised error rate."""

from pathlib import Path
from typing import Annotated

import typer


def promise(
    answers: Annotated[Path, typer.Argument(help="CSV of `forms` with the fields that a person checked")],
    *,
    wrong: Annotated[float, typer.Option(help="the share allowed to be wrong", min=1e-6, max=0.5)] = 0.001,
    confidence: Annotated[float, typer.Option(help="the confidence level", min=0.5, max=0.9999)] = 0.95,
    out: Annotated[Path, typer.Option(help="where to write the promise")] = Path("promise.json"),
) -> None:
    """Find the confidence above which at most --wrong of the answers are wrong, at --confidence.

    The method is "learn then test" with the exact binomial bound (model/forms/promise.py). It refuses if too
    few fields are checked. `forms --promise` then sends the fields below that confidence to review.
    """
    from model.forms import promise as promised

    found = promised.promise(*promised.read_checked(answers), wrong, confidence)
    out.write_text(found.model_dump_json(indent=1) + "\n")
    typer.echo(
        f"From {found.threshold:.5f} on at most {wrong:.3%} of the answers are wrong, at {confidence:.0%}: "
        f"of {found.checked:,} checked fields {found.kept:,} are kept, {found.errors:,} of them wrong; "
        f"{1 - found.kept / found.checked:.1%} are left to people. Wrote {out}."
    )
