"""`python -m tests.gpu`: compares a GPU with the CPU, and measures it, in under five minutes; needs CUDA.

Every preset answers MNIST's first test images on both, one by one and together, and through the service's
batches; what differs by more than `CLOSE` is named, and the status is 1. Then it prints images a second
against the size of a batch.
"""

import asyncio
import sys
import time

import numpy as np

from app.batcher import Batcher
from model.ink import NormalisedInk
from model.networks.presets import PRESETS
from model.recognition import Answer, Recogniser
from tests.support import mnist_test

IMAGES = 2000
CLOSE = 1e-3
"""How far probabilities may be apart: a GPU adds in another order, and by TF32 where it is allowed."""
SIZES = (1, 4, 16, 64, 256, 1024, 4096)


def compare(device: str) -> list[str]:
    """What each preset says differently on a device, in a line."""
    images = mnist_test().images[:IMAGES]
    inks = [NormalisedInk(image, (0.0, 0.0, 28.0, 28.0), 1) for image in images[:64]]
    wrong = []
    for name in PRESETS:
        here, there = (Recogniser.load(name, each, "torch") for each in ("cpu", device))
        plain = here.score(images).probabilities
        alone = np.concatenate([there.score(image[None]).probabilities for image in images[:64]])
        found = {"together": (there.score(images).probabilities, plain), "one by one": (alone, plain[:64])}
        batched = [answer.probabilities for answer in asyncio.run(through_the_batcher(there, inks))]
        found["batcher"] = (np.array(batched), np.array([each.probabilities for each in here.answer(inks)]))
        for way, (one, other) in found.items():
            apart = float(np.abs(one - other).max())
            print(f"{name}, {way}: at most {apart:.1e} apart")
            if not apart <= CLOSE:
                wrong.append(f"{name}, {way}: {apart}")
    return wrong


async def through_the_batcher(recogniser: Recogniser, inks: list[NormalisedInk]) -> list[Answer]:
    """The answers to inks that come one by one, on the service's inference thread."""
    batcher = Batcher()
    batcher.start()
    try:
        return [
            (await call)[0]
            for call in [asyncio.ensure_future(batcher.answer(recogniser, [ink])) for ink in inks]
        ]
    finally:
        await batcher.stop()


def throughput(device: str) -> None:
    """Print images a second for each size of a batch."""
    recogniser = Recogniser.load("lenet5", device, "torch")
    images = np.resize(mnist_test().images, (max(SIZES), 28, 28))
    for size in SIZES:
        recogniser.score(images[:size])
        end, done, start = time.perf_counter() + 2, 0, time.perf_counter()
        while time.perf_counter() < end:
            recogniser.score(images[:size])
            done += size
        print(f"batches of {size:>4}: {done / (time.perf_counter() - start):>9,.0f} images/s")


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "cuda"
    different = compare(wanted)
    throughput(wanted)
    sys.exit("\n".join(different))
