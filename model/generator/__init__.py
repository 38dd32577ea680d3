"""Realistic training input: digits as people send them, things that are no digits, and the truth about both.

materials -> hands and inks -> surroundings -> items -> model.ink (the service's normaliser) -> fields, labels

`kinds` puts the sources together, `build` makes training input of them, and `evaluation` measures with them
the function that answers users.
"""

__all__ = [
    "batches", "build", "contact_sheet", "evaluation", "forms", "items", "kinds", "materials", "numbers",
    "outliers", "paper", "pens",
]  # fmt: skip
