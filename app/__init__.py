"""The service: HTTP around `model`. `python -m app` starts it, and ends with one of these statuses."""

EXIT_START = 1
"""The service cannot start."""

EXIT_USAGE = 2
"""The command line, or a setting, is wrong."""

EXIT_DEAD = 70
"""The inference thread has died: whoever supervises starts the process anew."""
