"""`python -m model`: the command line."""

import os

from model.cli import main

if __name__ == "__main__":
    # Processes share the cores, where numpy's threads would wait for each other. It is read at the import.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
