"""The section of a model card about calibration and rejection, in Markdown."""

from pathlib import Path

from model.training.rejection.report import RejectionReport

HEADING = "## Calibration, and what is no digit"

MEASURED_ON_TEST = (
    "Temperature, digit score and threshold were fitted on the validation part; the figures below are those "
    "of the generated test part, whose writers, cheques and fonts chose nothing, and of MNIST's test images."
)
MEASURED_ON_VALIDATION = (
    "The figures below are those of the files that temperature, digit score and threshold were fitted on, "
    "and of MNIST's test images."
)


def section(report: RejectionReport, picture: Path, measured_on: str) -> str:
    """Write the section, its heading first.

    `picture` is shown by its name, as a file beside the card; `measured_on` says what the figures were
    measured on.
    """
    by_kind, by_coverage = report.tables()
    return f"""\
{HEADING}

Temperature {report.temperature:.3f}; accepted from a digit score of {report.accept:.4g} on. {measured_on} \
Each kind counts the same. `python -m model calibrate` prints them.

{report.summary()}

{by_kind.markdown()}

{by_coverage.markdown()}

![Accuracy by confidence]({picture.name})

Look-alikes pass, as they must: a letter O is a 0, an l or I is a 1, S and Z may be a 5 and a 2.
"""


def with_section(card: str, text: str) -> str:
    """Put the section into a card in place of an older one, or before the digest, or at its end."""
    kept, inside = [], False
    for line in card.splitlines():
        if line.startswith("## "):
            inside = line == HEADING
        if not inside:
            kept.append(line)
    place = next((n for n, line in enumerate(kept) if line.startswith("## Digest")), len(kept))
    before = "\n".join(kept[:place]).rstrip()
    return "\n".join([before, "", text.rstrip(), "", *kept[place:]]).rstrip() + "\n"
