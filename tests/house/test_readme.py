#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The command lines of README.md and of the help's (and so the manual's) examples run as written, on the sample."""
import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from support import DATA, ROOT, check, program, scratch


def readme_commands():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        text = file.read()
    commands = []
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S):
        commands += [line for line in block.replace("\\\n", " ").split("\n") if line.startswith("zonefold ")]
    return commands


def help_commands():
    """The examples at the end of each command's help; the manual's EXAMPLES are the same lines."""
    commands = []
    for command in ("run", "plan", "inspect"):
        text = subprocess.run([program(), "help", command], capture_output=True, text=True, check=True).stdout
        commands += [line.strip() for line in text[text.index("\nExamples:"):].split("\n") if line.startswith("  zonefold ")]
    return commands


def put_example_files(folder):
    """The names that the examples use, for the sample's files."""
    for name in ("zips.gpkg", "buildings.gpkg"):
        os.symlink(os.path.join(DATA, name), os.path.join(folder, name))
    for name in os.listdir(os.path.join(DATA, "shp")):
        stem, suffix = os.path.splitext(name)
        os.symlink(os.path.join(DATA, "shp", name), os.path.join(folder, {"buildings": "town"}.get(stem, stem) + suffix))


def run_all(commands, folder):
    environment = dict(os.environ, PATH=os.path.dirname(program()) + os.pathsep + os.environ["PATH"])
    for command in commands:
        if os.path.exists(os.path.join(folder, "result.sqlite")):
            os.remove(os.path.join(folder, "result.sqlite"))
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
        check(done.returncode == 0, f"{command}\nexit status {done.returncode}\n{done.stderr}")
        check(done.stdout, f"{command}\nsays nothing")
        print(f"ran: {command}")


def check_demo(folder):
    """What README says that tools/demo prints is what its command prints; and there is the project that it speaks of."""
    with open(os.path.join(ROOT, "tools", "demo"), encoding="utf-8") as file:
        command = re.search(r'^"\$program" (run .*?[^\\])\n', file.read(), re.M | re.S)[1].replace("\\\n", " ")
    result = os.path.join(folder, "town.sqlite")
    words = [result if word == "$result" else word for word in shlex.split(command)]
    done = subprocess.run([program(), *words], cwd=ROOT, capture_output=True, text=True, timeout=300)
    check(done.returncode == 0, f"{command}\n{done.stderr}")
    check(os.path.exists(os.path.join(folder, "town.qgz")), "the demo makes a project")
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        block = re.search(r"^```\n(zip .*?)^```", file.read(), re.M | re.S)[1]
    for line in block.splitlines():
        check(line == "..." or line in done.stdout.splitlines(), f"README shows a line that the demo does not print: {line}\n{done.stdout}")


with scratch() as folder:
    check_demo(folder)
with scratch() as folder:
    commands = readme_commands()
    check(len(commands) >= 4, f"README has command lines: {commands}")
    os.symlink(DATA, os.path.join(folder, "data"))
    run_all(commands, folder)
with scratch() as folder:
    commands = help_commands()
    check(len(commands) >= 5, f"the help has examples: {commands}")
    put_example_files(folder)
    run_all(commands, folder)
