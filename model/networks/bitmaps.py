"""The codes of lenet5-1998's output layer: ten digits drawn as bitmaps of 7 x 12.

The paper (section II.B) chose such bitmaps rather than random codes so that characters that look alike have
codes that are near to each other: a 0 differs from an 8 by a few pixels and from a 1 by many. Ink is +1,
background -1. The paper prints its bitmaps only as a small figure; these were drawn for this project.
"""

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
"""The digits 0 to 9 side by side, `#` for ink."""

WIDTH = 7
HEIGHT = 12


def bitmap(digit: int) -> list[str]:
    """The twelve rows of one digit, seven characters each."""
    return [row.split()[digit] for row in DIGITS.strip().splitlines()]


def codes() -> list[list[float]]:
    """Ten codes of 84 values, each +1 (ink) or -1 (background), row by row from the top left."""
    return [[1.0 if pixel == "#" else -1.0 for row in bitmap(digit) for pixel in row] for digit in range(10)]
