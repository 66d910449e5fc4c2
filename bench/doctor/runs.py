"""Runs of programs that end by themselves, and what they cost."""

import json
import os
import pathlib
import statistics
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def timed(line: list, folder: pathlib.Path) -> dict:
    """One run of a program: seconds, CPU seconds, the most memory that it had, and what it wrote."""
    out = folder / "out"
    with open(out, "wb") as file, open(folder / "err", "wb") as err:
        begin = time.monotonic()
        process = subprocess.Popen([str(part) for part in line], stdout=file, stderr=err, stdin=subprocess.DEVNULL,
                                   env={**os.environ, "SELVAGE_NO_BUILD": "1", "HOME": str(folder)}, cwd=folder)
        _, status, used = os.wait4(process.pid, 0)
        took = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    return {"s": round(took, 2), "cpu_s": round(used.ru_utime + used.ru_stime, 2), "rss_mb": used.ru_maxrss // 1024, "status": process.returncode,
            "out": out.read_text(), "err": (folder / "err").read_text()}


def doctor(kubeconfig: pathlib.Path, context: str, folder: pathlib.Path, *more: str) -> dict:
    """One run of the doctor, whose answer is JSON."""
    ran = timed([ROOT / "selvage", "doctor", f"--kubeconfig={kubeconfig}", f"--context={context}", "-o", "json", "--fail-on=never", *more], folder)
    if ran["status"] != 0:
        raise RuntimeError(f"status {ran['status']}: {ran['out'][-2000:]}{ran['err'][-2000:]}")
    return ran


def several(name: str, runs: int, run) -> dict:
    all_runs = [run() for _ in range(runs)]
    figures = {"runs_s": [one["s"] for one in all_runs], "median_s": statistics.median(one["s"] for one in all_runs), "slowest_s": max(one["s"] for one in all_runs),
               "cpu_s": statistics.median(one["cpu_s"] for one in all_runs), "rss_mb": max(one["rss_mb"] for one in all_runs), "status": all_runs[-1]["status"]}
    print(f"{name:42} {figures['median_s']:6.2f} s (slowest of {runs}: {figures['slowest_s']:.2f} s), CPU {figures['cpu_s']:.2f} s, RSS {figures['rss_mb']} MB"
          + (f", exit status {figures['status']}" if figures["status"] else ""), flush=True)
    return figures | {"last": all_runs[-1]}


def counts(said: dict) -> dict:
    return said["last"]["out"] and json.loads(said["last"]["out"]).get("summary", {})
