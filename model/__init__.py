"""From pixels to probabilities, usable without HTTP; this package never imports `app`.

As a library it is three lines, which docs/library.md goes on from:

    from model import Recogniser

    recogniser = Recogniser.load()
    print(recogniser.recognise(["seven.png"])[0].digit, recogniser.read("number.png").text)
"""

import os
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model.ink import InkError as InkError
    from model.library import Recogniser as Recogniser
    from model.reading import BadPattern as BadPattern
    from model.reading import Reading as Reading
    from model.recognition import Answer as Answer

    __version__: str

# ONNX Runtime would store a device id in the home folder, and report its use to its makers. Nothing here
# calls home, so its telemetry is switched off before anything can import it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__all__ = ["Answer", "BadPattern", "InkError", "Reading", "Recogniser"]


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: a command that needs no network does not wait for one."""
    if name in __all__:
        from model import library, reading

        return getattr(library, name, None) or getattr(reading, name)
    if name == "__version__":
        try:
            return metadata.version("digits")
        except metadata.PackageNotFoundError:  # sources that nobody installed, as in the images
            project = (Path(__file__).parents[1] / "pyproject.toml").read_text()
            return tomllib.loads(project)["project"]["version"]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
