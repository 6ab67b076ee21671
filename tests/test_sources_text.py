"""Shell files, Makefiles, justfiles, Dockerfiles, reStructuredText: regions, and where each character stands."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings, strategies as st

from nemolint.reader import find_runs, read_document, read_text
from nemolint.sources import kind_of, nested_reader
from support.containers import assert_faithful, container_cases, place, read, runs, shell
from support.scripts import may_be
from support.sizes import many

if TYPE_CHECKING:
    from pathlib import Path

PATHS = ["a.sh", "Makefile", "justfile", "Dockerfile", "a.rst", "a.txt", "Procfile", "crontab"]


@pytest.mark.parametrize(
    ("path", "head", "kind"),
    [
        ("a/b.sh", "", "shell"),
        ("b.SBATCH", "", "shell"),
        (".bashrc", "", "shell"),
        ("run", "#!/bin/sh -e\n", "shell"),
        ("run", "#!/usr/bin/env -S bash -e\n", "shell"),
        ("run", "#!/usr/bin/env A=1 zsh\r\n", "shell"),
        ("run", "#!/usr/bin/env -S uv run --script\n", "python"),
        ("run", "#!/usr/bin/python3.11\n", "python"),
        ("run", "#!/usr/bin/fish\n", None),
        ("run", "#!/bin/csh -f\n", None),
        ("run", "#! /usr/bin/env  -S  bash -e\n", "shell"),
        ("run", "#!/usr/bin/busybox sh\n", "shell"),
        ("run", "#!/usr/bin/env nix-shell\n#! nix-shell -i bash -p uv\n", "shell"),
        ("run", "#!/usr/bin/make -f\n", "make"),
        ("run", "#!/usr/bin/env -S just --justfile\n", "just"),
        ("run.pbs", "", "shell"),
        ("job.lsf", "", "shell"),
        ("run.command", "", "shell"),
        ("job.sub", "#!/bin/bash -l\n", "shell"),
        ("job.sub", "executable = run.sh\n", None),
        ("notes.txt", "#!/bin/sh\n", "shell"),
        ("a.c", "#!/bin/bash\n", "shell"),
        ("a.md", "#!/bin/bash\n", "markdown"),
        ("job", "#SBATCH --nodes 1\n", "shell"),
        ("job", "#PBS -l select=1\n", "shell"),
        ("job", "#BSUB -n 8\n", "shell"),
        ("job", "#$ -cwd\n", "shell"),
        ("job", "#$ is a comment\n", None),
        ("x.sh.j2", "", "shell"),
        ("x.sh.in", "", "shell"),
        ("x.j2", "{# note #}\n#!/bin/bash\n", "shell"),
        ("job.yaml.tmpl", "", "yaml"),
        ("user-data", "#cloud-config\n", "yaml"),
        ("user-data.txt", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n", "mime"),
        ("user-data.txt", "Content-Type: text/plain\n", "text"),
        ("run.desktop", "", "ini"),
        ("Tiltfile", "", "python"),
        (".tmux.conf", "", "shell"),
        ("tox.ini", "", "ini"),
        ("setup.cfg", "", "ini"),
        ("train.service", "", "ini"),
        ("Makefile.in", "", "make"),
        ("requirements.in", "", None),
        ("page.qmd", "", "markdown"),
        ("page.Rmd", "", "markdown"),
        ("rule.mdc", "", "markdown"),
        ("run", "", None),
        ("README.MD", "", "markdown"),
        ("a.mdx", "", "markdown"),
        ("a.txt", "", "text"),
        ("GNUmakefile", "", "make"),
        ("a.mk", "", "make"),
        (".justfile", "", "just"),
        ("Dockerfile.gpu", "", "dockerfile"),
        ("x.dockerfile", "", "dockerfile"),
        ("Containerfile", "", "dockerfile"),
        (".gitlab-ci.yml", "", "yaml"),
        ("a.ipynb", "", "notebook"),
        ("a.c", "", None),
        ("Procfile", "", "procfile"),
        ("deploy/Procfile.dev", "", "procfile"),
        ("crontab", "", "crontab"),
        ("jobs.crontab", "", "crontab"),
        ("etc/cron.d/train", "", "crontab"),
        ("cron.d/train", "#!/bin/sh\n", "shell"),
        ("cron.d/train.sh", "", "shell"),
        ("cron.d/train.bak", "", None),
        ("cron.daily/train", "", None),
        (".env", "", "other"),
        ("deploy/.env.production", "", "other"),
        (".env.template", "", "other"),
        ("prod.env", "", "other"),
        (".env.sh", "", "shell"),
        ("env.toml", "", "toml"),
        ("env.d", "", None),
        (".netrc", "", "other"),
        (".npmrc", "", "other"),
        (".pypirc", "", "other"),
        ("setup.fish", "", "other"),
        ("setup.csh", "#!/bin/csh\n", "other"),
        ("ci/Jenkinsfile", "", "other"),
        ("main.tf", "", "other"),
        ("a.html", "", "other"),
        ("a.xhtml", "", "other"),
        ("build.gradle", "", "other"),
        ("ci/train.jenkinsfile", "", "other"),
        ("train.job", "", "shell"),
        ("x.dash", "", "shell"),
        (".bash_login", "", "shell"),
        (".zlogin", "", "shell"),
        ("notes.mdown", "", "markdown"),
        (".cursorrules", "", "markdown"),
        ("step.cwl", "", "yaml"),
        ("train.dvc", "", "yaml"),
        ("a.code-workspace", "", "json"),
        ("tasks.jsonc", "", "json"),
        ("train.timer", "", "ini"),
        ("train.container", "", "ini"),
        ("rules.mak", "", "make"),
        ("jobs.justfile", "", "just"),
        ("gui.pyw", "", "python"),
        ("SConstruct", "", "python"),
        ("Pipfile", "", "toml"),
        ("align.snakefile", "", "strings"),
        ("README", "", "text"),
        ("run.sh.example", "", "shell"),
        ("ci.yml.sample", "", "yaml"),
        ("job.toml.dist", "", "toml"),
        ("notes.example", "", None),
        ("launch.js", "", None),
    ],
)
def test_kinds(path: str, head: str, kind: str | None) -> None:
    """Names, extensions and `#!` lines tell the kind of a file."""
    assert kind_of(path, head) == kind


def test_files_with_nothing_but_secrets() -> None:
    """What looks like a command in a file that is looked at for secrets is none: another program reads that file."""
    for path in (".env", ".netrc", "a.tfvars"):
        document = read_text(path, "nemotron steps run sft/automodle --dryrun\nsh 'nemotron steps run x'\n")
        assert (document.kind, document.runs, document.notes) == ("other", (), ())


def test_nested_readers() -> None:
    """What can stand in a fence has a reader for that; a script of its own has none."""
    assert nested_reader("dockerfile") is not None
    assert nested_reader("shell") is None


def test_shell_file() -> None:
    """A script is one region; its line ends are LF for the reader and stay as they are in the file."""
    (region,) = read("a.sh", "\ufeffa\r\nnemotron b\r\n").regions
    assert (region.text, region.kind, region.surface) == ("a\nnemotron b\n", "shell", "script")
    assert place(region, "nemotron b") == (2, 1, 2, 11)


def test_a_carriage_return_behind_a_backslash() -> None:
    """In a file of LF lines it ends the command, as for bash, and that is said; a file of CRLF lines is read as LF."""
    lines = "echo\n" * 3 + "nemotron steps run a \\\r\n  --dry-run\necho x\\\r\n"
    reading = read("a.sh", lines)
    assert [region.text for region in reading.regions] == [
        "echo\n" * 3 + "nemotron steps run a  \n  --dry-run\necho x \n"
    ]
    assert [lines[note.start : note.end + 2] for note in reading.notes] == ["\\\r\n"]
    assert runs("a.sh", lines) == ["nemotron steps run a"]
    crlf = lines.replace("\r\n", "\n").replace("\n", "\r\n")
    assert runs("a.sh", crlf) == ["nemotron steps run a --dry-run"]
    assert not read("a.sh", crlf).notes


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u202f", "\u3000", "\u200b"])
@pytest.mark.parametrize("words", ["nemotron{}steps run a", "uv run nemotron steps{}run a", "nemotron steps run{}a"])
def test_a_space_that_ends_no_word(space: str, words: str) -> None:
    """A no-break space and its like between the words of the command keep a shell from finding it: that is said."""
    for path, text in (
        ("a.sh", "{}\n"),
        ("a.md", "```bash\n{}\n```\n"),
        ("a.yml", "a:\n- run: {}\n"),
        ("Makefile", "a:\n\t{}\n"),
    ):
        text = text.format(words.format(space))
        document = read_text(path, text)
        assert not document.runs
        assert [text[note.start : note.end] for note in document.notes if note.event == "broken-shell"] == [space]
    assert not read_text("a.sh", f"echo '{words.format(space)}'\n# {words.format(space)}\n").notes


def test_make_recipes() -> None:
    """Recipe lines lose tab and signs; `$$` is `$`; what make expands stays an expansion."""
    text = (
        "all: dep ; @echo $(HOME)\n\t@-nemotron steps run a \\\n"
        "\t  -c $(CONFIG) seed=$$RANDOM $@ $(call f,$(X)) $(shell pwd)\n"
        "ifdef X\n\t+ls\nendif\nX = nemotron no\n# nemolint: ignore[a] b\n"
    )
    assert shell("Makefile", text) == [
        "echo ${HOME}",
        "nemotron steps run a \\\n  -c ${CONFIG} seed=$RANDOM ${_} ${_} $(pwd)",
        "ls",
    ]
    region = read("Makefile", text).regions[1]
    assert place(region, "-c") == (3, 4, 3, 6)
    assert place(region, "$RANDOM") == (3, 22, 3, 30)
    assert [comment.text for comment in read("Makefile", text).suppress_comments] == ["nemolint: ignore[a] b"]


def test_make_variables() -> None:
    """A variable that holds the command is its value, as far as that is certain."""
    text = (
        "RUN = $(NEM) steps run # x\nNEM ?= uv run nemotron\nCONFIG = tiny\n"
        "t:\n\t$(RUN) a -c $(CONFIG)\n\t${NEM} steps list\n"
    )
    assert shell("Makefile", text) == ["uv run nemotron steps run a -c tiny", "uv run nemotron steps list"]
    assert place(read("Makefile", text).regions[0], "nemotron steps run") == (5, 2, 5, 8)
    assert shell("Makefile", "R = nemotron\nR += x\nt:\n\t$(R)\n") == ["nemotron x"]
    assert shell("Makefile", "R = nemotron a\nt: R = nemotron b\nt:\n\t$(R)\n") == ["nemotron ${_}"]
    assert shell("Makefile", "A = x\nt: A += y\nt:\n\tnemotron $(A)\n") == ["nemotron ${A}"]
    assert shell("Makefile", "R ?= nemotron\nR ?= other\nt:\n\t$(R)\n") == ["nemotron"]
    assert shell("Makefile", "ifdef A\nR = uv run nemotron\nelse\nR = nemotron\nendif\nt:\n\t$(R) a\n") == [
        "uv run nemotron a"
    ]
    assert shell("Makefile", "A = $(B) nemotron\nB = $(A) nemotron\nt:\n\t$(A)\n") == ["${B} nemotron"]


RUN = "nemotron steps run"
_SETS = st.sampled_from(["=", ":=", "?="])
_OPTIONS = st.sampled_from(["-d", "seed=1", "-c tiny"])
_MAKE_STATEMENTS = st.lists(
    st.builds(
        str.format,
        st.sampled_from(["{}", "ifdef DRY\n{}\nendif", "ifndef DRY\n{}\nendif", "a: {}"]),
        st.one_of(
            st.builds(
                "{} {} {}".format, st.just("CMD"), _SETS, st.sampled_from([f"{RUN} a/b", f"uv run {RUN} a/b -d"])
            ),
            st.builds("{} {} {}".format, st.just("OPTIONS"), _SETS, _OPTIONS),
            st.builds("{} += {}".format, st.sampled_from(["CMD", "OPTIONS"]), _OPTIONS),
        ),
    ),
    max_size=4,
)


_JOB = "apiVersion: v1\nspec:\n  containers:\n  - command: [nemotron, steps, run, a/b, -c, {0}]\n"
_TASK = "run: |\n  set -e\n  nemotron steps run a/b -c {0}\n"
_SERVICES = "services:\n  a:\n    command: nemotron steps run a/b -c {0}\n"
_RECIPE = "all:\n\tnemotron steps run a/b -c {0}\n"
_IMAGE = 'FROM x\nCMD ["nemotron", "steps", "run", "a/b", "-c", "{0}"]\n'
_PROGRAM = 'import subprocess\nsubprocess.run(["nemotron", "steps", "run", "a/b", "-c", "{0}"])\n'
_UNIT = "[Service]\nExecStart=/usr/bin/env nemotron steps run a/b -c {0}\n"
_FILES = [
    ("kubectl apply -n x -f - <<EOF\n{0}EOF\n", _JOB),
    ("cat <<EOF | oc create -f -\n{0}EOF\n", _JOB),
    ('F=$(mktemp)\ncat > "$F" <<EOF\n{0}EOF\nkubectl apply -f "$F"\n', _JOB),
    ('w() {{\ncat > "$1.yaml" <<EOF\n{0}EOF\nkubectl apply -f "$1.yaml"\n}}\nw job\n', _JOB),
    ("cat > task.yaml <<EOF\n{0}EOF\nsky launch task.yaml\n", _TASK),
    ("tee $D/task.yml <<EOF > /dev/null\n{0}EOF\n", _TASK),
    ("docker compose -f - up <<EOF\n{0}EOF\n", _SERVICES),
    ("make -f - <<EOF\n{0}EOF\n", _RECIPE),
    ("cat > Makefile <<EOF\n{0}EOF\nmake\n", _RECIPE),
    ("docker build -t x - <<EOF\n{0}EOF\n", _IMAGE),
    ("cat <<EOF > $D/Dockerfile.train\n{0}EOF\n", _IMAGE),
    ("cat > train.py <<EOF\n{0}EOF\ntorchrun train.py\n", _PROGRAM),
    ("cat > bin/train <<EOF\n#!/usr/bin/env python3\n{0}EOF\n", _PROGRAM),
    ("sudo tee /etc/systemd/system/x.service <<EOF\n{0}EOF\n", _UNIT),
    ("sudo tee /etc/cron.d/x <<EOF\n{0}EOF\n", "0 2 * * * root nemotron steps run a/b -c {0}\n"),
]


@pytest.mark.parametrize(("script", "file"), _FILES)
def test_files_that_a_script_writes(script: str, file: str) -> None:
    """A file of another kind, written or handed on by a script, is read as that, with what the script puts in."""
    for config, known in (("tiny", True), ("$CFG", False), ("${CFG:-tiny}", False)):
        text = script.format(file.format(config))
        (run,) = [run for run in find_runs("a.sh", text) if run.role == "command"]
        assert run.step is not None and run.step.value == "a/b"
        assert run.config is not None and (run.config.text == config if known else not run.config.known), text
        assert run.dry_run in (False, None)


@pytest.mark.parametrize(
    "launcher",
    ["docker exec -i x python -", "docker run -i --rm python python3", "ssh x python3 -", "ssh x 'python3 -u -'",
     "kubectl exec -i x -- python", "uv run -", "uv run --with x python -", "srun -N 1 python3 -"],
)  # fmt: skip
def test_programs_on_standard_input(launcher: str) -> None:
    """A program that a Python started by another program reads from its input is read."""
    text = f"{launcher} <<'EOF'\n{_PROGRAM.format('tiny')}EOF\n"
    assert [run.step.value for run in find_runs("a.sh", text) if run.role == "command" and run.step] == ["a/b"]
    assert not find_runs("a.sh", text.replace("python", "cat").replace("uv run -", "cat"))


def test_written_files_that_do_not_parse() -> None:
    """A file that cannot be read because of what nobody knows in it is reported, unless it runs nothing."""
    text = 'J=$(cat <<EOF\n%sEOF\n)\necho "$J" | kubectl apply -f -\n'
    for config, found in (("tiny", True), ("$CFG", True), ("${CFG:-tiny}", False)):
        document = read_document("a.sh", (text % _JOB.format(config)).encode())
        assert len(document.runs) == found and len(document.notes) == (not found)
    broken = read_document("a.sh", b"kubectl apply -f - <<'EOF'\na: [nemotron, steps, run, a/b\nEOF\n")
    assert [note.event for note in broken.notes] == ["broken-shell"]
    assert not read_document("a.sh", b"kubectl apply -f - <<'EOF'\na: [nemotron\nEOF\n").notes


def test_files_that_a_loop_writes() -> None:
    """Each file that a loop writes is read; comments, configs and pages that it writes run nothing."""
    loop = f"for s in a/b c/d; do\ncat > jobs/$(x $s).yaml <<EOF\n{_JOB.format('tiny').replace('a/b', '$s')}EOF\ndone\n"
    assert [run.step.value for run in find_runs("a.sh", loop) if run.step] == ["a/b", "c/d"]
    text = (
        "cat > c.yaml <<EOF\n# nemotron steps run a\nnote: see nemotron steps run b for help\nEOF\n"
        "cat > README.md <<EOF\n    nemotron steps run c\nEOF\n"
    )
    assert [run for run in find_runs("a.sh", text) if run.role == "command"] == []


@pytest.mark.skipif(shutil.which("make") is None, reason="needs GNU make")
@pytest.mark.parametrize("given_by_user", [(), ("DRY=1",)], ids=["plain", "with DRY"])
@given(statements=_MAKE_STATEMENTS)
@settings(max_examples=many(80), deadline=None)
def test_make_variables_as_make(given_by_user: tuple[str, ...], statements: list[str]) -> None:
    """Whatever assigns the variables of a command, it is read as GNU make expands it, or as open."""
    text = "\n".join([f"CMD = {RUN} a/b", *statements, "a:", "\t$(CMD) $(OPTIONS)", ""])
    arguments = ["make", "-n", "-f", "-", "a", *given_by_user]
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, check=False)
    printed = find_runs("a.sh", done.stdout)
    found = [run for run in find_runs("Makefile", text) if run.role == "command"]
    for run in printed:
        words = [word.value for word in run.words]
        words = words[words.index("run") + 1 :]
        assert any(may_be(other, words) and other.dry_run in (run.dry_run, None) for other in found), (text, words)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("R := nemotron steps run\nR := uv run $(R)\nt:\n\t$(R) a -d\n", ["nemotron steps run a -d"]),
        ("R ::= nemotron steps run\nR ::= ${R} a\nt:\n\t$(R) -d\n", ["nemotron steps run a -d"]),
        ("export C := nemotron steps run a -d\nt:\n\t$$C\n", ["nemotron steps run a -d"]),
        ("export C = nemotron steps run a\nt:\n\t@$${C} -d\n", ["nemotron steps run a -d"]),
        ("C = nemotron steps run a\nt:\n\t$$C -d\n", []),
        (
            'SHELL := python3\n.ONESHELL:\nt:\n\timport os\n\tos.system("nemotron steps run a -d")\n',
            ["nemotron steps run a -d"],
        ),
    ],
)
def test_what_make_hands_on(source: str, found: list[str]) -> None:
    """A value that goes on from itself, one that a recipe's shell expands, and recipes in Python."""
    assert runs("Makefile", source) == found


def test_recipes_for_another_program_are_said_not_to_be_checked() -> None:
    """They are not passed over in silence if they name the command."""
    source = 'SHELL := perl\nt:\n\tsystem("nemotron steps run a");\n'
    (note,) = read_text("Makefile", source).notes
    assert note.info and source[note.start : note.end] == "nemotron" and "perl" in note.message


def test_make_other_shells() -> None:
    """Shell functions are read, canned recipes too; help texts and recipes of other interpreters are not."""
    text = (
        "V != nemotron a\nW := $(shell nemotron b)\n"
        "define c\n@nemotron c $(1)\nendef\ndefine help\nUse nemotron d\nendef\n"
    )
    assert shell("Makefile", text) == ["nemotron a", "nemotron b", "nemotron c ${_}"]
    assert shell("Makefile", "SHELL = /usr/bin/python3\nt:\n\tnemotron\n") == []
    assert shell("Makefile", ".ONESHELL:\nt:\n\t@cd x\n\tnemotron y\nu:\n\tz\n") == ["cd x\nnemotron y", "z"]
    assert shell("Makefile", ".RECIPEPREFIX = >\nt:\n>nemotron a \\\n>b\n") == ["nemotron a \\\nb"]
    text = (
        "a:\n\tnemotron 1\n.RECIPEPREFIX = > # x\nb:\n> nemotron 2 \\\n>x\n\tnot\n.RECIPEPREFIX :=\nc:\n\tnemotron 3\n"
    )
    assert shell("Makefile", text) == ["nemotron 1", "nemotron 2 \\\nx", "nemotron 3"]
    assert shell("Makefile", ".RECIPEPREFIX := $(E) $(E)\na:\n nemotron 4\n") == ["nemotron 4"]
    assert shell("Makefile", "override .RECIPEPREFIX ::= !\na:\n!nemotron 5\n") == ["nemotron 5"]
    assert shell("Makefile", "export NEMOTRON_ENV_FILE := a.toml\n") == ["export NEMOTRON_ENV_FILE=a.toml"]


def test_just_recipes() -> None:
    """Each line of a recipe is a script; a recipe with `#!` or the script attribute is one."""
    text = (
        "run := 'uv run nemotron steps run'\nout := `nemotron a`\nexport NEMOTRON_ENV_FILE := \"a.toml\"\n\n"
        "t a='x:y' +b: dep\n    @nemotron {{a}} \\\n      -d\n    -{{run}} b {{{{c}}\n\n    # comment\n\n"
        "s:\n    #!/usr/bin/env bash\n    if x; then\n      nemotron c\n    fi\n\n"
        "[private]\n[script('bash')]\nr:\n    cd x\n    nemotron d\n\np:\n    #!/usr/bin/env python3\n    nemotron e\n"
        "# nemolint: ignore[a] b\n"
    )
    assert shell("justfile", text) == [
        "nemotron a",
        'export NEMOTRON_ENV_FILE="a.toml"',
        "nemotron {{a}} \\\n  -d\n",
        "uv run nemotron steps run b {{c}}\n",
        "# comment\n",
        "#!/usr/bin/env bash\nif x; then\n  nemotron c\nfi\n\n",
        "cd x\nnemotron d\n\n",
    ]
    assert place(read("justfile", text).regions[2], "-d") == (7, 7, 7, 9)
    assert shell("justfile", 'set shell := ["pwsh", "-c"]\nt:\n    nemotron\n') == []


@pytest.mark.parametrize(
    "head",
    [
        "t:\n    #!/usr/bin/env python3\n",
        "t:\n    #!/usr/bin/env -S uv run --script\n",
        "[script('python3', '-u')]\nt:\n",
        '[script("uv", "run", "--script")]\nt:\n',
    ],
)
def test_just_recipes_in_python(head: str) -> None:
    """What a recipe in Python starts is found, with what just fills in left open."""
    text = f"{head}    import os\n    os.system('nemotron steps run a/b -c {{{{config}}}}')\n"
    (run,) = find_runs("justfile", text)
    assert run.role == "command" and run.config is not None and not run.config.known


@pytest.mark.parametrize(
    "program", ["/usr/bin/env nemotron", "/usr/bin/flock /tmp/l nemotron", "/opt/x/bin/go nemotron"]
)
def test_units_name_programs_by_path(program: str) -> None:
    """A unit of systemd starts a program by its path, which may be any launcher."""
    text = (
        f"[Unit]\nDescription=/usr/bin/x is for nemotron steps run a\n[Service]\nExecStart={program} steps run a/b -d\n"
    )
    assert runs("a.service", text) == ["nemotron steps run a/b -d"]


def test_docker_shell_form() -> None:
    """Flags are skipped; comments and blank lines inside an instruction are not part of it."""
    text = (
        "FROM a\nRUN --mount=type=cache,target=/x \\\n  nemotron steps run \\  \n"
        "    # nemolint: ignore[a] b\n\n    a && echo $X\n"
        "HEALTHCHECK --interval=5s CMD nemotron b\nONBUILD RUN nemotron c\nARG NEMOTRON_ENV_FILE=a.toml\n"
        'ENV NEMOTRON_ENV_FILE b.toml\nENV A=nemotron\nSHELL ["pwsh", "-c"]\nRUN nemotron no\nFROM b\nrun nemotron d\n'
    )
    assert shell("Dockerfile", text) == [
        "nemotron steps run \\\n    a && echo $X",
        "nemotron b",
        "nemotron c",
        "export NEMOTRON_ENV_FILE=a.toml",
        "export NEMOTRON_ENV_FILE=b.toml",
        "nemotron d",
    ]
    assert place(read("Dockerfile", text).regions[0], "a && echo") == (6, 5, 6, 14)
    assert [comment.text for comment in read("Dockerfile", text).suppress_comments] == ["nemolint: ignore[a] b"]
    assert shell("Dockerfile", "# escape=`\nRUN a `\n  nemotron\n") == ["a \\\n  nemotron"]


def test_docker_exec_form() -> None:
    """A list of words is a command; an entry point gets the words of CMD, or those of whoever starts the container."""
    entry = 'ENTRYPOINT ["nemotron", "steps", "run"]\n'
    assert shell("Dockerfile", entry + 'CMD ["a", "-d"]\n') == ["nemotron steps run a -d"]
    assert shell("Dockerfile", entry) == ['nemotron steps run "$@"']
    assert shell("Dockerfile", 'CMD ["sh", "-c", "nemotron a"]\n') == ["sh -c 'nemotron a'"]
    assert shell("Dockerfile", "RUN [ -d x ] && nemotron a\n") == ["[ -d x ] && nemotron a"]
    (region,) = read("Dockerfile", 'RUN ["nemotron", \\\n "a \\"b\\""]\n').regions
    assert region.text == "nemotron 'a \"b\"'"
    assert place(region, '"b"') == (2, 5, 2, 10)


def test_docker_here_documents() -> None:
    """A here-document is the script of RUN, the input of its command, or a file that COPY writes."""
    text = (
        "RUN <<EOF\nnemotron a\nEOF\nRUN <<EOF\n#!/usr/bin/env python3\nnemotron no\nEOF\n"
        "RUN bash <<-'X' && ls\n\tnemotron b\n\tX\n"
        "COPY <<EOF /run.sh\nnemotron c\nEOF\nCOPY <<EOF /a.txt\nnemotron no\nEOF\n"
        "RUN echo $((1 <<2)) x<<y\nRUN <<NEVER nemotron d\n"
    )
    program = "import os\nos.system('nemotron steps run a/b')\nEOF\n"
    for head in (
        "COPY <<EOF /t.py\n",
        "RUN <<EOF\n#!/usr/bin/env python3\n",
        "COPY --chmod=755 <<EOF /t\n#!/usr/bin/python\n",
    ):
        assert runs("Dockerfile", f"FROM x\n{head}{program}CMD t\n") == ["nemotron steps run a/b"]
    assert shell("Dockerfile", text) == [
        "nemotron a\n",
        "bash <<-'X' && ls\n\tnemotron b\n\tX",
        "nemotron c\n",
        "echo $((1 <<2)) x<<y",
        "<<NEVER nemotron d",
    ]


RST = """\
Run ``nemotron steps
run a -c b``, :command:`nemotron x` and `nemotron y`_::

   $ nemotron c

     more

.. code-block:: console
   :caption: nemotron no

   $ nemotron d

.. nemolint: template

.. code:: bash

   nemotron e

.. note:: nemotron note

   .. tab-item:: X

      .. code-block:: bash

         nemotron f \\
           -c x

      ::

         nemotron g

.. nemotron no

   .. code-block:: bash

      nemotron no

.. highlight:: python

::

   nemotron no

.. mermaid::

   nemotron no

..

   quote

.. prompt:: bash $ auto

   $ nemotron h
   out
"""


def test_rst() -> None:
    """Code directives and literal blocks are shell text, inline literals snippets, comments nothing."""
    reading = read("a.rst", RST)
    assert [(region.container, region.text) for region in reading.regions if region.kind != "mention"] == [
        ("rst:inline-code", "nemotron steps run a -c b"),
        ("rst:inline-code", "nemotron x"),
        ("rst:literal-block", "$ nemotron c\n\n  more\n"),
        ("rst:code-block:console", "$ nemotron d\n"),
        ("rst:code:bash", "nemotron e\n"),
        ("rst:code-block:bash", "nemotron f \\\n  -c x\n"),
        ("rst:literal-block", "nemotron g\n"),
        ("rst:prompt:bash", "$ nemotron h\nout\n"),
    ]
    assert [region.text for region in reading.regions if region.template] == ["nemotron e\n"]
    assert [region.text for region in reading.regions if region.console] == ["$ nemotron d\n", "$ nemotron h\nout\n"]
    assert place(reading.regions[0], "run a") == (2, 1, 2, 6)
    assert reading.suppress_comments[0].text == "nemolint: template"


def test_fences_of_other_languages() -> None:
    """A Dockerfile, a Makefile or reStructuredText in a Markdown fence is read by its own source."""
    text = (
        "- x\n  ```dockerfile\n  RUN nemotron a \\\n    b\n  ```\n```make\nt:\n\tnemotron $(A)\n```\n"
        "```{eval-rst}\n.. code-block:: bash\n\n   nemotron b\n```\n"
    )
    assert [(region.container, region.surface, region.text) for region in read("a.md", text).regions] == [
        ("md:fence:indented:dockerfile:run", "doc", "nemotron a \\\n  b"),
        ("md:fence:make:recipe", "doc", "nemotron ${A}"),
        ("md:fence:{eval-rst}:code-block:bash", "doc", "nemotron b\n"),
    ]


def test_shared_cases(shared: Path) -> None:
    """Each labelled run stands in a region at its exact place."""
    cases = container_cases(shared, "make", "just", "dockerfile", "rst", "shell")
    for case in cases:
        regions = read(case["path"], case["source"]).regions
        for run in case["runs"]:
            starts, ends = set(), set()
            for region in regions:
                lines = region.document.lines
                starts |= {
                    lines.position(region.map.outer_start(m.start())) for m in re.finditer("nemotron", region.text)
                }
                ends |= {lines.position(region.map.outer_end(at + 1)) for at in range(len(region.text))}
            assert (run["line"], run["column"]) in starts, case["name"]
            assert (run["end_line"], run["end_column"]) in ends, case["name"]


plain = st.text(
    st.sampled_from("ab =$'\"#{}()[]<>|&;:-é😀\t") | st.characters(codec="utf-8", exclude_characters="\r\n"),
    max_size=20,
)
commands = plain.map(lambda text: "run" + text).filter(lambda text: not text.endswith("\\"))
ends = st.sampled_from(["\n", "\r\n", "\r"])


@given(lines=st.lists(commands, min_size=1, max_size=4), end=ends)
def test_make_round_trip(lines: list[str], end: str) -> None:
    """What was written for make, with each `$` doubled, is what the shell gets."""
    text = end.join(["t:", *("\t@" + line.replace("$", "$$") for line in lines), ""])
    assert shell("Makefile", text) == lines


@given(lines=st.lists(commands, min_size=1, max_size=4), end=ends)
def test_just_round_trip(lines: list[str], end: str) -> None:
    """What was written for just, with each `{{` doubled, is what the shell gets."""
    text = end.join(["t:", *("    @" + line.replace("{{", "{{{{") for line in lines), ""])
    assert shell("justfile", text) == [line + "\n" for line in lines]


@given(lines=st.lists(commands.filter(lambda text: "<<" not in text), min_size=1, max_size=4), end=ends)
def test_docker_round_trip(lines: list[str], end: str) -> None:
    """A shell form is the shell's text, continuations included."""
    assert shell("Dockerfile", f"RUN {end.join(line + chr(92) for line in lines)}{end}run{end}CMD x") == [
        "\\\n".join([*lines, "run"]),
        "x",
    ]


@given(words=st.lists(plain, min_size=1, max_size=4), ascii_only=st.booleans())
def test_docker_exec_round_trip(words: list[str], ascii_only: bool) -> None:
    """The words of an exec form are the words that the shell makes of the region."""
    words = ["run", *(word.replace("\0", "") for word in words)]
    (text,) = shell("Dockerfile", f"CMD {json.dumps(words, ensure_ascii=ascii_only)}\n")
    assert shlex.split(text) == words


@given(lines=st.lists(commands | st.just("") | commands.map(lambda text: "  " + text), max_size=5), end=ends)
def test_rst_round_trip(lines: list[str], end: str) -> None:
    """A code block's text is its lines without their common indentation."""
    lines = ["first", *lines, "last"]
    block = end.join("      " + line if line else "" for line in lines)
    text = f".. note::{end}{end}   .. code-block:: bash{end}{end}{block}{end}{end}Text.{end}"
    assert shell("a.rst", text) == ["".join(line + "\n" for line in lines)]


@pytest.mark.parametrize("path", PATHS)
@given(text=st.text(st.sampled_from("\t\r\n :\\$(){}<>EOF=`@#.-[]\"'nemotron\ufeff\0é\ud800")))
def test_any_text(path: str, text: str) -> None:
    """No text ends in an error, and every map holds."""
    read(path, text)


@given(
    text=st.lists(
        st.sampled_from(
            ["RUN ", "<<A", "A\n", "CMD ", '["a"', "]\n", "ONBUILD ", "\\\n", "# b\n", "x\n", "ENTRYPOINT "]
        )
    )
)
def test_any_dockerfile(text: list[str]) -> None:
    """No order of instructions ends in an error."""
    read("Dockerfile", "".join(text))


# Procfiles and crontabs


def test_procfile() -> None:
    """Each process is a script of its own; a line that names no process is skipped."""
    text = (
        "# the jobs\nweb: python app.py\nworker: nemotron steps run a/b -d\n"
        " worker-2 :X=1 exec nemotron steps run c/d\nnemotron steps run e/f\n"
    )
    reading = read("Procfile", text)
    assert [region.text for region in reading.regions] == [
        "python app.py", "nemotron steps run a/b -d", "X=1 exec nemotron steps run c/d",
    ]  # fmt: skip
    assert place(reading.regions[1], "-d") == (3, 32, 3, 34)
    assert [comment.text for comment in reading.suppress_comments] == ["the jobs"]


@pytest.mark.parametrize(
    ("path", "line", "expected"),
    [
        ("crontab", "0 3 * * * nemotron steps run a/b -d", ["nemotron steps run a/b -d"]),
        ("crontab", " */5 1-3,7 1 jan mon-fri\tcd /x && nemotron steps run a/b", ["nemotron steps run a/b"]),
        ("x.crontab", "@daily nemotron steps run a/b", ["nemotron steps run a/b"]),
        ("crontab", "@reboot X=1 nemotron steps run a/b", ["nemotron steps run a/b"]),
        ("cron.d/x", "0 3 * * * root nemotron steps run a/b", ["nemotron steps run a/b"]),
        ("etc/crontab", "@daily train nemotron steps run a/b", ["nemotron steps run a/b"]),
        ("crontab", "0 3 * * * root nemotron steps run a/b", ["nemotron steps run a/b"]),
        ("crontab", "0 3 * * * echo nemotron steps run a/b", []),
        ("crontab", "0 3 * * nemotron steps run a/b", []),
        ("crontab", "# 0 3 * * * nemotron steps run a/b", []),
        ("crontab", "JOB = 0 3 * * * nemotron steps run a/b", []),
        ("crontab", "0 3 * * * nemotron steps run a/b k=100\\% -d", ["nemotron steps run a/b k=100% -d"]),
        ("crontab", "0 3 * * * nemotron steps run a/b k=100% -d", ["nemotron steps run a/b k=100"]),
        ("crontab", "0 3 * * * nemotron steps run a/b %", ["nemotron steps run a/b"]),
        ("crontab", "0 3 * * * bash -s%nemotron steps run a/b%nemotron steps run c/d",
         ["nemotron steps run a/b", "nemotron steps run c/d"]),
        ("crontab", "0 3 * * * cat%nemotron steps run a/b", []),
        ("crontab", "SHELL=/bin/bash\n@daily nemotron steps run a/b", ["nemotron steps run a/b"]),
        ("crontab", "SHELL=/usr/bin/python3\n@daily nemotron steps run a/b", []),
    ],
)  # fmt: skip
def test_crontab(path: str, line: str, expected: list[str]) -> None:
    """A job is the command behind five fields or a name, and the user; a bare `%` ends it."""
    assert runs(path, line + "\n") == expected


def test_places_in_a_crontab() -> None:
    """An escaped `%` is one character, and places behind it are exact; what a bare one cuts off is reported."""
    text = "NEMOTRON_ENV_FILE = /x/env.toml\r\n0 3 * * * nemotron steps run a/b k=\\%x -d\r\n"
    setting, job = read("crontab", text).regions
    assert setting.text == "export NEMOTRON_ENV_FILE='/x/env.toml'"
    assert place(job, "-d") == (2, 40, 2, 42)
    text = "0 3 * * * nemotron steps run a/b date=$(date +%F) --dry-run\n"
    (note,) = read("crontab", text).notes
    assert text[note.start : note.end] == "%" and "input" in note.message
    assert not read("crontab", text.replace("%", "\\%")).notes


HOSTILE = {
    "Procfile": ["a: b\n" * many(250_000), "a:" * many(500_000), "a: " + "x " * many(500_000)],
    "crontab": [
        "0 3 * * * a%" + "%" * many(1_000_000),
        "@a a\\%" * many(200_000) + "\n",
        "* " * many(500_000),
        "A=" * many(500_000),
        "NEMOTRON_A='" + "'" * many(500_000),
        "@a b % c\n" * many(100_000),
    ],
    "Makefile": [
        "t:\n\t" + "$(" * many(500_000),
        "t:\n\t" + "$(a" * many(100_000) + ")" * many(100_000),
        "t:\n\t" + "$(shell " * many(100_000) + ")" * many(100_000),
        "t:\n" + "\t\\\n" * many(300_000),
        "".join(f"a{n} = $(a{n + 1}) nemotron\n" for n in range(many(30_000))),
        "a = nemotron" + "x" * 250 + "\nt:\n" + "\t$(a)\n" * many(100_000),
        "define x\n" * many(100_000),
    ],
    "justfile": [
        "t:\n" + "    a\\\n" * many(150_000),
        "t:\n    " + "{{a}}" * many(200_000),
        "a := 'nemotron'\nt:\n    " + "{{a}}" * many(200_000),
        "a := '" * many(150_000),
        "[script]\n" * many(100_000),
        "t" * many(1_000_000),
    ],
    "Dockerfile": [
        "RUN <<A\n" * many(125_000),
        "RUN <<A\n" + "\tA\n" * many(300_000),
        "RUN " + "<<A " * many(200_000) + "\n" + "A\n" * many(100_000),
        "RUN a \\\n" * many(125_000),
        "RUN a\\\n" + "# b\n" * many(250_000),
        "RUN --a=b " * many(100_000),
        "ONBUILD " * many(125_000),
        'CMD ["a",' * many(100_000),
        'ENTRYPOINT ["a"]\n' * many(60_000),
        "ENV NEMOTRON_A " + " " * many(1_000_000),
    ],
    "a.rst": [
        "``a " * many(250_000),
        "`" * many(1_000_000),
        ".. a\n" * many(200_000),
        ".. code::\n" * many(100_000),
        "::\n\n a\n\n" * many(100_000),
        ".. note::\n\n  " * many(80_000),
        "".join(" " * n + "a::\n\n" for n in range(1400)),
        " " * many(1_000_000),
    ],
}


@pytest.mark.parametrize(("path", "number"), [(path, n) for path, texts in HOSTILE.items() for n in range(len(texts))])
def test_hostile_text(path: str, number: int) -> None:
    """A long text of any shape is read, and every map stays true to the file."""
    read(path, HOSTILE[path][number])


STEP = "nemotron steps run a -c tiny"


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (".. note:: Do this::\n\n      X\n\n   after\n", 1),
        (".. tip::\n\n   Do this::\n\n      X\n", 1),
        (".. admonition:: Title\n\n   ::\n\n      X\n", 1),
        ("* item::\n\n    X\n", 1),
        ("term\n   Definition::\n\n      X\n", 1),
        (".. warning:: no\n\n   * x::\n\n       X\n", 1),
        (".. [#f1] Foot::\n\n      X\n", 1),
        ("Quoted::\n\n> X\n> X\n\nafter\n", 2),
        ("Quoted::\n\n$ X\n\nafter\n", 1),
        (".. console::\n\n   $ X\n", 1),
        (".. parsed-literal::\n\n   $ X x=|release| -b *profile*\n", 1),
        (".. code-block:: yaml\n\n   - run: X\n", 1),
        (".. code-block:: python\n\n   import os\n   os.system('X')\n", 1),
        (".. code-block:: python\n\n   !X\n   print(1)\n", 1),
        (".. code-block:: pycon\n\n   >>> os.system('X')\n   0\n", 1),
        (".. code-block:: dockerfile\n\n   RUN X\n", 1),
        (".. jupyter-execute::\n\n   !X\n", 1),
        (".. jupyter-kernel:: bash\n\n.. jupyter-execute::\n\n   X\n", 1),
        (".. ipython::\n\n   In [1]: !X\n", 1),
        (".. testcode::\n\n   subprocess.run('X'.split())\n", 1),
        (">>> import os\n>>> os.system('X')\n0\n", 1),
        (".. highlight:: python\n\nDo::\n\n   os.system('X')\n", 1),
        (".. code-block:: bash\n   :caption: X\n\n   echo\n", 0),
        (".. code-block:: json\n\n   X\n", 0),
        (".. math::\n\n   X\n", 0),
        (".. raw:: html\n\n   <pre>X</pre>\n", 1),
        (".. raw:: latex\n\n   X\n", 0),
        (".. program-output:: X\n", 1),
        (".. |a| replace:: ``X``\n", 1),
        (".. X\n", 0),
    ],
)
@pytest.mark.parametrize("indent", ["", "   "])
def test_rst_blocks(text: str, count: int, indent: str) -> None:
    """Whatever docutils, Sphinx or a kernel would show or run as code is read as its language, wherever it stands."""
    text = text.replace("X", STEP)
    if indent:
        text = ".. container::\n\n" + indent + text.replace("\n", "\n" + indent).rstrip() + "\n"
    found = runs("a.rst", "T\n=\n\n" + text)
    assert len(found) == count
    assert all(run.startswith(STEP) for run in found)


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("tox.ini", "[testenv]\ncommands =\n    X {posargs}\n", [f"{STEP} {{{{ posargs }}}}"]),
        ("tox.ini", "[testenv]\ncommands =\n    - X \\\n      -d\n    {toxinidir}/a\n", [f"{STEP} -d"]),
        (
            "setup.cfg",
            "[tox:tox]\n[testenv]\ncommands = X x={env:USER:{posargs:a b}}\n",
            [f"{STEP} x={{{{ env:USER: posargs:a b  }}}}"],
        ),
        ("a.service", "[Service]\nExecStart=-/opt/bin/X\nExecStop=@X\n", [f"/opt/bin/{STEP}", STEP]),
        ("a.ini", "[program:a]\ncommand = bash -c 'X -d'\n", [f"{STEP} -d"]),
        ("a.ini", "# X\n; the nemotron steps run command\n", [STEP]),
        ("a.ini", "[a]\ndescription = Say nemotron steps run to start\n", []),
    ],
)
def test_ini(path: str, text: str, expected: list[str]) -> None:
    """Lines of INI files that are commands, with what tox puts in, and comments; other lines are words."""
    assert runs(path, text.replace("X", STEP)) == expected


def test_a_substitution_of_a_parsed_literal_is_not_a_placeholder() -> None:
    """Sphinx fills in `|release|`, so nobody is asked to."""
    from nemolint.reader import find_runs

    (run,) = find_runs("a.rst", ".. parsed-literal::\n\n   nemotron steps run a/b -c |config| -d\n")
    assert run.region.templated


def test_units_and_settings() -> None:
    """The commands of systemd, supervisor and tox are commands, with signs and specifiers; descriptions are words."""
    unit = "[Unit]\nDescription=nemotron steps run a\n[Service]\n"
    unit += "ExecStart=-/b/nemotron steps run %i\nExecStop=!+bash -c 'nemotron steps run b'\n"
    assert shell("a.service", unit) == ["/b/nemotron steps run {{ i}}", "bash -c 'nemotron steps run b'"]
    assert shell("a.conf", "[program:a]\ncommand=nemotron steps run %(ENV_X)s\n") == [
        "nemotron steps run {{  ENV_X s}}"
    ]
    tox = "[testenv]\ndescription =\n  nemotron steps run a\n"
    tox += "commands =\n  -nemotron steps run b\n  !nemotron steps run c\n"
    assert shell("tox.ini", tox) == ["nemotron steps run b", "nemotron steps run c"]


def test_values_that_are_set() -> None:
    """What a Dockerfile, a Makefile or a justfile sets to plain text is known, and what others may set is not."""
    docker = "ARG C=tiny\nFROM x\nARG D\nENV S=a T='b c'\nRUN nemotron steps run $S -c $C d=$D \"e=$T\"\n"
    (run,) = find_runs("Dockerfile", docker)
    assert [word.value for word in run.words[3:]] == ["a", "-c", "$C", "d=$D", "e=$T"]
    assert run.words[3].origin is not None and docker[slice(*run.words[3].origin.file_span())] == "a"
    assert shell("Makefile", "S = a\nC ?= b\nx:\n\tnemotron steps run $(S) -c $(C)\n") == [
        "nemotron steps run a -c ${C}"
    ]
    assert shell("justfile", "s := 'a'\nx:\n  nemotron steps run {{s}} {{t}}\n") == ["nemotron steps run a {{t}}\n"]


def test_a_build_argument_may_be_another_value() -> None:
    """The default of ARG is not certain; ENV is, and hides an ARG of its name."""
    text = "FROM x\nARG F=--dry-run\nENV S=a\nARG S=b\nRUN nemotron steps run $S $F\n"
    (run,) = find_runs("Dockerfile", text)
    assert (run.words[3].value, run.dry_run) == ("a", None)
    (run,) = find_runs("Dockerfile", text.replace("ARG F", "ENV F"))
    assert (run.words[3].value, run.dry_run) == ("a", True)


@pytest.mark.parametrize(
    ("recipe", "found"),
    [
        ("$(foreach s,a b,nemotron steps run $(s) -d;)", ["nemotron steps run ${s} -d;"]),
        ("$(foreach s,$(filter-out a,b,$(L)),$(NR) $(s) -d &&) true", ["nemotron steps run ${s} -d && ; true"]),
        ("@$(if $(X),nemotron steps run a -d)", ["nemotron steps run a -d ;"]),
        ("$(if $(X),$(NR) a,$(NR) b)", ["nemotron steps run a ; nemotron steps run b ;"]),
        ("nemotron steps run a $(if $(X),-d,-b p)", ["nemotron steps run a ${_}"]),
        ("$(call F,nemotron steps run a)", ["${_}"]),
    ],
)
def test_commands_that_functions_of_make_write(recipe: str, found: list[str]) -> None:
    """What `foreach` and `if` write is a command each; other functions are open, and no command passes in silence."""
    text = f"NR = nemotron steps run\nx:\n\t{recipe}\n"
    assert shell("Makefile", text) == found
    document = read_text("Makefile", text)
    assert len(document.runs) + len(document.notes) >= 1


def test_names_that_a_build_fills_in() -> None:
    """`@X@`, `__X__` and `%%X%%` in a file that a build makes another of are open."""
    (run,) = find_runs("a.sh.in", "nemotron steps run __STEP__ -c %%CFG%% -d x=@X@ a__b__=1\n")
    assert run.outcome is None
    words = ["{{__STEP__}}", "-c", "{{  CFG  }}", "-d", "x={{ X }}", "a__b__=1"]
    assert [word.value for word in run.words[3:]] == words


def test_scripts_that_a_program_fills_in() -> None:
    """Names with parts or filters in double braces are no placeholders in a script."""
    for value in ("{{cookiecutter.step}}", "{{ step | default('a') }}"):
        assert read("a.sh", f"nemotron steps run {value}\n").regions[0].templated
    assert not read("a.sh", "nemotron steps run {{STEP}}\n").regions[0].templated


STRINGS = [
    ("Jenkinsfile", 'sh "nemotron steps run a -c ${params.c}"', ["nemotron steps run a -c {{   params.c  }}"]),
    ("Jenkinsfile", "sh(script: '''\nnemotron steps run $X\n''', returnStdout: true)", ["\nnemotron steps run $X\n"]),
    ("ci/build.groovy", "sh 'nemotron steps run \\'a\\''", ["nemotron steps run 'a'"]),
    ("Jenkinsfile", "sh 'nemotron steps run a ' + x", ["nemotron steps run a ${_}"]),
    ("Jenkinsfile", "echo 'nemotron steps run a'\n// sh 'nemotron steps run b'", []),
    (
        "Snakefile",
        'rule a:\n  shell:\n    "nemotron steps run a "\n    "-c {params.c}"',
        ["nemotron steps run a -c {{  params.c  }}"],
    ),
    ("b.smk", "rule a:\n  # shell: 'nemotron steps run a'\n  message: 'nemotron steps run b'", []),
    (
        "main.nf",
        'process A {\n  script:\n  """\n  nemotron steps run a --dry-run\n  """\n}',
        ["\n  nemotron steps run a --dry-run\n  "],
    ),
    ("Jenkinsfile", "sh 'nemotron steps run a' + (dry ? ' -d' : '')", ["nemotron steps run a${_}"]),
    (
        "Jenkinsfile",
        "sh(['nemotron', 'steps', 'run', \"-c $x\", y].join(' '))",
        ["nemotron steps run -c {{  x }} ${_}"],
    ),
    ("a.groovy", "['uv', 'run', 'nemotron', 'steps', 'run', 'a b'].execute()", ["uv run nemotron steps run 'a b'"]),
    ("main.tf", 'x { command = "nemotron steps run a -c ${var.c}" }', ["nemotron steps run a -c {{   var.c  }}"]),
    ("main.tf", 'inline = ["cd /x", "nemotron steps run a $$X $${Y}"]', ["nemotron steps run a $$X ${Y}"]),
    (
        "main.tf",
        'command = "nemotron steps run %{ if d }-d%{ endif }"',
        ["nemotron steps run {{    if d   }}-d{{    endif   }}"],
    ),
    (
        "main.tf",
        "user_data = <<-EOT\n  #!/bin/bash\n  nemotron steps run a\n  EOT\n",
        ["  #!/bin/bash\n  nemotron steps run a\n"],
    ),
    (
        "main.tf",
        'command = ["nemotron", "steps", "run"]\n  args    = ["a", "-c", "b c"]',
        ["nemotron steps run a -c 'b c'"],
    ),
    ("main.tf", 'command = [\n  "nemotron", "steps", "run",\n]\nargs = var.args', ["nemotron steps run ${_}"]),
    ("main.tf", '# command = "nemotron steps run a"\ndescription = "nemotron steps run a"', []),
    ("main.tf", 'x { interpreter = ["python", "-c"]\n command = "nemotron steps run a" }', []),
    (
        "a.nomad.hcl",
        'command = "nemotron"\nargs = ["steps", "run", "a", var.x, "k=v"]',
        ["nemotron steps run a ${_} k=v"],
    ),
    (
        "a.R",
        "system('nemotron steps run a', intern = TRUE)  # system('nemotron steps run b')",
        ["nemotron steps run a"],
    ),
    ("a.R", 'system2("nemotron", c("steps", "run", "a", x))', ["nemotron steps run a ${_}"]),
    ("a.R", 'system2("nemotron", args = "steps run a -d")', ["nemotron steps run a -d"]),
    ("a.R", 'system(r"(nemotron steps run "a")")', ['nemotron steps run "a"']),
    ("a.R", "system(paste0('nemotron steps run a/', x))", ["nemotron steps run a/${_}"]),
    ("a.R", "system(paste('nemotron', 'steps', 'run', x, '-d'))", ["nemotron steps run ${_} -d"]),
    ("a.R", "system(sprintf('nemotron steps run %s -d', x))", ["nemotron steps run {{  s }} -d"]),
    ("a.R", "message('nemotron steps run a')", []),
    ("job.nomad", 'command = "nemotron"\nargs = ["steps", "run", "a"]', ["nemotron steps run a"]),
    (
        "shell.nix",
        "{ shellHook = ''\n  nemotron steps run a ${cfg} ''${B} '''x'''\n''; }",
        ["\n  nemotron steps run a {{   cfg  }} ${B} ''x''\n"],
    ),
    (
        "a.nix",
        '# "nemotron steps run b"\nwriteShellScriptBin "t" "nemotron steps run a \\"x\\""',
        ['nemotron steps run a "x"'],
    ),
    ("a.nix", 'description = "nemotron steps run a";', []),
]


@pytest.mark.parametrize(("path", "source", "texts"), STRINGS)
def test_strings_that_a_shell_gets(path: str, source: str, texts: list[str]) -> None:
    """Jenkins, Snakemake, Nextflow, Terraform and R run text and lists of words; messages and comments do not."""
    for mark, ends in (("", "\n"), ("\ufeff", "\r\n")):
        written = mark + source.replace("\n", ends)
        assert shell(path, written) == texts
        for region in read(path, written).regions:
            assert_faithful(region.map, written)


OTHER_SHELLS = [
    ("a.fish", "nemotron steps run a -c $c \\\n  -d # x\n", ["a -c $c -d"]),
    ("a.fish", "if test $X; and nemotron steps run a (date) -d; end\n", ["a {{  date  }} -d"]),
    (
        "a.fish", "for s in a b\n  not nemotron steps run $s $argv[2..]; or echo nemotron steps run b\nend\n",
        ["$s {{  argv 2..  }}"],
    ),
    ("a.fish", "function f; nemotron steps run a 'x=it\\'s' | tee l; end\n# nemotron steps run b\n", ["a x=it's"]),
    ("a.fish", "command uv run nemotron steps run a \"k=$v\" &\n", ["a k=$v"]),
    ("a.csh", "if ($x == 1) nemotron steps run a -c $c\n", ["a -c $c"]),
    (
        "a.tcsh", "foreach s (a b)\n  nemotron steps run $s:h `date` \\\n  -d >& l\nend\n",
        ["{{  s:h }} {{  date  }} -d"],
    ),
    ("a.csh", "else if ( -e x ) then\n nemotron steps run a $argv[1]\n# nemotron steps run b\n", ["a {{  argv 1  }}"]),
    ("a.md", "```fish\nnemotron steps run a; and nemotron steps run b\n```\n", ["a", "b"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "source", "found"), OTHER_SHELLS)
def test_commands_of_other_shells(path: str, source: str, found: list[str]) -> None:
    """The plain commands of fish, csh, PowerShell and cmd are runs; what these shells expand is open."""
    for ends in ("\n", "\r\n"):
        assert runs(path, source.replace("\n", ends)) == [f"nemotron steps run {words}" for words in found]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a.fish", "set cmd nemotron steps run a\n$cmd -d\n"),
        ("a.fish", "alias nr 'nemotron steps run'\n"),
        ("a.csh", "alias nr 'nemotron steps run'\nset x = \"nemotron steps run a\"\n"),
    ],
)
def test_variables_of_other_shells_are_said_not_to_be_followed(path: str, source: str) -> None:
    """A command that such a shell keeps in a variable or an alias is no run, and is not passed over in silence."""
    document = read_text(path, source)
    assert document.runs == ()
    assert document.notes and all(note.info and "not followed" in note.message for note in document.notes)
    at = document.notes[0].start
    assert source[at : document.notes[0].end] == "nemotron"


@pytest.mark.parametrize(
    ("language", "script", "found"),
    [
        ("powershell", "if ($x) { nemotron steps run a `\n  -d }\n", ["a -d"]),
        ("pwsh", "nemotron steps run a -c $env:C @rest\n", ["a -c {{  env:C }} {{  rest }}"]),
        ("ps1", "PS C:\\a> nemotron steps run a `\n  -d\n", ["a -d"]),
        ("pwsh", '$o = nemotron steps run a "k=$v"\nWrite-Host nemotron steps run b\n', ["a ${_}"]),
        ("cmd", "if exist x (nemotron steps run a %C%) else (echo nemotron steps run b)\n", ["a {{  C  }}"]),
        ("bat", "nemotron steps run a ^\n  -d\n", ["a -d"]),
    ],
)
def test_shells_of_windows(language: str, script: str, found: list[str]) -> None:
    """An answer may give a command for them; elsewhere it is said that their scripts are not checked."""
    page = f"```{language}\n{script}```\n"
    assert runs("a.answer.md", page) == [f"nemotron steps run {words}" for words in found]
    for path, source in (
        ("a.md", page),
        ("a.yml", f"- shell: {language}\n  run: |\n    " + script.replace("\n", "\n    ")),
    ):
        document = read_text(path, source)
        assert all(run.role == "mention" for run in document.runs)
        if path == "a.md" or language in ("powershell", "pwsh", "cmd"):
            (note,) = document.notes
            assert note.info and "not checked" in note.message and source[note.start : note.end] == "nemotron"


HTML = """<!doctype html><body>
<pre><code class="language-bash">nemotron steps run <span class="s">a</span> \\
  -c tiny &#45;-dry-run &amp;&amp; nemotron steps run b</code></pre>
<p>Use <code>nemotron steps run c -d</code> or <kbd class="x">nemotron steps run d -d &gt; l</kbd></p>
<pre>$ nemotron steps run e<br>done</pre>
<pre class="language-text">nemotron steps run no</pre>
<!-- nemotron steps run no --><!-- <code>nemotron steps run no -d</code> -->
<script>const c = "<code>nemotron steps run no -d</code>";</script>
<p>Say nemotron steps run no.</p>
"""


def test_html() -> None:
    """A page in HTML: preformatted text and inline code are read as a browser shows them, nothing else is."""
    for ends in ("\n", "\r\n"):
        texts = [" ".join(w.value for w in run.words[3:]) for run in find_runs("a.html", HTML.replace("\n", ends))]
        assert texts == ["a -c tiny --dry-run", "b", "c -d", "d -d", "e"]


PAGES = [
    ("a.adoc", "[source,bash]\n----\nnemotron steps run a\n----\n", ["nemotron steps run a"]),
    ("a.adoc", "[,console]\n....\n$ nemotron steps run a\nout\n....\n", ["$ nemotron steps run a\nout"]),
    ("a.adoc", "[source,sh]\nnemotron steps run a\n\nUse nemotron steps run b.\n", ["nemotron steps run a"]),
    (
        "a.adoc",
        "----\nnemotron steps run a\n----\n[source,text]\n----\nnemotron steps run b\n----\n",
        ["nemotron steps run a"],
    ),
    ("a.org", "#+BEGIN_SRC sh :results none\nnemotron steps run a\n#+END_SRC\n", ["nemotron steps run a"]),
    ("a.adoc", "= T\n\n $ nemotron steps run a\n\nText.\n", [" $ nemotron steps run a"]),
    ("a.adoc", "* item\n  nemotron steps run a\n\n Say nemotron steps run b.\n", []),
    ("a.adoc", "////\nnemotron steps run a\n////\n// nemotron steps run b\n", []),
    ("a.adoc", "[source,sh]\n----\nnemotron steps run a \\ <1>\n  -d # <2>\n----\n", ["nemotron steps run a \\\n  -d"]),
    ("a.adoc", '[source,sh,subs="attributes+"]\n----\nnemotron steps run {a}\n----\n', ["nemotron steps run {{ a }}"]),
    ("a.adoc", "[source,sh]\n----\nnemotron steps run {a}\n----\n", ["nemotron steps run {a}"]),
    ("a.adoc", '[subs="+quotes"]\n----\nnemotron steps run *a*\n----\n', ["nemotron steps run a"]),
    ("a.org", ": $ nemotron steps run a\n: out\n", ["$ nemotron steps run a\nout\n"]),
    ("a.org", ": say nemotron steps run a\n#+begin_comment\nnemotron steps run a\n#+end_comment\n", []),
    ("a.org", "#+begin_src python\nos.system('nemotron steps run a')\n#+end_src\n", ["nemotron steps run a"]),
]


@pytest.mark.parametrize(("path", "source", "texts"), PAGES)
def test_blocks_of_other_markup(path: str, source: str, texts: list[str]) -> None:
    """Blocks of AsciiDoc and Org in a shell's language and literal text, at exact positions whatever the line ends."""
    for mark, ends in (("", "\n"), ("\ufeff", "\r\n")):
        written = mark + source.replace("\n", ends)
        assert shell(path, written) == texts
        for region in read(path, written).regions:
            assert_faithful(region.map, written)


@pytest.mark.parametrize(
    "part",
    [
        "/*",
        "'",
        '"""\\',
        "# ",
        "sh '",
        "['nemotron', ",
        "['nemotron' [",
        "paste('nemotron',",
        "<<E\n",
        "#+begin_src sh\n",
        "----\n",
        "[source,sh]\n",
        " =a",
        " `a",
        " <1> ",
        "<code>",
        "<!--",
    ],
)
@pytest.mark.parametrize(
    "path", ["Jenkinsfile", "Snakefile", "a.nf", "a.tf", "a.R", "a.adoc", "a.org", "a.fish", "a.csh", "a.html"]
)
def test_unclosed_parts(path: str, part: str) -> None:
    """A long text of parts that nothing closes ends soon and does not raise."""
    read(path, part * many(200_000) + "nemotron steps run a")


def test_a_variable_of_make_under_a_condition_is_open() -> None:
    """A value that a makefile sets only under a condition is not known."""
    recipe = "x:\n\tnemotron steps run a/b $(F)\n\tnemotron steps run a/b $(G)\n"
    text = f"ifdef DRY\nF = --dry-run\nendif\nG = --dry-run\n{recipe}"
    first, second = read_document("Makefile", text.encode()).runs
    assert (first.dry_run, second.dry_run) == (None, True)


@pytest.mark.parametrize("char", "\u00ad\u200b\u200c\u200d\u2060\ufeff")
def test_characters_inside_a_name_that_nobody_sees(char: str) -> None:
    """A name with a soft hyphen or the like inside is none for a shell, and is reported where the character stands."""
    for words in (f"nemo{char}tron steps run a", f"nemotron st{char}eps run a", f"nemotron steps r{char}un a"):
        for path, text in (("a.sh", f"echo\n{words} -d\n"), ("a.md", f"Text.\n\n```bash\n{words}\n```\n")):
            document = read_text(path, text)
            (note,) = document.notes
            assert document.runs == () and note.start == text.index(char) and f"U+{ord(char):04X}" in note.message
    assert read_text("a.md", f"The nemo{char}tron steps run in order.\n").notes == ()
    assert read_text("a.sh", f"echo caf\u00e9{char}\nnemotron steps run a/b\n").notes == ()


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("a.desktop", "[Desktop Entry]\nName=nemotron steps run b\nExec=nemotron steps run a %U", ["a {{ U}}"]),
        (".gitconfig", '[alias]\n\tx = "!nemotron steps run a"\n\ty = !nemotron steps run b', ["a", "b"]),
        (".env", 'A="nemotron steps run a"\nB=nemotron steps run b\nC=nemotron', ["a", "b"]),
        ("prod.env", "A='nemotron steps run a'", ["a"]),
        (".tmux.conf", "bind t run-shell 'nemotron steps run a'\nset -g status-right 'nemotron steps run b'", ["a"]),
        ("BUILD.bazel", "genrule(name = 'x', cmd = 'nemotron steps run a > $@')", ["a"]),
        (
            "job.sh.j2",
            "{% if d %}nemotron steps run a -d{% endif %}\n{% if d %}nemotron steps run b{% else %}echo{% endif %}",
            ["a -d", "b"],
        ),
        ("a.json", '{"EntryPoint": ["nemotron", "steps"], "Command": ["run", "a"]}', ["a"]),
        ("a.json", '{"Command": ["nemotron", "steps", "run", {"Ref": "A"}, "-d"]}', ["${_} -d"]),
        ("a.json", '{"Fn::Join": ["", ["nemotron steps run ", {"Ref": "A"}, " -d\\n"]]}', ["${_} -d"]),
        ("a.json", '{"Fn::Join": [" ", ["nemotron steps", "run", "a"]]}', ["a"]),
        ("a.json", '{"Fn::Join": [" ", ["The command nemotron steps run", "a"]]}', []),
    ],
)
def test_commands_that_other_files_keep(path: str, source: str, found: list[str]) -> None:
    """Settings of other programs, templates and stacks keep commands, too."""
    given_words = [" ".join(word.value for word in run.words[3:]) for run in read_document(path, source.encode()).runs]
    assert given_words == found


@pytest.mark.parametrize("mark", ["x", "==a b==", "//"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_messages_of_several_parts(mark: str, end: str) -> None:
    """The parts of a new machine's user data are read as what they are, and what follows the last one is not."""
    source = (
        f'Content-Type: multipart/mixed; boundary="{mark}"\nMIME-Version: 1.0\n\nnemotron steps run no\n--{mark}\n'
        f"Content-Type: text/cloud-config\nMIME-Version: 1.0\n\nruncmd:\n- nemotron steps run a\n\n--{mark}\n"
        f"Content-Type: text/x-shellscript\n\n#!/bin/sh\nnemotron steps run b \\\n  -d\n--{mark}\n"
        f"Content-Type: text/plain\n\nnemotron steps run no\n--{mark}--\nnemotron steps run no\n"
    ).replace("\n", end)
    assert runs("user-data.txt", source) == ["nemotron steps run a", "nemotron steps run b -d"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.fish", "echo 'nemotron steps run a/b' | source\n"),
        ("a.fish", "printf '%s\\n' 'nemotron steps run a/b' | bash\n"),
        ("a.csh", "echo 'nemotron steps run a/b' | /bin/sh\n"),
        ("a.fish", "printf 'nemotron steps run a/b\\n' | sh\n"),
    ],
)
def test_text_that_a_shell_reads_is_reported(path: str, text: str) -> None:
    """What these shells print for another one is not followed, which is said; text for a person is not reported."""
    found = read_document(path, text.encode())
    assert [note.info for note in found.notes] == [True] and all(run.role == "mention" for run in found.runs)
    assert read_document(path, text.replace("| ", "| cat ").encode()).notes == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eval 'nemotron steps run a/b q=\\'x y\\''", ["a/b", "q=x y"]),
        ("bash -c 'nemotron steps run a/b q=\\'x\\\\y\\''", ["a/b", "q=x\\y"]),
        ("ssh h 'cd \\'/x y\\'; nemotron steps run a/b'", ["a/b"]),
        ("nemotron steps run a/b 'd=\\'e' f=g", ["a/b", "d='e", "f=g"]),
    ],
)
def test_strings_of_fish_with_escapes(text: str, expected: list[str]) -> None:
    """A quote and a backslash in single quotes are what fish makes of them."""
    (run,) = find_runs("a.fish", f"{text}\n")
    assert [word.value for word in run.words[3:]] == expected
    assert read_document("a.fish", b"echo 'it\\'s nemotron steps run a/b'\n").notes == ()


def test_a_loop_of_fish_over_commands_is_reported() -> None:
    """Commands that a loop goes over are not read, which is said."""
    text = 'for c in "nemotron steps run a/b" "nemotron steps run c/d"; eval $c; end\n'
    found = read_document("a.fish", text.encode())
    assert [note.info for note in found.notes] == [True] and all(run.role == "mention" for run in found.runs)


def test_a_program_without_a_known_name_is_reported() -> None:
    """`$CLI steps run …` may be the command in these shells, too."""
    (note,) = read_document("a.fish", b"$CLI steps run a/b\n").notes
    assert note.info and "which program it starts is not known" in note.message
