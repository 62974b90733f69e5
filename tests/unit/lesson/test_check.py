"""check, hint, solution: right words for every kind of answer, no exception, and nothing left
behind.
"""

import json
import random
import re
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from course.answers.read_answer import Odd, kind_of, read, show, shown_whole
from course.answers.time_limit import TooSlow, run_within
from course.exercises import UnknownExercise, exercises
from course.judging.compare import Tolerance, difference
from course.judging.exercise import SEED, Exercise
from course.judging.judge import State, judge
from course.lesson import hints, progress
from course.lesson.check import check
from course.lesson.hints import hint, solution
from course.lesson.tried import tried

ROOT = Path(__file__).resolve().parents[3]
CLOSE = Tolerance(1e-3, 1e-6)


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    """A new learner in a plain script."""
    monkeypatch.setenv("GLASSBOX_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("utils.pictures.html_panels.get_ipython", lambda: None)
    progress._session.clear()
    hints._given.clear()


@pytest.fixture
def primes():
    """An exercise whose results are large primes, easy to find in a message."""

    def nth(place, scale):
        """Give the prime at this place."""
        return [7919, 104729, 1299709][place]

    made = Exercise("99.1", nth, 1, ("a", "b"), 1e-3, 1e-6)
    made.inputs(lambda rng: ((place, 1.5) for place in (0, 1, 2)))
    made.wrong("One too high?")(lambda place, scale: nth(place, scale) + 1)
    return made


def said(capsys):
    return capsys.readouterr().out


def same(some, others):
    """Whether the arguments are equal; functions count as equal."""
    return all(
        torch.equal(one, other) if isinstance(one, torch.Tensor) else callable(one) or one == other
        for one, other in zip(some, others, strict=True)
    )


def softmax(z, temperature):
    return torch.softmax(z / temperature, dim=-1)


# Reading what a learner gives


class LyingInt(int):
    __eq__ = lambda self, other: True  # noqa: E731
    __hash__ = int.__hash__


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (3, 3),
        (-15.999999999999996, -15.999999999999996),
        (np.float32(0.5), 0.5),
        (np.int64(4), 4),
        (np.bool_(True), True),
        (np.array(2.5), 2.5),
        (torch.tensor(2), 2),
        (torch.tensor(0.5, requires_grad=True), 0.5),
        ([torch.tensor(1), 2], [1, 2]),
        ("text", "text"),
        (None, None),
        ((1, (torch.tensor(2.0),)), [1, [2.0]]),
    ],
)
def test_plain_answers_are_read(value, plain):
    assert read(value) == plain and type(read(value)) is type(plain)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros(3), "a numpy array"),
        ({"a": 1}, "a dictionary"),
        (LyingInt(3), "an object of the type LyingInt"),
        (torch.zeros(2).to_sparse(), "a sparse or quantized tensor"),
        (torch.zeros(2, dtype=torch.complex64), "a tensor of complex numbers"),
        (1j, "an object of the type complex"),
        (softmax, "an object of the type function"),
    ],
)
def test_odd_answers_are_named(value, words):
    assert read(value) == Odd(words)


def test_a_list_that_holds_itself_is_read():
    endless: list = []
    endless.append(endless)
    assert "a huge list" in str(read(endless))


def test_what_is_read_is_a_copy():
    buffer = torch.zeros(3)
    kept = read(buffer)
    buffer.fill_(7)
    assert kept.tolist() == [0, 0, 0]


def test_methods_put_on_an_instance_are_not_called():
    tensor = torch.zeros(3)
    tensor.detach = tensor.clone = lambda: torch.ones(3)
    assert read(tensor).tolist() == [0, 0, 0]


def test_show_keeps_floats_floats_and_texts_short():
    assert show(torch.tensor([[2.0, 0.123456]])) == "torch.tensor([[2.0, 0.1235]])"
    assert show(torch.tensor([1, 2])) == "torch.tensor([1, 2])"
    assert show(torch.zeros(4, 5)) == "a tensor of shape (4, 5), values from 0.0 to 0.0"
    assert len(show("x" * 500)) == 60 and show(list(range(50))).endswith("11, …]")
    assert show(float("inf")) == "inf" and show(1e20) == "1e+20" and show(-3.0) == "-3.0"


# Comparing


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        (-16.0, -15.999999999999996),
        (0.5, 0.5004),
        (4.0, 4),
        (1e-20, 1.0005e-20),
        (torch.tensor([1.0, 1e-9]), torch.tensor([1.0, 0.0])),  # far below the largest: rounding
        (torch.tensor([1e-7, 2e-7]), torch.tensor([1e-7, 2e-7], dtype=torch.float64)),
        ([1, 2], [1, 2]),
        (float("nan"), float("nan")),
        (torch.tensor([float("inf"), 1.0]), torch.tensor([float("inf"), 1.0])),
    ],
)
def test_equal_enough(expected, given):
    assert difference(expected, given, CLOSE) == ""


@pytest.mark.parametrize(
    ("expected", "given", "words"),
    [
        (0.5, 0.5011, "close, but further off than rounding"),
        (0.0044, 0.0056, "too large"),  # an absolute tolerance of 0.01 would let it pass
        (0.0, 1e-9, "too large"),
        (-2.0, -3.0, "too small"),
        (float("inf"), 3.0, "too small"),
        (1.0, float("nan"), "NaN"),
        (1.0, float("-inf"), "infinity"),
        pytest.param(1.0, 10**400, "infinity", id="too large for a float"),
        pytest.param(float("nan"), -(10**400), "infinity", id="too small for a float"),
        pytest.param(2, 10**400, "It gives 1000", id="a huge whole number"),
        (1.0, True, "True or False; a number"),
        (2, 2.0, "a number (float); a whole number (int)"),
        (2, 3, "It gives 3, and that is not it"),
        (1.0, torch.tensor([1.0]), "a tensor of shape (1,); a single number"),
        (1.0, "1.0", "a text; a number"),
        ("a", "b", "It gives 'b'"),
        (torch.zeros(2, 3), torch.zeros(3, 2), "shape (3, 2); (2, 3) was expected"),
        (
            torch.zeros(2),
            torch.zeros(2, dtype=torch.int64),
            "whole numbers (torch.int64); floating-point",
        ),
        (
            torch.zeros(2, dtype=torch.int64),
            torch.zeros(2),
            "floating-point numbers (torch.float32); whole",
        ),
        (torch.zeros(2), torch.zeros(2, dtype=torch.bool), "True and False (torch.bool)"),
        (torch.zeros(2), torch.zeros(2, dtype=torch.float16), "too coarse"),
        (torch.zeros(2), torch.zeros(2, device="meta"), "on the device meta"),
        (torch.zeros(2), 0.0, "a number (float); a tensor"),
        (
            torch.tensor([[1.0, 2.0]]),
            torch.tensor([[1.0, 2.1]]),
            "It gives 2.1 at index (0, 1): too large",
        ),
        (torch.tensor([1e-3, 1e-3]), torch.tensor([1e-3, 2e-3]), "at index 1: too large"),
        (torch.ones(3), torch.tensor([2.0, 1.0, float("nan")]), "at index 2"),
        (torch.tensor([float("inf"), 1.0]), torch.tensor([5.0, 1.0]), "at index 0"),
        # a formula that comes close at one place is not a matter of rounding
        (
            torch.tensor([1.0, 2.0]),
            torch.tensor([1.005, 3.0]),
            "It gives 3.0 at index 1: too large",
        ),
        (torch.tensor([1.0, 2.0]), torch.tensor([1.005, 2.0]), "1.005 at index 0: close, but"),
        ([1, 2, 3], [1, 2], "[1, 2] ends too early"),
        ([1], [1, 2], "goes on for too long"),
        ([1, 2], [1, 5], "At place 1 of the list (the first is 0): it gives 5"),
        ([1, 2], (1, 3), "At place 1 of the list"),
        (torch.tensor([1, 50_000]), torch.tensor([1, 50_001]), "It gives 50001 at index 1"),
        (1, (1,), "a list; a whole number"),
        ([1], None, "`return`"),
    ],
)
def test_differences_have_their_own_words(expected, given, words):
    assert words in difference(expected, read(given), CLOSE)


# Judging


def test_the_three_states(primes):
    assert judge(primes, primes.reference).state == State.RIGHT
    assert judge(primes, lambda place, scale: place).state == State.NOT_YET
    for untouched in (None, ..., lambda place, scale: None):
        assert judge(primes, untouched).state == State.NOT_STARTED


def test_an_empty_function_is_not_started_whatever_its_form():
    def bare(z, temperature): ...

    def with_task(z, temperature):
        """The task."""
        ...

    def passes(z, temperature):
        pass

    def gives_dots(z, temperature):
        return ...

    for stub in (bare, with_task, passes, gives_dots):
        assert judge(exercises()["01.1"], stub).state == State.NOT_STARTED


def test_a_constant_and_a_forgotten_return_are_a_start():
    def constant(z, temperature):
        """The task."""
        return 5

    def forgotten(z, temperature):
        softmax(z, temperature)

    assert judge(exercises()["01.1"], constant).state == State.NOT_YET
    assert "`return`" in judge(exercises()["01.1"], forgotten).lines[0]


def test_messages_never_hold_an_expected_whole_number(primes):
    for given in (
        lambda p, s: 5,
        lambda p, s: [5],
        lambda p, s: None,
        lambda p, s: 1 / 0,
        lambda p, s: torch.ones(2),
    ):
        said = " ".join(judge(primes, given).lines)
        assert not re.search("7919|104729|1299709", said), said


def test_a_hint_is_given_only_if_every_input_fits(primes):
    def wrong_once(place, scale):
        return primes.reference(place, scale) + (place == 1)

    assert judge(primes, lambda place, scale: primes.reference(place, scale) + 1).lines == (
        "One too high?",
    )
    verdict = judge(primes, wrong_once)
    assert (
        "104730" in verdict.lines[0] and verdict.lines[1] == "The input was place = 1; scale = 1.5."
    )


def test_what_has_been_read_keeps_its_words():
    class Mine:
        pass

    once = read(Mine())
    assert "Mine" in kind_of(once) and read(once) == once


@pytest.mark.parametrize("places", [{3}, {0, 9}, {1, 2, 5}])
def test_of_two_mistakes_the_main_one_is_named_and_the_other_one_shown(places):
    def square(n):
        """Give the square of n."""
        return n * n

    squares = Exercise("99.2", square, 1, ("a", "b"), 1e-3, 1e-6)
    squares.inputs(lambda rng: ((n,) for n in range(11)))
    squares.wrong("Doubled?")(lambda n: 2 * n + 100)
    squares.wrong("One too high?")(lambda n: n * n + 1)
    lines = judge(squares, lambda n: -1000 if n in places else n * n + 1).lines
    first = f"The input was n = {min(places)}."
    if len(places) < 3:  # of eleven, all of which fail
        assert lines == (
            "One too high?",
            "That is not all:",
            "It gives -1000, and that is not it.",
            first,
        )
    else:
        assert "One too high?" not in lines
    half_right = judge(squares, lambda n: n * n if n in places else n * n + 1).lines
    assert "One too high?" not in half_right and half_right[-1].startswith("The input was n = ")


def test_the_first_input_that_fails_is_shown(primes):
    assert (
        judge(primes, lambda place, scale: 7919).lines[1] == "The input was place = 1; scale = 1.5."
    )


@pytest.mark.parametrize("exercise_id", ["01.3", "05.3", "10.2", "22.2"])
def test_the_call_in_the_message_makes_the_very_input_that_failed(exercise_id):
    exercise, failed = exercises()[exercise_id], []

    def answer(*args):
        if failed or all(shown_whole(read(one)) for one in args):
            return exercise.reference(*args)
        failed.append(args)
        return "wrong"

    *_, call = judge(exercise, answer).lines
    names: dict = {}
    exec(call.removeprefix("To have it: "), names)
    made = [names[parameter] for parameter in exercise.parameters]
    assert same(failed[0], made)
    assert not any(one is failed[0][0] for one in made)


def test_a_short_input_needs_no_call_and_a_teachers_seed_is_not_given_away():
    for exercise_id, seed in (("06.1", SEED), ("10.2", 7)):
        _, shown = judge(exercises()[exercise_id], lambda *args: "wrong", seed=seed).lines
        assert shown.startswith("The input was ")


def test_an_input_that_is_not_there_is_refused_in_a_sentence():
    many = len(exercises()["10.2"].cases())
    with pytest.raises(ValueError, match=f"number 0 to {many - 1}; {many} was given"):
        tried("10.2", many)
    with pytest.raises(ValueError, match="asks for a value"):
        tried("02.4", 0)
    with pytest.raises(UnknownExercise):
        tried("99.9", 0)


def test_methods_and_callable_objects_are_functions_too():
    class Softmax(torch.nn.Module):
        def forward(self, z, temperature):
            return softmax(z, temperature)

    for function in (Softmax(), Softmax().forward, lambda z, temperature: softmax(z, temperature)):
        assert judge(exercises()["01.1"], function).state == State.RIGHT


@pytest.mark.parametrize("mode", [True, False])
def test_gradients_on_or_off_make_no_difference(mode):
    with torch.set_grad_enabled(mode):
        assert judge(exercises()["02.1"], torch.nn.functional.cross_entropy).state == State.RIGHT
        assert torch.is_grad_enabled() == mode


def test_each_call_gets_inputs_of_its_own():
    def spoils(z, temperature):
        right = softmax(z, temperature)
        z.zero_()
        return right

    assert "changed its input z" in judge(exercises()["01.1"], spoils).lines[0]
    assert judge(exercises()["01.1"], softmax).state == State.RIGHT


def test_random_numbers_go_on_as_if_nothing_had_happened():
    def states():
        return random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()

    def draws(z, temperature):
        random.random(), np.random.rand(), torch.rand(3)
        torch.manual_seed(99)
        return softmax(z, temperature)

    before = states()
    assert judge(exercises()["01.1"], draws).state == State.RIGHT
    assert states() == before


def test_an_exception_in_a_helper_shows_the_helpers_line():
    def helper(z):
        return z.no_such_method()

    said = judge(exercises()["01.1"], lambda z, temperature: helper(z)).lines[0]
    assert "`return z.no_such_method()`" in said and "AttributeError" in said


def test_an_exception_in_a_library_shows_the_line_that_called_it():
    def calls(z, temperature):
        return json.loads("no json")

    assert '`return json.loads("no json")`' in judge(exercises()["01.1"], calls).lines[0]


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit(), RecursionError("deep")])
def test_what_is_raised_is_shown_whatever_it_is(error):
    def fails(z, temperature):
        raise error

    assert type(error).__name__ in judge(exercises()["01.1"], fails).lines[0]


def test_an_exception_that_cannot_be_shown_is_named():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def fails(z, temperature):
        raise Mute

    assert "Mute: (its message cannot be shown)" in judge(exercises()["01.1"], fails).lines[0]


def test_an_interruption_by_the_learner_interrupts(capsys):
    def interrupted(z, temperature):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("01.1", interrupted)


# The time limit


def loop():
    while True:
        pass


def torch_loop():
    while True:
        torch.ones(1)


def bare_except():
    while True:
        try:  # noqa: SIM105
            time.sleep(0.001)
        except:  # noqa: E722
            pass


def nested_excepts():
    while True:
        try:
            while True:
                try:  # noqa: SIM105
                    torch.ones(1)
                except:  # noqa: E722
                    pass
        except:  # noqa: E722
            continue
        finally:
            time.sleep(0.001)


@pytest.mark.parametrize("endless", [loop, torch_loop, bare_except, nested_excepts])
def test_endless_loops_stop(endless):
    # it ends: how soon after its time is the machine's affair
    verdict = judge(exercises()["01.1"], lambda z, temperature: endless(), seconds=0.3)
    assert verdict.state == State.NOT_YET
    assert "Too slow: it had not come back after 0.3 seconds of work" in verdict.lines[0]


def test_too_slow_for_all_inputs_together():
    def slow(z, temperature):
        until = time.process_time() + 0.05
        while time.process_time() < until:
            pass
        return softmax(z, temperature)

    assert "(input " in judge(exercises()["01.1"], slow, seconds=0.3).lines[0]
    assert judge(exercises()["01.1"], slow, seconds=30).state == State.RIGHT


def test_waiting_is_no_work_and_ends_too(monkeypatch):
    """Who sleeps, or shares a busy machine, is given more time on the clock; not for ever."""
    assert run_within(0.1, lambda: time.sleep(0.25)) is None
    with pytest.raises(TooSlow):
        run_within(0.1, lambda: [time.sleep(0.02) for _ in range(10_000)])


def test_cleaning_up_is_done_when_time_is_up():
    done = []

    def careful():
        try:
            loop()
        finally:
            done.append(sum(range(1000)))

    with pytest.raises(TooSlow):
        run_within(0.1, careful)
    assert done == [499500]


def test_what_the_function_gives_or_raises_comes_back():
    assert run_within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        run_within(5, lambda: 1 / 0)


def test_nothing_is_thrown_after_the_function_is_back(monkeypatch, request):
    """Functions that end just when time is up: whoever wins, nothing arrives later, and no thread
    stays.
    """
    monkeypatch.setattr("course.answers.time_limit._EVERY", 1e-4)
    monkeypatch.setattr("course.answers.time_limit._POLITE", 2)
    monkeypatch.setattr("course.answers.time_limit._LEAST", 1e-4)
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-4)  # or the watchdog would have to wait for its turn too long
    threads, came = threading.active_count(), {True: 0, False: 0}
    for number in range(600):

        def quick(end=0.0005 * (number % 7)):
            until = time.process_time() + end
            while time.process_time() < until:
                pass
            return 7

        try:
            assert run_within(0.001, quick) == 7
            came[True] += 1
        except TooSlow:
            came[False] += 1
        for _ in range(100):
            pass
    assert min(came.values()) > 0 and threading.active_count() == threads
    assert sys.gettrace() is None or "coverage" in str(sys.gettrace())


SCRIPT = """
from course.lesson import hints, progress
from course.lesson.check import check
import course.judging.judge as judging
judging.judge.__defaults__ = (0.3, *judging.judge.__defaults__[1:])

def endless(z, temperature):
    while True:
        pass

check("01.1", endless)
check("01.1", lambda z, temperature: (z / temperature).softmax(-1))
check("01.1")
print("after")
"""


def test_a_plain_script_elsewhere_sees_the_same(tmp_path):
    variables = {"PYTHONPATH": str(ROOT), "GLASSBOX_DATA": str(tmp_path / "data")}
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, "script.py"]
    environment = {**__import__("os").environ, **variables}
    out = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", timeout=120
    )
    assert out.returncode == 0, out.stderr
    assert "Exercise 01.1: not yet" in out.stdout and "Too slow" in out.stdout
    assert "Exercise 01.1: right" in out.stdout and 'check("01.1", softmax_at)' in out.stdout
    assert out.stdout.rstrip().endswith("after")


def test_a_kernel_sees_the_same_and_goes_on(tmp_path, monkeypatch):
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    cells = [SCRIPT, "check('01.1', lambda z, t: z.nothing())", "print(6 * 7)"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    first, second, third = (cell.outputs for cell in notebook.cells)
    assert "Too slow" in first[0].data["text/plain"] and "<div" in first[0].data["text/html"]
    assert "Exercise 01.1: right" in first[1].data["text/plain"]
    assert (
        "in line 1" in second[0].data["text/plain"]
        and "AttributeError" in second[0].data["text/plain"]
    )
    assert third[0].text == "42\n"


# The words around it


def test_check_says_what_it_says_in_text_and_in_html(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(
        "course.lesson.say.show_html", lambda html, text: shown.append((html, text))
    )
    check("01.1", lambda z, temperature: z < temperature)
    check("01.1", softmax)
    for html, text in shown:
        plain = (
            re.sub("<[^>]*>", " ", html)
            .replace("&lt;", "<")
            .replace("&quot;", '"')
            .replace("&#x27;", "'")
        )
        assert plain.split() == text.split()
        assert "background" in html and "aria-label" in html
    assert shown[0][1].startswith("✎ Exercise 01.1: not yet\n") and 'hint("01.1")' in shown[0][1]
    assert shown[1][1].startswith("✓ Exercise 01.1: right\n")


def test_html_of_a_learner_is_escaped(monkeypatch):
    shown = []
    monkeypatch.setattr(
        "course.lesson.say.show_html", lambda html, text: shown.append((html, text))
    )

    def fails(z, temperature):
        raise ValueError("<script>alert(1)</script>")

    check("01.1", fails)
    ((html, text),) = shown
    assert "<script>" in text and "<script>" not in html and "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("01.9", "There is no exercise '01.9'; did you mean 01.1"),
        ("zzz", "ids look like 01.1"),
        ("softmax_at", "did you mean 01.1?"),
        ("2.1", "There is no exercise '2.1'; did you mean 02.1?"),
        ("3.04", "There is no exercise '3.04'; did you mean 03.4?"),
        (1.1, "in quotation marks"),
        (softmax, "in quotation marks"),
        (None, "in quotation marks"),
        ([], "in quotation marks"),
    ],
)
def test_unknown_ids_get_a_sentence(id, words, capsys):
    for function in (
        lambda: check(id, softmax),
        lambda: check(id),
        lambda: hint(id),
        lambda: solution(id),
    ):
        function()
        assert words in said(capsys)


def test_check_alone_says_how_to_call_it(capsys):
    check("02.4")
    assert said(capsys) == 'To check exercise 02.4: check("02.4", answer_02_4)\n'


def test_a_value_is_checked(capsys):
    check("02.4", ...)
    assert "not started" in said(capsys)
    check("02.4", lambda: 5.37)
    assert "asks for a value" in said(capsys)
    check("02.4", 5.4)
    assert "Exercise 02.4: right" in said(capsys)
    check("02.4", 12.5)
    assert "too large" in said(capsys)
    check("02.4", float("nan"))
    assert "NaN" in said(capsys)


def test_a_mistake_of_the_course_is_said_and_not_raised(monkeypatch, capsys):
    def broken(exercise, answer):
        raise RuntimeError("oh")

    monkeypatch.setattr("course.lesson.check.judge", broken)
    check("01.1", softmax)
    out = said(capsys)
    assert "The check itself failed" in out and "RuntimeError: oh" in out


def test_prints_of_the_learner_are_seen(capsys):
    def talks(z, temperature):
        print("shape", tuple(z.shape))
        return softmax(z, temperature)

    check("01.1", talks)
    assert "shape (1, 3)" in said(capsys)


# Hints and solutions


def test_each_call_gives_one_more_hint(capsys):
    steps = exercises()["01.1"].hints
    for number, step in enumerate(steps, 1):
        hint("01.1")
        out = said(capsys)
        assert f"hint {number} of {len(steps)}" in out and step in out
        assert ("That was the last one" in out) == (number == len(steps))
    hint("01.1")
    assert steps[-1] in said(capsys)
    hint("01.2")
    assert "hint 1 of" in said(capsys)


def test_the_solution_is_shown_after_an_attempt_or_on_insisting(capsys):
    solution("01.1")
    out = said(capsys)
    assert "not tried yet" in out and "return" not in out
    check("01.1", lambda z, temperature: None)
    solution("01.1")
    assert "return powers" not in said(capsys)
    solution("01.1", insist=True)
    assert "return powers / powers.sum" in said(capsys)
    check("01.1", lambda z, temperature: z)
    said(capsys)
    solution("01.1")
    out = said(capsys)
    assert "def softmax_at(" in out and "return powers / powers.sum" in out
