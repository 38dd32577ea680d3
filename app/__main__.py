"""`python -m app` serves; `python -m app --settings` prints what can be set."""

import logging
import os
import sys

from app.settings import Settings, SettingsError, table, unknown_variables

USAGE = "usage: python -m app [--settings]"


def main(arguments: list[str]) -> int:
    """Do what the command line asks; gives the exit status."""
    if arguments == ["--settings"]:
        print(table())
        return 0
    if arguments:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        settings = Settings.read()
    except SettingsError as error:
        print(f"digits: {error}", file=sys.stderr)
        return 2
    return _serve(settings)


def _serve(settings: Settings) -> int:
    # The heavy parts are imported late, so that a wrong setting is told at once.
    from app import logs
    from app.server import serve

    logs.configure(settings.log_format, settings.log_level)
    for name in unknown_variables(os.environ):
        logging.getLogger("digits").warning("%s is set, but there is no such setting", name)
    status = serve(settings)
    logging.shutdown()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
