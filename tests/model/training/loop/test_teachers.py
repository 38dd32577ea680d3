import pytest

from model.training.loop.teachers import Teacher, teachers_of


def test_a_teacher_is_of_all_sources_or_of_one() -> None:
    assert Teacher.parse("best.safetensors") == Teacher("best.safetensors")
    assert Teacher.parse("mnist=runs/a=b/best.safetensors") == Teacher("runs/a=b/best.safetensors", "mnist")
    assert Teacher.parse("runs/lr=0.1/best.safetensors") == Teacher("runs/lr=0.1/best.safetensors")


@pytest.mark.parametrize("asked", ["best.safetensors", "mnist=runs/big/best.safetensors", "a.npz=b", "=b"])
def test_a_teacher_is_written_as_it_was_asked_for(asked: str) -> None:
    assert str(Teacher.parse(asked)) == asked


def test_a_source_has_its_own_teachers_or_those_of_all() -> None:
    sources = ["mnist", "train", "pieces-train"]
    assert teachers_of(["a", "b"], sources) == [["a", "b"]] * 3
    assert teachers_of(["a", "mnist=b", "mnist=c"], sources) == [["b", "c"], ["a"], ["a"]]
    assert teachers_of(["train.npz=a"], sources) == [[], ["a"], []]
    assert teachers_of([], sources) == [[], [], []]


@pytest.mark.parametrize("source", ["minst", "train.npy", ""])
def test_a_teacher_of_no_source_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=f"no source '{source}': choose from mnist, train"):
        teachers_of(["a", f"{source}=b"], ["mnist", "train"])
