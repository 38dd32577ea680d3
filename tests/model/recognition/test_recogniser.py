"""From fields to answers: the same whatever computes, calibrated, checked, and without torch if it can be."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from model.checkpoints import checkpoint
from model.checkpoints.metadata import CHECKPOINTS
from model.engines import EngineError
from model.engines.device import DeviceError
from model.ink import NormalisedInk
from model.networks.family import PRESETS, log_posterior
from model.recognition import Recogniser
from model.recognition.recogniser import CHUNK
from tests.support import Digits

NAMES = list(PRESETS)
SHIPPED = sorted(path.stem for path in CHECKPOINTS.glob("*.safetensors"))


def some_fields(count: int = 5) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, 28, 28), dtype=np.uint8)


@pytest.mark.parametrize("name", NAMES)
def test_both_engines_give_the_same(name: str, exported: dict[str, Path]) -> None:
    onnx, reference = (Recogniser.load(exported[name], engine=engine) for engine in ("onnx", "torch"))
    assert (onnx.engine.name, reference.engine.name) == ("onnx", "torch")
    assert onnx.metadata == reference.metadata
    assert onnx.name == reference.name == name
    fields = some_fields(9)
    ours, theirs = onnx.score(fields), reference.score(fields)
    np.testing.assert_allclose(ours.probabilities, theirs.probabilities, atol=1e-5)
    np.testing.assert_allclose(ours.digit_score, theirs.digit_score, atol=1e-5)
    for field in fields[:2]:
        inside, expected = onnx.layers(field), reference.layers(field)
        assert list(inside) == list(expected) == ["input", "C1", "S2", "C3", "S4", "C5", "F6", "output"]
        for layer, values in inside.items():
            assert values.shape == expected[layer].shape
            np.testing.assert_allclose(values, expected[layer], rtol=1e-4, atol=1e-4)
    assert inside["C1"].shape == (6, 28, 28)
    assert inside["F6"].shape == (84,)


@pytest.mark.parametrize("engine", ["onnx", "torch"])
@pytest.mark.parametrize("name", ["lenet5", "lenet5-1998", "lenet5-relu"])
def test_answers_are_the_definitions(name: str, engine: str, exported: dict[str, Path]) -> None:
    recogniser = Recogniser.load(exported[name], engine=engine)
    loaded = checkpoint.load(exported[name])
    fields = some_fields()
    with torch.no_grad():
        given = torch.from_numpy(recogniser.network_input(fields))
        logits, features = loaded.network.features(given[:, None].float() / 255)
    probabilities = torch.softmax(logits / 1.5, 1)
    if loaded.digit_head is not None:
        score = torch.sigmoid(loaded.digit_head(features))
    elif name == "lenet5-1998":
        score = 1 - log_posterior(logits, 10.0)[:, 10].exp()
    else:
        score = probabilities.amax(1)
    recogniser.metadata = replace(recogniser.metadata, second_look=None)
    found = recogniser.score(fields)
    np.testing.assert_allclose(found.probabilities, probabilities.detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(found.digit_score, score.detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(found.probabilities.sum(1), 1, atol=1e-6)
    assert found.digits.tolist() == probabilities.argmax(1).tolist()
    np.testing.assert_array_equal(found.confidences, found.probabilities.max(1))
    assert found.probabilities.dtype == found.digit_score.dtype == np.float32


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_a_large_batch_gives_what_single_fields_give_in_order(engine: str, exported: dict[str, Path]) -> None:
    recogniser = Recogniser.load(exported["lenet5"], engine=engine)
    fields = some_fields(2 * CHUNK + 3)
    together = recogniser.score(fields)
    assert together.probabilities.shape == (len(fields), 10)
    for index in (0, 1, CHUNK - 1, CHUNK, len(fields) - 1):
        alone = recogniser.score(fields[index : index + 1])
        np.testing.assert_allclose(together.probabilities[index], alone.probabilities[0], atol=1e-5)
        np.testing.assert_allclose(together.digit_score[index], alone.digit_score[0], atol=1e-5)


@pytest.mark.parametrize("engine", ["onnx", "torch"])
@pytest.mark.parametrize("name", ["lenet5", "lenet5-1998", "lenet5-relu"])
def test_a_field_alone_is_answered_as_among_others(
    name: str, engine: str, exported: dict[str, Path], mnist: Digits
) -> None:
    recogniser = Recogniser.load(exported[name], engine=engine)
    fields = np.concatenate([some_fields(10), mnist.images[:40]])
    for certain in (None, 0.1, 0.2, 0.97):
        recogniser.metadata = replace(recogniser.metadata, second_look=certain, digit_offset=0.5)
        together = recogniser.score(fields)
        alone = [recogniser.score(field[None]) for field in fields]
        probabilities = np.concatenate([one.probabilities for one in alone])
        scores = np.concatenate([one.digit_score for one in alone])
        assert probabilities.dtype == scores.dtype == np.float32
        np.testing.assert_allclose(probabilities, together.probabilities, atol=1e-5)
        np.testing.assert_allclose(scores, together.digit_score, atol=1e-5)


def test_an_answer_is_not_overwritten_by_the_next(exported: dict[str, Path]) -> None:
    for engine in ("onnx", "torch"):
        recogniser = Recogniser.load(exported["lenet5"], engine=engine)
        first, second = some_fields(2)[:, None]
        logits, digit = recogniser.engine.run(first)
        assert digit is not None
        before = logits.copy(), digit.copy()
        recogniser.engine.run(second)
        np.testing.assert_array_equal(logits, before[0])
        np.testing.assert_array_equal(digit, before[1])


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_threads_that_ask_at_the_same_time_get_their_own_answers(
    engine: str, exported: dict[str, Path], mnist: Digits
) -> None:
    recogniser = Recogniser.load(exported["lenet5"], engine=engine)
    fields = mnist.images[:8]
    expected = recogniser.score(fields).probabilities

    def ask(index: int) -> float:
        answers = [recogniser.score(fields[index][None]).probabilities[0] for _ in range(200)]
        return float(np.abs(np.stack(answers) - expected[index]).max())

    with ThreadPoolExecutor(8) as threads:
        assert max(threads.map(ask, range(8))) < 1e-5


def test_no_fields_give_no_answers(exported: dict[str, Path]) -> None:
    found = Recogniser.load(exported["lenet5"]).score(some_fields(0))
    assert found.probabilities.shape == (0, 10)
    assert found.digit_score.shape == found.digits.shape == found.confidences.shape == (0,)


@pytest.mark.parametrize(
    "fields",
    [np.zeros((1, 32, 32), np.uint8), np.zeros((28, 28), np.uint8), np.zeros((1, 28, 28), np.float32)],
)
def test_fields_of_another_form_are_refused(fields: NDArray[np.uint8], exported: dict[str, Path]) -> None:
    with pytest.raises(ValueError, match=r"fields are uint8 \(n, 28, 28\), not"):
        Recogniser.load(exported["lenet5"]).score(fields)


def test_strided_fields_are_read_as_they_are(exported: dict[str, Path]) -> None:
    turned = some_fields().transpose(0, 2, 1)[:, ::-1]
    for engine in ("onnx", "torch"):
        recogniser = Recogniser.load(exported["lenet5"], engine=engine)
        np.testing.assert_allclose(
            recogniser.score(turned).probabilities,
            recogniser.score(np.ascontiguousarray(turned)).probabilities,
            atol=1e-6,
        )


def test_the_threshold_is_the_checkpoint_s_or_the_caller_s(exported: dict[str, Path]) -> None:
    recogniser = Recogniser.load(exported["lenet5"])
    ink = NormalisedInk(some_fields()[0], (0, 0, 28, 28), 1)
    (own,), (all_of_them,), (none) = (recogniser.answer([ink], accept) for accept in (None, 0.0, 1.0))
    assert own.is_digit is (own.digit_score >= recogniser.accept == 0.25)
    assert all_of_them.is_digit
    assert not none[0].is_digit


def test_the_torch_engine_leaves_torch_s_settings_alone(exported: dict[str, Path]) -> None:
    before = torch.backends.mkldnn.enabled, torch.get_num_threads(), torch.is_inference_mode_enabled()
    Recogniser.load(exported["lenet5"], engine="torch").score(some_fields())
    assert before == (
        torch.backends.mkldnn.enabled,
        torch.get_num_threads(),
        torch.is_inference_mode_enabled(),
    )


def test_several_threads_leave_torch_s_settings_alone(exported: dict[str, Path]) -> None:
    before = torch.backends.mkldnn.enabled
    recogniser = Recogniser.load(exported["lenet5"], engine="torch")
    expected = recogniser.score(some_fields()).probabilities
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: recogniser.score(some_fields()), range(200)))
    finally:
        sys.setswitchinterval(interval)
    assert torch.backends.mkldnn.enabled == before
    assert all(np.allclose(one.probabilities, expected, atol=1e-6) for one in found)


def test_errors_are_one_clear_line(exported: dict[str, Path], tmp_path: Path) -> None:
    for arguments, error, reason in (
        ({"engine": "tensorrt"}, EngineError, "no engine is called 'tensorrt'; say auto, torch, onnx"),
        ({"device": "gpu"}, DeviceError, "no device is called 'gpu'"),
        ({"device": "cuda:0", "engine": "onnx"}, DeviceError, "the onnx engine computes on the CPU"),
    ):
        with pytest.raises(error, match=reason):
            Recogniser.load(exported["lenet5"], **arguments)
    with pytest.raises(EngineError, match="the torch engine takes"):
        Recogniser.load(exported["lenet5"].with_suffix(".onnx"), engine="torch")
    for missing in (tmp_path / "a.safetensors", tmp_path / "a.onnx"):
        with pytest.raises(checkpoint.CheckpointError, match="there is no such file"):
            Recogniser.load(missing)


def test_starting_and_answering_on_onnx_does_not_import_torch(exported: dict[str, Path]) -> None:
    program = """
import sys
import numpy as np
from model.checkpoints.metadata import shipped
from model.recognition import Recogniser
shipped()
recogniser = Recogniser.load(sys.argv[1], device="cpu")
recogniser.score(np.zeros((2, 28, 28), np.uint8))
recogniser.layers(np.zeros((28, 28), np.uint8))
print(recogniser.engine.name, "torch" in sys.modules, "onnx" in sys.modules)
"""
    found = subprocess.run(
        [sys.executable, "-c", program, exported["lenet5"]], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["onnx", "False", "False"]


def without(packages: str, checkpoint: Path, engine: str) -> str:
    """What loading says where some packages are not installed."""
    program = f"""
import sys
sys.modules.update(dict.fromkeys({packages.split()!r}))
from model.recognition import Recogniser
try:
    print(Recogniser.load(sys.argv[1], engine=sys.argv[2]).engine.name)
except ValueError as error:
    print(error)
"""
    found = subprocess.run(
        [sys.executable, "-c", program, checkpoint, engine], capture_output=True, text=True, check=True
    )
    return found.stdout.strip()


@pytest.mark.slow
def test_an_engine_that_is_not_installed_is_done_without_or_named(
    exported: dict[str, Path], tmp_path: Path
) -> None:
    path = exported["lenet5"]
    assert without("torch", path, "auto") == "onnx"
    missing = "needs torch, which is not installed: pip install -e '.[torch]'"
    assert without("torch", path, "torch") == f"{path} {missing}"
    assert without("onnxruntime", path, "auto") == "torch"
    assert without("onnxruntime", path, "onnx").startswith("the onnx engine needs ONNX Runtime: pip install")
    alone = tmp_path / "alone.safetensors"
    alone.write_bytes(path.read_bytes())
    assert without("torch", alone, "auto") == (
        f"{alone} {missing}, or lay alone.onnx beside it (`python -m model export` writes it)"
    )
    assert without("torch onnxruntime", path, "auto") == f"{path} {missing}, or '.[onnx]'"


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_network_comes_with_its_onnx_file(name: str, mnist: Digits) -> None:
    """After new weights: `python -m model export NAME`."""
    onnx, reference = (Recogniser.load(name, device="cpu", engine=engine) for engine in ("onnx", "torch"))
    fields = mnist.images[:500]
    ours, theirs = onnx.score(fields), reference.score(fields)
    np.testing.assert_allclose(ours.probabilities, theirs.probabilities, atol=1e-5)
    np.testing.assert_allclose(ours.digit_score, theirs.digit_score, atol=1e-5)
