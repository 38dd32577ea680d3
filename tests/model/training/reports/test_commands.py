from typing import Any

from model.training.loop.settings import CORRECTING, Settings
from model.training.reports.commands import command


def test_the_command_names_what_is_not_a_default() -> None:
    settings = Settings("lenet5-mnist", seed=3, passes=9, learning_rate=0.004, mix_distort=True,
                        teachers=("/somewhere/runs/big/best.safetensors",
                                  "mnist=/somewhere/runs/wide/best.safetensors"))  # fmt: skip
    assert command(settings) == (
        "python -m model train --preset lenet5-mnist --data DIR --seed 3 --passes 9 --lr 0.004 "
        "--teacher runs/big/best.safetensors --teacher mnist=runs/wide/best.safetensors --mix-distort"
    )
    assert (
        command(Settings("lenet5-relu"))
        == "python -m model train --preset lenet5-relu --data DIR --passes 30"
    )


def test_the_command_of_a_run_that_learned_from_corrections() -> None:
    settings = Settings("lenet5", init="lenet5", corrections="/somewhere/c.db", distort="none",
                        teachers=("mnist=lenet5",), digit_weight=0.5, **_but_distort())  # fmt: skip
    assert command(settings) == (
        "python -m model train --preset lenet5 --data DIR --passes 3 --distort none --teacher mnist=lenet5 "
        "--init lenet5 --corrections c.db --digit-weight 0.5 --digit-teacher-weight 0.0"
    )


def _but_distort() -> dict[str, Any]:
    return {name: value for name, value in CORRECTING.items() if name != "distort"}
