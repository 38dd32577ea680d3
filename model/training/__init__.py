"""How the networks are trained and measured; it needs the extra `train`, and is not part of the service.

`data` has data sets, sources and distortions; `loop` trains a run; `evaluation` and `rejection` measure what
a checkpoint is worth and fit its calibration; `corrections` learns from what people corrected; `reports`
draws and writes it all down: pictures, tables, model cards.
"""

__all__ = ["corrections", "data", "evaluation", "loop", "rejection", "reports"]
