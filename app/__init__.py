"""The service: HTTP around `model`. `python -m app` starts it, and ends with one of these statuses."""

EXIT_START, EXIT_USAGE, EXIT_DEAD = 1, 2, 70
"""EXIT_START: the service cannot start. EXIT_USAGE: the command line or a setting is wrong. EXIT_DEAD: the
inference thread has died, and the supervisor should start the process anew."""
