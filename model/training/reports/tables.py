"""Tables of text, drawn once for a terminal and for Markdown."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich import box
from rich.table import Table as TerminalTable


@dataclass(frozen=True, slots=True)
class Table:
    """A table of text: the headings, the rows, and a title that only a terminal shows.

    A heading may have line feeds, and words split by a hyphen and a line feed, for a narrow terminal.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str | None = None

    def for_terminal(self) -> TerminalTable:
        """The table as rich prints it: no figure is cut short where 80 columns suffice."""
        table = TerminalTable(title=self.title, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
        table.show_header, table.show_edge = any(self.header), False
        for n, heading in enumerate(self.header):
            words = any(" " in row[n] for row in self.rows)
            table.add_column(heading if words else heading.replace(" ", "\n"), no_wrap=not words)
        for row in self.rows:
            table.add_row(*row)
        return table

    def markdown(self) -> str:
        """The table in Markdown, without a line feed at its end."""
        header = [heading.replace("-\n", "").replace("\n", " ") for heading in self.header]
        return "\n".join(map(_line, (header, ("---",) * len(header), *self.rows)))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
