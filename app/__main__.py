"""`python -m app` serves, as `digits serve` does; `--settings` prints what can be set."""

import logging
import os
import sys
from argparse import ArgumentParser

from app import EXIT_START, EXIT_USAGE
from app.settings import Settings, SettingsError, table, unknown_variables


def main(arguments: list[str]) -> int:
    """Do what the command line asks, and return the exit status."""
    parser = ArgumentParser("digits serve", description="Serve where DIGITS_HOST and DIGITS_PORT say.")
    parser.add_argument("--settings", action="store_true", help="print what can be set, and end")
    if parser.parse_args(arguments).settings:
        print(table())
        return 0
    try:
        settings = Settings.read()
    except SettingsError as error:
        print(f"digits: {error}", file=sys.stderr)
        return EXIT_USAGE
    return run(settings)


def run(settings: Settings) -> int:
    """Serve until told to stop, and return the exit status."""
    # One thread computes; the other cores are for other requests. numpy's linear algebra would start a thread
    # for each core, and on busy cores these wait for one another. numpy reads the variable on import.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    # The heavy parts are imported late, so that a wrong setting is reported at once.
    from app import logs
    from app.workers import listen, supervise

    logs.configure(settings.log_format, settings.log_level)
    log = logging.getLogger("digits")
    for name in unknown_variables(os.environ):
        log.warning("%s is set, but there is no such setting", name)
    try:
        listener = listen(settings)
        if settings.workers > 1:
            return supervise(settings, listener)
        from app.server import serve

        return serve(settings, listener)
    except OSError as error:
        log.critical("cannot listen on %s:%d: %s", settings.host, settings.port, error.strerror or error)
        return EXIT_START
    finally:
        logging.shutdown()


def digits() -> None:
    """Run the console script: `digits serve`, and the commands of `python -m model`."""
    from model.cli import main as run_command

    if sys.argv[1:2] == ["serve"]:
        sys.exit(main(sys.argv[2:]))
    run_command("digits", {"serve": "Serve the page and the API; --settings prints what can be set."})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
