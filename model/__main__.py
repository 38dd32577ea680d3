"""`python -m model`: the command line."""

import os

from model.cli import main

if __name__ == "__main__":
    # Processes share the cores, so numpy's threads would only wait for each other. Its import reads this.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
