#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Raw GEOS, PROJ, GDAL, SQLite, OpenSSL and operating system calls stay in the folders that own them; the program includes public headers only;
these compile alone as C17 and C++17."""
import os
import re
import shutil
import subprocess

from support import ROOT, check

OWNERS = {  # header pattern -> folders that may include it
    r"geos_c\.h|proj\.h|geodesic\.h": {"geometry"},
    r"gdal.*\.h|ogr_.*\.h|cpl_.*\.h": {"source"},
    r"sqlite3.*\.h": {"sql", "output", "qgis", "provenance"},
    r"spatialite\.h": {"sql"},
    r"yaml\.h": {"cli"},
    r"openssl/.*": {"base"},
    r"(unistd|fcntl|pthread|malloc|signal|dirent|ftw|sched|semaphore|dlfcn|termios|poll|pwd|grp|glob|fnmatch|libgen|spawn|utime|syslog"
    r"|netdb|mntent|execinfo|link|strings|threads|(sys|linux|arpa|net|netinet)/.*)\.h": {"os"},
}

n_files = 0
for folder, _, files in os.walk(os.path.join(ROOT, "src")):
    for name in files:
        if not name.endswith((".c", ".h")):
            continue
        n_files += 1
        path = os.path.join(folder, name)
        stage = os.path.relpath(path, os.path.join(ROOT, "src")).split(os.sep)[0]
        with open(path, encoding="utf-8") as file:
            text = file.read()
        check(text.startswith("/* SPDX-License-Identifier: MIT */"), f"{path} begins with its licence")
        for header in re.findall(r'^#include [<"]([^>"]+)[>"]', text, re.M):
            if stage == "cli" and "/" in header and not header.startswith("openssl/"):
                check(header.split("/")[0] in ("cli", "zonefold"), f"{path} includes {header}: the program sees public headers only")
            for pattern, owners in OWNERS.items():
                check(not re.fullmatch(pattern, header) or stage in owners, f"{path} includes {header}, which belongs to {owners}")
check(n_files > 50, "the sources are there")

for header in sorted(os.listdir(os.path.join(ROOT, "include", "zonefold"))):
    source = f'#include "zonefold/{header}"\n'
    compilers = [["gcc", "-std=c17", "-x", "c"]]
    if shutil.which("g++"):
        compilers.append(["g++", "-std=c++17", "-x", "c++"])
    for compiler in compilers:
        done = subprocess.run([*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I", os.path.join(ROOT, "include"), "-"],
                              input=source, text=True, capture_output=True)
        check(done.returncode == 0, f"{header} compiles alone with {compiler[0]}:\n{done.stderr}")
print(f"{n_files} files keep to their libraries; the public headers stand alone")
