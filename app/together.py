"""Bodies of small requests to the network's input, all that came together at a time."""

import math
from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from app.decoding import SMALL_POINTS, Decoder, Strokes
from app.errors import Refusal
from app.multipart import lone_image
from app.routes.predict import bounded
from app.schemas import drawing, plain_strokes
from app.settings import Settings
from model.ink import InkError, NormalisedInk
from model.ink.fields import FieldReader, are_fields
from model.ink.normalise import normalise_pixels, normalise_sheets
from model.ink.sheet import Sheet
from model.ink.strokes import Drawing, Drawings, read

MOST_POINTS = 2500
"""With more points than this there are enough drawings for once."""

MOST_CANVASES = 10
"""More canvases would take the event loop too long (some 3 ms), ..."""

MOST_CANVAS_PIXELS = MOST_CANVASES * 280 * 280
"""... and so would larger ones with more pixels than those have."""

_NO_INK = 0
"""Pieces of ink of what has no field."""


class Together:
    """Takes the bodies of some requests in, one by one, and gives the fields of all of them.

    What it gives is what `Decoder` gives of each by itself. A body without a field, whatever the reason, has
    no place among them: what is to be said of it is for others to say. Nor has one that may be seen in two
    ways.

    Args:
        decoder: Does what cannot be done together.
        settings: Has the bounds.
        most: Bodies at a time.
    """

    def __init__(self, decoder: Decoder, settings: Settings, most: int) -> None:
        self._decoder = decoder
        self._settings = settings
        self._most = most
        self._reader = FieldReader(most)
        self.begin()

    def begin(self) -> None:
        """Begin anew."""
        self._pieces: list[int] = []
        self._pictures: list[int] = []  # places of pictures that are yet to be looked at
        self._canvases: dict[int, tuple[bytes, Sheet]] = {}  # and of canvases, and their files
        self._canvas_pixels = 0
        self._drawings: dict[int, Drawing] = {}  # and of drawings that are yet to be drawn
        self._points = 0

    @property
    def full(self) -> bool:
        """Whether no more should be added."""
        if len(self._pieces) >= self._most or self._points > MOST_POINTS:
            return True
        return len(self._canvases) >= MOST_CANVASES or self._canvas_pixels >= MOST_CANVAS_PIXELS

    def add_image(self, content_type: bytes, body: bytes) -> bool:
        """Take a body with an image in; False if it is none that can be done at once."""
        image = body if content_type.startswith(b"image/") else lone_image(content_type, body)
        if image is None:
            return False
        place = len(self._pieces)
        if self._reader.read(place, image):
            self._pictures.append(place)
            self._pieces.append(_NO_INK)
            return True
        sheet = self._decoder.sheet_at_once(image)
        if sheet is not None:
            self._canvases[place] = image, sheet
            self._canvas_pixels += math.prod(sheet.shape)
            self._pieces.append(_NO_INK)
            return True
        try:
            return self._add(self._decoder.image_at_once(image))
        except InkError:
            return False

    def add_strokes(self, content_type: bytes, body: bytes) -> bool:
        """Take a body with a drawing in; False if it is none that can be done at once."""
        if content_type != b"application/json":
            return False
        strokes = plain_strokes(body)
        try:
            flat = None if strokes is None else read(cast(Strokes, strokes))
        except InkError:
            return False
        if flat is None:
            return self._add_unusual(body)
        points, settings = len(flat.points), self._settings
        if points > min(SMALL_POINTS, settings.max_points) or len(flat.lengths) > settings.max_strokes:
            return False
        self._points += points
        self._drawings[len(self._pieces)] = flat
        self._pieces.append(_NO_INK)
        return True

    def _add_unusual(self, body: bytes) -> bool:
        """Take in a drawing with pressure, say."""
        try:
            strokes = bounded(drawing(body).strokes, self._settings)
            return self._add(self._decoder.strokes_at_once(strokes))
        except (InkError, Refusal):
            return False

    def finish(self) -> tuple[Sequence[int], list[int], NDArray[np.uint8]]:
        """Of all bodies with a field their numbers, in the order added, their pieces, and their fields.

        The fields (n, 28, 28) are good until the next ones are taken in.
        """
        self._look()
        self._normalise()
        self._draw()
        fields = self._reader.pictures
        if _NO_INK not in self._pieces:
            return range(len(self._pieces)), self._pieces, fields[: len(self._pieces)]
        good = [place for place, pieces in enumerate(self._pieces) if pieces != _NO_INK]
        return good, [self._pieces[place] for place in good], fields[good]

    def _add(self, ink: NormalisedInk | None) -> bool:
        if ink is None or ink.other is not None:
            return False
        self._pieces.append(_NO_INK)
        self._put(len(self._pieces) - 1, ink)
        return True

    def _put(self, place: int, ink: NormalisedInk) -> None:
        self._reader.pictures[place] = ink.field
        self._pieces[place] = ink.pieces

    def _look(self) -> None:
        """Leave the pictures that are fields as they are; normalise the others."""
        if not self._pictures:
            return
        pictures = self._reader.pictures
        for place, is_field in zip(
            self._pictures, are_fields(pictures[self._pictures]).tolist(), strict=True
        ):
            if is_field:
                self._pieces[place] = 1
                continue
            try:
                ink = normalise_pixels(pictures[place].copy())
            except InkError:
                continue
            if ink.other is None:
                self._put(place, ink)

    def _normalise(self) -> None:
        """Normalise the canvases: those with one piece of ink together, the others by themselves."""
        if not self._canvases:
            return
        inks = normalise_sheets([sheet for _, sheet in self._canvases.values()])
        for (place, (image, _)), quick in zip(self._canvases.items(), inks, strict=True):
            try:
                ink = quick or self._decoder.image_at_once(image)
            except InkError:
                continue
            if ink is not None and ink.other is None:
                self._put(place, ink)

    def _draw(self) -> None:
        """Draw the drawings."""
        if not self._drawings:
            return
        together = Drawings(list(self._drawings.values()))
        self._reader.pictures[list(self._drawings)] = together.fields()
        for place, pieces in zip(self._drawings, together.pieces(), strict=True):
            self._pieces[place] = pieces
