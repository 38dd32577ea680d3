"""The service: HTTP around `model`. `python -m app` starts it, and ends with one of these statuses."""

EXIT_START, EXIT_USAGE, EXIT_DEAD = 1, 2, 70
"""It cannot start; the command line, or a setting, is wrong; the inference thread has died, and whoever
supervises starts the process anew."""
