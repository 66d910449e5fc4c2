#!/usr/bin/env python3
"""Leaf certificates a second on one core: the CA as it runs, by gRPC with a client certificate, each CSR's signature checked.

The server is pinned to one core (taskset), the load to the other ones.
"""

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]


def java() -> list:
    home = subprocess.run([ROOT / "scripts" / "find-jdk"], check=True, capture_output=True, text=True).stdout.strip()
    path = f"{ROOT}/bench/target/*:{ROOT}/bench/target/lib/*"
    return [f"{home}/bin/java", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx192m", "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", path]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warm", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    others = [str(c) for c in sorted(os.sched_getaffinity(0)) if c != 0] or ["0"]
    with tempfile.TemporaryDirectory(prefix="selvage-issuance-") as folder:
        server = subprocess.Popen(["taskset", "-c", "0", *java(), "io.selvage.bench.IssuanceServer", folder],
                                  stdout=subprocess.PIPE, text=True)
        try:
            port = server.stdout.readline().split()[1]
            load = subprocess.run(["taskset", "-c", ",".join(others), *java(), "io.selvage.bench.IssuanceLoad", folder, port,
                                   str(options.warm + options.seconds)], check=True, capture_output=True, text=True)
            rss = next(int(line.split()[1]) // 1024
                       for line in pathlib.Path(f"/proc/{server.pid}/status").read_text().splitlines()
                       if line.startswith("VmRSS:"))
        finally:
            server.terminate()
            server.wait()
    rates = [int(line.split()[1]) for line in load.stdout.splitlines() if line.startswith("issued ")]
    measured = rates[options.warm:]
    print(f"issuances/s on one core: median {statistics.median(measured):.0f}  min {min(measured)}  max {max(measured)}  "
          f"server RSS {rss} MB  (cold, by second: {rates[:5]})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
