"""What a run and an evaluation leave: tables of text, pictures, and the model cards of shipped weights."""

__all__ = ["cards", "plots", "tables"]
