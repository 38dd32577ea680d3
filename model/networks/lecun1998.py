"""What lenet5-1998 takes from the paper as data, without torch: the table of C3 and the codes of the outputs.

The paper (section II.B) chose bitmaps of 7 x 12 rather than random codes so that characters that look alike
have codes that are near to each other: a 0 differs from an 8 by a few pixels and from a 1 by many. Ink is +1,
background -1. The paper prints its bitmaps only as a small figure; these were drawn for this project.
"""

C3_TABLE: tuple[tuple[int, ...], ...] = (
    (0, 1, 2),
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 5),
    (0, 4, 5),
    (0, 1, 5),
    (0, 1, 2, 3),
    (1, 2, 3, 4),
    (2, 3, 4, 5),
    (0, 3, 4, 5),
    (0, 1, 4, 5),
    (0, 1, 2, 5),
    (0, 1, 3, 4),
    (1, 2, 4, 5),
    (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)
"""Table I of the paper: the maps of S2 that each of C3's sixteen maps is connected to (60 links)."""

DIGITS = """
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
..###..  ...#...  ..###..  ..###..  .....#.  .#####.  ..####.  #######  ..###..  ..###..
.##.##.  ..##...  .##.##.  .##.##.  ....##.  .##....  .##....  #....##  .##.##.  .##.##.
##...##  .###...  ##...##  ##...##  ...###.  ##.....  ##.....  .....##  ##...##  ##...##
##...##  ...#...  .....##  .....##  ..#.##.  ##.....  ##.....  ....##.  ##...##  ##...##
##...##  ...#...  ....##.  ....##.  .##.##.  #####..  #####..  ....##.  .##.##.  ##...##
##...##  ...#...  ...##..  ..###..  ##..##.  ....##.  ##..##.  ...##..  ..###..  .######
##...##  ...#...  ..##...  ....##.  #######  .....##  ##...##  ...##..  .##.##.  .....##
##...##  ...#...  .##....  .....##  ....##.  .....##  ##...##  ..##...  ##...##  .....##
.##.##.  ...#...  ##.....  ##...##  ....##.  ##..##.  .##.##.  ..##...  .##.##.  .##.##.
..###..  .#####.  #######  .#####.  ....##.  .####..  ..###..  ..##...  ..###..  .####..
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
"""
"""The digits 0 to 9 side by side, 7 x 12 pixels each, `#` for ink."""


def codes() -> list[list[float]]:
    """Ten codes of 84 values, each +1 (ink) or -1 (background), row by row from the top left."""
    rows = [row.split() for row in DIGITS.strip().splitlines()]
    return [[1.0 if pixel == "#" else -1.0 for row in rows for pixel in row[digit]] for digit in range(10)]
