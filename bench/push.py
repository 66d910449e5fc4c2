#!/usr/bin/env python3
"""Time from writing a policy file to the last of 1,000 connected ADS clients having it, and the control plane's memory.

The clients are a process of their own. Each is a delta-xDS subscriber of a workload that the policy selects.
"""

import subprocess
import sys

from issuance import ROOT, java


def main() -> int:
    command = java()
    # The control plane's own flags: memory is part of the figure.
    command = [a for a in command if not a.startswith("-Xmx")]
    command.insert(1, "-Xmx128m")
    at = command.index("-cp") + 1
    command[at] = f"{ROOT}/control/target/test-classes:{command[at]}"
    return subprocess.run([*command, "io.selvage.control.PushLatency", *(sys.argv[1:] or ["1000", "20"])]).returncode


if __name__ == "__main__":
    sys.exit(main())
