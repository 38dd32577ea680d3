"""Remove from a virtual environment what the service never loads: `python prune.py SITE_PACKAGES`.

That environment's own interpreter runs this, in the project's root. The parts of SciPy that stay are found,
not listed: everything that serves is imported, and the parts that this did not load go. The `*.dist-info`
folders stay, so that scanners still see what is installed.
"""

import shutil
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

SERVING = ("app", "model.checkpoints", "model.engines", "model.ink", "model.reading", "model.recognition")
"""The packages that the service imports from."""

ABSENT = {"matplotlib", "onnx", "torch"}
"""What the image does not have; modules that need it are passed over."""

UNUSED = (
    "**/tests",
    "**/*.pyi",
    "**/*.pyx",
    "**/*.pxd",
    "**/*.pxi",
    "**/*.h",
    "**/*.a",
    "PIL/_imagingft*.so",  # the service writes no text into images
    "pillow.libs/libfreetype*",
    "pillow.libs/libharfbuzz*",
    "numpy/_pyinstaller",
    "numpy/distutils",
    "onnxruntime/datasets",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "pygments/lexers/[a-z]*",  # the service shows no source code
    "onnxruntime/capi/libonnxruntime.so*",  # for C programs; the Python module has its own
)


def import_everything() -> None:
    """Import each package of `SERVING`, and every module in it."""
    for package in SERVING:
        for info in walk_packages(import_module(package).__path__, prefix=f"{package}."):
            if info.name.endswith("__main__"):
                continue
            try:
                import_module(info.name)
            except ModuleNotFoundError as error:
                if (error.name or "").partition(".")[0] not in ABSENT:
                    raise


def main(site: Path) -> None:
    """Remove the unused files below `site`."""
    import_everything()
    loaded = {name.split(".")[1] for name in sys.modules if name.startswith("scipy.")}
    unused = [path for path in (site / "scipy").iterdir() if path.is_dir() and path.name not in loaded]
    unused += [path for pattern in UNUSED for path in site.glob(pattern)]
    for path in unused:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
