"""An assignment: what learners get, what only the teacher has, and a sentence for everything that
does not fit.
"""

import json
import re

import pytest

from course.__main__ import main
from course.exercises import exercises, of_chapter
from course.grading import private_checks
from course.grading.assignment import BadAssignment, load
from course.judging.judge import State, judge

CHECKS = """
import torch
from course.grading.private_checks import private

@private("02.1", points=2, hint="What if the vocabulary has a single token?")
def one_token(rng):
    yield torch.randn(5, 1, generator=rng), torch.zeros(5, dtype=torch.int64)
"""


def pack(folder, *more) -> int:
    return main(["pack", "--chapters", "02,10", "--out", str(folder), *more])


def everything(folder) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file()
    )


def code(path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_what_learners_get(tmp_path):
    (tmp_path / "private.py").write_text(CHECKS, encoding="utf-8")
    assert (
        pack(
            tmp_path / "hw",
            "--seed",
            "81726354",
            "--checks",
            str(tmp_path / "private.py"),
            "--due",
            "1 May",
        )
        == 0
    )
    learners = tmp_path / "hw" / "for_learners"
    names = {path.name for path in learners.iterdir()}
    assert names == {
        "02_cross_entropy.ipynb",
        "10_attention.ipynb",
        "READ_ME_FIRST.md",
        "assignment.json",
    }
    made, text = load(tmp_path / "hw"), everything(learners)
    # Neither the seed, nor what the inputs are drawn from, nor the private checks, nor any
    # reference answer.
    for secret in ("81726354", str(made.seed), "one_token", "single token", "logsumexp"):
        assert secret not in text
    assert "one_token" in (tmp_path / "hw" / "checks.py").read_text(encoding="utf-8")
    assert made.due == "1 May" and "**Due: 1 May.**" in text
    graded = [one for one in [*of_chapter("02"), *of_chapter("10")] if one.id != "10.2"]
    points = {one.id: one.minutes for one in graded}
    assert made.points == points and "10.2" not in points
    assert "JupyterLab" in text and "File > Upload notebook" in text
    assert f"| | Together | {sum(points.values())} |" in text
    assert (
        "Open in Colab" not in code(learners / "02_cross_entropy.ipynb") and "blob/main" not in text
    )


def test_the_readable_file_says_what_the_exercises_are_worth(tmp_path):
    pack(tmp_path / "hw")
    facts = json.loads(
        (tmp_path / "hw" / "for_learners" / "assignment.json").read_text(encoding="utf-8")
    )
    assert (
        facts["chapters"] == ["02_cross_entropy", "10_attention"] and facts["points"]["02.1"] == 10
    )
    facts["points"]["02.1"] = 2.5
    (tmp_path / "hw" / "for_learners" / "assignment.json").write_text(
        json.dumps(facts), encoding="utf-8"
    )
    assert load(tmp_path / "hw").points["02.1"] == 2.5


def test_two_seeds_are_two_classes(tmp_path):
    for seed in ("1", "2"):
        pack(tmp_path / seed, "--seed", seed)
    one, two = (load(tmp_path / seed) for seed in ("1", "2"))
    assert one.seed != two.seed and one.variant != two.variant
    notebooks = [
        code(tmp_path / seed / "for_learners" / "02_cross_entropy.ipynb") for seed in ("1", "2")
    ]
    assert notebooks[0] != notebooks[1] and all(
        "answer_02_4 = ...\n\ncheck" in text for text in notebooks
    )
    for made, text in ((one, notebooks[0]), (two, notebooks[1])):
        (last,) = (found for found in made.of("02_cross_entropy") if found.id == "02.4")
        assert last.call in text and judge(last, last.reference()).state == State.RIGHT
    cross_entropy = exercises()["02.1"]
    assert (
        str(cross_entropy.cases(one.seed))
        != str(cross_entropy.cases(two.seed))
        != str(cross_entropy.cases())
    )
    pack(tmp_path / "again", "--seed", "1")
    assert load(tmp_path / "again") == one


def test_without_a_seed_the_numbers_are_the_courses_and_the_inputs_are_drawn(tmp_path):
    pack(tmp_path / "a")
    pack(tmp_path / "b")
    a, b = load(tmp_path / "a"), load(tmp_path / "b")
    assert a.variant == b.variant == 0 and a.seed != b.seed
    assert 'check("02.4", answer_02_4)' in code(
        tmp_path / "a" / "for_learners" / "02_cross_entropy.ipynb"
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--chapters", "02,77"), "There is no chapter 77"),
        (("--chapters", "10", "--checks", "private.py"), "belongs to an exercise that is not"),
        (("--exercises", "02.99"), "no exercise '02.99'"),
        (("--checks", "none.py"), "none.py"),
    ],
)
def test_what_cannot_be_packed_is_one_sentence_and_writes_nothing(
    tmp_path, capsys, monkeypatch, more, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "private.py").write_text(CHECKS, encoding="utf-8")
    assert pack(tmp_path / "hw", *more) == 1
    said = capsys.readouterr().err
    assert words in said and len(said.strip().splitlines()) == 1 and not (tmp_path / "hw").exists()


def test_single_exercises_of_a_chapter(tmp_path, capsys):
    out = ["--out", str(tmp_path / "hw")]
    assert main(["pack", "--exercises", "04.3", "04.1,04.2", *out]) == 0
    made = load(tmp_path / "hw")
    own = {one.id: one.minutes for one in of_chapter("04")}
    assert made.points == {id: own[id] for id in ("04.1", "04.2", "04.3")}
    assert list(made.points) == ["04.1", "04.2", "04.3"]
    assert made.title == "Exercises 04.1, 04.2, 04.3"
    assert [one.id for one in made.of("04_backpropagation")] == list(made.points)
    learners = tmp_path / "hw" / "for_learners"
    cells = json.loads((learners / "04_backpropagation.ipynb").read_text(encoding="utf-8"))["cells"]
    note = "".join(cells[2]["source"])
    assert cells[2]["cell_type"] == "markdown" and "exercises 04.1, 04.2, 04.3.**" in note
    # the chapter stays whole: its other exercises are there for practice
    exercises_of_it = [cell["metadata"].get("glass_box", {}).get("exercise") for cell in cells]
    assert [id for id in exercises_of_it if id] == list(own)
    first = (learners / "READ_ME_FIRST.md").read_text(encoding="utf-8")
    assert "04.3" in first and "04.4" not in first and "are for practice" in first
    assert f"| | Together | {sum(made.points.values()):g} |" in first


def test_whole_chapters_and_single_exercises_together(tmp_path):
    assert pack(tmp_path / "hw", "--exercises", "04.4", "10.2") == 0
    made = load(tmp_path / "hw")
    whole = [one.id for one in (*of_chapter("02"), *of_chapter("10"))]  # 10.2 by its name
    assert sorted(made.points) == sorted([*whole, "04.4"])
    assert made.title == "Chapter 02, 10 and Exercise 04.4"
    learners = tmp_path / "hw" / "for_learners"
    noted = {path.name[:2] for path in learners.glob("*.ipynb") if "asked-for" in path.read_text()}
    assert noted == {"04"}
    pack(tmp_path / "all", "--title", "Both")
    assert load(tmp_path / "all").title == "Both"
    noted = "".join(path.read_text() for path in (tmp_path / "hw" / "for_learners").glob("02*"))
    assert "asked-for" not in noted


def test_what_is_for_practice_gives_points_only_if_it_is_asked_for_by_name(tmp_path):
    for folder, asked, expected in (
        ("chapter", ["--chapters", "04"], [f"04.{n}" for n in range(1, 7)]),
        ("named", ["--exercises", "04.8"], ["04.8"]),
        ("both", ["--chapters", "07", "--exercises", "07.1"], None),
    ):
        assert main(["pack", *asked, "--out", str(tmp_path / folder)]) == 0
        learners = tmp_path / folder / "for_learners"
        points = json.loads((learners / "assignment.json").read_text(encoding="utf-8"))["points"]
        if expected is None:
            expected = [one.id for one in of_chapter("07")]
        assert list(points) == expected
        assert points == {id: exercises()[id].minutes for id in expected}
        first = (learners / "READ_ME_FIRST.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| \w+ \| (\d\d\.\d+) ", first, re.MULTILINE)
        assert rows == expected and f"| | Together | {sum(points.values()):g} |" in first
    whole = (tmp_path / "chapter" / "for_learners" / "04_backpropagation.ipynb").read_text()
    assert "asks for exercises 04.1, 04.2, 04.3, 04.4, 04.5, 04.6.**" in whole
    assert whole.count("For practice only") == 4


def test_points_that_an_assignment_gave_before_stay(tmp_path):
    """Packed when 10.2 was graded: it still is there, and is marked for the same points."""
    pack(tmp_path / "hw")
    path = tmp_path / "hw" / "for_learners" / "assignment.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["points"]["10.2"] = 15
    path.write_text(json.dumps(facts), encoding="utf-8")
    made = load(tmp_path / "hw")
    assert made.points["10.2"] == 15
    assert "10.2" in [one.id for one in made.of("10_attention")]


def test_a_check_of_an_exercise_that_is_not_asked_for_is_refused(tmp_path, capsys):
    (tmp_path / "private.py").write_text(CHECKS, encoding="utf-8")
    more = ["--out", str(tmp_path / "hw"), "--checks", str(tmp_path / "private.py")]
    assert main(["pack", "--exercises", "02.2", *more]) == 1
    assert "The check 02.1 one_token belongs to an exercise" in capsys.readouterr().err
    assert main(["pack", "--exercises", "02.1", *more]) == 0


def test_nothing_to_hand_out_says_how_to_say_it(tmp_path, capsys):
    assert main(["pack", "--out", str(tmp_path / "hw")]) == 1
    assert "--exercises 04.1 04.2" in capsys.readouterr().err


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path, capsys):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    assert pack(tmp_path) == 1 and "not empty" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"02.1", ', '"02.77", ', "no exercise '02.77'"),
        ('"02.1", ', '"02.4", ', "asks for a value"),
        ("points=2", "points=-1", "needs points"),
        ("yield", "if 0: yield", "has no inputs"),
        ("torch.zeros(5, dtype=torch.int64)", "torch.zeros(5), 3", "its inputs gave 3 values"),
    ],
)
def test_private_checks_that_do_not_work_say_why(tmp_path, old, new, words):
    path = tmp_path / "private.py"
    path.write_text(CHECKS.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        private_checks.load(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda facts: facts.update(points={"02.1": "many"}), "a number from 0"),
        (lambda facts: facts["points"].update({"99.1": 3}), "99.1"),
        (lambda facts: facts.update(chapters=["03_x"]), "needs its chapters"),
        (lambda facts: facts.pop("points"), "a number from 0"),
    ],
)
def test_a_damaged_assignment_says_what_is_wrong(tmp_path, change, words):
    pack(tmp_path / "hw")
    path = tmp_path / "hw" / "for_learners" / "assignment.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    change(facts)
    path.write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(BadAssignment, match=words):
        load(tmp_path / "hw")


def test_a_folder_that_is_no_assignment_says_so(tmp_path):
    with pytest.raises(BadAssignment, match="course pack"):
        load(tmp_path)
    pack(tmp_path / "hw")
    (tmp_path / "hw" / "teacher.json").write_text("{", encoding="utf-8")
    with pytest.raises(BadAssignment, match="cannot be read"):
        load(tmp_path / "hw")


def test_an_exercise_of_ones_own_among_the_checks_is_refused_and_not_ignored(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from course.judging.exercise import exercise\n"
        "@exercise('02.9', minutes=3, hints=('a', 'b'))\n"
        "def mine(a):\n    'A task.'\n    return a\n",
        encoding="utf-8",
    )
    for _ in range(2):
        with pytest.raises(ValueError, match=r"mine.py declares the exercise 02\.9"):
            private_checks.load(path)
    assert "02.9" not in exercises()
