"""Take out of a virtual environment what the service never loads: `python prune.py SITE_PACKAGES`.

To be run by that environment's own interpreter, in the project's root. Which parts of SciPy are needed is not
written down here but found: everything that serves is imported, and what that did not load goes. The
`*.dist-info` folders stay, so that what is installed can still be told.
"""

import shutil
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

SERVING = (
    "app",
    "model.ink",
    "model.reading",
    "model.engines.onnx_engine",
    "model.recognition.recogniser",
    "model.checkpoints.kernels",
)
"""What the service imports; parts of it that need torch are passed over."""

UNUSED = (
    "**/tests",
    "**/*.pyi",
    "**/*.pyx",
    "**/*.pxd",
    "**/*.pxi",
    "**/*.h",
    "**/*.a",
    "PIL/_avif*.so",  # a format that is not read
    "pillow.libs/libavif*",
    "PIL/_imagingft*.so",  # nothing here writes text into images
    "pillow.libs/libfreetype*",
    "pillow.libs/libharfbuzz*",
    "numpy/_pyinstaller",
    "numpy/distutils",
    "onnxruntime/datasets",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "pygments/lexers/[a-z]*",  # nothing here shows source code
    "onnxruntime/capi/libonnxruntime.so*",  # for C programs; the Python module has its own
)


def import_everything() -> None:
    """Import each module of `SERVING`, and the modules in it."""
    for name in SERVING:
        module = import_module(name)
        for info in walk_packages(getattr(module, "__path__", ()), prefix=f"{name}."):
            if info.name.endswith("__main__"):
                continue
            try:
                import_module(info.name)
            except ModuleNotFoundError as error:
                if (error.name or "").partition(".")[0] != "torch":
                    raise


def remove(path: Path) -> None:
    """Remove a file or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def main(site: Path) -> None:
    """Remove the unused files below `site`."""
    import_everything()
    loaded = {name.split(".")[1] for name in sys.modules if name.startswith("scipy.")}
    for part in (site / "scipy").iterdir():
        if part.is_dir() and part.name not in loaded:
            remove(part)
    for pattern in UNUSED:
        for path in list(site.glob(pattern)):
            if path.exists():
                remove(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
