"""Tables of text, drawn once for a terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.table import Table as TerminalTable


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text: the headings, the rows, and a title that only a terminal shows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str | None = None

    def for_terminal(self) -> TerminalTable:
        """The table as rich prints it."""
        table = TerminalTable(*self.header, title=self.title, title_justify="left")
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """The table in Markdown, without a line feed at its end."""
        return "\n".join(map(_line, (self.header, ("---",) * len(self.header), *self.rows)))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
