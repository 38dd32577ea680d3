"""What a run or an evaluation produces: tables of text, pictures, and the model cards of shipped weights."""

__all__ = ["cards", "plots", "tables"]
