#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `cmake --install` gives works where it was put: program, library, headers, pkg-config, CMake package, manual, completion."""
import os
import re
import subprocess
import sys

from support import check, scratch

BUILD = os.environ["ZONEFOLD_BUILD"]
COMMANDS = ("run", "plan", "inspect", "verify", "diff", "replay", "archive", "help")
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
    check(done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def find(prefix, name):
    for folder, _, files in os.walk(prefix):
        if name in files:
            return os.path.join(folder, name)
    sys.exit(f"FAILED: {name} is not installed below {prefix}")


with scratch() as folder:
    prefix, consumer = os.path.join(folder, "prefix"), os.path.join(folder, "consumer")
    tell("cmake", "--install", BUILD, "--prefix", prefix)
    program = find(os.path.join(prefix, "bin"), "zonefold")
    check("zonefold" in tell(program, "--version"), "program")
    pages = re.findall(r"^See 'man (.*)' for the full description", "".join(tell(program, "help", command) for command in COMMANDS), re.M)
    check(len(pages) == len(COMMANDS), pages)
    manual = dict(os.environ, MANPATH=os.path.dirname(os.path.dirname(find(prefix, "zonefold.1"))))
    for page in pages:
        check(page in tell("man", page, env=manual), f"man {page} can be read")
    completion = find(os.path.join(prefix, "share"), "zonefold")
    check("complete" in open(completion, encoding="utf-8").read(), "completion")
    library = os.path.dirname(find(prefix, "libzonefold.so"))

    os.mkdir(consumer)
    for name, text in (("main.c", C_SOURCE), ("CMakeLists.txt", CMAKE_SOURCE)):
        with open(os.path.join(consumer, name), "w", encoding="utf-8") as file:
            file.write(text)
    environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(library, "pkgconfig"), LD_LIBRARY_PATH=library)
    flags = tell("pkg-config", "--define-variable=prefix=" + prefix, "--cflags", "--libs", "zonefold", env=environment).split()
    tell("gcc", "-std=c17", "main.c", "-o", "by-pkg-config", *flags, cwd=consumer, env=environment)
    check(tell("./by-pkg-config", cwd=consumer, env=environment) == "0.2.0 usage\n", "a program built by pkg-config")
    tell("cmake", "-S", ".", "-B", "build", "-DCMAKE_PREFIX_PATH=" + prefix, cwd=consumer)
    tell("cmake", "--build", "build", cwd=consumer)
    check(tell("build/consumer", cwd=consumer, env=environment) == "0.2.0 usage\n", "a program built by CMake")
print("the installed parts work")
