# SPDX-License-Identifier: MIT
"""What `cmake --install` gives works where it was put: program, library, headers, pkg-config, CMake package, manual, completion."""
import os
import re
import subprocess

import pytest
from support import VERSION


BUILD = os.environ.get("ZONEFOLD_BUILD")
COMMANDS = ("run", "plan", "inspect", "show", "why", "export", "verify", "diff", "replay", "archive", "help")
C_SOURCE = """#include <stdio.h>
#include <zonefold/zonefold.h>
int main(void) {
    zf_error error = ZF_ERROR_INIT;
    zf_run_options options = {0};
    zf_status status = zf_run(&options, NULL, NULL, NULL, NULL, &error);
    printf("%s %s\\n", zf_version(), zf_status_name(status));
    return 0;
}
"""
CMAKE_SOURCE = """cmake_minimum_required(VERSION 3.25)
project(consumer C)
find_package(zonefold REQUIRED)
add_executable(consumer main.c)
target_link_libraries(consumer PRIVATE zonefold::SHARED)
"""


def tell(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **more)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def find(prefix, name):
    for folder, _, files in os.walk(prefix):
        if name in files:
            return os.path.join(folder, name)
    raise AssertionError(f"{name} is not installed below {prefix}")


@pytest.fixture(scope="module")
def prefix(shared_folder):
    path = os.path.join(shared_folder, "prefix")
    tell("cmake", "--install", BUILD, "--prefix", path)
    return path


@pytest.fixture(scope="module")
def environment(prefix):
    library = os.path.dirname(find(prefix, "libzonefold.so"))
    return dict(os.environ, PKG_CONFIG_PATH=os.path.join(library, "pkgconfig"), LD_LIBRARY_PATH=library)


@pytest.fixture
def consumer(folder):
    """A stranger's project."""
    for name, text in (("main.c", C_SOURCE), ("CMakeLists.txt", CMAKE_SOURCE)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return folder


def test_the_installed_program_and_its_manual(prefix):
    program = find(os.path.join(prefix, "bin"), "zonefold")
    assert "zonefold" in tell(program, "--version"), "program"
    pages = {re.search(r"'man (\S+)'", tell(program, "help", command))[1] for command in COMMANDS if command != "help"} | {"zonefold"}
    assert pages == {"zonefold", *(f"zonefold-{command}" for command in COMMANDS if command != "help")}, "the help of each command names its page"
    manual = dict(os.environ, MANPATH=os.path.dirname(os.path.dirname(find(prefix, "zonefold.1"))))
    for page in pages:
        assert page in tell("man", page, env=manual), f"man {page} can be read"


def test_the_installed_completion(prefix):
    with open(find(os.path.join(prefix, "share"), "zonefold"), encoding="utf-8") as file:
        assert "complete" in file.read()


def test_a_program_built_by_pkg_config(prefix, environment, consumer):
    flags = tell("pkg-config", "--define-variable=prefix=" + prefix, "--cflags", "--libs", "zonefold", env=environment).split()
    tell("gcc", "-std=c17", "main.c", "-o", "by-pkg-config", *flags, cwd=consumer, env=environment)
    assert tell("./by-pkg-config", cwd=consumer, env=environment) == f"{VERSION} usage\n"


def test_a_program_built_by_cmake(prefix, environment, consumer):
    tell("cmake", "-S", ".", "-B", "build", "-DCMAKE_PREFIX_PATH=" + prefix, cwd=consumer)
    tell("cmake", "--build", "build", cwd=consumer)
    assert tell("build/consumer", cwd=consumer, env=environment) == f"{VERSION} usage\n"
