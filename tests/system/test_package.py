# SPDX-License-Identifier: MIT
"""The Debian package that `cpack -G DEB` makes: what is in it, what it depends on, and that the program in it runs."""
import os
import re
import shutil
import subprocess

import pytest
from support import SAMPLE, VERSION

BUILD = os.environ.get("ZONEFOLD_BUILD")
LIBRARIES = ("libc6", "libgdal", "libgeos-c1", "libproj", "libsqlite3-0", "libspatialite", "libyaml-0", "libssl")
PAGES = {f"./usr/share/man/man1/zonefold{of}.1" for of in ("", "-run", "-plan", "-inspect", "-show", "-why", "-export", "-verify", "-diff", "-replay", "-archive")}
FILES = {"./usr/bin/zonefold", *PAGES, "./usr/share/bash-completion/completions/zonefold", "./usr/share/doc/zonefold/copyright"}


def tell(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **more)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


TOOLS = ("cpack", "dpkg-deb", "dpkg-shlibdeps", "file")
pytestmark = pytest.mark.skipif(any(shutil.which(tool) is None for tool in TOOLS), reason=f"not all of {', '.join(TOOLS)} are here (Debian: cmake, dpkg-dev, file)")


@pytest.fixture(scope="module")
def package(shared_folder):
    tell("cpack", "-G", "DEB", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", shared_folder, cwd=BUILD)
    packages = [name for name in os.listdir(shared_folder) if name.endswith(".deb")]
    assert len(packages) == 1 and re.fullmatch(rf"zonefold_{re.escape(VERSION)}_[a-z0-9]+\.deb", packages[0]), packages
    return os.path.join(shared_folder, packages[0])


def test_the_files_of_the_package(package):
    listed = {line.split()[5]: line.split()[:2] for line in tell("dpkg-deb", "--contents", package).splitlines()}
    assert {name for name in listed if not name.endswith("/")} == FILES
    assert listed["./usr/bin/zonefold"] == ["-rwxr-xr-x", "root/root"]
    assert all(listed[page][0] == "-rw-r--r--" for page in PAGES), listed


def test_the_fields_of_the_package(package):
    fields = tell("dpkg-deb", "--field", package, "Package", "Version", "Section").split("\n")[:3]
    assert fields == ["Package: zonefold", f"Version: {VERSION}", "Section: science"]
    depends = tell("dpkg-deb", "--field", package, "Depends")
    missing = [name for name in LIBRARIES if not re.search(rf"(^|, ){re.escape(name)}", depends)]
    assert not missing, depends


def test_the_program_of_the_package(package, folder):
    tell("dpkg-deb", "--extract", package, folder)
    program = os.path.join(folder, "usr", "bin", "zonefold")
    assert tell(program, "--version").startswith(f"zonefold {VERSION}\n")
    tell(program, "run", *SAMPLE, "-q", "-o", os.path.join(folder, "r.sqlite"))
