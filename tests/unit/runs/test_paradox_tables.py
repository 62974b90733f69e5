"""The stored runs of chapter 16: read by hand, complete, and made again in small."""

import pytest
from stored_runs import benchmark, by_hand

from course.runs.paradox_tables import fact_shares, shares_read, sum_shares, times_told


def test_every_setting_has_all_its_seeds_and_groups():
    made = benchmark("fact_runs")
    rows = by_hand("fact_runs.csv")
    for name, setting in made.SETTINGS.items():
        found = [row for row in rows if row["setting"] == name]
        groups = {str(question.group) for question in setting.world(seed=1).questions}
        assert {row["group"] for row in found} == groups
        assert {int(row["seed"]) for row in found} == set(range(1, setting.seeds + 1))
        assert len(found) == setting.seeds * len(groups)


def test_shares_are_those_of_the_file():
    rows = by_hand("fact_runs.csv")
    for setting, group in (("capitals", 8), ("residents, right", "never asked before")):
        wanted = [r for r in rows if (r["setting"], r["group"]) == (setting, str(group))]
        assert fact_shares(setting, group) == [float(row["right"]) for row in wanted]
        assert fact_shares(setting, group, "sure") == [float(row["sure"]) for row in wanted]
    assert times_told() == [0, 1, 2, 4, 8, 16, 32, 64]
    with pytest.raises(ValueError, match="no run of 'capitals' with questions of 3 is stored"):
        fact_shares("capitals", 3)


def test_sums_by_share_and_seed():
    made, rows = benchmark("sum_runs"), by_hand("sum_runs.csv")
    assert shares_read() == sorted(made.SHARES)
    for share in made.SHARES:
        wanted = [row for row in rows if float(row["share"]) == share]
        assert [int(row["seed"]) for row in wanted] == list(made.SEEDS)
        for column in ("seen", "unseen", "units", "long"):
            assert sum_shares(share, column) == [float(row[column]) for row in wanted]
    with pytest.raises(ValueError, match=r"no run that read a share of 0\.5 is stored"):
        sum_shares(0.5, "seen")


def test_runs_are_made_again_in_small():
    facts = benchmark("fact_runs")
    rows = facts.one_run(facts.Run("residents, right", 3), passes=1)
    assert [row["group"] for row in rows] == ["told", "asked before", "never asked before"]
    stored = by_hand("fact_runs.csv")
    assert list(rows[0]) == list(stored[0])
    (row,) = benchmark("sum_runs").one_run(benchmark("sum_runs").Run(0.01, 2), steps=4)
    assert list(row) == list(by_hand("sum_runs.csv")[0])
