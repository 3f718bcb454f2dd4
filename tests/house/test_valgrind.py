#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""valgrind finds no leak and no bad access of ours on a whole run: Cambridge where it is at hand, else the sample town."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from support import DATA, REAL, check, program, scratch

cambridge = os.path.join(REAL, "ma_cambridge")
if os.path.isdir(cambridge):
    layers, where = ["--zips", f"{cambridge}/zips.gpkg", "--buildings", f"{cambridge}/buildings.gpkg"], "ELEV_GL > 0"
else:
    print(f"the real layers are not at {REAL}: the sample stands in for them")
    layers, where = ["--zips", f"{DATA}/zips.gpkg", "--buildings", f"{DATA}/buildings.gpkg"], "height > 0"

with scratch() as folder:
    out = os.path.join(folder, "result.sqlite")
    done = subprocess.run(["valgrind", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible", "--num-callers=40",
                           program(), "run", *layers, "--where", where, "-q", "-o", out], capture_output=True, text=True, timeout=1500)
    check(done.returncode == 0, done.stderr)
    check(os.path.exists(out), "the result is there")
records = re.split(r"^==\d+== *\n", done.stderr, flags=re.M)
check(len(records) > 3, "valgrind spoke")
ours = [r for r in records if re.search(r"are (definitely|possibly|indirectly) lost in|Invalid (read|write|free)|uninitialised", r)
        and re.search(r"\((?:\w+\.c):\d+\)", r) and re.search(r"\bzf_\w+", r)]
check(not ours, "valgrind complains of ours:\n" + "\n".join(ours[:5]))
summary = re.search(r"definitely lost: ([\d,]+) bytes", done.stderr)
print(f"valgrind: nothing of ours; definitely lost in all: {summary.group(1) if summary else '0'} bytes")
