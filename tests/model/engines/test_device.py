"""Which device computes."""

import pytest
import torch

from model.engines.device import DeviceError, accelerator_in_sight, choose_device, parse_device

HAS_CUDA = torch.cuda.is_available()
HAS_MPS = torch.backends.mps.is_available()


def test_the_cpu_is_given_when_asked_for() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device(" CPU ") == torch.device("cpu")


def test_auto_takes_the_best_there_is() -> None:
    assert choose_device("auto").type == ("cuda" if HAS_CUDA else "mps" if HAS_MPS else "cpu")


@pytest.mark.parametrize("wish", ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "cpu:0", "cuda:0 ; rm", "xpu"])
def test_what_is_no_device_is_refused_by_its_name(wish: str) -> None:
    for function in (choose_device, parse_device):
        with pytest.raises(DeviceError) as caught:
            function(wish)
        assert str(caught.value).startswith(f"no device is called {wish!r}")


@pytest.mark.parametrize("wish", ["cuda", "cuda:0", "cuda:99", "mps"])
def test_a_device_asked_for_is_given_or_refused_never_replaced(wish: str) -> None:
    there = (wish in ("cuda", "cuda:0") and HAS_CUDA) or (wish == "mps" and HAS_MPS)
    if there:
        assert choose_device(wish) == torch.device(wish)
    else:
        with pytest.raises(DeviceError, match=f"^{wish} was asked for, but") as caught:
            choose_device(wish)
        assert "\n" not in str(caught.value)


def test_an_accelerator_that_torch_finds_is_in_sight() -> None:
    assert accelerator_in_sight() or choose_device("auto").type == "cpu"
