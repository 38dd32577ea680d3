"""The usual demo: FastAPI, Pillow, eager torch, everything as it comes. The network is this project's."""

import io
import sys

import numpy as np
import torch
import uvicorn
from fastapi import FastAPI, UploadFile
from PIL import Image, ImageOps

from model.checkpoints import checkpoint
from model.checkpoints.metadata import locate

app = FastAPI()
network = checkpoint.load(locate("lenet5")).network
network.eval()


@app.post("/predict")
async def predict(image: UploadFile) -> dict[str, object]:
    """Recognise a digit as most demos do: grey, 28x28, black background, softmax."""
    picture: Image.Image = Image.open(io.BytesIO(await image.read()))
    if picture.mode == "RGBA":
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture)
    picture = picture.convert("L").resize((28, 28))
    if np.array(picture)[0, 0] > 127:
        picture = ImageOps.invert(picture)
    fields = torch.tensor(np.array(picture), dtype=torch.float32).reshape(1, 1, 28, 28) / 255
    with torch.no_grad():
        probabilities = torch.softmax(network(fields), dim=1)[0]
    digit = int(probabilities.argmax())
    return {
        "digit": digit,
        "confidence": float(probabilities[digit]),
        "probabilities": probabilities.tolist(),
    }


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]))
