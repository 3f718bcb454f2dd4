#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Debian package that `cpack -G DEB` makes: what is in it, what it depends on, and that the program in it runs."""
import os
import re
import shutil
import subprocess
import sys

from support import DATA, SKIPPED, check, scratch

BUILD = os.environ["ZONEFOLD_BUILD"]
LIBRARIES = ("libc6", "libgdal", "libgeos-c1", "libproj", "libsqlite3-0", "libspatialite", "libyaml-0", "libssl")
PAGES = {f"./usr/share/man/man1/zonefold{of}.1" for of in ("", "-run", "-plan", "-inspect", "-verify", "-diff", "-replay", "-archive")}
FILES = {"./usr/bin/zonefold", *PAGES, "./usr/share/bash-completion/completions/zonefold", "./usr/share/doc/zonefold/copyright"}


def tell(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **more)
    check(done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


for tool in ("cpack", "dpkg-deb", "dpkg-shlibdeps", "file"):
    if shutil.which(tool) is None:
        print(f"SKIPPED: there is no {tool}; the packages cmake, dpkg-dev and file have what it takes")
        sys.exit(SKIPPED)
with scratch() as folder:
    tell("cpack", "-G", "DEB", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", folder, cwd=BUILD)
    packages = [name for name in os.listdir(folder) if name.endswith(".deb")]
    check(len(packages) == 1 and re.fullmatch(r"zonefold_0\.1\.0_[a-z0-9]+\.deb", packages[0]), packages)
    package = os.path.join(folder, packages[0])
    listed = {line.split()[5]: line.split()[:2] for line in tell("dpkg-deb", "--contents", package).splitlines()}
    files = {name for name in listed if not name.endswith("/")}
    check(files == FILES, f"{files ^ FILES}")
    check(listed["./usr/bin/zonefold"] == ["-rwxr-xr-x", "root/root"] and all(listed[page][0] == "-rw-r--r--" for page in PAGES), listed)
    check(tell("dpkg-deb", "--field", package, "Package", "Version", "Section").split("\n")[:3] == ["Package: zonefold", "Version: 0.2.0", "Section: science"], "fields")
    depends = tell("dpkg-deb", "--field", package, "Depends")
    check(all(re.search(rf"(^|, ){re.escape(name)}", depends) for name in LIBRARIES), f"it depends on its libraries: {depends}")
    tell("dpkg-deb", "--extract", package, os.path.join(folder, "root"))
    program = os.path.join(folder, "root", "usr", "bin", "zonefold")
    check(tell(program, "--version").startswith("zonefold 0.2.0\n"), "the program runs")
    tell(program, "run", "--zips", os.path.join(DATA, "zips.gpkg"), "--buildings", os.path.join(DATA, "buildings.gpkg"), "-q", "-o", os.path.join(folder, "r.sqlite"))
print(f"{packages[0]}: {depends}")
