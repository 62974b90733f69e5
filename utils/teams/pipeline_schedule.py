"""Who computes what when in a pipeline of stages (GPipe, Huang et al. 2018).

The batch is cut into micro-batches. Each goes through all stages, and when the last has been
through, they go back, in the same order. Forward and backward of a micro-batch in a stage take one
slot each; where a stage has nothing to do there is a bubble.
"""


def timetable(stages: int, micro_batches: int) -> list[list[str]]:
    """A row of slots for each stage: "F0", "B0" for the forward and backward pass of micro-batch 0,
    "" for waiting.

    Raises ValueError unless there is at least one stage and one micro-batch.
    """
    if stages < 1 or micro_batches < 1:
        raise ValueError(
            f"{stages} stages and {micro_batches} micro-batches were given; give at least one of "
            "each."
        )
    half = stages + micro_batches - 1  # slots until the last stage has seen the last micro-batch
    table = [[""] * (2 * half) for _ in range(stages)]
    for stage in range(stages):
        for part in range(micro_batches):
            table[stage][stage + part] = f"F{part}"
            table[stage][half + (stages - 1 - stage) + part] = f"B{part}"
    return table


def idle_share(table: list[list[str]]) -> float:
    """Which share of all slots is waiting."""
    slots = [slot for row in table for slot in row]
    return slots.count("") / len(slots)
