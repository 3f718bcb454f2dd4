# SPDX-License-Identifier: MIT
"""The command lines of README.md, of data/TUTORIAL.md and of the help's (and so the manual's) examples run as written, on the sample, and
print what is written below them."""
import os
import re
import shlex
import shutil
import subprocess

from support import DATA, ROOT, program

END = "--- end of block"
ENVIRONMENT = dict(os.environ, PATH=os.path.dirname(program()) + os.pathsep + os.environ["PATH"])


def blocks_of(path):
    """[(commands, what they print or None)] of a document: a block of the language sh, and the block right below it, if there is one."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        text = file.read()
    return [(commands, shown if fence else None) for commands, fence, shown in
            re.findall(r"^```sh\n(.*?)^```\n(?:(```)\n(.*?)^```$)?", text, re.M | re.S)]


def check_shown(shown, printed, what):
    """A line "..." stands for any lines, three dots in a line for anything in it; blanks at the end of a line are no matter."""
    lines = [line.rstrip() for line in shown.splitlines()]
    expected = "".join(r"(?:[^\n]*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", "[^\n]*") + "\n" for line in lines)
    said = "".join(line.rstrip() + "\n" for line in printed.splitlines())
    assert re.fullmatch(expected, said), f"{what}\nprints\n{said}\nand not\n{shown}"


def run_blocks(blocks, folder):
    """All in one shell, as somebody would who reads from top to bottom."""
    script = "\n".join(f"{commands}\necho; echo '{END}'" for commands, _ in blocks)
    done = subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=600)
    printed = done.stdout.split(f"\n{END}\n")
    assert done.returncode == 0 and len(printed) == len(blocks) + 1, f"exit status {done.returncode} after\n{blocks[min(len(printed), len(blocks)) - 1][0]}\n{done.stderr}"
    for (commands, shown), said in zip(blocks, printed):
        assert said.strip() or "zonefold" not in commands, f"{commands}\nsays nothing"
        if shown is not None:
            check_shown(shown, said, commands)
        print(f"ran: {commands.strip()}")


def help_commands(*names):
    """The examples at the end of each command's help; the manual's EXAMPLES are the same lines."""
    commands = []
    for name in names:
        text = subprocess.run([program(), "help", name, "--all"], capture_output=True, text=True, check=True).stdout
        commands += [line.strip() for line in text[text.index("\nExamples:"):].split("\n") if line.startswith("  zonefold ")]
    assert len(commands) >= len(names), f"the help has examples: {commands}"
    return commands


def overview_commands():
    """The examples of zonefold(1)."""
    with open(os.path.join(ROOT, "tools", "man", "zonefold.1.in"), encoding="utf-8") as file:
        return re.search(r"^\.SH EXAMPLES\n\.nf\n(.*?)^\.fi$", file.read(), re.M | re.S)[1].replace("\\-", "-").splitlines()


def put_example_files(folder):
    """The names that the examples use, for the sample's files."""
    for name in ("zips.gpkg", "buildings.gpkg"):
        os.symlink(os.path.join(DATA, name), os.path.join(folder, name))
    for name in os.listdir(os.path.join(DATA, "shp")):
        stem, suffix = os.path.splitext(name)
        os.symlink(os.path.join(DATA, "shp", name), os.path.join(folder, {"buildings": "town"}.get(stem, stem) + suffix))


def demo_command():
    """What tools/demo asks."""
    with open(os.path.join(ROOT, "tools", "demo"), encoding="utf-8") as file:
        words = shlex.split(re.search(r'^"\$program" (run (?:.*\\\n)*.*)$', file.read(), re.M)[1].replace("\\\n", " "))
    return shlex.join(["zonefold", *("demo.sqlite" if word == "$result" else word for word in words)])


def test_the_commands_of_the_readme(folder):
    blocks = blocks_of("README.md")
    (demo,) = [shown for commands, shown in blocks if commands == "tools/demo\n"]
    ours = [(commands, shown) for commands, shown in blocks if "zonefold run" in commands or "zonefold inspect" in commands]
    assert len(ours) >= 2, f"README has command lines: {blocks}"
    os.symlink(DATA, os.path.join(folder, "data"))
    run_blocks([(demo_command(), demo), *ours], folder)


def test_the_commands_of_the_tutorial(folder):
    blocks = blocks_of("data/TUTORIAL.md")
    assert not [commands for commands, _ in blocks if re.search(r"^\s*(sqlite3|ogrinfo|ogr2ogr)\b", commands, re.M)], "zonefold alone is needed"
    assert len(blocks) >= 10 and sum(shown is not None for _, shown in blocks) >= 10, f"the tutorial has command lines and what they print: {blocks}"
    shutil.copytree(DATA, os.path.join(folder, "data"))
    os.mkdir(os.path.join(folder, "build"))
    os.symlink(os.path.dirname(program()), os.path.join(folder, "build", "release"))
    run_blocks(blocks, folder)
    for name in ("town.sqlite", "town.qgz", "town-bag", "old-again.sqlite"):
        assert os.path.exists(os.path.join(folder, "build", "ashmere", name)), name


def test_the_examples_of_help_and_manual(folder):
    asking = help_commands("run", "plan", "inspect")
    telling = help_commands("show", "why", "export", "verify", "diff", "replay", "archive")
    result = "zonefold run --zips zips.gpkg --buildings buildings.gpkg -o result.sqlite && cp result.sqlite before.sqlite && cp result.sqlite after.sqlite"
    put_example_files(folder)
    run_blocks([(f"rm -f result.sqlite\n{command}", None) for command in [*asking, "\n".join(overview_commands())]], folder)
    run_blocks([(command, None) for command in ["rm result.sqlite", result, *telling]], folder)
