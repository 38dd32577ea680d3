"""From pixels to probabilities, usable without HTTP; this package never imports `app`."""
