"""The LeNet-5 family: the network of 1998, the textbooks' versions of it, and the default.

`presets` says what the members are, and `lecun1998` holds the data that the paper gives: neither imports
torch. `family` builds a network by name.
"""

__all__ = ["base", "family", "layers", "lecun1998", "lenet5_1998", "presets"]
