"""The stored runs of chapter 19: read by hand, complete, and made again in small."""

from statistics import fmean

import pytest
import torch
from stored_runs import benchmark, by_hand

from course.runs.assistant_tables import (
    habit,
    looked_up,
    mean_of,
    near,
    share_right,
    shares,
    stored_base,
    thresholds,
    two_errors,
)
from utils.data.people import people

SMALL = {"known": 40, "heard": 30, "never": 10, "gold": 8}


def test_every_seed_has_all_settings():
    made = benchmark("boundary_runs")
    rows = by_hand("boundary_runs.csv")
    names = ("setting", "taught", "refused_names", "steps", "group")
    of_seed = {seed: set() for seed in made.SEEDS}
    for row in rows:
        # of a probe the seed decides how many are taught
        key = tuple("" if row["setting"] == "probed" and n in names[1:3] else row[n] for n in names)
        of_seed[int(row["seed"])].add(key)
    assert len(rows) == sum(map(len, of_seed.values()))
    assert len({frozenset(found) for found in of_seed.values()}) == 1
    assert {int(row["seed"]) for row in by_hand("search_runs.csv")} == set(made.SEEDS)
    assert {int(r["seed"]) for r in by_hand("habit_runs.csv")} == set(benchmark("habit_runs").SEEDS)


def test_shares_are_those_of_the_file():
    rows = by_hand("boundary_runs.csv")
    late = {"setting": "late", "steps": "60", "taught": "400", "refused_names": "400"}
    wanted = [r for r in rows if late.items() <= r.items() and r["group"] == "known"]
    found = shares("late", "known", "refused", 60, taught=400, refused_names=400)
    assert found == [float(row["refused"]) for row in wanted] and len(found) == 5
    needless, _ = two_errors("late", 60, taught=400, refused_names=400)
    assert needless.value == pytest.approx(fmean(found))
    for row in rows:
        assert float(row["right"]) + float(row["wrong"]) + float(row["refused"]) == pytest.approx(
            1, abs=2e-4
        )
    assert [float(name.split()[1]) for name in thresholds()] == sorted(
        benchmark("boundary_runs").THRESHOLDS
    )
    with pytest.raises(ValueError, match="several runs of a seed"):
        shares("late", "known", "right")
    with pytest.raises(ValueError, match="is stored"):
        shares("nothing", "known", "right")


def test_values_are_those_of_the_files():
    for seeds, file, read, setting, group, measure in (
        (5, "search_runs.csv", looked_up, "search", "never", "searched"),
        (5, "habit_runs.csv", habit, "low rank", "rank 1", "loss"),
    ):
        key = {"setting": setting, "group": group, "measure": measure}
        wanted = [float(r["value"]) for r in by_hand(file) if key.items() <= r.items()]
        assert read(setting, group, measure) == wanted and len(wanted) == seeds
    rows = [r for r in by_hand("near_questions.csv") if r["kind"] == "decimal"]
    assert len(near("decimal")) == len(rows) == 4 * benchmark("near_runs").PAIRS
    assert share_right("decimal") == pytest.approx(fmean(int(r["right"]) for r in rows))


@pytest.mark.parametrize("count", range(3, 11))
def test_the_interval_holds_95_per_cent_of_student_s_curve(count):
    values = torch.arange(count).double().square()
    found = mean_of(values.tolist())
    reach = (found.high - found.value) / float(values.std() / count**0.5)
    assert found.value - found.low == pytest.approx(found.high - found.value)
    places = torch.linspace(-reach, reach, 20_001, dtype=torch.float64)
    heights = torch.distributions.StudentT(count - 1.0).log_prob(places).exp()
    assert float(torch.trapezoid(heights, places)) == pytest.approx(0.95, abs=3e-5)


def test_an_interval_needs_three_seeds():
    with pytest.raises(ValueError, match="2 seeds"):
        mean_of([1, 2])


def test_the_stored_base_knows_its_world():
    base, some = stored_base(), people(seed=1).of("known")[::5]
    said = base.answers([f"<bos> {one.begun('job')}" for one in some])
    right = [word == one.job for word, one in zip(said, some, strict=True)]
    assert fmean(right) > 0.95


def test_runs_are_made_again_in_small():
    made = benchmark("boundary_runs")
    made.STEPS, made.NAMES, made.REFUSED = (2, 3, 4), (4,), (2,)
    bench = made.make_bench(1, passes=0.1, **SMALL)
    rows = made.boundary_rows(bench)
    assert list(rows[0]) == list(by_hand("boundary_runs.csv")[0])
    assert list(made.search_rows(bench)[0]) == list(by_hand("search_runs.csv")[0])
    habits = benchmark("habit_runs")
    habits.SIZES = {"known": 60, "heard": 5, "never": 5, "gold": 8}
    habits.RATES = {None: (0.001,), 2: (0.01,)}
    found = habits.one_run(habits.Run(1), passes=0.1, steps=2)
    assert list(found[0]) == list(by_hand("habit_runs.csv")[0])
