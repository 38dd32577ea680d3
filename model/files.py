"""Find the files that names, folders and globs stand for, and say what in a folder is passed over."""

from collections.abc import Callable, Iterable
from pathlib import Path

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif"})
"""The suffixes of images in a folder; a file that is named itself is read whatever its suffix."""
DOCUMENTS = frozenset({".heic", ".heif", ".pdf"})
"""The suffixes of formats that need an extra: see `model.documents`."""
STANDARD_INPUT = Path("/dev/stdin")
NO_FILE, NO_IMAGE = "there is no such file", "there is no image in this folder"
EXPLAINED = ".explained.png"
"""The ending of explanations' names. They show a digit, but are not to be read as one."""


def files_of(
    arguments: Iterable[str], passed_over: Callable[[Path, str], None] = lambda path, reason: None
) -> list[Path]:
    """Find the files that file names, folder names and globs stand for, each once.

    A folder means all images in it, at any depth; `passed_over` gets every other file and the reason. `-`
    means standard input. Explanations are left out unless they are named. An argument that matches no file is
    given back as a path, which cannot be read.

    Raises:
        FileNotFoundError: with one clear line, if no argument matches a file.
    """
    files: dict[Path, None] = {}
    lost: dict[Path, str] = {}
    for argument in arguments:
        path = STANDARD_INPUT if argument == "-" else Path(argument)
        if argument and path.is_dir():
            found = []
            for each in sorted(path.rglob("*")):
                if is_image(each) or (not why_not(each) and each.suffix.lower() in DOCUMENTS):
                    found.append(each)
                elif each.is_file() and not each.name.endswith(EXPLAINED):
                    passed_over(each, why_not(each) or "no image by its name")
        elif path.is_file() or path == STANDARD_INPUT:
            found = [path]
        else:
            base = Path(path.anchor)
            matches = base.glob(str(path.relative_to(base))) if path.parts else iter(())
            found = sorted(
                match for match in matches if match.is_file() and not match.name.endswith(EXPLAINED)
            )
        if not found:
            lost[path] = f"{argument}: {NO_IMAGE if argument and path.is_dir() else NO_FILE}"
        files |= dict.fromkeys(found or [path])
    if files and files.keys() == lost.keys():
        raise FileNotFoundError("; ".join(lost.values()))
    return list(files)


def is_image(path: Path) -> bool:
    """Whether a file found in a folder is to be read as an image: by its name, and not hidden."""
    return path.suffix.lower() in SUFFIXES and not why_not(path)


def why_not(path: Path) -> str | None:
    """Why something in a folder is not to be read, whatever its suffix; or None."""
    if path.name.startswith("."):
        return "hidden"
    if path.name.lower().endswith(EXPLAINED):
        return "an explanation"
    return "a folder" if path.is_dir() else None


def content_of(file: Path) -> bytes | str:
    """A file's bytes, or why it cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return NO_FILE
    except IsADirectoryError:
        return NO_IMAGE
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
