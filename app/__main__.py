"""`python -m app` serves; `python -m app --settings` prints what can be set."""

import logging
import os
import sys

from app.listener import SharedListener
from app.settings import Settings, SettingsError, table, unknown_variables

USAGE = "usage: python -m app [--settings]"


def main(arguments: list[str]) -> int:
    """Do what the command line asks; gives the exit status."""
    match arguments:
        case ["--settings"]:
            print(table())
            return 0
        case []:
            shared = None
        case ["--listener", number, "--supervisor", pid] if number.isdigit() and pid.isdigit():
            shared = SharedListener(int(number), int(pid))  # how the supervisor starts one
        case _:
            print(USAGE, file=sys.stderr)
            return 2
    try:
        settings = Settings.read()
    except SettingsError as error:
        print(f"digits: {error}", file=sys.stderr)
        return 2
    return _run(settings, shared)


def _run(settings: Settings, shared: SharedListener | None) -> int:
    # The heavy parts are imported late, so that a wrong setting is told at once.
    from app import logs

    logs.configure(settings.log_format, settings.log_level)
    log = logging.getLogger("digits")
    if shared is None:
        for name in unknown_variables(os.environ):
            log.warning("%s is set, but there is no such setting", name)
    try:
        if settings.workers > 1:
            from app.supervisor import Supervisor

            return Supervisor(settings).run()
        from app.server import serve

        return serve(settings, shared)
    except OSError as error:
        log.critical("cannot listen on %s:%d: %s", settings.host, settings.port, error.strerror or error)
        return 1
    finally:
        logging.shutdown()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
