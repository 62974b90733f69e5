"""An exercise that asks for something else than it once did: an answer to the former task is judged
wrong in words that say why, and what was done stays done.
"""

import torch

from course.exercises import exercises
from course.judging.judge import State, judge
from course.lesson import progress
from course.lesson.check import check


def with_temperature(logits, temperature):
    """What exercise 22.1 asked for before it asked for min-p."""
    if temperature == 0:
        return torch.nn.functional.one_hot(logits.argmax(), len(logits)).float()
    return (logits / temperature).softmax(dim=0)


def test_an_answer_to_the_former_task_is_told_what_it_is_called_with():
    verdict = judge(exercises()["22.1"], with_temperature)
    assert verdict.state == State.NOT_YET
    (words,) = verdict.lines
    assert "could not be called as the exercise asks" in words
    assert "with_temperature() takes 2 positional arguments but 3 were given" in words


def test_one_that_takes_min_p_for_the_temperature_is_named():
    verdict = judge(exercises()["22.1"], lambda z, a, b: with_temperature(z, a or 1))
    assert verdict.state == State.NOT_YET and "Is min_p a temperature?" in verdict.mistake


def test_what_was_done_stays_done(tmp_path, monkeypatch):
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path))
    monkeypatch.setattr(progress, "_session", {})
    progress.note("22.1", right=True)
    check("22.1", with_temperature)
    assert progress.state("22.1") == progress.DONE
