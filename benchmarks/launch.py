"""Runs one command and prints what it took as JSON: wall and CPU seconds, peak memory in MiB.

A process of its own, for a child's peak memory includes that of the process it was started from;
this one is small. Standard library only, imports kept few.
"""

import json
import os
import sys
import time


def main() -> None:
    """``launch.py COMMAND [ARGUMENT…]``; what the command prints goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    streams = [(os.POSIX_SPAWN_DUP2, nowhere, 0), (os.POSIX_SPAWN_DUP2, nowhere, 1)]
    began = time.perf_counter()
    process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=streams)
    _, status, used = os.wait4(process, 0)
    took = {
        "wall": time.perf_counter() - began,
        "cpu": used.ru_utime + used.ru_stime,
        "mib": used.ru_maxrss / 1024,
        "code": os.waitstatus_to_exitcode(status),
    }
    print(json.dumps(took))


main()
