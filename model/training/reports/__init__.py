"""What people read of a training: tables, plots, and the model card beside the weights."""

__all__ = ["cards", "plots", "tables"]
