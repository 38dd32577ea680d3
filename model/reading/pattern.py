"""What a number is expected to look like: patterns such as `dddd`, `d{4,6}`, `d+.dd` or `dd/dd/dddd`.

`d` is a digit, and each of `. , - / :` is itself. A suffix says how often one of them occurs: `{n}`
or `{n,m}` times, `+` (once or more), `*` (any number of times) or `?` (once or not at all).
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

DIGITS = "0123456789"
MARKS = ".,-/:"
"""The marks that a number may hold besides its digits."""
USUAL = re.compile(r"-?\d+([.,]\d+)*|\d+(-\d+)+|\d+(/\d+)+|\d+(:\d+)+|")
"""The texts of usual numbers: digits with points and commas between them, perhaps after a minus, or with one
other kind of mark between them; or no text at all."""
LONGEST = 60
"""A pattern has places for at most this many digits and marks."""
State: TypeAlias = frozenset[int]
"""The places of a pattern that may come next."""
_ITEM = re.compile(r"(.)(?:\{(\d{1,3})(?:,(\d{1,3}))?\}|([+*?]))?", re.DOTALL)
_TIMES = {None: (1, 1, False), "?": (0, 1, False), "+": (1, 1, True), "*": (0, 1, True)}


class BadPattern(ValueError):
    """A pattern that is malformed, or that no reading can fit."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a pattern: the letters that may stand there, and whether it may be empty or repeat."""

    letters: str
    optional: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as a finite automaton: its states are sets of places."""

    places: tuple[Place, ...]

    @property
    def start(self) -> State:
        """The state before the first letter."""
        return self._closed([0])

    def after(self, state: State, letter: str) -> State:
        """The state after one more letter; empty if the letter does not fit."""
        on = [place for place in state if place < len(self.places) and letter in self.places[place].letters]
        again = [place for place in on if self.places[place].repeated]
        return self._closed([*(place + 1 for place in on), *again])

    def fits(self, state: State) -> bool:
        """Whether a text may end in a state."""
        return len(self.places) in state

    def accepts(self, text: str) -> bool:
        """Whether a whole text fits."""
        state = self.start
        for letter in text:
            state = self.after(state, letter)
        return self.fits(state)

    def _closed(self, places: list[int]) -> State:
        """The places, and those after them that are reached by skipping optional ones."""
        reached = set(places)
        for place, each in enumerate(self.places):
            if place in reached and each.optional:
                reached.add(place + 1)
        return frozenset(reached)


def read_pattern(text: str, marks: str = MARKS) -> Pattern:
    """Read a pattern; `marks` are the marks that readings may have.

    Raises:
        BadPattern: it is empty or too long, a count is wrong, or it holds what no reading has.
    """
    if not text:
        raise BadPattern("the pattern is empty: dddd, say, are four digits")
    places: list[Place] = []
    at = 0
    while at < len(text):
        item = _ITEM.match(text, at)
        letter = text[at] if item is None else item[1]
        if letter != "d" and letter not in marks:
            raise BadPattern(f"no reading has {letter!r} at {at + 1} of the pattern; {_has(marks)}")
        assert item is not None
        least, most, repeated = _TIMES[item[4]]
        if item[2] is not None:
            least, most = int(item[2]), int(item[3] or item[2])
            if most < max(least, 1):
                raise BadPattern(f"{item[0]!r} is a count that nothing has: {{n,m}} needs n <= m, and m > 0")
        letters = DIGITS if letter == "d" else letter
        if len(places) + most > LONGEST:
            raise BadPattern(f"the pattern is longer than the {LONGEST} digits and marks that are read")
        places += [Place(letters, count >= least, repeated) for count in range(most)]
        at = item.end()
    if not any(place.letters == DIGITS for place in places):
        raise BadPattern("the pattern has no digit: d stands for one")
    return Pattern(tuple(places))


def _has(marks: str) -> str:
    signs = f", {' '.join(marks)} themselves" if marks else " (marks are ignored)"
    return f"d stands for a digit{signs}, and {{n}}, {{n,m}}, +, * and ? say how often"
