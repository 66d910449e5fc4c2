#!/usr/bin/env python3
"""Time from typing `selvage up -f examples/minimal` to the first request that a workload serves through both proxies.

Each round starts a mesh of its own, asks by `selvage exec` as a user would (that command's own start is part of the
figure), and stops the mesh again. What counts is the median; the budget is 3 s on 2 cores, when built.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SELVAGE = str(ROOT / "selvage")
BUDGET = 3.0


def once(state: str, number: int) -> dict[str, float]:
    name = f"bench-start-{number}"
    environment = {**os.environ, "SELVAGE_STATE_DIR": state, "HOME": state}
    began = time.monotonic()
    mesh = subprocess.Popen(
        [SELVAGE, "up", "-f", str(ROOT / "examples/minimal"), "--name", name],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    said = []
    try:
        for line in mesh.stdout:
            said.append(line)
            if " is up after " in line:
                break
        else:
            raise SystemExit(f"the mesh did not start:\n{''.join(said)}")
        up = time.monotonic() - began
        while True:
            answer = subprocess.run(
                [SELVAGE, "exec", "--mesh", name, "client", "--",
                 "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "http://web.default:8000/headers"],
                capture_output=True, text=True, env=environment)
            if answer.stdout == "200":
                break
            if time.monotonic() - began > 60:
                raise SystemExit(f"no request was served within 60 s: {answer.stdout} {answer.stderr}")
        served = time.monotonic() - began
    finally:
        mesh.terminate()
        mesh.wait(30)
    return {"up": round(up, 3), "served": round(served, 3)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", default=str(ROOT / "bench/results/start.json"))
    arguments = parser.parse_args()
    subprocess.run([SELVAGE, "version"], check=True, stdout=subprocess.DEVNULL)
    rounds = []
    with tempfile.TemporaryDirectory(prefix="selvage-start-") as state:
        for number in range(arguments.rounds):
            rounds.append(once(state, number))
            print(f"round {number + 1}: up after {rounds[-1]['up']:.2f} s, "
                  f"first request served after {rounds[-1]['served']:.2f} s", flush=True)
    median = {key: round(statistics.median(r[key] for r in rounds), 3) for key in ("up", "served")}
    result = {"unit": "s", "budget": BUDGET, "median": median, "rounds": rounds}
    out = pathlib.Path(arguments.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=2) + "\n")
    held = median["served"] <= BUDGET
    print(f"median: up {median['up']:.2f} s, served {median['served']:.2f} s "
          f"({'within' if held else 'over'} the budget of {BUDGET:.0f} s)")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
