"""Run a command and take its cost from outside: `python -m benchmarks.measure RESULT COMMAND…`.

Every process it leaves behind is adopted, waited for and counted, so that workers which
outlive the one that started them cost what they cost.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    result, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    begun = time.monotonic()
    child = subprocess.Popen(command)
    cost = {"wall": 0.0, "cpu": 0.0, "memory": 0.0}
    code = 1
    while True:
        try:
            pid, status, used = os.wait4(-1, 0)
        except ChildProcessError:
            break
        cost["cpu"] += used.ru_utime + used.ru_stime
        cost["memory"] = max(cost["memory"], used.ru_maxrss / 1024)  # MiB
        if pid == child.pid:
            cost["wall"] = time.monotonic() - begun
            code = child.returncode = os.waitstatus_to_exitcode(status)
    Path(result).write_text(json.dumps(cost))
    sys.exit(code)


if __name__ == "__main__":
    main()
