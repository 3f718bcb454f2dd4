# SPDX-License-Identifier: MIT
"""What the folders of src promise: raw libraries and system calls only in the folders that own them, includes only of earlier rooms, the command
line over the public headers alone, and public headers that compile alone."""
import os
import re
import shutil
import subprocess
import sys

import pytest
from support import ROOT

SRC, PUBLIC = os.path.join(ROOT, "src"), os.path.join(ROOT, "include", "zonefold")
OWNERS = {  # header pattern -> folders that may include it
    r"geos_c\.h|proj\.h|geodesic\.h": {"geometry"},
    r"gdal.*\.h|ogr_.*\.h|cpl_.*\.h": {"source"},
    r"sqlite3.*\.h": {"guard", "sql", "output", "qgis", "provenance"},
    r"spatialite\.h": {"sql"},
    r"yaml\.h": {"cli"},
    r"openssl/.*": {"base"},
    r"(unistd|fcntl|pthread|malloc|signal|dirent|ftw|sched|semaphore|dlfcn|termios|poll|pwd|grp|glob|fnmatch|libgen|spawn|utime|syslog"
    r"|netdb|mntent|execinfo|link|strings|threads|(sys|linux|arpa|net|netinet)/.*)\.h": {"os"},
}


def rooms():
    """The folders in the order in which data meets them, as src/CMakeLists.txt has it; cli is the last."""
    with open(os.path.join(SRC, "CMakeLists.txt"), encoding="utf-8") as file:
        return [*re.search(r"^set\(stages ([^)]*)\)", file.read(), re.M)[1].split(), "cli"]


def read_sources():
    """(path below src, text) of each C file and header."""
    found = {}
    for folder, _, names in os.walk(SRC):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    found[os.path.relpath(os.path.join(folder, name), SRC)] = file.read()
    return found


SOURCES = read_sources()
INCLUDES = [(path, header) for path, text in SOURCES.items() for header in re.findall(r'^#include [<"]([^>"]+)[>"]', text, re.M)]


def room_of(path):
    return path.split(os.sep)[0]


def test_each_file_begins_with_its_licence():
    assert len(SOURCES) > 50, "the sources are there"
    assert [path for path, text in SOURCES.items() if not text.startswith("/* SPDX-License-Identifier: MIT */")] == []


@pytest.mark.parametrize("pattern", OWNERS, ids=[pattern.split(".*")[0].split("\\")[0].strip("(").split("|")[0] for pattern in OWNERS])
def test_raw_headers_stay_with_their_owners(pattern):
    assert [(path, header) for path, header in INCLUDES if re.fullmatch(pattern, header) and room_of(path) not in OWNERS[pattern]] == []


def test_no_include_of_a_later_room():
    order = {room: number for number, room in enumerate(rooms())}
    assert {room_of(path) for path in SOURCES} <= order.keys(), "every folder has its place in the order"
    assert [(path, header) for path, header in INCLUDES
            if header.split("/")[0] in order and order[header.split("/")[0]] > order[room_of(path)]] == []


def test_structs_functions_and_names():
    """tools/structure holds the rules of src/CONTRIBUTING.md."""
    done = subprocess.run([sys.executable, os.path.join(ROOT, "tools", "structure"), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_command_line_uses_the_public_headers_only():
    rooms_below = set(rooms()) - {"cli"}
    assert [(path, header) for path, header in INCLUDES if room_of(path) == "cli" and header.split("/")[0] in rooms_below] == []


GEOS_THAT_THROWS = r"GEOS(Prepare\w*|Relate\w*|Intersect\w*|Contains\w*|Cover\w*|Within|Touches|Crosses|Overlaps|Disjoint|Equals\w*|Distance\w*|Difference\w*|SymDifference|Union\w*|Buffer\w*|Clip\w*)_r"


def test_no_decision_of_geos_in_the_assignment():
    """Relations and overlays of GEOS, which throw on some valid data, serve `inspect` and the analysis of overlaps only."""
    callers = {path for path, text in SOURCES.items() if re.search(GEOS_THAT_THROWS, text)}
    assert callers == {"geometry/geos_predicate.c", "geometry/footprints_overlap.c"}
    ours = [name for path in callers for name in re.findall(r"^zf_status (zf_\w+)\(", SOURCES[path], re.M)]
    assert len(ours) >= 4
    users = {room_of(path) for path, text in SOURCES.items() if re.search(r"\b(" + "|".join(ours) + r")\(", text)}
    assert users == {"geometry", "inspect", "analysis"}


def test_no_internal_error_from_a_geometry():
    """What GEOS refuses with an internal error is listed where a geometry is examined, united or has a point taken; beside these no room of a run calls
    functions that say so."""
    examine, state = SOURCES[os.path.join("examine", "examine.c")], SOURCES[os.path.join("zone", "assign_state.c")]
    assert examine.count("ZF_E_INTERNAL") >= 2 and "ZF_E_INTERNAL" in state
    users = {path for path, text in SOURCES.items() if re.search(r"\bzf_geom_(check_valid|make_valid|centroid|inner_point)\(", text) and room_of(path) != "geometry"}
    assert users == {os.path.join("examine", "examine.c"), os.path.join("zone", "assign_state.c")}
    deciders = [path for path in SOURCES if re.match(r"geometry/(relate|overlay|exact|edge_tree)|zone/(assign\.|relate_zone|overlap|path_overlap|locat|grid|grid_)", path)]
    assert len(deciders) > 12
    assert [path for path in deciders if "ZF_E_INTERNAL" in SOURCES[path]] == ["zone/grids.c"]
    assert SOURCES["zone/grids.c"].count("ZF_E_INTERNAL") == 1  # a polygon that the program itself wrote and cannot read again


@pytest.mark.parametrize("compiler", (["gcc", "-std=c17", "-x", "c"], ["g++", "-std=c++17", "-x", "c++"]), ids=("C17", "C++17"))
@pytest.mark.parametrize("header", sorted(os.listdir(PUBLIC)))
def test_public_headers_compile_alone(header, compiler):
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"{compiler[0]} is not installed")
    done = subprocess.run([*compiler, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I", os.path.dirname(PUBLIC), "-"],
                          input=f'#include "zonefold/{header}"\n', text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
