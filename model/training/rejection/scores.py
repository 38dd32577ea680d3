"""Ways to tell digits from what is none, each a score (n,) that is higher for what looks more like a digit.

Logits are (n, 10), features F6's activations (n, 84), labels (n,) 0 to 9 or -1 for what is no digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from model.checkpoints.checkpoint import Checkpoint
from model.checkpoints.metadata import Metadata
from model.recognition.recogniser import digit_logit, score_of
from model.recognition.second_look import look_again
from model.training.data import NO_DIGIT
from model.training.evaluation.calibration import Floats, Labels, probabilities
from model.training.evaluation.inference import BATCH, fit_size

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Responses:
    """What a network gives for n fields: logits (n, 10), F6 (n, 84), the digit head's logits (n,) or None."""

    logits: NDArray[np.float32]
    features: NDArray[np.float32]
    head: NDArray[np.float32] | None

    def take(self, index: NDArray[np.integer] | NDArray[np.bool_]) -> Responses:
        """The responses to the fields of `index`."""
        head = None if self.head is None else self.head[index]
        return Responses(self.logits[index], self.features[index], head)


@torch.inference_mode()
def respond(loaded: Checkpoint, images: NDArray[np.uint8], device: torch.device) -> Responses:
    """Run a network and its digit head over fields (n, 28, 28) uint8, white ink on black, as it is served.

    What is looked at again has the mean of its features, too, as every score is made of both.
    """
    network = loaded.network.to(device)
    head = None if loaded.digit_head is None else loaded.digit_head.to(device)

    def run(images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits (n, 10); features and, if there is a head, its logits in one array (n, 84 or 85)."""
        logits, beside = [], []
        for start in range(0, len(images), BATCH):
            fields = torch.from_numpy(images[start : start + BATCH])[:, None].to(device).float() / 255
            found, f6 = network.features(fit_size(fields, network.preset.input_size))
            logits.append(found.float().cpu().numpy())
            columns = [f6] if head is None else [f6, head(f6)[:, None]]
            beside.append(torch.cat(columns, dim=1).float().cpu().numpy())
        return np.concatenate(logits), np.concatenate(beside)

    logits, beside = run(images)
    features = beside.shape[1] - (head is not None)
    if loaded.metadata.second_look is not None:
        logits, again = look_again(images, logits, beside, run, loaded.metadata.second_look)
        beside = beside if again is None else again
    return Responses(logits, beside[:, :features], None if head is None else beside[:, features])


def served_score(responses: Responses, metadata: Metadata) -> Scores:
    """The digit score that the service gives, in [0, 1] and of single precision: see `Recogniser`."""
    score = score_of(digit_logit(responses.logits, responses.head, metadata), metadata)
    return np.asarray(score.astype(np.float32).astype(np.float64))


def highest_probability(logits: Floats, temperature: float = 1.0) -> Scores:
    """The largest of the softmax's probabilities (Hendrycks and Gimpel 2017, section 3)."""
    return np.asarray(probabilities(logits, temperature).max(axis=1))


def energy(logits: Floats, temperature: float = 1.0) -> Scores:
    """Minus the free energy, T log sum_k exp(z_k / T) (Liu et al. 2020, equation 4)."""
    return np.asarray(temperature * logsumexp(logits.astype(np.float64) / temperature, axis=1))


def rubbish_odds(logits: Floats, rubbish: float) -> Scores:
    """Log-odds of the ten digits against the rubbish class of constant penalty j, for logits -y.

    LeCun et al. 1998, equation 9: log(sum_k e^-y_k / e^-j); its sigmoid is 1 - P(rubbish).
    """
    return energy(logits) + rubbish


@dataclass(frozen=True, slots=True)
class ClassDistances:
    """Gaussians over F6, one a class, with one covariance for all (Lee et al. 2018, section 2.1).

    `means` (10, d); `whitening` (d, r): its product with its transpose is the inverse of the covariance.
    """

    means: NDArray[np.float64]
    whitening: NDArray[np.float64]

    @property
    def numbers(self) -> int:
        """How many numbers are kept beside the network: the means, and the covariance's upper triangle."""
        size = int(self.means.shape[1])
        return self.means.size + size * (size + 1) // 2

    @classmethod
    def fit(cls, features: Floats, labels: Labels) -> ClassDistances:
        """From features (n, d) of digits and their labels; directions without any spread are left out."""
        wide = features.astype(np.float64)
        classes = np.unique(labels)
        means = np.stack([wide[labels == label].mean(axis=0) for label in classes])
        deviations = wide - means[np.searchsorted(classes, labels)]
        variances, directions = np.linalg.eigh(deviations.T @ deviations / len(wide))
        some = variances > 1e-9 * variances[-1]
        return cls(means, directions[:, some] / np.sqrt(variances[some]))

    def score(self, features: Floats) -> Scores:
        """Minus the squared Mahalanobis distance to the nearest class mean (equation 2 there)."""
        white = features.astype(np.float64) @ self.whitening
        centres = self.means @ self.whitening
        squares = (white**2).sum(1)[:, None] - 2 * white @ centres.T + (centres**2).sum(1)
        return np.asarray(-squares.min(axis=1))


@dataclass(frozen=True, slots=True)
class BackgroundUnit:
    """An eleventh logit beside the ten, linear in F6: a background class, as object detectors have it.

    It costs 85 parameters: 84 `weights` and a `bias`. The ten stay as they are, so that the unit's
    cross-entropy over eleven classes is that of a logistic regression whose offset is the energy.
    """

    weights: NDArray[np.float64]
    bias: float

    @property
    def parameters(self) -> int:
        """How many numbers the unit adds to the network."""
        return len(self.weights) + 1

    @classmethod
    def fit(cls, responses: Responses, labels: Labels, decay: float = 1e-4) -> BackgroundUnit:
        """From responses to digits and to other things, both sides counting the same.

        `decay` weighs the squares of the weights over features scaled to a deviation of 1.
        """
        digit = labels != NO_DIGIT
        weights = np.where(digit, 0.5 / digit.sum(), 0.5 / (~digit).sum())
        wide = responses.features.astype(np.float64)
        centre, spread = wide.mean(axis=0), np.maximum(wide.std(axis=0), 1e-6)
        scaled = (wide - centre) / spread
        offset = energy(responses.logits)
        sign = np.where(digit, 1.0, -1.0)

        def loss(x: Scores) -> tuple[float, Scores]:
            odds = sign * (offset - scaled @ x[:-1] - x[-1])
            slope = weights * sign * expit(-odds)
            gradient = np.append(scaled.T @ slope + 2 * decay * x[:-1], slope.sum())
            return float(weights @ np.logaddexp(0, -odds) + decay * x[:-1] @ x[:-1]), gradient

        start = np.append(np.zeros(wide.shape[1]), offset.mean())
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
        return cls(found[:-1] / spread, float(found[-1] - found[:-1] @ (centre / spread)))

    def odds(self, responses: Responses) -> Scores:
        """Log-odds of the ten digits against the background: energy minus the eleventh logit."""
        eleventh = responses.features.astype(np.float64) @ self.weights + self.bias
        return np.asarray(energy(responses.logits) - eleventh)
