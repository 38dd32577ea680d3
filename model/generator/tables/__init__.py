"""The generator's fixed tables: outlines of strokes, displays, scripts, and labels that are wrong."""

import json
from importlib import resources
from typing import Any

__all__ = ["table"]


def table(name: str) -> dict[str, Any]:
    """The contents of the file `name`.json."""
    found: dict[str, Any] = json.loads(resources.files(__name__).joinpath(f"{name}.json").read_text("utf-8"))
    return found
