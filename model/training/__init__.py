"""How the networks are trained and measured: needs the extra `train`, and is no part of the service.

data: datasets, idx, folders, arrays, download, split, sources; distortions and pool make more of it
training: settings, schedules, losses, averaging, trainer (the loop), records, run (a run's folder), sweep
measuring: inference, calibration, evaluation, plots, table, cards
generator: images of what people send, made through the service's own normaliser
"""
