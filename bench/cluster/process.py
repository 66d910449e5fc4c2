"""A program that runs until it is stopped, and what it costs."""

import os
import pathlib
import subprocess


class Peer:
    """One process with its log in a folder."""

    def __init__(self, name: str, line: list, folder: pathlib.Path, environment: dict | None = None, **more):
        self.name = name
        self.log = folder / f"{name}.log"
        self.began = 0.0
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([str(part) for part in line], cwd=folder, env=environment, stdin=subprocess.PIPE if more.get("talks") else subprocess.DEVNULL,
                                            stdout=subprocess.PIPE if more.get("talks") else log, stderr=log, text=True)

    def alive(self) -> None:
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.log.read_text()[-3000:]}")

    def status(self, field: str) -> int:
        """A figure of /proc/PID/status in kB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1])
        raise KeyError(field)

    def rss_mb(self) -> int:
        return self.status("VmRSS") // 1024

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
