#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The shared library exports exactly the functions that the public headers declare with ZF_API."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from support import ROOT, check

declared = set()
folder = os.path.join(ROOT, "include", "zonefold")
for header in sorted(os.listdir(folder)):
    with open(os.path.join(folder, header), encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    for declaration in re.findall(r"^ZF_API\b([^;{]*);", text, re.M):
        names = re.findall(r"\b(zf_\w+)\(", declaration)
        check(len(names) == 1, f"{header}: one function in: {declaration.strip()}")
        declared.update(names)
check(len(declared) > 40, "the headers declare the library's functions")

done = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", os.environ["ZONEFOLD_LIBRARY"]], text=True, capture_output=True, check=True)
exported = {line.split()[0].split("@")[0] for line in done.stdout.splitlines()} - {"__bss_start", "_edata", "_end"}  # the linker's own
check(not declared - exported, f"declared, but not exported: {sorted(declared - exported)}")
check(not exported - declared, f"exported, but not declared: {sorted(exported - declared)}")
print(f"{len(declared)} functions are exported, and nothing else")
