"""Where the commands print their tables."""

from rich.console import Console


def table_console() -> Console:
    """As wide as the terminal; where nobody watches (a pipe, a file), as wide as a table needs."""
    console = Console()
    return console if console.is_terminal else Console(width=10_000)
