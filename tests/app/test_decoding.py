import asyncio
import tracemalloc

import numpy as np

from app.decoding import Decoder
from app.settings import Settings
from model.ink import InkError
from tests.support import encoded


def test_a_refused_image_of_a_batch_keeps_none_of_its_pixels() -> None:
    decoder = Decoder(Settings.read())
    blank = encoded(np.full((2000, 3000), 200, np.uint8))
    try:
        asyncio.run(decoder.images([blank], 28))  # what is made once and kept is made here
        tracemalloc.start()
        found = asyncio.run(decoder.images([blank] * 12, 28))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        decoder.stop()
    assert len(found) == 12
    assert all(isinstance(error, InkError) for error in found)
    assert kept < 1_000_000
