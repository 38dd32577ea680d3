import pytest
from rich.console import Console

from model.training.reports.tables import Table

FIGURES = Table(
    ("preset", "parameters", "mean ± spread (seeds)", "rejected for 0.1 %"),
    (("lenet5-average", "61,706", "99.14% ± 0.11 (3)", "3.57%"),),
)


def test_a_table_in_markdown() -> None:
    assert FIGURES.markdown().splitlines() == [
        "| preset | parameters | mean ± spread (seeds) | rejected for 0.1 % |",
        "| --- | --- | --- | --- |",
        "| lenet5-average | 61,706 | 99.14% ± 0.11 (3) | 3.57% |",
    ]


@pytest.mark.parametrize("columns", [50, 140])
def test_no_figure_is_cut_short_on_a_narrow_terminal(columns: int) -> None:
    console = Console(width=columns)
    with console.capture() as captured:
        console.print(FIGURES.for_terminal())
    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= columns
    assert "…" not in captured.get()
    assert set(" ".join(FIGURES.rows[0]).split()) <= set(captured.get().split())
