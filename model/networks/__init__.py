"""The LeNet-5 family: the network of 1998, the textbooks' versions of it, and the default.

What the members are stands in `presets`, and what the paper gives as data in `lecun1998`: neither imports
torch. `family` builds a network by name.
"""

__all__ = ["base", "family", "layers", "lecun1998", "lenet5_1998", "presets"]
