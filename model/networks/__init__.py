"""The LeNet-5 family: every network that textbooks call LeNet-5, its counts asserted.

`presets` and `lecun1998` are data and need no torch; `family` builds the networks.
"""

__all__ = ["counting", "family", "layers", "lecun1998", "pooling", "presets"]
