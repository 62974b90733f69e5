"""The stored runs of chapter 17: read by hand, complete, and made again in small."""

import pytest
from stored_runs import benchmark, by_hand

from course.runs.step_table import flops, product_shares, shares
from course.runs.step_writers import last_digit_writer, product_writer, products_left_out
from course.runs.word_problem_table import PROBLEMS, drawn_answers, replies, right_answers
from utils.data.problems_in_steps import last_digit_problem
from utils.training.step_writer import new_step_writer


def test_every_run_is_there_once_and_nothing_else():
    for name in ("step_runs", "product_runs"):
        made, rows = benchmark(name), by_hand(f"{name}.csv")
        fields = made.Run._fields
        wanted = made.all_runs()
        found = [tuple(row[field] for field in fields) for row in rows]
        assert sorted(found) == sorted(tuple(map(str, run)) for run in wanted)
        assert {int(row["seed"]) for row in rows} == set(made.SEEDS) and len(made.SEEDS) == 5


def test_shares_are_those_of_the_file():
    rows = by_hand("step_runs.csv")
    wanted = [
        row
        for row in rows
        if (row["task"], row["way"], row["size"], row["blocks"], row["steps"])
        == ("last digit", "direct", "5", "4", "400")
    ]
    assert shares("last digit", "direct", blocks=4) == [float(row["right"]) for row in wanted]
    assert flops("last digit", "direct", blocks=4) == float(wanted[0]["flops"])
    assert shares("last digit", "steps", column="follows") == [
        float(row["follows"])
        for row in rows
        if (row["task"], row["way"], row["size"], row["blocks"])
        == ("last digit", "steps", "5", "2")
    ]
    with pytest.raises(ValueError, match="no run of 'last digit', 'dots', size 3"):
        shares("last digit", "dots", size=3)


def test_products_by_way():
    rows = by_hand("product_runs.csv")
    for way in ("direct", "dots", "steps"):
        wanted = [row for row in rows if (row["way"], row["steps"]) == (way, "700")]
        assert product_shares(way) == [float(row["right"]) for row in wanted]
        assert product_shares(way, "digit_3") == [float(row["digit_3"]) for row in wanted]


def test_the_flops_of_the_file_are_those_of_the_nets():
    problem = last_digit_problem("3*7+4*3+7*9=")
    for way in ("direct", "dots", "steps"):
        writer = new_step_writer(way, seed=1)
        assert flops("last digit", way) == writer.flops_per_answer(problem)


def test_checkpoints_do_what_their_rows_say():
    _, left_out = products_left_out()
    rows = by_hand("product_runs.csv")
    for way, steps in (("direct", "700"), ("dots", "700"), ("steps", "700"), ("steps", "250")):
        writer = product_writer(way, early=steps == "250")
        (row,) = [r for r in rows if (r["way"], r["steps"], r["seed"]) == (way, steps, "1")]
        assert writer.share_right(left_out) == pytest.approx(float(row["right"]), abs=0.02)
    made = benchmark("step_runs")
    problems = made.test_problems("last digit", 5)
    for way in ("direct", "dots", "steps"):
        stored = shares("last digit", way)[0]
        assert last_digit_writer(way).share_right(problems) == pytest.approx(stored, abs=0.05)


def test_nobody_has_read_the_documents_product():
    read, left_out = products_left_out()
    assert left_out[0].question == "47*23=" and len(left_out) == 400 and len(read) == 7700
    assert not {one.question for one in read} & {one.question for one in left_out}


def test_replies_are_those_of_the_file():
    made, rows = benchmark("word_problem_runs"), by_hand("word_problem_runs.csv")
    for run in made.all_runs():
        wanted = [row for row in rows if (row["task"], row["way"]) == run]
        found = replies(*run)
        samples = made.SAMPLES if run.way == "drawn" else 1
        assert len(found) == len(wanted) == samples * len(PROBLEMS[run.task])
        for reply, row in zip(found, wanted, strict=True):
            assert reply.problem == int(row["problem"])
            assert str(reply.answer if reply.answer is not None else "") == row["answer"]
            if run.way != "drawn":
                assert made.answer_in(reply.text, run.way) == reply.answer
    with pytest.raises(ValueError, match="no reply to 'apples', 'aloud' is stored"):
        replies("apples", "aloud")


def test_right_answers_are_counted_from_the_file():
    rows = by_hand("word_problem_runs.csv")
    for way, off in (("as it likes", 0), ("a broken step", 1)):
        found = [
            row["answer"] == str(PROBLEMS["apples"][int(row["problem"])].answer + off)
            for row in rows
            if (row["task"], row["way"]) == ("apples", way)
        ]
        assert right_answers("apples", way, off) == sum(found) and len(found) == 20
    drawn = drawn_answers()
    assert [len(row) for row in drawn] == [10] * 20
    wanted = [row["answer"] for row in rows if row["way"] == "drawn" and row["problem"] == "7"]
    assert ["" if one is None else str(one) for one in drawn[7]] == wanted


def test_runs_are_made_again_in_small():
    steps = benchmark("step_runs")
    for run in (
        steps.Run("last digit", "steps", 3, 1, 3, 2),
        steps.Run("total", "dots", 2, 1, 3, 2),
    ):
        (row,) = steps.one_run(run)
        assert list(row) == list(by_hand("step_runs.csv")[0])
    products = benchmark("product_runs")
    (row,) = products.one_run(products.Run("steps", 3, 2))
    assert list(row) == list(by_hand("product_runs.csv")[0])
