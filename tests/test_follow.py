"""Scripts run on paper: what nemolint reads of a script is what bash runs, and it leads to where that is written."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from nemolint.linter.checker import Checker
from nemolint.reader import find_runs, read_document
from nemolint.run_parser import as_passed
from nemolint.settings import Settings
from nemolint.shell.braces import expanded
from nemolint.shell.find import read_commands
from nemolint.shell.wildcards import Pattern
from support.scripts import CONSTRUCTIONS, Bash, Example, Writer, bash_version, differences, may_be
from support.shell import R, region_of

_SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "cases"
# Rows of the public list whose faults are those of shell text.
_SHELL_ROWS = ("N01", "B0", "H-oc")


def _rows(name: str) -> list[dict[str, Any]]:
    path = _SHARED / name
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.is_file() else []


@pytest.fixture(scope="module")
def bash() -> Iterator[Bash]:
    """A bash of our own, with stand-ins for the programs that the scripts start."""
    version = bash_version()
    if version is None or version < (5, 0):
        pytest.skip("bash 5 is not installed")
    with Bash() as found:
        yield found


def runs(text: str) -> list[str]:
    """The words behind `run` of each run of a script, joined by blanks."""
    return [" ".join(word.value for word in run.words[3:]) for run in find_runs("a.sh", text)]


def notes(text: str) -> list[str]:
    return [note.message for note in read_document("a.sh", text.encode()).notes]


@pytest.mark.parametrize("row", _rows("bash.jsonl"), ids=lambda row: row["name"])
def test_scripts_that_bash_ran(row: dict[str, Any]) -> None:
    """Each command that bash was seen to run is found, with the words that it got."""
    ran = [tuple(line.split()) for line in row["ran"]]
    assert list(differences(row["script"], ran)) == []


@pytest.mark.parametrize(
    "row", [row for row in _rows("public.jsonl") if row["id"].startswith(_SHELL_ROWS)], ids=lambda row: row["id"]
)
def test_public_faults_of_shell_text(row: dict[str, Any], tmp_path: Path) -> None:
    """Faults of the kinds that others reported in shell scripts are reported, in as many places as there are."""
    from nemolint.linter.checker import Checker
    from nemolint.settings import Settings

    file = tmp_path / row["path"]
    file.write_text(row["text"], "utf-8")
    checker = Checker(Settings(tmp_path), cwd=tmp_path, environ={})
    loud = [item for item in checker.check(checker.read(file)) if item.severity != "info"]
    wanted = row["expect"]
    if wanted.get("reported"):
        assert any(item.rule in ("lost-words", "bad-substitution") for item in loud)
        return
    places = sum(1 + len(item.related) for item in loud if item.rule in wanted["rules"])
    assert places >= wanted.get("count", 1)


@pytest.mark.parametrize("construction", CONSTRUCTIONS, ids=lambda construction: construction.__name__)
def test_each_construction_is_what_bash_runs(construction: Any, bash: Bash) -> None:
    """Variations of each way to start a command are read as bash runs them."""
    wrong = []
    for seed in range(6):
        text = f"#!/bin/bash\n{construction(Writer(seed))}\n"
        wrong += list(differences(text, bash.ran(text)))
    assert not wrong, f"{wrong[0].kind}: {wrong[0].words}\n{wrong[0].text}"


@pytest.mark.parametrize(
    "text",
    [
        f'F=(-c tiny)\nF[${{#F[@]}}]=-d\nF[${{#F[*]}}]=k=1\n{R} a/b "${{F[@]}}"',
        f'i=1\nF=(-c tiny)\nF[$i]=big\nF["$i"]+=ger\n{R} a/b "${{F[@]}}"',
        f'k=x\ndeclare -A M\nM[$k]=-d\nM["y"]=k=1\n{R} a/b ${{M[x]}} ${{M[y]}}',
        f"F=(-c tiny -d x)\nunset F[-1] 'F[0]'\n{R} a/b \"${{F[@]}}\" ${{F[-1]}}",
        f'A=({R} a/b)\nprintf -v "A[4]" %s -d\n"${{A[@]}}"',
        f'A=(-c tiny -b prod)\nprintf -v A[3] %s dev\n{R} a/b "${{A[@]}}"',
        f'A=()\nfor i in 1 2; do printf -v "A[$i]" "k%d=%s" $i v; done\n{R} a/b "${{A[@]}}"',
        f'A=(-c tiny)\nread -r "A[2]" "A[3]" <<< "-d k=1"\n{R} a/b "${{A[@]}}"',
        f'declare -A M\nprintf -v "M[x]" -- -d\n{R} a/b ${{M[x]}}',
        f'F=([3]=x y [1]=-d)\nF+=(z)\nF[-1]+=q\nF[-3]=w\n{R} a/b "${{F[@]}}"',
    ],
)
def test_items_of_arrays_are_those_of_bash(text: str, bash: Bash) -> None:
    """An item is put where bash puts it, however its index is written, and gaps and negative indexes count as there."""
    assert list(differences(text, bash.ran(text))) == [] and notes(text) == []
    assert not any(run.may_gain_words for run in find_runs("a.sh", text))


@pytest.mark.parametrize(
    "text",
    [
        f"f() {{ [[ -n $1 ]] || return; echo --dry-run; }}\n{R} a/b $(f 1) $(f)",
        f'f() {{ if [ "$X" ]; then return; fi; echo -d; }}\n{R} a/b $(f)',
        f'{R} a/b $([ "$X" ] || exit; echo -d)',
        f'{R} a/b $(for x in 1 2; do [ "$X" ] || break; echo k$x=1; done)',
        f'{R} a/b $(for x in 1 2; do [ "$X" ] || continue; echo k$x=1; done)',
        f'{R} a/b $([ "$X" ] || exit; echo -d | cat)',
        f"X=x; [[ -z $Y && $X ]] && D=-d\n{R} a/b $D",
    ],
)
def test_what_is_printed_where_a_shell_may_have_left_is_open(text: str, bash: Bash) -> None:
    """What a function, a loop or a substitution prints behind `return`, `break` or `exit` is certain on a way only."""
    assert list(differences(text, bash.ran(text))) == [] and notes(text) == []


@pytest.mark.parametrize(
    "words",
    [
        "a/b y={1,2} files=[a,b] z={1..3}", "a/{b,c} {-c,tiny}", "a/b k={x,'y z',\"{}\"} q=\"{1,2}\"",
        "a/b x={a{1,2},b} n={03..1} s={a,b}{1,2}", "a/b x={1} y={,2} z={a..c..2}",
    ],
)  # fmt: skip
def test_braces_in_values_are_passed_on_as_bash_does(words: str, bash: Bash) -> None:
    """`nemolint commands` lists the words that bash makes of braces; the run itself has them as they are written."""
    (ran,) = bash.ran(f"#!/bin/bash\n{R} {words}\n")
    (run,) = find_runs("a.sh", f"#!/bin/bash\n{R} {words}\n")
    assert tuple(word.value for word in as_passed(run).words[3:]) == ran
    assert "".join(word.source for word in run.words[3:]) == words.replace(" ", "") or "'y z'" in words
    (dash,) = find_runs("a.sh", f"#!/bin/dash\n{R} {words}\n")
    assert as_passed(dash) is dash


def test_the_list_of_commands_has_the_words_of_braces(tmp_path: Path) -> None:
    """`nemolint commands` names each override that braces make, at their place."""
    checker = Checker(Settings(tmp_path), cwd=tmp_path, environ={})
    document = checker.read_text("a.sh", f"{R} a/b y={{1,2}}{{3,4}} -c {{tiny,x}}\n")
    (record,) = checker.run_records(document)
    assert [(item["key"], item["value"], item["column"]) for item in record["overrides"]] == [
        ("y", value, 24) for value in ("13", "14", "23", "24")
    ]
    assert record["config"] == "tiny" and record["passthrough"] == ["x"]
    assert "shell-expanded-value" in record["blockers"]


def test_braces_may_spell_the_command(bash: Bash) -> None:
    """Braces before the step are expanded; those behind it stay as they are written, for the rules that judge them."""
    text = "{nemotron,steps,run} a/b -d"
    for script in (text, f"X=1\n{text} $X"):
        assert list(differences(script, bash.ran(script))) == [] and len(find_runs("a.sh", script)) == 1
    for written in ("{a,b}/c", "{x,y}=z", "-{d,c}"):
        assert find_runs("a.sh", f"X=1\n{R} a/b {written} $X")[0].words[4].value == written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"alias n='{R}'\nf() {{\n  n a/b \"$@\"\n}}\nunalias n\nf -d\n", ["a/b -d"]),
        (f"alias n='{R}'\nf() {{\n  n a/b -d\n}}\nunalias -a\nn x\nf\n", ["a/b -d"]),
        (f"f() {{\n  n a/b -d\n}}\nalias n='{R}'\nf\nn c/d\n", ["c/d"]),
        (f"alias n='{R}'\nf() {{\n  n a/b\n}}\nalias n='{R} -d'\nf\n", ["a/b"]),
    ],
)
def test_aliases_of_a_function_are_those_when_it_was_read(text: str, expected: list[str], bash: Bash) -> None:
    """An alias in a function counts as it was when the function was read; later changes are none of it."""
    script = f"shopt -s expand_aliases\n{text}"
    assert [" ".join(words) for words in bash.ran(script)] == expected
    assert set(expected) <= set(runs(script)) and not {"x"} & set(runs(script))


def test_a_script_of_bash_expands_no_aliases_by_itself() -> None:
    """Without `expand_aliases` bash looks for a program of that name; other shells, and what is sourced, may do so."""
    text = f"alias n='{R}'\nn a/b\n"
    assert runs(f"#!/bin/bash\n{text}") == []
    for before in ("#!/bin/bash\nshopt -s expand_aliases\n", "#!/bin/sh\n", "#!/bin/zsh\n", "#!/bin/bash\n. x\n", ""):
        assert runs(before + text) == ["a/b"]
    assert [len(run.words) for run in find_runs("a.md", f"```bash\n{text}```\n")] == [4]


@pytest.mark.parametrize(
    "shell",
    ["${SHELL:-bash}", '"${BASH:-/bin/sh}"', '"$BASH"', '"$(command -v bash)"', "`which bash`", "$(type -P sh)"],
)
def test_a_shell_however_it_is_named(shell: str, bash: Bash) -> None:
    """A shell may be named by an expansion."""
    for text in (f"C='{R} a/b'\n{shell} -c \"$C -d\"", f"{shell} -c '{R} a/b -d'", f"{shell} <<'E'\n{R} a/b -d\nE\n"):
        assert list(differences(text, bash.ran(text))) == [] and runs(text) == ["a/b -d"]


@pytest.mark.parametrize("name", ["echo", "'echo would run:'", ":", "true", "grep"])
def test_a_command_that_becomes_the_words_of_another_is_not_reported(name: str) -> None:
    """`$RUN nemotron …` with `RUN=echo` runs nothing, and was read."""
    text = f"RUN={name}\n$RUN {R} a/b\n"
    assert runs(text) == [] and notes(text) == []


_SCRIPTS = st.integers(0, 2**48).map(lambda seed: Writer(seed).example())


# Each starts a few processes: a few in the suite, thousands with `--hypothesis-profile=thorough`.
_MANY = settings.default.max_examples if settings.default.max_examples > 100 else 30  # type: ignore[union-attr]


@settings(deadline=None, max_examples=_MANY)
@given(example=_SCRIPTS)
def test_a_script_of_many_constructions_is_what_bash_runs(example: Example, bash: Bash) -> None:
    """Every command that a random script runs is found with its words, and none is taken for something else."""
    wrong = list(differences(example.text, bash.ran(example.text)))
    assert not wrong, f"{wrong[0].kind}: {wrong[0].words}\n{wrong[0].text}"


# What is open, and what is not known


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'A=({R} a/b)\nif x; then A+=(-d); fi\n"${{A[@]}}" k=1', ["a/b ${A[@]} k=1"]),
        (f'A=({R} a/b)\nfor x in $LIST; do A+=($x); done\n"${{A[@]}}"', ["a/b ${A[@]}"]),
        (f'C=\'{R} a/b\'\n[ -n "$D" ] && C="$C -d"\n$C', ["a/b $…"]),
        (f"if x; then O=-d; else O=k=1; fi\n{R} a/b $O", ["a/b $O"]),
        (f"O=-d\n. ./settings.sh\n{R} a/b $O", ["a/b $O"]),
        (f"O=-d\n. .venv/bin/activate\n{R} a/b $O", ["a/b -d"]),
        (f"O=-d\nread O\n{R} a/b $O", ["a/b $O"]),
        (f"{R} a/b $(x && echo -d)", ["a/b $(x && echo -d)"]),
        (f"X=${{X:-{R} a/b}}\n$X -d", ["a/b -d"]),
        (f'A=({R})\nA+=("$@")\n"${{A[@]}}"', ["${A[@]}"]),
        (f"O=-d\nfor i in 1 2; do x && break; O=k=1; done\n{R} a/b $O", ["a/b $O"]),
        (f"O=-d\nfor i in 1 2; do for j in 1; do x && continue 2; O=k=1; done; O=k=1; done\n{R} a/b $O", ["a/b $O"]),
        (f"f() {{ O=-d; x && return; O=k=1; }}\nf\n{R} a/b $O", ["a/b $O"]),
        (f"O=-d\nif x; then f() {{ O=k=1; }}; fi\nf\n{R} a/b $O", ["a/b $O"]),
        (f"O=k=1\nx && O+=' -d'\n{R} a/b \"$O\" $O", ["a/b k=1$… k=1 $…"]),
        (f"O=k=1\nx && O+=' -d'\nx && O+=.y\n{R} a/b $O", ["a/b k=1$… $…"]),
        (f'f() {{ {R} a/b "$1" "$2"; }}\nf $(x) -d', ["a/b $1 $2"]),
        (f'A=($(x) -d)\n{R} a/b "${{A[0]}}" "${{A[1]}}"', ["a/b ${A[0]} ${A[1]}"]),
        (f'A=($(x) -d)\nA[1]=k=1\n{R} a/b "${{A[@]}}"', ["a/b ${A[@]} k=1 ${A[@]}"]),
        (f"O='*.yaml'\n{R} a/b $O", ["a/b *.yaml"]),
        (f'set -- *.yaml\n{R} a/b "$1"', ["a/b $1"]),
        (f"O='[k]=1'\n{R} a/b $O", ["a/b [k]=1"]),
        (f"O='k=*'\nshopt -s nullglob\n{R} a/b $O", ["a/b k=*"]),
        (f"C='{R} a/b k=*'\nshopt -s nullglob\neval \"$C\"", ["a/b k=*"]),
        (f'declare -A A=([x]=k=1 [y]=-d)\n{R} a/b "${{A[@]}}"', ["a/b ${A[@]}"]),
        (f"O=k=1\nx && O+=' # why'\nbash -c \"{R} a/b $O -d\"", ["a/b k=1 $…"]),
        (f'while read -r a b; do {R} a/b $a $b; done <<< "k=1 $(x) -d"', ["a/b k=1 $b"]),
    ],
)
def test_what_depends_is_open(text: str, expected: list[str]) -> None:
    """The run is found; what is certain is known, and what depends on anything else is an open word."""
    assert runs(text) == expected
    found = find_runs("a.sh", text)
    assert all(run.may_gain_words or run.dry_run for run in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"set -f\nO='*.yaml'\n{R} a/b $O", ["a/b *.yaml"]),
        (f"O='k=*'\n{R} a/b $O", ["a/b k=*"]),
        (f"O='*.yaml'\n{R} a/b \"$O\"", ["a/b *.yaml"]),
        (f"O=-d\nfor i in 1 2; do O=k=$i; [ $i = 1 ] && break; done\n{R} a/b $O", ["a/b k=1"]),
        (f"O=-d\nfor i in 1 2; do for j in 1; do O=k=1; continue 2; O=k=2; done; O=k=3; done\n{R} a/b $O", ["a/b k=1"]),
        (f"while read -r a; do x y < /dev/null | grep z f; {R} a/b $a; done <<< k=1", ["a/b k=1"]),
    ],
)
def test_what_is_certain_is_known(text: str, expected: list[str]) -> None:
    """A word that bash can only read in one way is not an open one."""
    assert runs(text) == expected
    assert not any(run.may_gain_words and not run.dry_run for run in find_runs("a.sh", text))


def test_alternatives_that_end_a_command_are_each_tried() -> None:
    """A value with `#` takes the rest of the line with it, and the other value does not."""
    text = f"if x; then O='k=1 # why'; else O=\"k='a b'\"; fi\nbash -c \"{R} a/b $O -d\"\n"
    assert sorted(runs(text)) == ["a/b k=1", "a/b k=a b -d"]


def test_a_value_that_is_tried_holds_until_another_is_set() -> None:
    """A loop over one of several values may set the very variable anew."""
    text = f"C='set -e'\nx && C='{R} a/b'\nfor c in \"$C\"; do C=k=1; {R} c/d $C; done\n"
    assert set(runs(text)) == {"c/d k=1"}
    text = f"f() {{ C=k=1; }}\nC='set -e'\nx && C='{R} a/b'\nfor c in \"$C\"; do f; {R} c/d $C; done\n"
    assert set(runs(text)) == {"c/d k=1"}
    text = f"C='set -e'\nx && C='{R} a/b'\nfor c in \"$C\"; do eval C=k=1; {R} c/d $C; done\n"
    assert set(runs(text)) == {"c/d k=1"}


def test_branches_with_commands_are_all_found() -> None:
    """A variable that holds one of a few commands stands for each of them."""
    text = f"case $1 in a) C='{R} a/b';; b) C='{R} c/d -d';; esac\nbash -c \"$C\"\n"
    assert sorted(runs(text)) == ["a/b", "c/d -d"]
    text = f"C='set -e'\nx && C+='; {R} a/b'\nC=\"$C; {R} c/d\"\nbash -c \"$C\"\n"
    assert set(runs(text)) == {"a/b", "c/d"}
    for use in ('bash <<< "$C"', 'echo "$C" | bash', 'echo "$C" > j.sh; bash j.sh', "bash <<E\n$C\nE"):
        assert set(runs(text.replace('bash -c "$C"', use))) == {"a/b", "c/d"}, use


@pytest.mark.parametrize(
    "use",
    [
        'eval "$C"', 'bash <<< "$C"', 'echo "$C" | bash', 'echo "$C" > j.sh; bash j.sh', "bash <<E\n$C\nE",
        'A=("$C"); eval "${A[0]}"', 'A[0]="$C"; eval "${A[0]}"', 'declare -A A; A[x]="$C"; eval "${A[x]}"',
        'set -- "$C"; eval "$1"', 'f() { eval "$1"; }; f "$C"', 'for c in "$C"; do eval "$c"; done',
        'while read -r c; do eval "$c"; done <<< "$C"',
        'readarray -t A <<< "$C"; for c in "${A[@]}"; do eval "$c"; done',
        'D=$C; eval "$D"', 'export C; bash -c \'eval "$C"\'', 'trap "$C" EXIT', 'echo "$C" | sed s/q/y/ | bash',
    ],
)  # fmt: skip
def test_one_of_several_commands_however_it_is_handed_on(use: str) -> None:
    """A command that a variable may hold is found behind arrays, arguments, pipes, files and loops."""
    assert set(runs(f"C='set -e'\nx && C+='; {R} a/b -d'\n{use}\n")) == {"a/b -d"}


@pytest.mark.parametrize(
    "use",
    ['{ echo "$C"; } | bash', 'eval "$(echo "$C")"', 'D=$(echo "$C"); bash -c "$D"', 'source <(echo "$C")'],
)
def test_one_of_several_commands_that_cannot_be_followed_is_reported(use: str) -> None:
    """Where one of several values gets lost, and may be a command that runs, the file says so."""
    text = f"C='set -e'\nx && C+='; {R} a/b -d'\n{use}\n"
    assert runs(text) or any("cannot be followed" in note for note in notes(text))


@pytest.mark.parametrize(
    "text",
    [
        f"C='{R} a/b'\n\"$C\"\n",
        f"C='{R} a/b'\nbash -c '$C'\n",
        f"C='{R} a/b'\nssh h '$C'\n",
        f'f() {{ echo "$@"; }}\nf {R} a/b\n',
        f"nemotron() {{ :; }}\n{R} a/b\n",
        f"{R} a/b k=${{model.name}}\n",
    ],
)
def test_what_does_not_run_is_not_a_run(text: str) -> None:
    """A text that no shell takes apart, that a child does not see, that a function only prints: nothing runs."""
    assert runs(text) == []


def test_text_that_is_changed_on_its_way_is_reported() -> None:
    """Where a command is made over by a program that nobody can follow, the file says so."""
    assert any("cannot be followed" in note for note in notes(f"echo '{R} a/b' | awk '{{ print $0 }}' | bash\n"))


def test_a_value_that_grows_too_large_is_reported() -> None:
    """A value that names the command and is too large to be kept is reported, not passed over."""
    text = "C='nemotron steps run a/b'\n" + 'C="$C$C"\n' * 20 + 'bash -c "$C"\n'
    assert any("too long" in note for note in notes(text))


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("k=score>0.5 -d", ["k=score>0.5"]),
        ("k=a>b", ["k=a>b"]),
        ("k=x>=3", ["k=x>=3"]),
        ("k=a<5 -d", ["k=a<5"]),
        ("k=a|b", ["k=a|b"]),
        ("k=a|2 -d", ["k=a|2"]),
        ("k=a|b -d l.m=1", ["k=a|b"]),
        ("k=a&&b", ["k=a&&b"]),
        ("k=a||b", ["k=a||b"]),
        ("k=x?a=1&b=2", ["k=x?a=1&b=2"]),
        ("k=a;2", ["k=a;2"]),
        ("+k.l=a>1 m=b<2", ["+k.l=a>1", "m=b<2"]),
        ("'k=a>b' k=a\\>b \"k=a|b\" k='a|'b", []),
        ("k=1>log k=2>run.txt", []),
        ("k=1>/dev/null 2>&1", []),
        ('k=1>"$LOG"', []),
        ("k=1 >out 2>err", []),
        ("k=1>>log", []),
        ("k=1|tee log", []),
        ("k=1|cat", []),
        ("k=1|bash", []),
        ("k=1|./x", []),
        ("k=1&&echo done", []),
        ("k=1&&done_with it", []),
        ("k=1&&define", []),
        ("k=1&&other", []),
        ("k=1&&OK=1", []),
        ("k=1||exit 1", []),
        ("k=1||exit", []),
        ("k=1 | b", []),
        ("k=1 &", []),
        ("k=1;", []),
        ("k=<name>", []),
    ],
)
def test_operators_in_values_without_quotes(rest: str, expected: list[str]) -> None:
    """What bash takes for a redirection or another command is reported where it can only be the rest of a value."""
    from nemolint.analysis import quoting

    text = f"define() {{ :; }}\nother x\n{R} a/b {rest}\n"
    (run,) = find_runs("a.sh", text)
    cut = [(word, hazard) for word in run.words if (hazard := quoting.cut_off(word)) is not None]
    assert [text[word.start : hazard.end] for word, hazard in cut] == expected


# Places


def _origins(text: str) -> list[str]:
    (run,) = find_runs("a.sh", text)
    return [word.span.origin.text if word.span.origin is not None else word.source for word in run.words[3:]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"C='{R} a/b --dryrun'\nbash -c \"$C k=1\"\n", ["a/b", "--dryrun", "k=1"]),
        (f"read -r -d '' C <<'E'\n{R} a/b --dryrun\nE\neval \"$C\"\n", ["a/b", "--dryrun"]),
        (f'A=(a/b --dryrun)\nB=("${{A[@]}}" k=1)\n{R} "${{B[@]}}"\n', ["a/b", "--dryrun", "k=1"]),
        (f"echo '{R} a/b --dryrun' > j.sh\nbash j.sh\n", ["a/b", "--dryrun"]),
        (f"f() {{ eval \"$1\"; }}\nf '{R} a/b --dryrun'\n", ["a/b", "--dryrun"]),
        (f"alias n='{R} a/b'\nn --dryrun\n", ["a/b", "--dryrun"]),
        (f'f() {{ "$@" --dryrun; }}\nf {R} a/b\n', ["a/b", "--dryrun"]),
    ],
)
def test_words_lead_to_where_they_are_written(text: str, expected: list[str]) -> None:
    """However a word got into a command, its place is where somebody typed it."""
    assert _origins(text) == expected


def test_a_call_is_judged_where_it_stands() -> None:
    """The words of a call are its own, and can be edited; those of the function are written in its body."""
    text = f'f() {{\n  {R} "$@" -c tiny\n}}\nf a/b --dryrun\n'
    body, call = find_runs("a.sh", text)
    assert body.may_gain_words and not call.may_gain_words
    step, option, config = call.words[3:6]
    assert (step.source, step.derived, option.source, option.derived) == ("a/b", False, "--dryrun", False)
    assert config.derived and config.origin is not None and config.origin.text == "-c"
    assert text[slice(*call.span.file_span())] == "f a/b --dryrun"


def test_edits_in_text_for_a_shell_keep_their_encoder() -> None:
    """What is written in the text itself can be edited there, and what was put into it cannot."""
    (run,) = find_runs("a.sh", f'X=k=1\nbash -c "{R} a/b $X --dryrun"\n')
    region = run.region
    at = region.text.index("--dryrun")
    assert region.encoders[0] == "shell-dq" and region.map.editable(at, at + 8) is not None
    at = region.text.index("k=1")
    assert region.map.editable(at, at + 3) is None


def test_findings_at_one_use_are_kept_apart() -> None:
    """Commands of an array that run at one place are reported with the places of both."""
    from nemolint.linter.checker import Checker
    from nemolint.settings import Settings

    run = f"{R} sft/automodel --dryrun"
    text = f"C=('{run} x=1' '{run} x=2')\nfor c in \"${{C[@]}}\"; do bash -c \"$c\"; done\n"
    checker = Checker(Settings(Path.cwd()), cwd=Path.cwd(), environ={})
    found = [item for item in checker.check(read_document("a.sh", text.encode())) if item.rule == "misspelled-dry-run"]
    assert len({(place.line, place.column) for item in found for place in item.related}) == 2


# Parts of the reader against bash


def _printed(script: str) -> list[str]:
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=20)
    return done.stdout.split("\n")[:-1]


_PATTERNS = st.lists(
    st.sampled_from(["a", "b", "?", "*", "[ab]", "[!a]", "[a-c]", "+(a)", "*(b)", "?(ab)", "@(a|b)", "[[:alpha:]]"]),
    min_size=1,
    max_size=5,
).map("".join)
_SUBJECTS = st.text("abc-", min_size=1, max_size=8)


@settings(deadline=None, max_examples=15)
@given(cases=st.lists(st.tuples(_PATTERNS, _SUBJECTS), min_size=20, max_size=20))
def test_patterns_match_as_in_bash(cases: list[tuple[str, str]], bash: Bash) -> None:
    """Prefixes and suffixes are removed as bash removes them."""
    script = "shopt -s extglob\n" + "".join(
        f"x={text}; printf '%s\\n' \"${{x#{p}}}|${{x##{p}}}|${{x%{p}}}|${{x%%{p}}}\"\n" for p, text in cases
    )
    for (pattern, text), expected in zip(cases, _printed(script), strict=True):
        forward = Pattern([(char, False) for char in pattern]).ends(text)
        back = Pattern([(char, False) for char in pattern], backwards=True).ends(text[::-1])
        ours = [
            text[forward[0] :] if forward else text,
            text[forward[-1] :] if forward else text,
            text[: len(text) - back[0]] if back else text,
            text[: len(text) - back[-1]] if back else text,
        ]
        assert "|".join(ours) == expected, (pattern, text)


_BRACES = st.lists(
    st.sampled_from(
        ["{", "}", ",", "a", "b", "..", "1", "3", "-01", "+2", "{a,b}", "{1..3}", "{c..a}", "{07..1..-3}", "'x,'", "k="]
    ),
    min_size=1, max_size=9,
).map("".join)  # fmt: skip


@settings(deadline=None, max_examples=15)
@given(words=st.lists(_BRACES, min_size=20, max_size=20))
def test_braces_expand_as_in_bash(words: list[str], bash: Bash) -> None:
    """`{a,b}` and `{1..3}` become the words that bash makes of them (`{{` begins a template)."""
    for text in words:
        result = read_commands(region_of(f"printf {text}\n"))
        if "{{" in text or len(result.commands) != 1 or len(result.commands[0].words) != 2:
            continue
        several = expanded(result.commands[0].words[1])
        if several is None:
            continue  # too many
        ours = ["".join(piece.text for piece in pieces) for pieces in several if pieces]
        assert (ours or [""]) == _printed(f"printf '%s\\n' {text}"), text


_SPLIT = st.text("ab ,:\t", max_size=10)


@settings(deadline=None, max_examples=15)
@given(
    cases=st.lists(st.tuples(_SPLIT, st.sampled_from([",", ":", " ,", ", ", "", ",:", " "])), min_size=20, max_size=20)
)
def test_values_are_split_as_in_bash(cases: list[tuple[str, str]], bash: Bash) -> None:
    """A value outside quotes becomes the words that bash makes of it, whatever IFS says."""
    for value, ifs in cases:
        script = f"IFS='{ifs}'\nX='{value}'\nset -f\n{R} a/b $X end\n"
        (run,) = find_runs("a.sh", script)
        ours = [word.value for word in run.words[4:]]
        assert ours == _printed(f"IFS='{ifs}'\nX='{value}'\nset -f\nprintf '%s\\n' $X end"), script


def test_a_document_without_variables_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can change what a command is, nothing is run on paper."""
    import nemolint.shell.follow

    monkeypatch.delattr(nemolint.shell.follow.Follower, "run")
    assert runs(f"#!/bin/bash\ncd /x\n{R} a/b -d  # why\n{R} c/d\n") == ["a/b -d", "c/d"]


# The ways of a script

_WAYS = [
    'if [ "${v}" ]; then {X}; fi',
    'if [ -z "${v}" ]; then :; else {X}; fi',
    'if [ "${v}" = y ]; then :; elif [ "${v}" ]; then {X}; fi',
    '[ "${v}" ] && {X}',
    '[ -z "${v}" ] || {X}',
    'case "${v}" in 1) {X} ;; *) : ;; esac',
    'case "${v}" in y) : ;; *) {X} ;; esac',
    'if [ "${v}" ]; then if [ "${v}" != y ]; then {X}; fi; fi',
    'while read -r line; do case $line in 1) {X} ;; esac; done < <(env | sed -n "s/^{v}=//p")',
    "for i in ${v}; do {X}; done",
    'f{v}() {{ [ "${v}" ] && {X}; }}\nf{v}',
]
_CHANGES = ['X="$X {w}"', "X+=' {w}'", "X={w}", "A+=({w})", "A=({w})", "X=", "A=()", "Y={w}"]
_USES = [
    f'{R} a/b $X "${{A[@]}}" $Y',
    f'C=({R} a/b)\nC+=($X "${{A[@]}}")\n"${{C[@]}}" $Y',
    f'C="{R} a/b $X ${{A[*]}} ${{Y:-}}"\n$C',
    f'bash -c "{R} a/b $X ${{A[*]}} $Y"',
    f'eval "{R} a/b $X ${{A[*]}} $Y"',
    f"bash <<EOF\n{R} a/b $X ${{A[*]}} ${{Y+$Y}}\nEOF",
    f'g() {{ {R} a/b "$@" $X ${{A[@]+"${{A[@]}}"}}; }}\ng $Y',
]


@st.composite
def _forking(draw: st.DrawFn) -> str:
    lines = ["X=; A=()", *draw(st.sampled_from([[], ["X=--w7"], ["A=(--w8)"]]))]
    for number in range(draw(st.integers(1, 2))):
        way = draw(st.sampled_from(_WAYS))
        # What grows in a loop is known in part only.
        changes = [change for change in _CHANGES if "do " not in way or ("$X" not in change and "+" not in change)]
        change = draw(st.sampled_from(changes)).replace("{w}", f"--w{number}")
        lines.append(way.format(v=f"V{number}", X=change))
    return "\n".join((*lines, draw(st.sampled_from(_USES)), ""))


def _read_words(text: str) -> tuple[set[str], set[str]]:
    """The words that the runs of a script surely have, and those that they have on one of its ways."""
    document = read_document("a.sh", text.encode())
    certain = {word.value for run in document.runs for word in run.words[4:] if not word.expansion}
    ways = {
        word.value
        for run, start, end in document.alternatives
        for word in run.words[4:]
        if not word.expansion and word.span.file_span() == (start, end)
    }
    return certain, ways


@settings(deadline=None, max_examples=_MANY)
@given(text=_forking())
def test_the_ways_of_a_script_are_those_that_bash_takes(text: str, bash: Bash) -> None:
    """No word is found that a run has on no way of its script; with one fork each word is found that it has."""
    ran: list[set[str]] = []
    for first, second in product(("", "1", "y"), repeat=2):
        chosen = {"V0": first, "V1": second}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bash, "environ", {**bash.environ, **chosen})
            ran += [set(words[1:]) for words in bash.ran(text)]
    certain, ways_found = _read_words(text)
    assert certain <= set.intersection(*ran), text
    assert certain | ways_found <= set.union(*ran), text
    if "V1" not in text:
        assert certain | ways_found == set.union(*ran), text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"while getopts dc: o; do case $o in d) D=--dryrun ;; esac; done\n{R} a/b ${{D:-}}", "--dryrun"),
        (f"{R} a/b ${{D:---dryrun}}", "--dryrun"),
        (f"{R} a/b ${{D:+--dryrun}}", "--dryrun"),
        (f"D=${{D:---dryrun}}\n{R} a/b $D", "--dryrun"),
        (f"{R} a/b $([ $D ] && echo --dryrun)", "--dryrun"),
        (f"for o in k=1 --dryrun; do {R} a/b $o; done", "--dryrun"),
        (f"sbatch <<'EOF'\n[ $D ] && O=--dryrun\nsrun {R} a/b $O\nEOF", "--dryrun"),
    ],
)
def test_a_word_that_a_run_may_have(text: str, found: str) -> None:
    """Defaults, options, items and substitutions are ways of a script, too; what they give cannot be edited there."""
    document = read_document("a.sh", text.encode())
    assert found not in {word.value for run in document.runs for word in run.words if not word.expansion}
    words = [word for run, _, _ in document.alternatives for word in run.words if word.value == found]
    assert words and all(word.derived for word in words)


def test_ways_that_exclude_each_other_are_not_mixed() -> None:
    """One run never has the words of two ways."""
    text = (
        f'A=(-c x)\nif [ $S = a ]; then A+=(--batch b); fi\nif [ $S = c ]; then A+=(--run d); fi\n{R} a/b "${{A[@]}}"'
    )
    document = read_document("a.sh", text.encode())
    assert len(document.alternatives) > 1
    assert not any(run.run_profile and run.batch_profile for run, _, _ in document.alternatives)


def test_a_script_with_many_ways_is_read_in_time() -> None:
    """The work for its ways is bounded."""
    text = "".join(f"[ $V{at} ] && X{at}=k{at}=1\n" for at in range(3_000)) + f"{R} a/b $X1 $X2999\n"
    document = read_document("a.sh", text.encode())
    assert len(document.runs) == 1 and len(document.alternatives) <= 24


def test_a_default_that_is_assigned_is_one_of_the_values() -> None:
    """`: "${X:=…}"` leaves the default in X."""
    assert runs(f': "${{X:={R} a/b -d}}"\n$X k=1') == ["a/b -d k=1"]


# Launchers and other programs that start a command


@pytest.mark.parametrize(
    "text",
    [
        f"parallel -j 2 <<EOF\n{R} a/b -d\nEOF",
        f"""parallel -j 2 bash -c "'{R} a/b -d'" ::: 1 2""",
        f"cat > jobs <<EOF\n{R} a/b -d\nEOF\nparallel --joblog log < jobs",
        f'printf "%s\\n" "{R} a/b -d" | parallel',
        f'(crontab -l; echo "0 3 * * * cd /x && {R} a/b -d") | crontab -',
        f"msub <<EOF\n{R} a/b -d\nEOF",
        f'ngc batch run -n x -c "{R} a/b -d"',
        f'autossh -M 0 -p 22 h "{R} a/b -d"',
        f'salt "*" cmd.run "{R} a/b -d"',
        f'det command run "{R} a/b -d"',
        f'aws ssm send-command --parameters commands="{R} a/b -d"',
        f"git config --global alias.x '!{R} a/b -d'",
        f'npm pkg set scripts.x="{R} a/b -d"',
        f"tmux if-shell true \"run-shell '{R} a/b -d'\"",
        f'tmux bind t run-shell "{R} a/b -d"',
        f'gcloud compute instances create x --metadata=a=b,startup-script="{R} a/b -d"',
        f'gcloud compute instances create x --metadata startup-script="{R} a/b -d"',
    ],
)
def test_a_command_that_a_launcher_gets_as_text(text: str) -> None:
    """Text for schedulers and launchers is found, on their standard input, too."""
    assert runs(text) == ["a/b -d"]


_LAUNCHED = [
    "docker run --rm --entrypoint nemotron -v $PWD:/w i steps run {w}",
    "podman run --entrypoint=/usr/bin/nemotron i steps run {w}",
    "nerdctl run --entrypoint=nemotron i steps run {w}",
    'docker compose run --rm --entrypoint "bash -c" s "{r} {w}"',
    "docker-compose run --entrypoint 'bash -lc \"{r} {w}\"' s",
    'docker compose run --entrypoint "uv run nemotron" s steps run {w}',
    'gcloud compute ssh vm --zone z -- "{r} {w}"',
    "gcloud compute ssh vm -- bash -lc \"'{r} {w}'\"",
    'gcloud batch jobs submit j --script-text="{r} {w}"',
    "gcloud run jobs create j --command=nemotron --args=steps,run,{c}",
    'gcloud run jobs create j --command=bash --args=-c,"{r} {w}"',
    'az ml job create -f j.yml --set name=x command="{r} {w}"',
    'az ml job create --set jobs.train.command="{r} {w}"',
    'az vm run-command invoke -n vm --scripts "cd /w" "{r} {w}"',
    'az ssh vm -n vm -- "{r} {w}"',
    "az containerapp job create --command nemotron --args steps run {w}",
    "aws ssm send-command --parameters 'commands=cd /w,{r} {w}'",
    'aws ssm send-command --parameters \'{{"commands":["cd /w","{r} {w}"]}}\'',
    "aws ssm start-session --parameters 'command=[\"{r} {w}\"]'",
    'aws ecs run-task --overrides \'{{"containerOverrides":[{{"command":["nemotron","steps","run",{j}]}}]}}\'',
    'aws ecs run-task --overrides "{{\\"containerOverrides\\":[{{\\"command\\":[\\"sh\\",\\"-c\\",\\"{r} {w}\\"]}}]}}"',
    "aws batch submit-job --container-overrides command=nemotron,steps,run,{c}",
    'aws batch submit-job --container-overrides \'command=["nemotron","steps","run",{j}],vcpus=2\'',
    'kubectl run j --image=i --overrides=\'{{"spec":{{"containers":[{{"command":["bash","-c","{r} {w}"]}}]}}}}\'',
    'modal shell -c "{r} {w}"',
    'env -S"{r} {w}"',
    "env -S '{r}' {w}",
    "env -vS 'X=1 uv run {r}' {w}",
    "exec env -u X --split-string='{r} {w}'",
    "tmux send-keys -t x:0 '{r} a/b' ' -d' C-m",
    "tmux send -t x '{r}' Space a/b ' ' '-d' Enter \\; send-keys Enter",
    'docker compose run --rm --entrypoint "nemotron steps" s run {w}',
    "docker compose run --entrypoint '{r}' s {w}",
    "docker run -l cmd='{r} c/d' --entrypoint nemotron i steps run {w}",
    "docker run -e 'X={r} c/d' i {r} {w}",
    "git submodule foreach '{r} {w}'",
    "git -C x submodule --quiet foreach --recursive {r} {w}",
    "sbatch --wra='{r} {w}'",
    "sbatch -N 1 --wr '{r} {w}'",
    "systemd-run --user --scope -p X=1 {r} {w}",
    "flock -n /l -c '{r} {w}'",
    "su - u -c '{r} {w}'",
    "runuser -u x -- {r} {w}",
    "chroot /x sh -c '{r} {w}'",
    "nsenter -t 1 -m {r} {w}",
    "firejail --private {r} {w}",
    "watch -n 5 '{r} {w}'",
    'vagrant ssh -c "{r} {w}"',
    'vagrant ssh -- "{r} {w}"',
    'fly ssh console -C "{r} {w}"',
    'gh codespace ssh -c x -- "{r} {w}"',
    'pixi run "{r} {w}"',
    "hatch run dev:{r} {w}",
    "uvx nemotron@latest steps run {w}",
    "uv tool run nemotron[all]==1.0 steps run {w}",
    "nix run .#nemotron -- steps run {w}",
    'mise exec -c "{r} {w}"',
    "sops exec-env s.yaml '{r} {w}'",
    'screen -S x -X stuff "cd /w\\n{r} {w}\\n"',
    "screen -S x -X stuff '{r} {w}^M'",
    "ansible all -m command -a 'cmd=\"{r} {w}\" chdir=/w'",
    'dvc stage add -n x "{r} {w}"',
    'pueue add "{r} {w}"',
    "git bisect run {r} {w}",
    'git rebase -x "{r} {w}" main',
    "fish -c '{r} {w}'",
    'pwsh -Command "{r} {w}"',
    "capsh --user=x -- -c '{r} {w}'",
    "retry --times 3 '{r} {w}'",
    "scl enable x '{r} {w}'",
    'et -c "{r} {w}" h',
    'fab -H h -- "{r} {w}"',
    'helm upgrade x c --set command="{r} {w}"',
    'watchfiles "{r} {w}" .',
    'wandb launch -E "{r} {w}" -u x',
    "bolt command run '{r} {w}' -t all",
    'xdsh all "{r} {w}"',
    'ts -L x sh -c "{r} {w}"',
    "pee '{r} {w}'",
    'cronitor exec k "{r} {w}"',
    'asciinema rec -c "{r} {w}" x',
    'echo "{r} {w}" | simple_gpu_scheduler --gpus 0',
    'condor_run "{r} {w}"',
    'crontab <<< "@daily {r} {w}"',
    "mpirun -np 1 nemotron steps list : -np 1 {r} {w}",
]


@pytest.mark.parametrize("form", _LAUNCHED)
def test_a_command_that_a_launcher_puts_together(form: str) -> None:
    """A command is found in the forms in which launchers take one: texts, lists, entrypoints; in scripts, too."""
    text = form.format(r=R, w="a/b -d", c="a/b,-d", j='"a/b","-d"')
    for script in (text, f"for i in 1 2; do {text}; done", f"X=1\nf() {{ {text}\n}}\nf"):
        assert set(runs(script)) == {"a/b -d"} and notes(script) == []


@pytest.mark.parametrize(
    "word", ["k=a b", "k='x'", 'k="x"', "k=[{n: 1}, 2]", "k=x #1", "k=a;b&c|d", "k=$HOME", "k=*.x"]
)
def test_arguments_of_an_entrypoint_stay_as_they_are(word: str) -> None:
    """What a program in a container gets is one argument, whatever is in it."""
    for name in ("docker", "podman", "docker compose"):
        (run,) = find_runs("a.sh", f"{name} run --entrypoint nemotron i steps run a/b {shlex.quote(word)} -d\n")
        assert [item.value for item in run.words[3:]] == ["a/b", word, "-d"]


@pytest.mark.parametrize(
    "text",
    [
        'docker build --build-arg X="{r} a/b" .',
        'aws ecs run-task --overrides \'{{"containerOverrides":[{{"name":"{r} a/b"}}]}}\'',
        'aws ssm send-command --comment "{r} a/b" --parameters commands=ls',
        'az ml job create --set display_name="{r} a/b"',
        'kubectl annotate pod x note="{r} a/b"',
        'kubectl annotate pod x cmd="{r} a/b"',
        'docker build --label cmd="{r} a/b" .',
        'docker buildx build --label "command={r} a/b" .',
        "docker run --entrypoint echo i {r} a/b",
        "podman run --rm --entrypoint=/bin/cat i {r} a/b",
        'kubectl label pod x "cmd={r} a/b"',
        'tmux rename-window "{r} a/b"',
        'tmux display-message "{r} a/b"',
        'screen -X title "{r} a/b"',
        'git commit -m "{r} a/b"',
        "git config user.name '!{r} a/b'",
        "git config alias.x '{r} a/b'",
        "npm pkg set description='{r} a/b'",
        'gh pr create --title "{r} a/b"',
        "pip install nemotron==1.0 steps run",
        "hatch run dev:nemotron steps list",
    ],
)
def test_a_launcher_that_only_names_the_command_runs_nothing(text: str) -> None:
    """Labels, descriptions and messages are none of a launcher's commands."""
    assert runs(text.format(r=R)) == [] and notes(text.format(r=R)) == []


@pytest.mark.parametrize(
    "text",
    [
        f"awk '{{print \"{R} \" $1}}' list | bash",
        f"awk '{{system(\"{R} \" $1)}}' list",
        f"perl -e 'system(\"{R} a/b\")'",
        f"expect -c 'spawn {R} a/b; interact'",
        f'seq 3 | sed "s/.*/{R} a&/" | bash',
        f'printf "{R} a/%05d\\n" 1 | bash',
    ],
)
def test_a_command_in_another_language_is_reported(text: str) -> None:
    """A program that starts the command, or prints it for a shell, is not passed over."""
    assert any("in a way that cannot be followed" in message for message in notes(text))


@pytest.mark.parametrize(
    "text",
    [
        f"awk '/{R}/ {{print $2}}' log",
        f"ps ax | awk '/{R}/ {{print $2}}' | wc -l",
        f"perl -ne 'print if /{R}/' log",
        f"sed 's/x/{R}/' page.md > other.md",
        f"crontab -l | grep '{R}'",
    ],
)
def test_a_text_that_only_names_the_command_is_not_reported(text: str) -> None:
    """What looks for the command, or writes about it, runs nothing."""
    assert notes(text) == [] and runs(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"parallel '{R} {{1}} -c {{2}}' ::: a/b ::: tiny",
        f'parallel --colsep " " "X={{%}} {R} {{1}} -c {{2}}" :::: list',
        f"find . | parallel '{R} {{//}} -c {{/.}}'",
    ],
)
def test_what_parallel_fills_in_is_open(text: str) -> None:
    """A text for `parallel` has no certain word where one of its arguments is put in."""
    (run,) = find_runs("a.sh", text)
    assert run.step is not None and run.step.expansion
    assert run.config is not None and not run.config.known


def test_the_entry_point_of_a_job_is_a_command() -> None:
    """`wandb launch --entry-point` runs its value."""
    assert runs(f"wandb launch -u . --entry-point '{R} a/b -d'") == ["a/b -d"]


def test_values_of_zsh() -> None:
    """In zsh the name of an array stands for its items, and no value is split."""
    text = f"A=(-c tiny -d)\nX='-c tiny'\n{R} a/b $A k=1\n{R} c/d $X ${{A}}\n"
    for path, start in (("a.zsh", ""), ("a", "#!/usr/bin/env zsh\n")):
        found = [" ".join(word.value for word in run.words[3:]) for run in find_runs(path, start + text)]
        assert found == ["a/b -c tiny -d k=1", "c/d $X -c tiny -d"]


@pytest.mark.parametrize("use", ["$A[2]", "${A[1]}", "${A[-1]}", '"$A[2]"', '"${A[2]}"', "x=$A[1]"])
def test_indexes_of_zsh_are_open(use: str) -> None:
    """zsh counts from 1, and takes `[2]` behind a name for an index: no word is said to be another item."""
    (run,) = find_runs("a.zsh", f"A=(x --dry-run)\n{R} a/b {use}\n")
    last = run.words[-1]
    assert last.expansion and "--dry-run" not in "".join(p.text for p in last.pieces if p.kind != "expansion")
    assert run.dry_run in (None, False)


@pytest.mark.parametrize("shell", ["/bin/sh", "/usr/bin/env sh", "/bin/dash"])
def test_escapes_that_some_shells_echo_are_not_guessed(shell: str) -> None:
    """`echo` of `sh` may write a line end for `\\n`: what a text with it runs is reported, and not made up."""
    text = f"#!{shell}\necho '{R} a/b\\n -d' > x.sh\nsh x.sh\n"
    assert runs(text) == [] and notes(text) != []
    assert runs(text.replace("\\n", "")) == ["a/b -d"]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (f'[ -n "$D" ] && echo "{R} a/b -d" || echo "{R} a/b"', {"a/b -d", "a/b"}),
        (f'if [ -n "$D" ]; then echo "{R} a/b -d"; else echo "{R} a/b"; fi', {"a/b -d", "a/b"}),
        (f'case $D in 1) echo "{R} a/b -d";; *) echo "{R} a/b";; esac', {"a/b -d", "a/b"}),
        (f'command -v nope || echo "{R} a/b -d"', {"a/b -d"}),
        ("command -v nemotron || echo nemotron", {"a/b"}),
    ],
)
def test_a_command_that_a_condition_prints(bash: Bash, made: str, expected: set[str]) -> None:
    """Text that a condition chooses is followed on each way, and bash runs one of what is found."""
    rest = "" if R in made else " steps run a/b"
    script = f"#!/bin/bash\nC=$({made})\n$C{rest}\n"
    assert set(runs(script)) == expected and notes(script) == []
    assert [line for line in bash.ran(script) if " ".join(line) not in expected] == []
    quoted = f"#!/bin/bash\nC=$({made})\nD=$C\n$D{rest}\n"
    assert set(runs(quoted)) == expected and notes(quoted) == []


def test_what_no_way_shows_is_still_reported() -> None:
    """A command whose text is unknown on each way, too, is not passed over."""
    script = f'C=$([ -n "$D" ] && echo "{R} a/b" | rev)\n$C\n'
    assert runs(script) == [] and any("cannot be followed" in message for message in notes(script))


@pytest.mark.parametrize(
    "text",
    [
        'n=nemo; "${n}tron" st"eps" run a/b -d',
        "p=tron; nemo$p steps run a/b",
        'f() { "nemo$1" steps run a/b; }; f tron',
        "printf -v n '%s%s' nemo tron; $n steps run a/b",
        "n=nemo-tron; ${n//-/} steps run a/b",
        'c=(nemo); c[0]+=tron; c+=(steps run a/b); "${c[@]}"',
        'n=nemo; eval "${n}tron steps run a/b"; bash -c "${n}tron steps run c/d"',
        "X=nemo; cat <<EOF | bash\n${X}tron steps run a/b\nEOF",
        "$'nemo\\x74ron' steps run a/b",
    ],
)
def test_a_name_that_the_text_nowhere_spells(text: str, bash: Bash) -> None:
    """A command whose name is put together is read, although the file has its letters nowhere in a row."""
    assert "nemotron" not in text
    ran = bash.ran(text)
    assert ran and runs(text) == [" ".join(words) for words in ran] and notes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "$CLI steps run a/b -d",
        'n=$(tr "$FROM" a-z <<< NEMOTRON); $n steps run a/b',
        '"$DIR"/bin/$NAME -v steps run a/b',
        'srun -N1 "$CLI" steps run "$STEP"',
        'CLI=(uv run "$TOOL"); "${CLI[@]}" steps run a/b',
        'n() { "$CLI" "$@"; }; n steps run a/b',
        "echo a/b | xargs $CLI steps run",
        "docker run --rm $IMAGE steps run $STEP",
        "docker run --rm example.org/i:1 steps run a/b",
        "apptainer run --nv nemotron.sif steps run $STEP",
        "python -m nemotron.cli steps run $STEP",
        "./cli.sh steps run a/b",
    ],
)
def test_a_program_that_may_be_the_command_is_reported(text: str) -> None:
    """What may be a run of a program whose name nobody knows is information: it is neither a run nor nothing."""
    found = read_document("a.sh", f"{text}\n".encode())
    assert found.runs == () and [note.info for note in found.notes] == [True]
    assert "which program it starts is not known" in found.notes[0].message


@pytest.mark.parametrize(
    "text",
    [
        "echo $CLI steps run a/b",
        "foo steps run bar",
        "$DIR/train.sh steps run bar",
        "# $CLI steps run a/b",
        "cat <<EOF\n$CLI steps run a/b\nEOF",
        f'f() {{ "$1" steps run "$2"; }}; f nemotron a/b; {R} c/d',
        "all the steps run on a GPU",
    ],
)
def test_a_program_that_is_not_the_command(text: str) -> None:
    """Text, the words of another program, and a name that a call gives: nothing is said about them."""
    assert notes(text) == []


def test_a_page_says_nothing_about_other_programs() -> None:
    """What may be the command in a document is a way to write, not a script that runs."""
    assert read_document("a.md", f"```bash\n$CLI steps run a/b\n{R} a/b\n```\n".encode()).notes == ()


def test_a_search_for_one_of_several_programs(bash: Bash) -> None:
    """`$(command -v other || command -v nemotron)` may be the command, wherever it stands."""
    for made in ("command -v nope || command -v nemotron", "which nope || which nemotron || echo nemotron"):
        for use in (
            "%s steps run a/b",
            'N=%s; "$N" steps run a/b',
            'N=%s; [ -x "$N" ] || exit; exec "$N" steps run a/b',
        ):
            text = use % f"$({made})"
            assert runs(f"{text}\n")[:1] != [] and notes(text) == []
            assert list(differences(text, bash.ran(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        f"""python3 -c 'print("{R} a/b")' | bash""",
        f"""python3 - <<'E' | bash\nprint("{R} a/b")\nE""",
        f"""echo '["{R} a/b"]' | python3 -c 'import json, sys; print(json.load(sys.stdin)[0])' | bash""",
        f"""C=$(node -e 'console.log("{R} a/b")'); eval "$C\"""",
        f"echo '{R} a/b' | some-filter --x | sh",
    ],
)
def test_text_that_a_program_prints_is_reported(text: str) -> None:
    """What any program makes of text that names the command, or of its own, runs nothing unnoticed."""
    assert runs(text) == [] and any("cannot be followed" in message for message in notes(text))


def test_what_a_run_prints_is_no_command(bash: Bash) -> None:
    """The output of a run, and of a program that starts one, is not taken for text that names the command."""
    for text in (
        f'x=$({R} a/b -d | some-filter); eval "$x"; $x',
        f"""x=$(python3 -c 'import subprocess; subprocess.run("{R} a/b", shell=True)'); $x""",
    ):
        assert len(runs(text)) == len(bash.ran(text)) == 1 and notes(text) == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (f"cat > m <<'E'\n# ranks\n0 {R} a/b -d\n1-3 {R} c/d\nE\nsrun -n4 -l --multi-prog m", ["a/b -d", "c/d"]),
        (f"cat > m <<E\n{R} a/b\nE\nparallel -j2 -a m", ["a/b"]),
        (f"for s in a/b c/d; do echo {R} $s; done > m\nparallel :::: m", ["a/b", "c/d"]),
        (f"cat > m <<E\n-np 1 {R} a/b\n-np 2 {R} c/d\nE\nmpirun --app m", ["a/b", "c/d"]),
        (f"echo {R} a/b > m\nparallel -a m echo", []),
    ],
)
def test_a_file_with_a_command_on_each_line(files: str, expected: list[str]) -> None:
    """The lines of a file that a launcher runs, one by one or by ranks, are commands."""
    assert runs(f"{files}\n") == expected


def test_what_parallel_puts_into_a_text_is_one_open_word() -> None:
    """`{}` stays as it is written, and is no certain word, where `parallel` gives the text to a shell."""
    for text in (f"parallel '{R} {{}} k={{}}' ::: a/b", f'parallel "{R} {{}} k={{}}" ::: a/b'):
        (run,) = find_runs("a.sh", text)
        step, value = run.words[3:]
        assert (step.value, value.value) == ("{}", "k={}") and step.expansion and value.expansion
        assert not step.may_split and not run.may_gain_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"for s (a/b c/d) {R} $s -d", ["$s -d"]),
        (f"for s (a/b c/d)\n  {R} k/l\n{R} e/f", ["k/l", "e/f"]),
        (f"f() {{ for s (a/b) {R} k/l }}; f; {R} e/f", ["k/l", "e/f"]),
        (f"for s (a/b) do {R} k/l; done; {R} e/f", ["k/l", "e/f"]),
        (f"for s (a/b) {R} k/l | cat && {R} e/f", ["k/l", "e/f"]),
        (f"if [[ -d / ]] {R} a/b -d\n{R} e/f", ["a/b -d", "e/f"]),
        (f"if [[ -d / ]] {{ {R} a/b }} else {{ {R} c/d }}\n{R} e/f", ["a/b", "c/d", "e/f"]),
        (
            f"if [[ -d /x ]] {{ {R} a/b }} elif (( 1 )) {{ {R} c/d }} else {{ {R} g/h }}; {R} e/f",
            ["a/b", "c/d", "g/h", "e/f"],
        ),
        (f"i=0; while ((i++ < 1)) {{ {R} a/b }}; {R} e/f", ["a/b", "e/f"]),
        (f"{{ {R} a/b }} always {{ {R} c/d }}; {R} e/f", ["a/b", "c/d", "e/f"]),
        (f"case x {{ (x) {R} a/b ;; (y) {R} c/d ;; }}\n{R} e/f", ["a/b", "c/d", "e/f"]),
        (
            f"repeat 1 {R} a/b\nrepeat 1 {{ {R} c/d }}\nrepeat 1; do {R} g/h; done; {R} e/f",
            ["a/b", "c/d", "g/h", "e/f"],
        ),
        ("=nemotron steps run a/b", ["a/b"]),
        (
            f"c='{R} a/b'\n${{=c}} -d\n${{(z)c}} -c x\n${{(s: :)c}} k=1\neval $c",
            ["a/b -d", "a/b -c x", "a/b k=1", "a/b"],
        ),
        (f'c=({R} a/b); eval "${{(j: :)c}}"', ["a/b"]),
        (f"alias -g DR='-d -c tiny' NR='{R}'\n{R} a/b DR > log\nenv NR c/d k=DRY\n", ["a/b -d -c tiny", "c/d k=DRY"]),
    ],
)
def test_what_only_zsh_reads(text: str, expected: list[str], bash: Bash) -> None:
    """Bodies in braces or of one command, flags of expansions and aliases for any word are read as zsh does."""
    script = f"#!/bin/zsh\n{text}\n"
    found = find_runs("a.zsh", script)
    assert [" ".join(word.value for word in run.words[run.head :]) for run in found] == expected
    assert read_document("a.zsh", script.encode()).notes == ()
    if shutil.which("zsh") is not None:
        ran = bash.ran(script, "zsh")
        assert ran and all(any(may_be(run, words) for run in found) for words in ran)


@pytest.mark.parametrize("use", ["${(q)c}", "${(e)c}", "$c[2,-1]", "${(L)c}"])
def test_flags_of_zsh_that_are_not_followed_are_reported(use: str) -> None:
    """What another flag makes of text that names the command runs nothing unnoticed."""
    text = f"#!/bin/zsh\nc='x {R} a/b'\neval {use}\n"
    assert any("cannot be followed" in note.message for note in read_document("a.zsh", text.encode()).notes)


@pytest.mark.parametrize(
    "text",
    [
        "invoke run %s",
        "my-tool --then %s",
        "just run %s",
        "$RUNNER %s",
        "[ -f common.sh ] && . ./common.sh\nrun_it %s",
        "tool send --message hi %s",
        "docker run -e X=%s i",
        "docker run --env=X=%s i",
        "sbatch --export=ALL,X=%s job.sh",
        "X=%s sbatch job.sh",
        "gh cs ssh -c name %s",
        "helm upgrade a b --set start=%s",
    ],
)
@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_whole_command_that_a_program_gets_is_reported(text: str, quote: str) -> None:
    """Whether a program runs a command that it gets as text may not be known, which is information."""
    for command in (f"{R} a/b -d", f"cd x && A=1 uv run {R} a/b"):
        found = read_document("a.sh", (text % f"{quote}{command}{quote}").encode())
        assert found.runs == () and [note.info for note in found.notes] == [True]
        assert "whether the program that gets it runs it is not known" in found.notes[0].message


@pytest.mark.parametrize(
    "text",
    [
        "log_info '%s'", "die '%s'", "gum confirm '%s'", "git commit -m '%s'", "tool --name '%s' x", "tool -m '%s'",
        "tool X='%s'", "docker build --build-arg X='%s' .", "f() { echo \"$1\"; }; f '%s'", "X='%s'; echo \"$X\"",
        "tool 'to train, %s is used'", "tool '%s is what you need to train'", "tool --text='%s'",
    ],
)  # fmt: skip
def test_text_that_describes_a_command(text: str) -> None:
    """What shows text, a description, a variable and a sentence: nothing is said about the command in it."""
    script = text % f"{R} a/b"
    assert runs(script) == [] and notes(script) == []


def test_all_items_in_quotes_of_zsh_are_several() -> None:
    """`"${(@)argv}"` is as many words as there are items."""
    (run,) = find_runs("a.zsh", f'#!/bin/zsh\n{R} a/b "${{(@)argv}}"\n')
    assert run.words[-1].may_split


@pytest.mark.parametrize(
    "text",
    [
        f"cat > cmds.txt <<'E'\n{R} a/b\n{R} c/d\nE\n./run_all.py cmds.txt",
        f"runner -j4 <<'E'\n{R} a/b\nE",
        f"echo '{R} a/b' > q\nrunner < q",
        f"echo '{R} a/b' | runner",
        f"docker run -i img <<'E'\n{R} a/b\nE",
        f"export QUEUE='{R} a/b'\n./worker.sh",
        f"BASH_ENV=<(echo '{R} a/b') bash -c :",
        f'oci command create --content \'{{"text": "{R} a/b -d"}}\'',
        f"echo '{R} a/b' > ~/f/n\nfpath+=(~/f)\nautoload -Uz n",
        f"sed -n 's/^#: //p' \"$0\" | bash\n#: {R} a/b",
    ],
)
def test_a_script_that_a_program_gets_is_reported(text: str) -> None:
    """Commands in a file, on the input or in the environment of a program that may run them are information."""
    found = read_document("a.sh", f"{text}\n".encode())
    assert found.runs == () and [note.info for note in found.notes] == [True]


@pytest.mark.parametrize(
    "text",
    [
        f"cat > notes.txt <<'E'\n{R} a/b\nE\nscp notes.txt h:\nchmod 600 notes.txt",
        f"cat > README.md <<'E'\n{R} a/b\nE\ngit add README.md",
        f"mail -s x a@b <<'E'\n{R} a/b\nE",
        f"kubectl exec -i p -- tee /x <<'E'\n{R} a/b\nE",
        f"export QUEUE='{R} a/b'\necho \"$QUEUE\"",
        f"QUEUE='{R} a/b'\n./worker.sh",
        f"sed -n 's/^#: //p' \"$0\"\n#: {R} a/b",
        f"cat <<'E' | while read -r l; do echo $l; sleep 1; done\n{R} a/b\nE",
        f"psql <<'E'\nselect '{R} a/b';\nE",
        "tool 'nemotron steps list'",
        "echo 'nemotron steps show a/b' | runner",
        "export QUEUE='nemotron steps list'\n./worker.sh",
    ],
)
def test_text_that_no_program_runs(text: str) -> None:
    """Text that is shown, kept, or moved is data."""
    assert runs(f"{text}\n") == [] and notes(f"{text}\n") == []


@pytest.mark.parametrize(
    ("path", "text", "use"),
    [
        ("Procfile", f"train: {R} a/b", "honcho start"),
        ("mycron", f"0 3 * * * {R} a/b", "crontab mycron"),
    ],
)
def test_a_file_that_a_scheduler_runs(path: str, text: str, use: str) -> None:
    """A Procfile and a crontab that a script writes run what is in them."""
    script = f"cat > {path} <<'E'\n{text}\nE\n{use}\n"
    assert runs(script) == ["a/b"] and notes(script) == []


@pytest.mark.parametrize("body", ['echo nemotron "$@"', ":", 'echo "would run: $*"', "nope"])
def test_a_function_of_the_name_that_runs_nothing(body: str, bash: Bash) -> None:
    """Where a function takes the place of the command, its calls run nothing, and nothing is unread."""
    text = f"nemotron() {{ {body}; }}\n{R} a/b\n"
    assert bash.ran(text) == [] and runs(text) == [] and notes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'perl -e \'exec "nemotron", "steps", "run", "a/b"\'',
        'ruby -e \'system "nemotron", "steps", "run", "a/b"\'',
        'node -e \'require("child_process").spawnSync("nemotron", ["steps", "run", "a/b"])\'',
    ],
)
def test_a_list_that_another_language_starts_is_reported(text: str) -> None:
    """A program that starts the command from a list is reported like one that starts a text."""
    assert runs(text) == [] and any("starts the command" in message for message in notes(text))


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ("I=$((I + 1))", "6"),
        ("((I++))", "6"),
        ("((I += 2, I *= 3))", "21"),
        ("let I-=1", "4"),
        ("A[I++]=x", "6"),
        (": $((I++))", None),
        ("echo ${A[I++]}", None),
        ("echo ${B:I++:1}", None),
        ("[[ I++ -gt 2 ]]", None),
        ("((I = J))", None),
        ("for ((I=0; I<2; I++)); do :; done", None),
        ("while test -e x; do I=$((I + 1)); done", None),
        ("[[ $1 == --I || -n $I ]]", "5"),
        ("((I == 4))", "5"),
    ],
)
def test_numbers_that_change(change: str, number: str | None) -> None:
    """A counter has the number that it was set to, and none where that is not certain."""
    (found,) = runs(f'I=5\n{change}\nnemotron steps run a/b "x$I"\n')
    assert found == f"a/b x{'$I' if number is None else number}"


@pytest.mark.parametrize("count", ["I=$((I+1))", "((I++))", "let I+=1", "I=`expr $I + 1`", "I=$(next $I)"])
def test_commands_in_an_array_that_is_counted(count: str) -> None:
    """No command is lost that is put into an array under a number, whether that is known or not."""
    text = "".join(f"A[$I]='nemotron steps run a/{name} -d'\n{count}\n" for name in "bc")
    assert runs(f'I=0\n{text}for c in "${{A[@]}}"; do $c; done\n') == ["a/b -d", "a/c -d"]


def test_numbers_too_large_or_deep() -> None:
    """What bash reckons with another number, or not at all, has no value."""
    deep = "(" * 3_000 + "1" + ")" * 3_000
    for expression in ("9223372036854775807 + 1", "1 / 0", "010 + 1", "0x1f", "2 ** 3", "1 +", deep, "A[0]", "1.5"):
        (found,) = runs(f'nemotron steps run a/b "x$(({expression}))"\n')
        assert found == f"a/b x$(({expression}))"


@pytest.mark.parametrize(
    ("launcher", "words"),
    [
        ("srun --export=ALL,X='b -d' bash -c", "a/b -d"),
        ("srun --export ALL,Y=1,X=b bash -c", "a/b"),
        ("sbatch --export=ALL,X=b --wrap", "a/b"),
        ("srun --export=X=b bash -c", "a/b"),
        ("srun --export=NONE bash -c", "a/$X"),
        ("srun --export=ALL bash -c", "a/seen"),
        ("docker run -e X=b -e Y=1 image bash -c", "a/b"),
        ("docker run --env=X=b,c image bash -c", "a/b,c"),
        ("docker run -e Y=1 image bash -c", "a/$X"),
        ("docker compose exec -e X=b train bash -c", "a/b"),
        ("podman run --env X=b image bash -c", "a/b"),
        ("apptainer exec --env Y=1,X=b image.sif bash -c", "a/b"),
        ("kubectl run p --image=i --env=X=b --command -- bash -c", "a/b"),
        ("systemd-run --user -E X=b bash -c", "a/b"),
        ("srun --export=ALL,X=b docker run image bash -c", "a/$X"),
        ("env X=b docker run image bash -c", "a/$X"),
        ("docker run image env X=b bash -c", "a/b"),
    ],
)
def test_variables_that_a_launcher_sets(launcher: str, words: str) -> None:
    """What a launcher puts into the environment of what it starts is seen there, and nothing else that it hides."""
    assert runs(f"export X=seen\n{launcher} 'nemotron steps run a/$X'\n")[:1] == [words]


def test_variables_of_a_job_that_is_submitted() -> None:
    """The script of a job sees the variables of the command that submits it."""
    text = "sbatch --export=ALL,X=b job.sh\n"
    assert runs(f"cat > job.sh <<'E'\nnemotron steps run a/$X\nE\n{text}") == ["a/b"]
    assert runs("qsub -v Y=1,X=b <<'E'\nnemotron steps run a/$X\nE\n") == ["a/b"]


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("bash -c 'exec \"$@\"' _", ["a/b -d"]),
        ("bash -c '\"$@\"' --", ["a/b -d"]),
        ('sh -c \'cd /x && exec "$0" "$@"\'', ["a/b -d"]),
        ("docker run image sh -c '$*' _", ["a/b -d"]),
        ("srun bash -lc 'source env.sh; \"$@\"' bash uv run", ["a/b -d"]),
        ("bash -c 'echo \"$@\"' _", []),
        ("bash -c 'shift; echo $#' _", []),
    ],
)
def test_words_for_a_script_are_accounted_for(call: str, found: list[str]) -> None:
    """The words behind the text of `bash -c` are its parameters: they are run there, or nowhere."""
    text = f"{call} {R} a/b -d\n"
    assert [" ".join(word.value for word in run.words[3:]) for run in find_runs("a.sh", text)] == found
    assert notes(text) == []
