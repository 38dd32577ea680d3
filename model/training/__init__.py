"""How the networks are trained and measured: needs the extra `train`, and is no part of the service.

`data` is what they learn from, `loop` trains them, `evaluation` and `rejection` measure them, `reports` tells
people of it, and `corrections` lets them learn from what the service's users put right.
"""

__all__ = ["corrections", "data", "evaluation", "loop", "rejection", "reports"]
