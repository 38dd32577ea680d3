"""`python -m model generate`: make the generated training input, or contact sheets of it."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from model.cli import CommandError
from model.cli.options import Data, Fonts, Out, Seed, Workers
from model.cli.output import console, print_table, progress_bars
from model.generator.build import Generated, build, learnable, save
from model.generator.contact_sheet import contact_sheet
from model.generator.items import PARTS
from model.generator.kinds import KINDS, Kind
from model.generator.materials import Materials, load_materials
from model.generator.numbers.segments import segment_candidates
from model.generator.paper.fonts import DEFAULT_FOLDERS
from model.training.data import NO_DIGIT
from model.training.reports.tables import Table

SHEET_ITEMS = 80


def generate(
    *,
    data: Data = None,
    out: Out = Path("runs/generated"),
    fonts: Fonts = None,
    kind: Annotated[list[str] | None, typer.Option(help="only this kind; may be repeated")] = None,
    only: Annotated[list[str] | None, typer.Option("--part", help="only this part; may be repeated")] = None,
    share: Annotated[float, typer.Option(help="of the default number of items", min=0.0001, max=100)] = 1.0,
    seed: Seed = 0,
    workers: Workers = 1,
    pieces: Annotated[int, typer.Option(help="make this many pieces of numbers instead", min=0)] = 0,
    sheet: Annotated[bool, typer.Option("--sheet", help="draw a contact sheet per kind instead")] = False,
) -> None:
    """Make digits as people send them, and things that are no digits, from free data and fonts.

    train.npz, validation.npz and test.npz are made from mnist/, fashion-mnist/, pendigits/ and cheques/ in
    --data; no two share a writer, cheque, font family or image. Beside each, train-proposals.npz and so on
    hold all proposals of the normaliser; train.npz holds only those to learn from. --pieces makes candidates
    of numbers' segmentation graphs; each part but train gets an eighth of the number.
    """
    if unknown := [name for name in only or () if name not in PARTS]:
        raise CommandError(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    data, parts = data or Path("data"), [part for part in PARTS if part in (only or PARTS)]
    known = {each.name: each for each in KINDS}
    if unknown := [name for name in kind or () if name not in known]:
        raise CommandError(f"no such kind: {', '.join(unknown)}; there are {', '.join(known)}")
    kinds = [known[name] for name in kind or known]
    folders = tuple(fonts or DEFAULT_FOLDERS)
    if missing := [str(folder) for folder in folders if not folder.is_dir()]:
        raise CommandError(f"no such folder of fonts: {', '.join(missing)}")
    for part in parts:
        materials = load_materials(data, part, folders)
        if pieces:
            _write_pieces(materials, out, seed, pieces if part == "train" else -(-pieces // 8))
            continue
        if sheet:
            _write_sheets(materials, kinds, out, seed)
            continue
        with progress_bars() as progress:
            bar = progress.add_task(part, total=sum(each.count(part, share) for each in kinds))
            advance = partial(progress.advance, bar)
            made = build(materials, kinds, share=share, seed=seed, workers=workers, progress=advance)
        save(made, out / f"{part}-proposals.npz")
        learned = learnable(made, np.random.default_rng(seed))
        save(learned, out / f"{part}.npz")
        print_table(_counts(learned, part))


def _write_pieces(materials: Materials, out: Path, seed: int, count: int) -> None:
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"pieces-{materials.part}.npz"
    with console.status(str(path)):
        made = segment_candidates(materials, seed, count)
    np.savez(path, images=made.images, labels=made.labels)
    digits = int(np.count_nonzero(made.labels != NO_DIGIT))
    console.print(f"{path}: {digits:,} digits, {len(made.labels) - digits:,} others", highlight=False)


def _write_sheets(materials: Materials, kinds: Sequence[Kind], out: Path, seed: int) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        source, rng = kind.make(materials), np.random.default_rng(seed)
        sheet = contact_sheet([source(rng) for _ in range(SHEET_ITEMS)])
        sheet.save(out / f"{kind.name}-{materials.part}.png")


def _counts(made: Generated, part: str) -> Table:
    rows = []
    for name in made.names:
        labels = made.labels[made.of_kind(name)]
        others = int(np.count_nonzero(labels == NO_DIGIT))
        rows.append((name, f"{len(labels) - others:,}", f"{others:,}"))
    return Table(("kind", "digits", "no digits"), tuple(rows), f"{part}: {len(made):,} items")
