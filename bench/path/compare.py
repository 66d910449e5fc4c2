#!/usr/bin/env python3
"""Requests per second, latency, processor time and memory of pairs of proxies, interleaved, in one run.

wrk -> client proxy -> mTLS -> server proxy (N policies, XFCC) -> nginx. Every round starts each subject anew, in an order
that is drawn, warms it up, and measures it. A run with an error of any kind is not counted but ends the benchmark.
"""

import argparse
import json
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time

import certs
import subjects


def wrk(url: str, connections: int, seconds: int) -> dict:
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", url], capture_output=True,
                         text=True, check=True).stdout
    errors = [line.strip() for line in out.splitlines() if "Non-2xx" in line or "Socket errors" in line]
    if errors:
        raise RuntimeError(f"{url}: {errors}")
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}
    latency = {}
    for percent in ("50%", "99%"):
        number, word = re.search(rf"^\s+{percent}\s+([\d.]+)(us|ms|s|m)$", out, re.M).groups()
        latency[percent] = float(number) * unit[word]
    return {"rps": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)),
            "requests": int(re.search(r"(\d+) requests in", out).group(1)),
            "p50_ms": latency["50%"], "p99_ms": latency["99%"]}


def measure(pair: subjects.Pair, connections: int, warm: int, seconds: int) -> dict:
    started = time.monotonic()
    try:
        pair.start()
        first = time.monotonic() - started
        wrk(pair.url(), connections, warm)
        before = [p.cpu_seconds() for p in pair.processes]
        result = wrk(pair.url(), connections, seconds)
        after = [p.cpu_seconds() for p in pair.processes]
        user = sum(a[0] - b[0] for a, b in zip(after, before))
        system = sum(a[1] - b[1] for a, b in zip(after, before))
        result |= {"user_us": user / result["requests"] * 1e6, "system_us": system / result["requests"] * 1e6,
                   "rss_mb": max(p.rss_mb() for p in pair.processes), "first_answer_s": first}
        return result
    finally:
        pair.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", default="envoy,haproxy,selvage-epoll,selvage-io_uring")
    parser.add_argument("--rules", default="1,1000,10000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--warm", type=int, default=20, help="seconds of load before the measured ones")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, help="where the rounds go as JSON")
    options = parser.parse_args()
    order = random.Random(options.seed)
    rows = []
    with tempfile.TemporaryDirectory(prefix="selvage-bench-") as temporary:
        folder = pathlib.Path(temporary)
        certs.make(folder)
        backend = subjects.Nginx(folder)
        try:
            for rules in [int(n) for n in options.rules.split(",")]:
                names = [n for n in options.subjects.split(",") if rules == 1 or n != "haproxy"]
                for number in range(options.rounds):
                    for name in order.sample(names, len(names)):
                        pair = subjects.SUBJECTS[name](name, folder, backend.port, rules)
                        warm = 4 if name in ("envoy", "haproxy") else options.warm
                        row = {"subject": name, "rules": rules, "round": number,
                               **measure(pair, options.connections, warm, options.seconds)}
                        rows.append(row)
                        print(f"{name:18} rules={rules:<6} round={number} {row['rps']:8.0f} rps  p50 {row['p50_ms']:6.1f} ms  "
                              f"p99 {row['p99_ms']:6.1f} ms  {row['user_us']:4.0f}+{row['system_us']:.0f} us  "
                              f"{row['rss_mb']:.0f} MB", flush=True)
        finally:
            backend.stop()
    summary(rows)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def summary(rows: list) -> None:
    """Medians, and each subject's ratio to Envoy round by round."""
    print(f"\n{'subject':18} {'rules':>6} {'rps':>7} {'/envoy':>14} {'p50 ms':>7} {'p99 ms':>7} {'us/req':>7} {'MB':>5}")
    for rules in sorted({r["rules"] for r in rows}):
        envoy = {r["round"]: r["rps"] for r in rows if r["subject"] == "envoy" and r["rules"] == rules}
        for name in dict.fromkeys(r["subject"] for r in rows if r["rules"] == rules):
            mine = [r for r in rows if r["subject"] == name and r["rules"] == rules]
            middle = lambda key: statistics.median(r[key] for r in mine)
            ratios = sorted(r["rps"] / envoy[r["round"]] for r in mine if r["round"] in envoy)
            shown = f"{ratios[0]:.1f}-{ratios[-1]:.1f}x" if ratios else "-"
            cpu = statistics.median(r["user_us"] + r["system_us"] for r in mine)
            print(f"{name:18} {rules:6} {middle('rps'):7.0f} {shown:>14} {middle('p50_ms'):7.1f} {middle('p99_ms'):7.1f} "
                  f"{cpu:7.0f} {middle('rss_mb'):5.0f}")


if __name__ == "__main__":
    sys.exit(main())
