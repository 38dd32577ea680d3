"""What a network is worth on labelled images: its figures, their calibration, and the family side by side."""

__all__ = ["calibration", "family", "figures", "inference", "measures"]
