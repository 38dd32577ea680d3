"""Yardstick: the FastAPI endpoint that does nothing: it takes the upload and answers a constant."""

import sys

import uvicorn
from fastapi import FastAPI, UploadFile
from pydantic import BaseModel

ANSWER = {"digit": 7, "confidence": 1.0, "probabilities": [0.0] * 7 + [1.0, 0.0, 0.0]}

app = FastAPI()


class Drawing(BaseModel):
    """A drawing as FastAPI would take it."""

    strokes: list[list[list[float]]]


@app.post("/predict")
async def predict(image: UploadFile) -> dict[str, object]:
    """Take an image, and do nothing with it."""
    return ANSWER


@app.post("/predict/strokes")
async def predict_strokes(drawing: Drawing) -> dict[str, object]:
    """Take a drawing, and do nothing with it."""
    return ANSWER


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
