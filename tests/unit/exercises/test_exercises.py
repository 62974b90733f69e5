"""Every exercise is proven: right answers pass, and each typical wrong answer is refused with its
own hint.

`pytest -s tests/unit/exercises/test_exercises.py -k kill_matrix` prints the matrix. Where several
workers share the tests, all those of an exercise go to the same one (conftest.py), so that each
declared answer runs once on each seed.
"""

import ast
import re
from functools import partial

import numpy as np
import pytest
import torch
from chapter_imports import by_number, imported

from course import exercises as package
from course.answers.read_answer import read, show
from course.building.chapter import EXERCISE
from course.building.exercise_cells import exercise_of, learner_cell, solved_cell
from course.exercises import exercises, of_chapter
from course.judging import judge as judging
from course.judging.exercise import SEED, Exercise
from course.judging.exercise_source import reference, stub
from course.judging.judge import State, _apart, _outcomes, verdict

CHAPTERS = by_number()
ALL = list(exercises().values())
FUNCTIONS = [one for one in ALL if one.parameters]
SEEDS = (SEED, 1, 2)
# seconds: a busy machine takes more than a lesson's ten to import what an answer is the first to
#     use
PATIENCE = 200.0
judge = partial(judging.judge, seconds=PATIENCE)
each = pytest.mark.parametrize("exercise", ALL, ids=lambda one: one.id)
each_function = pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda one: one.id)

LEAVE_THEM = "    # Leave the inputs as they are."


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """For the declared answers, too."""
    monkeypatch.setattr(judging, "SECONDS", PATIENCE)


def answer(exercise: Exercise, function):
    """What a learner would give to check: the function, or its value where a value is asked for."""
    return function if exercise.parameters else function()


def results(exercise: Exercise):
    """What the reference gives on each input."""
    return [read(exercise.reference(*args)) for args in exercise.cases()]


def exact(value):
    """A value as plain data to compare: of a tensor its kind, its shape and every number to the
    last bit.
    """
    data = read(value)
    if isinstance(data, torch.Tensor):
        return data.dtype, data.shape, data.numpy().tobytes()
    return [exact(item) for item in data] if isinstance(data, list) else str(data)


def leaves(data) -> list:
    """The numbers and tensors of a result, which may be a list of them."""
    return (
        [leaf for one in data for leaf in leaves(one)] if isinstance(data, list | tuple) else [data]
    )


def each_leaf(change, data):
    """The same result with every number and tensor changed."""
    return (
        [each_leaf(change, one) for one in data] if isinstance(data, list | tuple) else change(data)
    )


def altered(exercise: Exercise, change):
    """An answer that alters each number and tensor of the right result."""
    return lambda *args: each_leaf(change, exercise.reference(*args))


def refused(exercise: Exercise, given) -> str:
    verdict = judge(exercise, given)
    assert verdict.state == State.NOT_YET, verdict
    return "\n".join(verdict.lines)


def test_the_exercises_of_a_chapter_are_counted_from_one():
    for chapter in {one.chapter for one in ALL}:
        found = of_chapter(chapter)
        assert [one.id for one in found] == [
            f"{chapter}.{number}" for number in range(1, len(found) + 1)
        ]
    assert package.exercises() is package.exercises()


def test_the_chapters_with_cells_for_exercises_are_those_that_have_exercises():
    shown = {
        chapter.number
        for chapter in CHAPTERS.values()
        if any(EXERCISE in cell.tags for cell in chapter.cells)
    }
    assert len(shown) > 1 and shown == {one.chapter for one in ALL}


# Declarations


@each
def test_enough_right_and_wrong_answers_inputs_and_hints(exercise):
    assert len(exercise.also_rights) >= 2 and len(exercise.wrongs) >= 5 and len(exercise.hints) >= 2
    assert len({wrong.hint for wrong in exercise.wrongs}) == len(exercise.wrongs)
    assert 1 <= exercise.minutes <= 30
    assert not exercise.parameters or len(exercise.cases()) >= 10


@each
def test_inputs_are_seeded(exercise):
    def shown(seed):
        return [exact(value) for args in exercise.cases(seed) for value in args]

    assert shown(20) == shown(20)
    assert not exercise.parameters or shown(20) != shown(1)


@each_function
def test_another_seed_asks_for_other_results(exercise):
    """Answers that are learnt by heart from one class are worth little in another one."""
    ours, theirs = (_outcomes(exercise, exercise.reference, seed) for seed in (1, 2))
    assert len(ours) == len(theirs) and len(_apart(exercise, ours, theirs)) > len(ours) / 2


@each_function
def test_no_argument_is_constant(exercise):
    for place, name in enumerate(exercise.parameters):
        if not callable(exercise.cases()[0][place]):
            assert len({str(args[place]) for args in exercise.cases()}) > 3, name


@each_function
def test_expected_results_vary_and_are_finite(exercise):
    found = results(exercise)
    assert len({str(one) for one in found}) > len(found) / 3
    for leaf in leaves(found):
        assert torch.as_tensor(leaf, dtype=torch.float64).isfinite().all()


# The kill matrix


@each
@pytest.mark.parametrize("seed", SEEDS)
def test_right_answers_pass(exercise, seed):
    for function in (exercise.reference, *exercise.also_rights):
        assert judge(exercise, answer(exercise, function), seed=seed).state == State.RIGHT, (
            function.__name__
        )


@each
def test_kill_matrix(exercise):
    """Each mistake gets its own hint: from `judge`, as in a lesson, and on the inputs of other
    seeds.
    """
    survivors = []
    for wrong in exercise.wrongs:
        verdicts = [judge(exercise, answer(exercise, wrong.answer))]
        verdicts += [
            verdict(exercise, _outcomes(exercise, wrong.answer, seed), seed) for seed in SEEDS[1:]
        ]
        own = all(
            (one.state, one.mistake, one.lines[0]) == (State.NOT_YET, wrong.hint, wrong.hint)
            for one in verdicts
        )
        name = wrong.answer.__name__.strip("_")
        print(f"{exercise.id}  {'own hint' if own else 'SURVIVES or other hint':22}  {name}")
        survivors += [] if own else [(name, verdicts)]
    assert not survivors


@each
def test_wrong_answers_change_an_input_only_where_that_is_the_mistake(exercise):
    def changing(seed):
        return {
            wrong
            for wrong in exercise.wrongs
            if any(case.changed for case in _outcomes(exercise, wrong.answer, seed))
        }

    meant = {wrong for wrong in exercise.wrongs if wrong.changes_input}
    assert [changing(seed) for seed in SEEDS] == [meant] * len(SEEDS)


# The regression list: leaks that were seen in other courses' tests


def survivors(exercise_id, function):
    return judge(exercises()[exercise_id], function).state == State.RIGHT


def test_softmax_that_ignores_the_axis_or_takes_the_global_maximum_is_refused():
    assert not survivors("01.1", lambda z, t: torch.softmax(z / t, dim=0))
    assert not survivors("01.1", lambda z, t: torch.softmax((z / t).flatten(), 0).view_as(z))
    assert not survivors(
        "01.1",
        lambda z, t: (z / t - (z / t).max()).exp() / (z / t - (z / t).max()).exp().sum(-1)[:, None],
    )


def test_unstable_cross_entropy_is_refused():
    assert not survivors(
        "02.1", lambda z, t: (z.exp().sum(-1).log() - z[torch.arange(len(t)), t]).mean()
    )


# What is wrong everywhere


class Equal:
    """Says yes to everything."""

    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    def __float__(self):
        return 1.0

    def __getattr__(self, name):
        return lambda *args, **kwargs: self


class LyingTensor(torch.Tensor):
    def __eq__(self, other):
        return torch.ones_like(torch.Tensor(self), dtype=torch.bool)

    def __format__(self, spec):
        raise RuntimeError("formatted")


@each_function
def test_an_always_equal_object_is_refused_by_its_type(exercise):
    assert "an object of the type Equal" in refused(exercise, lambda *args: Equal())


@each_function
def test_a_tensor_subclass_is_refused_by_its_type(exercise):
    lies = altered(exercise, lambda leaf: torch.as_tensor(leaf).as_subclass(LyingTensor))
    assert "a subclass of torch.Tensor (LyingTensor)" in refused(exercise, lies)


@each_function
@pytest.mark.parametrize("constant", [0, 0.0, 1.0, "text", [], [0], True, -1e30])
def test_constants_are_refused(exercise, constant):
    assert re.search(
        "[Ii]t gives|ends too early|goes on for too long", refused(exercise, lambda *args: constant)
    )


@each_function
def test_zeros_of_the_right_shape_are_refused(exercise):
    refused(exercise, altered(exercise, lambda leaf: leaf * 0))


@each_function
def test_returned_inputs_are_refused(exercise):
    for place in range(len(exercise.parameters)):
        refused(exercise, lambda *args, place=place: args[place])
    refused(exercise, lambda *args: args)


@each_function
def test_none_says_that_return_is_missing(exercise):
    def forgets(*args):
        exercise.reference(*args)

    assert "(None)" in refused(exercise, forgets) and "`return`" in refused(exercise, forgets)


@each_function
def test_a_changed_input_is_named_even_if_the_result_is_right(exercise):
    for place, name in enumerate(exercise.parameters):
        if isinstance(exercise.cases()[0][place], torch.Tensor):

            def changes(*args, place=place):
                right = exercise.reference(*args)
                args[place].logical_not_()  # changes numbers of every kind, and True and False
                return right

            assert f"changed its input {name}." in refused(exercise, changes)
        if isinstance(exercise.cases()[0][place], list):

            def appends(*args, place=place):
                right = exercise.reference(*args)
                args[place].append(Equal())
                return right

            assert f"changed its input {name}." in refused(exercise, appends)


@each_function
def test_nan_and_infinity_have_their_own_words(exercise):
    for value, words in ((float("nan"), "NaN, “not a number”"), (float("inf"), "infinity|NaN")):
        said = refused(exercise, altered(exercise, lambda leaf, value=value: leaf * value))
        assert re.search(
            f"{words}|a number \\(float\\); a whole number|; whole numbers were|; True and False",
            said,
            re.IGNORECASE,
        )


@each_function
def test_wrong_shape_with_the_right_values_is_named(exercise):
    reshaped = altered(exercise, lambda leaf: torch.as_tensor(leaf).unsqueeze(0))
    assert re.search(r"shape \(1,.*expected", refused(exercise, reshaped))


@each_function
def test_wrong_kind_of_number_is_named(exercise):
    def other(leaf):
        if not isinstance(leaf, torch.Tensor):
            return "12" if isinstance(leaf, float) else float(leaf)
        return (leaf.long() if leaf.is_floating_point() else leaf.double()) if leaf.dim() else "12"

    named = r"(whole|floating-point) numbers \(torch\.(int|float)64\); |a text; |a whole number \(int\) was"
    assert re.search(named, refused(exercise, altered(exercise, other)))


@each_function
def test_a_list_for_a_tensor_or_a_number_is_named(exercise):
    listed = altered(exercise, lambda leaf: torch.as_tensor(leaf).flatten().tolist())
    assert re.search("gives a list; a", refused(exercise, listed))


@each_function
def test_a_tuple_is_as_good_as_a_list(exercise):
    if isinstance(exercise.reference(*exercise.cases()[0]), list | tuple):
        assert judge(exercise, lambda *args: tuple(exercise.reference(*args))).state == State.RIGHT


@each_function
def test_other_precisions_and_plain_numbers_are_right(exercise):
    def precise(leaf):
        floating = isinstance(leaf, torch.Tensor) and leaf.is_floating_point()
        return leaf.double().requires_grad_() if floating else leaf

    def numpy(leaf):
        if isinstance(leaf, torch.Tensor) and leaf.dim():
            return leaf
        return np.int32(leaf) if isinstance(leaf, int) else np.float64(float(leaf))

    for change in (precise, numpy):
        assert judge(exercise, altered(exercise, change)).state == State.RIGHT


def floating(leaf) -> bool:
    return isinstance(leaf, torch.Tensor) and leaf.dim() > 0 and leaf.is_floating_point()


def gives_floating_tensors(exercise: Exercise) -> bool:
    """As a whole or in a list, from every input."""
    return all(all(map(floating, leaves(one))) for one in results(exercise))


FLOATING = [one for one in FUNCTIONS if gives_floating_tensors(one)]


@pytest.mark.parametrize("exercise", FLOATING, ids=lambda one: one.id)
def test_half_precision_is_named_for_a_tensor(exercise):
    assert "too coarse" in refused(exercise, altered(exercise, torch.Tensor.half))


@each_function
def test_an_exception_is_shown_with_the_learners_line(exercise):
    def fails(*args):
        return [][1]

    said = refused(exercise, fails)
    assert "`return [][1]`" in said and "IndexError: list index out of range" in said
    assert "run_answer.py" not in said and "time_limit" not in said


@each_function
def test_a_function_with_other_parameters_is_told_so(exercise):
    said = refused(exercise, lambda: 1)
    assert "could not be called" in said and "TypeError" in said


@each
def test_its_cell_runs_with_what_its_chapter_imports(exercise):
    """As it stands in the learner's notebook, and in the solved one."""
    chapter = CHAPTERS[exercise.chapter]
    (cell,) = [one for one in chapter.cells if exercise_of(one) is exercise]
    for write, state in ((learner_cell, State.NOT_STARTED), (solved_cell, State.RIGHT)):
        space, checked = imported(chapter), []
        space["check"] = lambda *given, checked=checked: checked.append(given)
        exec(write(cell), space)
        assert checked == [(exercise.id, space[exercise.name])]
        assert judge(exercise, space[exercise.name]).state == state


@each
def test_the_stub_is_the_reference_without_its_code(exercise):
    start, whole = stub(exercise), reference(exercise)
    assert start.count("...") == 1 and max(map(len, whole.splitlines())) <= 120
    for line in start.splitlines():
        assert "..." in line or line in [*whole.splitlines(), LEAVE_THEM]
    (body,) = [
        node.body for node in ast.parse(start).body if isinstance(node, ast.FunctionDef)
    ] or [[]]
    # the task and the dots, nothing that completes to the answer
    assert len(body) == (2 if exercise.parameters else 0)
    code = set(whole.splitlines()) - set(start.splitlines())
    assert code and not code & set(start.splitlines())


@each_function
def test_the_stub_says_that_inputs_stay_where_they_could_be_changed(exercise):
    could = any(
        isinstance(value, torch.Tensor | list | dict | set)
        for args in exercise.cases()
        for value in args
    )
    assert (LEAVE_THEM in stub(exercise).splitlines()) == could


@each_function
def test_giving_the_result_instead_of_the_function_is_told_so(exercise):
    assert "Give the function itself" in refused(exercise, exercise.reference(*exercise.cases()[0]))


# Feedback never gives the answer away


def floats(*results):
    """All numbers with a fraction in results, in all the ways that a message may show them."""
    found = set()
    for data in leaves(results):
        if not isinstance(data, str | None):
            found |= {
                abs(value)
                for value in torch.as_tensor(data, dtype=torch.float64).flatten().tolist()
            }
    return {
        f"{value:.{digits}g}"
        for value in found
        for digits in (3, 4, 5, 6, 8)
        if f"{value:.3g}" != f"{value:.1g}"
    }


@each
def test_no_message_shows_an_expected_value(exercise):
    secret = floats(*results(exercise))
    inputs = set(
        re.findall(
            r"[\d.]+",
            " ".join(show(read(v), d) for args in exercise.cases() for v in args for d in (4, 9)),
        )
    )
    scaled = [
        partial(each_leaf, lambda leaf, s=scale: leaf * s)
        for scale in (1.5, 1 + 2 * exercise.rtol, -1.0)
    ]
    fixed = [
        lambda right, g=guess: g for guess in (12345.678, [9], "a", torch.full((2, 2), 0.1234))
    ]
    for change in scaled + fixed:
        if not exercise.parameters:
            given = change(exercise.reference())
            own, verdict = floats(read(given)), judge(exercise, given)
        else:
            own = floats(*(read(change(exercise.reference(*args))) for args in exercise.cases()))
            verdict = judge(
                exercise, lambda *args, change=change: change(exercise.reference(*args))
            )
        assert verdict.state == State.NOT_YET
        # no number of the answer's
        told = [line for line in verdict.lines if not line.startswith("To have it: ")]
        words = re.sub(r"torch\.(float|int)\d+", "", " ".join(told))
        numbers = set(re.findall(r"[\d.]*\d", words))
        assert not numbers & (secret - inputs - own), verdict
    for words in [*(wrong.hint for wrong in exercise.wrongs), *exercise.hints]:
        assert not set(re.findall(r"[\d.]*\d", words)) & secret, words
