"""A function that prints is heard once or twice, and not for each of a check's inputs."""

import pytest

from course import check
from course.lesson.printed import MOST_LINES, few_prints


def test_a_few_lines_are_shown_as_they_are(capsys):
    with few_prints():
        print("one")
        print("two", end="")
    assert capsys.readouterr().out == "one\ntwo\n"


@pytest.mark.parametrize("more", [1, 30])
def test_many_lines_are_counted(more, capsys):
    with few_prints():
        for n in range(MOST_LINES + more):
            print("line", n)
    *shown, last = capsys.readouterr().out.splitlines()
    assert shown == [f"line {n}" for n in range(MOST_LINES)]
    assert f"and {more} more line" in last


def test_what_was_printed_before_an_exception_is_shown(capsys):
    with pytest.raises(KeyboardInterrupt), few_prints():
        print("still here")
        raise KeyboardInterrupt
    assert capsys.readouterr().out == "still here\n"


def test_a_check_is_not_drowned_by_what_the_answer_prints(capsys):
    def answer(*inputs):
        print("called with", len(inputs))
        return inputs[0]

    check("20.6", answer)
    lines = capsys.readouterr().out.splitlines()
    called = [line for line in lines if line.startswith("called with")]
    assert 1 <= len(called) <= MOST_LINES
    assert any("Exercise 20.6" in line for line in lines)
