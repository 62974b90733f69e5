"""For the unit tests: how workers share them, and what a worker loads once.

They are shared file by file, and exercise by exercise where a test is about one exercise.
"""

import re

import pytest

from utils import load

# as in test_constants_are_refused[0.0-01.1]
EXERCISE = re.compile(r"\[(?:.*-)?(\d\d\.\d+)(?:-.*)?\]$")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `--dist loadfile`: what is long because it holds every exercise is no longer one piece
    of work.
    """
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFileAndExercise(LoadFileScheduling):
        def _split_scope(self, nodeid):
            """The file, and the exercise if there is one: what belongs together runs in the same
            process.
            """
            exercise = EXERCISE.search(nodeid)
            return super()._split_scope(nodeid) + (f" {exercise[1]}" if exercise else "")

    return ByFileAndExercise(config, log)


@pytest.fixture(scope="session")
def smollm2():
    """The real model and its tokenizer, the same for all tests of a worker: who edits it puts back
    what was there.
    """
    model, tok = load("smollm2")
    before = [float(parameter.detach().sum()) for parameter in model.parameters()]
    yield model, tok
    assert [float(parameter.detach().sum()) for parameter in model.parameters()] == before
    assert (
        not any(parameter.grad is not None for parameter in model.parameters())
        and not model.training
    )
