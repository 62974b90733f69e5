"""The timetable of a pipeline keeps every rule, and waits as long as the formula says."""

import pytest

from utils.teams.pipeline_schedule import idle_share, timetable

each = pytest.mark.parametrize(
    ("stages", "parts"), [(1, 1), (1, 5), (2, 4), (4, 8), (8, 3), (5, 64)]
)


@each
def test_nobody_works_before_what_is_needed_is_there(stages, parts):
    table = timetable(stages, parts)
    when = [{entry: slot for slot, entry in enumerate(row) if entry} for row in table]
    for stage, row in enumerate(table):
        assert sorted(filter(None, row)) == sorted(
            f"{kind}{n}" for kind in "FB" for n in range(parts)
        )
        for part in range(parts):
            if stage:
                assert when[stage][f"F{part}"] > when[stage - 1][f"F{part}"]
                assert when[stage - 1][f"B{part}"] > when[stage][f"B{part}"]
            assert when[stage][f"B{part}"] > when[stage][f"F{part}"]


@each
def test_the_share_of_waiting_is_that_of_the_formula(stages, parts):
    expected = (stages - 1) / (parts + stages - 1)
    assert idle_share(timetable(stages, parts)) == pytest.approx(expected)


@pytest.mark.parametrize(("stages", "parts"), [(0, 3), (2, 0)])
def test_nothing_to_do_is_refused(stages, parts):
    with pytest.raises(ValueError, match=f"{stages} stages and {parts} micro-batches were given"):
        timetable(stages, parts)
