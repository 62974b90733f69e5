"""The stored runs of chapter 15: read by hand, complete, and made again in small."""

from statistics import fmean

import pytest
from stored_runs import benchmark, by_hand

from course.runs.architecture_tables import (
    alignments,
    copied,
    date_curve,
    far_facts,
    quickest_rate,
    reader_results,
    recall_curve,
    recall_kinds,
    recall_shares,
    recall_slopes,
    recall_steps_until,
    shell_game_shares,
    slopes_of_networks,
    steps_until,
)


def test_recall_by_seed_and_distance():
    assert recall_kinds() == ["rnn", "lstm", "attention"]
    for kind in recall_kinds():
        rows = [row for row in by_hand("recall_runs.csv") if row["kind"] == kind]
        rows = [row for row in rows if float(row["seed"]) > 0]
        shares = recall_shares(kind)
        assert list(shares) == list(range(1, 16))
        for far, seeds in shares.items():
            found = [float(row["right"]) for row in rows if float(row["distance"]) == far]
            assert seeds == found and len(seeds) == 3
        last = max(float(row["steps"]) for row in rows)
        ends = [row for row in rows if (float(row["steps"]), float(row["distance"])) == (last, 0)]
        steps, right = recall_curve(kind)[-1]
        assert steps == last and len(ends) == 3
        assert right == pytest.approx(fmean(float(row["right"]) for row in ends))
        seconds, _ = recall_curve(kind, "seconds")[-1]
        assert seconds == pytest.approx(fmean(float(row["seconds"]) for row in ends))
        first = {
            row["seed"]: float(row["steps"])
            for row in reversed(rows)
            if row["distance"] == "0" and float(row["right"]) >= 0.5
        }
        reached = [steps for steps in recall_steps_until(kind, 0.5) if steps < float("inf")]
        assert reached == list(reversed(first.values())) and len(first) in (0, 3)
    with pytest.raises(ValueError, match="no run of 'gru' is stored"):
        recall_curve("gru")


def test_the_quickest_rate_is_that_of_the_tuning_runs_and_for_the_lstm_inside_what_was_tried():
    for kind in recall_kinds():
        found = {}
        for row in by_hand("recall_runs.csv"):
            if (row["kind"], float(row["seed"]), row["distance"]) == (kind, 0, "0"):
                found.setdefault(float(row["rate"]), []).append(float(row["right"]))
        means = {rate: fmean(rights) for rate, rights in found.items()}
        rate = quickest_rate(kind, "recall_runs.csv")
        assert means[rate] == max(means.values()) and len(means) == 3
        assert kind != "lstm" or min(means) < rate < max(means)


def test_the_shell_game_by_seed_and_swaps():
    for kind in ("rnn", "lstm", "attention"):
        rows = [row for row in by_hand("shell_game_runs.csv") if row["kind"] == kind]
        shares = shell_game_shares(kind)
        assert list(shares) == list(range(1, 33))
        for swaps, seeds in shares.items():
            found = [
                float(row["right"])
                for row in rows
                if float(row["distance"]) == swaps and float(row["seed"]) > 0
            ]
            assert seeds == found and len(seeds) == 3


def test_slopes_have_five_seeds_in_every_state():
    rows = by_hand("recall_slopes.csv")
    for kind, start in (("rnn", "torch"), ("lstm", "usual"), ("attention", "usual")):
        for steps in (0, 100):
            slopes = recall_slopes(kind, start, steps)
            assert list(slopes) == list(range(16))
            found = [
                float(row["slope"])
                for row in rows
                if (row["kind"], row["start"], row["steps"], row["distance"])
                == (kind, start, str(steps), "9")
            ]
            assert slopes[9] == found and len(found) == 5
    networks = slopes_of_networks(100)
    assert len(networks) == 5
    assert networks["LSTM, torch's start"] == recall_slopes("lstm", "torch", 100)
    with pytest.raises(ValueError, match="no 'rnn' with the start 'odd' after 0 steps is stored"):
        recall_slopes("rnn", "odd", 0)


def test_the_translators_have_five_seeds_at_their_quickest_rate():
    for kind in ("one vector", "look back", "transformer"):
        rate = quickest_rate(kind)
        rows = [
            row
            for row in by_hand("date_runs.csv")
            if row["kind"] == kind and float(row["seed"]) > 0 and float(row["rate"]) == rate
        ]
        first = {}
        for row in rows:
            if float(row["right"]) >= 0.9:
                first.setdefault(row["seed"], float(row["steps"]))
        assert sorted(steps_until(kind, 0.9)) == sorted(first.values()) and len(first) == 5
        assert date_curve(kind)[0][1] < 0.05 < 0.9 < date_curve(kind)[-1][1]
        peaks = [float(row["peak"]) for row in rows if row["peak"]]
        assert alignments(kind)["peak"] == peaks
        months = [float(row["numeric_month"]) for row in rows if row["numeric_month"]]
        assert alignments(kind)["numeric_month"] == months and len(months) == len(peaks)
        assert len(peaks) == (0 if kind == "one vector" else 5)
    assert steps_until("transformer", 1.01) == [float("inf")] * 5


READER_TASKS = {
    "gpt": ("next", "left", "scored"),
    "gpt, few targets": ("next", "left"),
    "bert": ("next", "hidden"),
}


@pytest.mark.parametrize("kind", READER_TASKS)
def test_readers_have_all_their_tasks(kind):
    for task in READER_TASKS[kind]:
        rows = [
            row for row in by_hand("reader_runs.csv") if (row["kind"], row["task"]) == (kind, task)
        ]
        losses = {}
        for row in rows:
            losses.setdefault(float(row["rate"]), []).append(float(row["loss"]))
        assert all(len(seeds) >= 2 for seeds in losses.values())
        for rate, seeds in losses.items():
            assert reader_results(kind, task, rate=rate) == seeds
        errors = reader_results(kind, task, "error")
        assert all(0.02 < error < 0.1 for error in errors)


def test_far_facts_are_complete():
    for wording, places in benchmark("far_fact_runs").PLACES.items():
        for place in places:
            rows = [
                row
                for row in by_hand("far_facts.csv")
                if row["wording"] == wording and float(row["place"]) == place
            ]
            chances = far_facts(wording, place)
            assert chances == [float(row["chance"]) for row in rows] and len(chances) == 8
            assert {*far_facts(wording, place, "first")} <= {0.0, 1.0}
    with pytest.raises(ValueError, match="no 'sung' at place 1 is stored"):
        far_facts("sung", 1)


def test_copiers_are_complete():
    missing = r"with the rate 0\.01 after {} steps is stored"
    with pytest.raises(ValueError, match="no 'scored' of 'bert' " + missing.format(1500)):
        reader_results("bert", "scored")
    with pytest.raises(ValueError, match="no 'next' of 'bert' " + missing.format(6000)):
        reader_results("bert", "next", steps=6000)
    for looks_back, steps in ((False, 300), (False, 1200), (True, 300)):
        found = copied(looks_back, steps)
        assert list(found) == [6, 12, 20]
        assert all(len(seeds) == 3 for seeds in found.values())
    for size in (24, 96):
        for steps in (300, 600, 1200):
            ((length, seeds),) = copied(False, steps, size).items()
            assert length == 20 and len(seeds) == 3
    with pytest.raises(ValueError, match="no copier with vectors of 7 after 300 steps is stored"):
        copied(False, 300, size=7)


def near(found, name, column="right", **where):
    """The row of a stored run with these fields has nearly the number that was made again."""
    (row,) = [
        row
        for row in by_hand(name)
        if all(
            row[key] == value if isinstance(value, str) else float(row[key]) == value
            for key, value in where.items()
        )
    ]
    least = 0.02 if column == "right" else 0
    assert float(found) == pytest.approx(float(row[column]), rel=0.15, abs=least)


def test_a_part_of_the_copying_comes_out_the_same():
    module = benchmark("copy_runs")
    (row,) = module.one_run(module.Run(True, 48, 6, 0), (300,))
    near(row["right"], "copy_runs.csv", looks_back=1.0, length=6.0, seed=0.0, steps=300.0)


def test_a_part_of_the_recall_comes_out_the_same():
    """Its first look is after no step: what the weights of that seed say."""
    module = benchmark("recall_runs")
    rows = module.one_run(module.Run("attention", 0.01, 2), steps=3, every=3)
    near(
        rows[0]["right"],
        "recall_runs.csv",
        kind="attention",
        rate=0.01,
        seed=2.0,
        steps=0.0,
        distance=0.0,
    )
    assert {row["distance"] for row in rows} == set(range(16))


def test_a_part_of_the_slopes_comes_out_the_same():
    """Those of fresh networks, with either start."""
    module = benchmark("recall_slopes")
    for kind, start in module.STARTS:
        rows = module.one_run(module.Run(kind, start, 2), steps=2, every=2)
        for row in rows[:16]:
            where = {"steps": 0.0, "distance": float(row["distance"]), "seed": 2.0}
            near(
                *(row["slope"], "recall_slopes.csv", "slope"),
                **{"kind": kind, "start": start, **where},
            )
        assert [row["steps"] for row in rows[16:]] == [2] * 16


def test_a_part_of_the_shell_game_runs():
    """Its first look is after no step."""
    module = benchmark("shell_game_runs")
    rows = module.one_run(module.Run("attention", 0.003, 0), steps=2, every=2)
    where = {"kind": "attention", "rate": 0.003, "seed": 0.0, "steps": 0.0, "distance": 0.0}
    near(rows[0]["right"], "shell_game_runs.csv", **where)
    assert [row["distance"] for row in rows] == [0, 0, *range(1, 33)]


def test_a_part_of_the_dates_and_of_the_readers_runs():
    dates = benchmark("date_runs")
    rows = dates.one_run(dates.Run("transformer", 0.005, 1), steps=4, every=2)
    assert [row["steps"] for row in rows] == [0, 2, 4]
    assert 0 <= float(rows[-1]["exchanged_peak"]) <= 1 and rows[0]["peak"] == ""
    assert dates.one_run(dates.Run("one vector", 0.005, 1), 2, 2)[-1]["peak"] == ""
    readers = benchmark("reader_runs")
    for kind, tasks in READER_TASKS.items():
        rows = readers.one_run(readers.Run(kind, 0.01, 1, 2))
        assert [row["task"] for row in rows] == [*tasks]
