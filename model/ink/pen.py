"""The pen that strokes are drawn with, and what it takes: `strokes` and `drawings` hold to the same."""

PEN_WIDTH = 2.5
"""(field pixels): it gives the median `frame.stroke_width` of MNIST, 2.4."""

SPACING = 0.35
"""The pen is set down this often (field pixels): between two of its round prints lies less than a
hundredth of a pixel of the straight edge that they stand for."""

MOST_PRINTS = 4_000
"""A scribble longer than this many prints covers the field several times over; it gets no more of them."""

MOST_POINTS = 20_000
"""No drawing has more."""

FARTHEST = 1e9
"""No coordinate is larger (units sent)."""

LEAST_SPAN = 1e-12
"""A drawing smaller than this (units sent) is a dot."""

LEAST_WAY = 1e-6
"""A stroke shorter than this (field pixels) is a dot, and a length may fall short of one more print by such a
share of one: lengths that are whole numbers of prints are common, and rounding must not decide there."""
