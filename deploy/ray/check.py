"""See both halves of this folder keep their promise on one machine: `python -m deploy.ray.check`.

It starts a Ray of its own on the loopback interface, with two CPUs, and ends it afterwards.

1. `serve run deploy.ray.serve:app` with two replicas, behind nginx with nginx.conf of this folder, answers
   clients that never pause, while first one replica and then the other is killed (SIGKILL): every request
   must be answered, and each image always alike.
2. `python -m deploy.ray.label` labels a folder of digits; a worker is killed, then the job itself; it is
   started again, with new images in the folder, and once more: each image must have one row, and the row say
   what the service said.

Needs Linux, nginx, `pip install '.[ray,onnx]'` (or torch), and the images of tests/data. Ends with 1 when a
promise is broken.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from deploy.ray.checks.cluster import cluster
from deploy.ray.checks.images import write_images
from deploy.ray.checks.labelling import check_label
from deploy.ray.checks.promises import BrokenPromise
from deploy.ray.checks.serving import check_serve


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Check the service and the labelling job on Ray.")
    parser.add_argument(
        "--images", type=int, default=4000, help="how many digits are labelled (at most 9,800)"
    )
    parser.add_argument("--rows", type=int, default=100, help="images of a list")
    parser.add_argument("--pause", type=float, default=5, help="seconds of load before and after each kill")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="digits-") as name:
        folder = Path(name)
        truth = write_images(folder / "images", 0, options.images)
        try:
            with cluster(folder) as ray:
                said = check_serve(
                    ray, folder / "images", sorted(truth)[:: options.images // 1000 or 1], options.pause
                )
                check_label(ray, folder / "images", truth, said, options.rows)
        except BrokenPromise as broken:
            print(f"broken: {broken}", file=sys.stderr)
            for log in ("serve.log", "label.log"):
                if (folder / log).exists():
                    print(
                        f"--- {log}",
                        *(folder / log).read_text().splitlines()[-15:],
                        sep="\n",
                        file=sys.stderr,
                    )
            return 1
    print("kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
