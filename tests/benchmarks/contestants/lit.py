"""LitServe, with this project's preprocessing and network behind it, batching as its guide shows."""

import sys
from typing import Any, cast

import litserve
import numpy as np
from fastapi import Request, UploadFile
from numpy.typing import NDArray

from model.ink import normalise_image
from model.recognition import Recogniser


class Digits(litserve.LitAPI):  # type: ignore[misc] # LitServe is not there when types are checked
    """The same work in LitServe's four steps."""

    def setup(self, device: str) -> None:
        self.recogniser = Recogniser.load("lenet5", device="cpu")

    def decode_request(self, request: Request) -> NDArray[np.uint8]:
        # With this annotation LitServe hands over the form that the request carries.
        image = cast(dict[str, UploadFile], request)["image"]
        return normalise_image(image.file.read()).field

    def predict(self, fields: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        return list(self.recogniser.score(np.asarray(fields)).probabilities)

    def unbatch(self, output: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        return output

    def encode_response(self, probabilities: NDArray[np.float32]) -> dict[str, Any]:
        digit = int(probabilities.argmax())
        return {
            "digit": digit,
            "confidence": float(probabilities[digit]),
            "probabilities": probabilities.astype(float).tolist(),
        }


if __name__ == "__main__":
    api = Digits(max_batch_size=64, batch_timeout=0.002)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        num_api_servers=1,
        log_level="warning",
        generate_client_file=False,
    )
