#!/usr/bin/env python3
"""How large a mesh the prover takes, and how fast: random meshes of a rich vocabulary, each question in a JVM of its own.

Times are of the whole process: JVM start, reading YAML, the answer with replayed witnesses. The budgets are those of ADR 18.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MAIN = "io.selvage.bench.prove.ProverScale"


def run(java: list[str], *arguments: str) -> dict[str, float]:
    began = time.monotonic()
    answer = subprocess.run([*java, MAIN, *arguments], capture_output=True, text=True)
    took = time.monotonic() - began
    if answer.returncode != 0:
        raise SystemExit(answer.stdout + answer.stderr)
    figures: dict[str, float] = {"wall_s": round(took, 2)}
    for word in answer.stdout.split():
        key, _, value = word.partition("=")
        figures[key] = int(value)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=str(ROOT / "bench/results/prove.json"))
    parser.add_argument("--class-path", default=f"{ROOT}/bench/target/*:{ROOT}/bench/target/lib/*")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="1,000 workloads only")
    options = parser.parse_args()
    java = ["java", "-Xmx1500m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", options.class_path]
    results = {}
    missed = []

    def measure(name: str, budget: float, figure: str, *arguments: str) -> None:
        rounds = [run(java, *arguments) for _ in range(options.rounds)]
        rounds.sort(key=lambda each: each[figure])
        middle = rounds[len(rounds) // 2]
        results[name] = middle
        print(f"{name:44} {middle[figure]:>9} (budget {budget})  {middle}", flush=True)
        if middle[figure] > budget:
            missed.append(name)

    with tempfile.TemporaryDirectory() as folder:
        small = f"{folder}/small"
        run(java, "generate", small, "1000", "1000", "0.01", "1")
        measure("1,000 x 1,000: diff, witnesses, lint, s", 5.0, "wall_s", "both", small, "1000")
        measure("1,000 x 1,000: diff and witnesses, s", 5.0, "wall_s", "diff", small, "1000")
        measure("1,000 x 1,000: one file changed, ms", 300, "watch_median_ms", "watch", small, "1000")
        if not options.small:
            large = f"{folder}/large"
            run(java, "generate", large, "10000", "10000", "0.01", "1")
            measure("10,000 x 10,000: diff and witnesses, s", 15.0, "wall_s", "diff", large, "10000")
            measure("10,000 x 10,000: memory, KB", 2_000_000, "rss_kb", "diff", large, "10000")
            measure("10,000 x 10,000: lint, s", 60.0, "wall_s", "lint", large, "10000")
        measure("adversary of 12 pairs, s", 30.0, "wall_s", "adversary", "-", "12")
        measure("adversary of 40 pairs, s", 30.0, "wall_s", "adversary", "-", "40")
    pathlib.Path(options.out).write_text(json.dumps(results, indent=1) + "\n")
    if missed:
        print("over budget: " + "; ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
