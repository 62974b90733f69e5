"""The stored runs of chapter 18: read by hand, complete, and made again in small."""

import pytest
from stored_runs import benchmark, by_hand

from course.runs.emergence_tables import (
    adder,
    adder_weights,
    at_last,
    by_order,
    distances_told,
    few_shot,
    few_shot_tasks,
    grokking_curves,
    induction_curves,
    skill,
    told,
)


def test_every_setting_of_induction_has_its_seeds_and_steps():
    made, rows = benchmark("induction_runs"), by_hand("induction_runs.csv")
    assert {row["setting"] for row in rows} == set(made.SETTINGS)
    for name, setting in made.SETTINGS.items():
        steps, curves = induction_curves(name, "second")
        assert steps == list(range(0, setting.steps + 1, made.EVERY))
        assert len(curves) == setting.seeds
        found = {seed: [] for seed in range(setting.seeds)}
        for row in rows:
            if row["setting"] == name:
                found[int(row["seed"])].append(float(row["second"]))
        assert curves == list(found.values())
        assert at_last((steps, curves)) == [curve[-1] for curve in found.values()]
    with pytest.raises(ValueError, match="no run of 'three layers' is stored"):
        induction_curves("three layers", "second")


def test_every_setting_of_grokking_has_its_seeds_and_steps():
    made, rows = benchmark("grokking_runs"), by_hand("grokking_runs.csv")
    for name in made.SETTINGS:
        steps, curves = grokking_curves(name, "left_out")
        assert steps == list(range(0, made.STEPS + 1, made.EVERY))
        assert len(curves) == len(made.SEEDS)
        last = [
            float(row["left_out"])
            for row in rows
            if row["setting"] == name and int(row["step"]) == made.STEPS
        ]
        assert at_last((steps, curves)) == last
    assert len(rows) == len(made.SETTINGS) * len(made.SEEDS) * (made.STEPS // made.EVERY + 1)


def test_every_size_of_adder_has_its_seeds_and_steps():
    made, rows = benchmark("adder_runs"), by_hand("adder_runs.csv")
    assert list(adder_weights()) == list(made.SIZES)
    for size in made.SIZES:
        steps, curves = adder(size, "sums")
        assert steps == list(range(0, made.STEPS + 1, made.EVERY))
        assert len(curves) == len(made.SEEDS)
        wanted = [float(row["sums"]) for row in rows if int(row["d_model"]) == size]
        assert [value for curve in curves for value in curve] == wanted
        weights = {int(row["weights"]) for row in rows if int(row["d_model"]) == size}
        assert weights == {adder_weights()[size]}


def test_few_shot_runs_are_all_there():
    made, rows = benchmark("few_shot_runs"), by_hand("few_shot_runs.csv")
    wanted = [(run.task, run.labels, str(run.shots)) for run in made.all_runs() for _ in range(20)]
    assert [(row["task"], row["labels"], row["shots"]) for row in rows] == wanted
    plural = [
        float(row["right"])
        for row in rows
        if (row["task"], row["labels"], row["shots"]) == ("plural", "shuffled", "4")
    ]
    assert few_shot("plural", "shuffled", 4) == plural
    every = few_shot("all", "right", 8, "kind")
    assert len(every) == 20 * len(few_shot_tasks()) == 120
    assert every[:20] == few_shot(few_shot_tasks()[0], "right", 8, "kind")
    with pytest.raises(ValueError, match="no prompt for 'plural' with labels 'right' and 3"):
        few_shot("plural", "right", 3)


def test_orders_facts_and_skills_are_those_of_their_files():
    made, rows = benchmark("example_orders"), by_hand("example_orders.csv")
    for task in made.TASKS:
        queries = by_order(task, "log_p")
        assert len(queries) == 20 and {len(one) for one in queries} == {made.ORDERS}
        second = [float(r["log_p"]) for r in rows if r["task"] == task and r["order"] == "1"]
        assert [one[1] for one in queries] == second
    made, rows = benchmark("told_fact_runs"), by_hand("told_fact_runs.csv")
    assert len(rows) == 16 * len(made.all_runs()) and distances_told() == list(made.DISTANCES)
    wanted = [
        float(row["told_one"])
        for row in rows
        if (row["lands"], row["told"], row["distance"]) == ("little known", "wrong", "100")
    ]
    assert told("little known", "wrong", 100, "told_one") == wanted and len(wanted) == 16
    rows = by_hand("skill_runs.csv")
    assert {row["skill"] for row in rows} == set(benchmark("skill_runs").SKILLS)
    wanted = [float(row["value"]) for row in rows if row["condition"] == "sure, false"]
    assert skill("judge", "sure, false") == wanted and len(wanted) == benchmark("skill_runs").SUMS


def test_runs_are_made_again_in_small(smollm2):
    model, tok = smollm2
    made = benchmark("induction_runs")
    rows = made.one_run(made.Run("one layer", 1), steps=2)
    assert list(rows[0]) == list(by_hand("induction_runs.csv")[0])
    assert [row["step"] for row in rows] == [0, 2]
    made = benchmark("grokking_runs")
    rows = made.one_run(made.Run("no rule, decay", 1), steps=2)
    assert list(rows[0]) == list(by_hand("grokking_runs.csv")[0])
    assert float(rows[0]["loss_read"]) == pytest.approx(
        float(grokking_curves("no rule, decay", "loss_read")[1][1][0]), rel=0.02
    )
    made = benchmark("adder_runs")
    rows = made.one_run(made.Run(8, 2), steps=2)
    assert list(rows[0]) == list(by_hand("adder_runs.csv")[0])
    made = benchmark("few_shot_runs")
    for run in (made.Run("past", "unrelated", 1), made.Run("review", "random", 2)):
        rows = made.one_run(run, model, tok, draws=1)
        assert len(rows) == 20 and list(rows[0]) == list(by_hand("few_shot_runs.csv")[0])
    made = benchmark("told_fact_runs")
    rows = made.one_run(made.Run("well known", "nothing", 0), model, tok)
    assert list(rows[0]) == list(by_hand("told_fact_runs.csv")[0])
    assert [row["true"] for row in rows] == told("well known", "nothing", 0)
    made = benchmark("skill_runs")
    rows = made.one_run(made.Run("judge"), model, tok, count=1)
    assert list(rows[0]) == list(by_hand("skill_runs.csv")[0])
