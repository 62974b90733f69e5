"""How workers share the unit tests: file by file, and exercise by exercise where a test is about one exercise."""

import re

import pytest

EXERCISE = re.compile(r"\[(?:.*-)?(\d\d\.\d+)(?:-.*)?\]$")  # as in test_constants_are_refused[0.0-01.1]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `--dist loadfile`: what is long because it holds every exercise is no longer one piece of work."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFileAndExercise(LoadFileScheduling):
        def _split_scope(self, nodeid):
            """The file, and the exercise if there is one: what belongs together runs in the same process."""
            exercise = EXERCISE.search(nodeid)
            return super()._split_scope(nodeid) + (f" {exercise[1]}" if exercise else "")

    return ByFileAndExercise(config, log)
