"""The section of a model card about calibration and what is turned away, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from model.training.rejection.calibration import ALL
from model.training.rejection.report import RejectionReport

HEADING = "## Calibration, and what is no digit"


MEASURED_ON_TEST = (
    "Temperature, digit score and threshold were fitted on the validation part; the figures below are those "
    "of the generated test part, whose writers, cheques and fonts chose nothing and whose digits stay in "
    "whatever the normaliser made of them, and of MNIST's test images."
)
MEASURED_ON_VALIDATION = (
    "The figures below are those of the files that temperature, digit score and threshold were fitted on, "
    "and of MNIST's test images."
)


def section(report: RejectionReport, pictures: Sequence[Path] = (), measured_on: str = "") -> str:
    """The section, its heading first; `pictures` are shown by their names, as files beside the card.

    `measured_on` says what the figures were measured on.
    """
    best = report.served.told[-1]
    lines = [
        HEADING,
        "",
        f"Temperature {report.temperature:.3f}; accepted from a digit score of {report.accept:.4g} on. Where "
        f"several kinds are taken together (`{ALL} ...`) each counts the same. The digit score's own "
        f"calibration error, digits and other things being equally likely: {report.digit_ece:.2%}.",
        "",
        *([measured_on, ""] if measured_on else []),
        "| digits | images | accuracy | NLL | ECE, 15 bins | turned away |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| {row.name} | {row.images:,} | {row.accuracy:.2%} | {row.nll:.4f} | {row.ece:.2%} "
            f"| {row.refused:.2%} |"
            for row in report.digits
        ),
        "",
        f"Of what is no digit {best.accepted:.1%} is accepted where 1 % of the digits are turned away; AUROC "
        f"{best.auroc:.4f}. By kind:",
        "",
        "| no digit | images | AUROC | accepted at 1 % of the digits turned away | accepted as served |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {told.name} | {told.images:,} | {told.auroc:.4f} | {told.accepted:.2%} "
            f"| {report.false_accepts[told.name]:.2%} |"
            for told in report.served.told
        ),
        "",
        *comparison(report),
        "",
        "| answered | wrong, by confidence | wrong, by digit score |",
        "| --- | --- | --- |",
        *(
            f"| {risk.coverage:.0%} | {risk.by_confidence:.3%} | {risk.by_digit_score:.3%} |"
            for risk in report.risks
        ),
        "",
        *(line for picture in pictures for line in (f"![{picture.stem}]({picture.name})", "")),
        "Look-alikes pass, as they must: a letter O is a 0, an l or I is a 1, S and Z may be a 5 and a 2.",
        "",
    ]
    return "\n".join(lines)


def comparison(report: RejectionReport) -> list[str]:
    """The table of the scores that were compared: AUROC by group, and what each costs."""
    shown = [n for n, told in enumerate(report.served.told) if told.name.startswith(ALL)]
    names = [report.served.told[n].name for n in shown]
    return [
        f"| score | numbers kept beside the network | {' | '.join(names)} | accepted at 1 % turned away |",
        "| --- " * (len(shown) + 3) + "|",
        *(
            f"| {score.name} ({score.source}) | {score.parameters:,} | "
            + " | ".join(f"{score.told[n].auroc:.4f}" for n in shown)
            + f" | {score.told[-1].accepted:.2%} |"
            for score in report.compared
        ),
    ]


def with_section(card: str, text: str) -> str:
    """The card with the section in place of an older one, or before the digest, or at its end."""
    kept, inside = [], False
    for line in card.splitlines():
        if line.startswith("## "):
            inside = line == HEADING
        if not inside:
            kept.append(line)
    place = next((n for n, line in enumerate(kept) if line.startswith("## Digest")), len(kept))
    before = "\n".join(kept[:place]).rstrip()
    return "\n".join([before, "", text.rstrip(), "", *kept[place:]]).rstrip() + "\n"
