import json

from model.training.loop.records import Record, Validation, best


def record(number: int, *nlls: float) -> Record:
    parts = {f"part {i}": Validation(0.9, nll, 1.1, 0.5 if i else None) for i, nll in enumerate(nlls)}
    return Record(number, 0.25, 0.875, 1e-3, 2.5, parts)


def test_a_record_comes_back_from_json() -> None:
    one = record(3, 0.1, 0.2)
    assert Record.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_the_best_pass_has_the_least_likelihood_loss_over_all_parts() -> None:
    assert best([record(1, 0.3, 0.1), record(2, 0.1, 0.2), record(3, 0.1, 0.5)]) == 1


def test_the_first_of_equal_passes_is_kept() -> None:
    assert best([record(1, 0.1), record(2, 0.1)]) == 0


def test_a_line_for_people() -> None:
    line = str(record(7, 0.125, 0.5))
    assert line.startswith("pass   7  loss 0.2500  training 87.500%")
    assert "part 0 90.000% NLL 0.1250  " in line
    assert "part 1 90.000% NLL 0.5000 AUC 0.5000" in line


def test_a_likelihood_that_rounding_made_negative_is_nothing() -> None:
    assert "NLL 0.0000  " in str(record(1, -1e-9))
