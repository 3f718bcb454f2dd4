# SPDX-License-Identifier: MIT
"""Help and version; and that help and completion tell of everything the program takes."""
import functools
import os
import re
import subprocess

from manual import names
from town import describe, fails, works


@functools.cache
def text_of(*arguments):
    """What `zonefold help` says, with nothing on stderr."""
    done = works(["help", *arguments])
    assert done.stderr == "", "help says nothing on stderr"
    return done.stdout


def test_help_is_a_success_on_stdout():
    for arguments in (["help"], ["--help"], ["-h"]):
        done = works(arguments)
        assert done.stderr == "" and done.stdout.startswith("Usage: zonefold"), f"{arguments}{describe(done)}"
        for command in names()["command"]:
            assert re.search(rf"^  {command} ", done.stdout, re.M), f"{command} is listed"


def test_every_command_has_help_that_ends_with_examples_and_its_page():
    for command in names()["command"]:
        text = text_of(command)
        assert text.startswith(f"Usage: zonefold {command}"), f"usage of {command}"
        examples, page = text[text.index("Examples:"):].split("\n\n")
        examples = examples.splitlines()[1:]
        assert f"'man {names()[f'page:{command}'][0]}'" in page, page
        assert examples and all(line.startswith(f"  zonefold {command}") for line in examples), f"examples of {command}"
        assert works([command, "--help"]).stdout == text, f"{command} --help says the same"
    assert works(["run", "-h"]).stdout == text_of("run"), "-h is --help"


def test_help_wins_over_missing_options():
    assert works(["run", "--zips", "x", "--help"]).stdout == text_of("run"), "help of run"


def test_help_of_run_fits_a_screen_and_has_all_on_request():
    for command in ("run", "plan"):
        lines = text_of(command).splitlines()
        options = [line for line in lines if re.match(r"  -\w, --", line)]
        assert len(options) == 10 and len(lines) <= 24, f"{len(options)} options in {len(lines)} lines"
        assert any(f"help {command} --all" in line for line in lines), lines
        whole = text_of(command, "--all")
        assert len(whole.splitlines()) > 100 and all(re.search(rf"^{re.escape(line[:12])}", whole, re.M) for line in options)
    assert text_of("diff") == text_of("diff", "--all"), "few options are all shown"


def test_help_on_topics_names_what_there_is():
    known = names()
    for topic, wanted in (("stats", known["statistic:number"] + known["statistic:text"]), ("measures", known["measure"]), ("analyses", known["analysis"]),
                          ("expressions", ["COALESCE", "CASE", "metres", "number"])):
        done = works(["help", topic])
        assert done.stderr == "" and all(re.search(rf"\b{name}\b", done.stdout) for name in wanted), topic
        assert not [line for line in done.stdout.splitlines() if len(line) > 80] and "`" not in done.stdout, topic
    fails(2, ["help", "stat"], "'stats'")


def test_examples_of_the_help_on_expressions_run(town):
    fields = {"year": "year", "name": "name", "levels": "levels", "zip_code": "zip_code", "height_ft": "height_ft"}
    text = works(["help", "expressions"]).stdout
    lines = [re.split(r"   +", line.strip())[0] for line in text.splitlines() if line.startswith("  ")]
    assert len(lines) >= 10, text
    made = [word for name in fields for word in ("--compute", f"{name}='12'")]
    works(["plan", *town.arguments(*made, *[word for i, line in enumerate(lines) for word in ("--rule", f"r{i}={line}")])[1:]])


def test_help_of_an_unknown_command_is_a_usage_error():
    fails(2, ["help", "rum"], "'run'")


def test_help_lines_fit_a_terminal():
    for command in names()["command"]:
        for more in ([], ["--all"]):
            text = text_of(command, *more)
            long = [line for line in text[:text.index("Examples:")].splitlines() if len(line) > 80]
            assert not long, f"lines over 80 columns: {long}"


def test_version_names_all_libraries():
    lines = works(["--version"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["zonefold", "GDAL", "GEOS", "PROJ", "SQLite", "SpatiaLite"], f"libraries: {lines}"
    for line in lines:
        assert re.fullmatch(r"\w+ \d+\.\d+\S*.*", line), f"a version: {line}"


def test_help_tells_every_option():
    for kind, options in names().items():
        if kind.startswith("option:"):
            text = text_of(kind.split(":")[1], "--all")
            for option in options:
                assert re.search(rf"^  (-\w, |    ){option}( |$)", text, re.M), f"{option} in the help of {kind}"


def complete(*words):
    """What bash offers for the last word."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _zonefold; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", os.environ["ZONEFOLD_COMPLETION"], "zonefold", *words],
                          capture_output=True, text=True, check=True)
    assert done.stderr == "", f"completion complains: {done.stderr}"
    return [line for line in done.stdout.splitlines() if line]


def test_completion_offers_commands_and_every_option():
    known = names()
    assert set(known["command"]) <= set(complete("")), "commands"
    assert complete("ins") == ["inspect"], "one command"
    assert set(complete("help", "")) == set(known["command"]), "help takes a command"
    for command in known["command"]:
        assert set(known[f"option:{command}"]) <= set(complete(command, "-")), f"options of {command}"
    assert complete("run", "--zips-") == ["--zips-layer", "--zips-crs", "--zips-encoding", "--zips-open-option"], "options by their beginning"


def test_completion_offers_choices_and_files():
    assert complete("run", "--assign", "c") == ["covered-by", "centroid"], "choices"
    assert complete("run", "--assign", "=", "c") == ["covered-by", "centroid"], "choices behind the sign"
    assert complete("run", "--assign", "=") == ["within", "covered-by", "intersects", "centroid", "inner-point", "largest", "share"], "all choices"
    assert set(complete("run", "--analysis", "")) == set(names()["analysis"]) | {"none"}, "analyses"
    known = names()
    for analysis in known["analysis"]:
        expected = set(known.get(f"parameter:{analysis}", []))
        for words in ((analysis, ":"), (analysis, ":", "")):
            offered = complete("run", "--analysis", *words)
            assert {word[:word.index("=") + 1] for word in offered} == expected, f"parameters of {analysis}: {offered}"
    assert complete("run", "--analysis", "histogram", ":", "f") == ["field="], "parameters by their beginning"
    here = os.path.abspath(__file__)
    assert complete("run", "--zips", here[:-1]) == [here], "files of an option"
    assert complete("run", "-o", here[:-1]) == [here], "files of a short option"
    assert complete("inspect", here[:-1]) == [here], "files of inspect"
    assert complete("run", "--where", "") == [], "nothing for an expression"


def test_unwritable_stdout_is_an_output_error():
    with open("/dev/full", "w", encoding="utf-8") as full:
        for arguments in (["help"], ["--version"], ["run", "--help"]):
            done = subprocess.run([os.environ["ZONEFOLD_PROGRAM"], *arguments], stdout=full, stderr=subprocess.PIPE, text=True)
            assert done.returncode == 4 and "standard output" in done.stderr, f"{arguments}: {done}"


def test_closed_stdout_is_an_output_error():
    done = subprocess.run(["sh", "-c", '"$0" help >&-', os.environ["ZONEFOLD_PROGRAM"]], capture_output=True, text=True)
    assert done.returncode == 4 and "standard output" in done.stderr, f"{done}"
