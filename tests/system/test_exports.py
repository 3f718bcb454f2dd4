# SPDX-License-Identifier: MIT
"""The shared library exports exactly the functions that the public headers declare with ZF_API."""
import os
import re
import subprocess

from support import ROOT


def declared_functions():
    found = set()
    folder = os.path.join(ROOT, "include", "zonefold")
    for header in sorted(os.listdir(folder)):
        with open(os.path.join(folder, header), encoding="utf-8") as file:
            text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
        for declaration in re.findall(r"^ZF_API\b([^;{]*);", text, re.M):
            names = re.findall(r"\b(zf_\w+)\(", declaration)
            assert len(names) == 1, f"{header}: one function in: {declaration.strip()}"
            found.update(names)
    return found


def test_what_is_declared_is_exported_and_nothing_else():
    declared = declared_functions()
    assert len(declared) > 40, "the headers declare the library's functions"
    done = subprocess.run(["nm", "-D", "--defined-only", "--format=posix", os.environ["ZONEFOLD_LIBRARY"]], text=True, capture_output=True, check=True)
    exported = {line.split()[0].split("@")[0] for line in done.stdout.splitlines()} - {"__bss_start", "_edata", "_end"}  # the linker's own
    assert exported == declared
