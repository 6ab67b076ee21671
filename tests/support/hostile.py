"""Texts that nobody writes by accident: deep, endless, broken, repeated. Tests and benchmarks check them.

Each shape makes about `size` bytes and ends, where its container allows, with a run that must not be lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

RUN = "nemotron steps run sft/automodel -c tiny --batch gpu trainer.planted=1"
PLANT = f"\n\n{RUN}\n"
FENCE = f"\n\n```bash\n{RUN}\n```\n"


@dataclass(frozen=True, slots=True)
class Shape:
    """A hostile file: its name, and what makes its bytes. `planted`: a run at the end must be accounted for."""

    name: str
    path: str
    make: Callable[[int], bytes]
    planted: bool = True


def _fill(unit: str, size: int) -> str:
    return unit * max(size // max(len(unit.encode("utf-8", "surrogateescape")), 1), 1)


def _one_cell(unit: str, tail: str) -> Callable[[int], bytes]:
    """A notebook of one cell."""

    def make(size: int) -> bytes:
        cell = {"cell_type": "code", "source": _fill(unit, size) + tail, "metadata": {}, "outputs": []}
        return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()

    return make


def _repeat(unit: str, head: str = "", tail: str = PLANT) -> Callable[[int], bytes]:
    return lambda size: (head + _fill(unit, size) + tail).encode("utf-8", "surrogateescape")


def _numbered(line: str, head: str = "", tail: str = PLANT) -> Callable[[int], bytes]:
    """Lines with a number in them, so that no two are equal."""
    return lambda size: (head + "".join(line.format(i) for i in range(size // len(line))) + tail).encode()


def _worded(line: str, head: str = "", tail: str = PLANT) -> Callable[[int], bytes]:
    """Lines with a word of their own in them, so that no two resemble each other much."""

    def make(size: int) -> bytes:
        words = (f"{at * 0x9E3779B97F4A7C15 % (1 << 64):016x}".translate(LETTERS) for at in range(1, size // 20 + 2))
        text = "".join(line.replace("{}", word) for word in words)
        return (head + text[: text.find("\n", size) + 1 or None] + tail).encode()

    return make


LETTERS = str.maketrans("0123456789abcdef", "etaoinshrdlcumwf")


def _deep(opener: str, closer: str, middle: str = "x", head: str = "", tail: str = PLANT) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        count = max(size // (len(opener) + len(closer)), 1)
        return (head + opener * count + middle + closer * count + tail).encode()

    return make


def _around(head: str, middle: Callable[[int], str], tail: str) -> Callable[[int], bytes]:
    return lambda size: f"{head}{middle(size)}{tail}".encode()


def _stairs(line: str, tail: str) -> Callable[[int], bytes]:
    """Lines of which each is indented by one more blank."""
    return lambda size: ("".join(" " * depth + line for depth in range(int((2 * size) ** 0.5))) + tail).encode()


def _markdown_lists(size: int) -> bytes:
    block = "".join(f"{'  ' * depth}- item\n" for depth in range(300))
    return (_fill(block + "\n", size) + FENCE).encode()


def _markdown_quotes(size: int) -> bytes:
    return (_fill("> " * 300 + "text\n", size) + FENCE).encode()


def _alternating(size: int) -> bytes:
    return (_fill("".join(f"{'> - ' * depth}text\n" for depth in range(75)), size) + FENCE).encode()


def _linked(line: str, head: str, tail: str) -> Callable[[int], bytes]:
    """Lines that name the one before (`{0}`) and themselves (`{1}`); `tail` names the last (`{0}`)."""

    def make(size: int) -> bytes:
        count = max(size // (len(line) + 4), 1)
        return (head + "".join(line.format(at, at + 1) for at in range(count)) + tail.format(count)).encode()

    return make


def _long_value(head: str, use: str, tail: str) -> Callable[[int], bytes]:
    """One value (`{0}` in `head`) that takes half of the file, and its uses."""
    return lambda size: (head.format("x" * (size // 2)) + _fill(use, size // 2) + tail).encode()


_COMMAND = "C='nemotron steps run a/b'\n"
# What a shell that is run on paper would take long for: nesting, chains, doubling, loops, calls of calls.
_FOLLOWED: dict[str, Callable[[int], bytes]] = {
    "ifs": _deep("if x; then C+=1\n", "\nfi", "$C", _COMMAND),
    "braces": _deep("{ C+=1; ", ";}", "$C", _COMMAND),
    "loops": _deep("for i in 1 2 3; do ", "; done", "$C", _COMMAND),
    "endless-loops": _deep("while x; do C+=1; ", "; done", "$C", _COMMAND),
    "cases": _deep("case $x in a) C+=1; ", ";; esac", "$C", _COMMAND),
    "substitutions": _deep("$(C+=1; echo ", ")", "$C", _COMMAND),
    "defaults": _deep("${A:-", "}", "$C", _COMMAND),
    "evals": _repeat('eval "$C"; ', _COMMAND),
    "chain": _linked('A{1}="$A{0} x"\n', "A0='nemotron steps run a/b'\n", "$A{0}" + PLANT),
    "doubling": _linked("A{1}=$A{0}$A{0}\n", "A0='nemotron '\n", "$A{0} steps run a/b" + PLANT),
    "array-doubling": _linked(
        'A{1}=("${{A{0}[@]}}" "${{A{0}[@]}}")\n', "A0=(nemotron steps)\n", '"${{A{0}[@]}}"' + PLANT
    ),
    "calls-of-calls": _linked("f{1}() {{ f{0}; f{0}; }}\n", f"f0() {{ {RUN}; }}\n", "f{0}" + PLANT),
    "calls-of-itself": _repeat("f; ", 'f() { f "$@" x; f; nemotron steps run "$@"; }\n'),
    "eval-of-itself": _repeat('eval "$C"\n', 'C=\'nemotron steps run a/b; eval "$C"; eval "$C"\'\n'),
    "alternatives": _repeat("[ x ] || C+=' x=1'\n", _COMMAND, "$C" + PLANT),
    "branches": _numbered("if x; then A{0}='nemotron steps run a/b'; fi\n$A{0}\n"),
    "words-of-a-loop": _around(
        "for i in", lambda size: _fill(" 'nemotron steps run a/b'", size), f"; do $i; done{PLANT}"
    ),
    "lines-of-a-loop": _around(
        "while read -r c; do eval \"$c\"; done <<'E'\n",
        lambda size: _fill("nemotron steps run a/b\n", size),
        f"E{PLANT}",
    ),
    "files": _numbered("echo 'nemotron steps run a/b' > f{0}.sh\nbash f{0}.sh\n"),
    "one-file": _repeat("echo 'nemotron steps run a/b' >> f.sh\nbash f.sh\n"),
    "aliases": _numbered("alias n{0}='nemotron '\nn{0} steps run a/b\n"),
    "patterns": _repeat(
        "echo ${C//n*n*n*x/y} ${C%%*a*a*a*b}\n", f"{_COMMAND}C+=nnnnnnnnnnnnnnnnnnnnnnnnaaaaaaaaaaaaaaaa\n"
    ),
    "sets": _repeat('set -- "$@" "$@" x\n', "set -- nemotron steps run a/b\n", '"$@"' + PLANT),
    "prints": _repeat('printf -v C \'%s %s \' "$C" "$C"\n', _COMMAND, "$C" + PLANT),
    "sourced": _repeat(". ./x.sh\n$C\n", _COMMAND),
    "variables": _numbered("A{0}=a.b={0}\nnemotron steps run a/b $A{0} $A1\n"),
    "variables-in-branches": _numbered("if x; then A{0}=-d; fi\nnemotron steps run a/b $A{0}\n"),
    "loops-in-a-row": _numbered("for i in 1 2 3; do A{0}=$i; x && break; done\nnemotron steps run a/b s=$A{0}\n"),
    "lines-read": _numbered("while read -r A{0}; do x && continue; nemotron steps run $A{0}; done <<< a/{0}\n"),
    "functions": _numbered('f{0}() {{ x && return; nemotron steps run "$@"; }}\nf{0} a/b -d\n'),
    "functions-of-branches": _numbered("if x; then f() {{ A=k={0}; }}; fi\nf\nnemotron steps run a/b $A\n"),
    "pipelines": _repeat("echo a | ", f"{RUN}\n"),
    "pipelines-of-commands": _repeat("echo a | echo 'nemotron steps run a/b' | "),
    "pipelines-of-texts": _repeat("cat <<E | ", f"{RUN}\n", f"bash{PLANT}"),
    "pipelines-to-a-shell": _repeat("echo 'nemotron steps run a/b' | ", "", "bash" + PLANT),
    "pipelines-through-cat": _repeat("cat | ", "echo 'nemotron steps run a/b' | ", "bash" + PLANT),
    "texts-for-a-shell": _numbered("A{0}='x=1'\nx && A{0}+=' # y'\nbash -c \"nemotron steps run a/b $A{0} -d\"\n"),
    "one-text-for-a-shell": _around(
        "A='x=1'\nx && A+=' # y'\nbash <<E\n", lambda size: _fill("nemotron steps run a/b $A -d\n", size), f"E{PLANT}"
    ),
    "items-of-an-array": _numbered("A[{0}]=x{0}\n", "A=(nemotron steps run a/b)\n", '"${{A[@]}}"' + PLANT),
    "items-anywhere": _repeat("A[$i]=x\n", "A=(nemotron steps run a/b)\n", '"${A[@]}"' + PLANT),
    "patterns-of-names": _repeat(" [[*]$G", "G='*.x['\nset -- a\nnemotron steps run a/b"),
    "many-braces": _repeat("{a,", "nemotron steps run a/b "),
    "braces-of-nothing": _repeat("{x..", "A=(", ")\n" + PLANT),
    "operators": _repeat("nemotron steps run a/b k=1|b\nnemotron steps run a/b k=1>2\n"),
    "braces-of-braces": _repeat("nemotron steps run {a,{b,{c,d}}}{1..9}{1..9} $C\n", _COMMAND),
}


def _yaml_anchors(size: int) -> bytes:
    """Each line holds the one before nine times."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, max(size // 70, 2))]
    return ("\n".join(lines) + f"\n# {RUN}\n").encode()


def _yaml_merges(size: int) -> bytes:
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}], k{i}: 1}}" for i in range(1, max(size // 50, 2))]
    return ("\n".join(lines) + f"\n# {RUN}\n").encode()


def _yaml_deep(size: int) -> bytes:
    depth = max(int((2 * size) ** 0.5), 2)
    return ("".join(f"{' ' * i}k:\n" for i in range(depth)) + f"# {RUN}\n").encode()


def _as_notebook(cells: list[dict[str, object]]) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _notebook(source: Callable[[int], object]) -> Callable[[int], bytes]:
    def make(size: int) -> bytes:
        cell: dict[str, object] = {"cell_type": "code", "metadata": {}, "outputs": [], "source": source(size)}
        last: dict[str, object] = {**cell, "source": ["%%bash\n", RUN]}
        return _as_notebook([cell, last])

    return make


def _many_cells(size: int) -> bytes:
    lines = (f"!nemotron steps run sft/automodel -c tiny x={i}" for i in range(size // 120))
    return _as_notebook([{"cell_type": "code", "metadata": {}, "outputs": [], "source": line} for line in lines])


def _mixed_endings(size: int) -> bytes:
    return (_fill("echo a\r\necho b\recho c\n\r", size) + PLANT).encode()


def _env_chain(size: int) -> bytes:
    parts = ['[p0]\nexecutor = "local"\n']
    parts += [f'[p{i}]\nextends = "p{i - 1}"\nk{i} = {i}\n' for i in range(1, size // 32)]
    return "".join(parts).encode()


def _env_fan(size: int) -> bytes:
    keys = "".join(f"k{i} = 1\nenv_vars.V{i} = '1'\n" for i in range(size // 60))
    children = "".join(f'[q{i}]\nextends = "p"\nenv_vars.A = "1"\n' for i in range(size // 90))
    return f"[p]\n{keys}{children}".encode()


def _env_cycle(size: int) -> bytes:
    count = max(size // 30, 2)
    return "".join(f'[p{i}]\nextends = "p{(i + 1) % count}"\n' for i in range(count)).encode()


def _env_dotted(size: int) -> bytes:
    return ("[p]\n" + ".".join("a" * (size // 2)) + " = 1\n").encode()


_SHELL: tuple[tuple[str, str], ...] = (
    ("substitutions", "$("),
    ("closed-substitutions", "$(a) "),
    ("backticks", "`"),
    ("double-quotes", '"'),
    ("single-quotes", "'"),
    ("quote-in-substitution", '"$('),
    ("three-kinds", '"$(`${'),
    ("parameters", "${"),
    ("parameter-defaults", "${a:-"),
    ("arithmetic", "$(("),
    ("double-parens", "(("),
    ("parens", "("),
    ("closing-parens", ")"),
    ("process-substitutions", "<("),
    ("braces", "{ "),
    ("brackets", "["),
    ("double-brackets", "[[ a "),
    ("pipes", "a|"),
    ("pipelines", "nemotron steps run a/b | "),
    ("ands", "a && "),
    ("semicolons", ";"),
    ("redirects", "<a "),
    ("redirect-signs", ">"),
    ("here-strings", "<<<a "),
    ("here-docs", "cat <<E\n"),
    ("here-docs-of-one-line", "cat <<A <<B <<C\n"),
    ("here-docs-with-tabs", "cat <<-E\n\tE"),
    ("script-here-docs", "bash <<E\n"),
    ("here-docs-in-substitutions", "$(cat <<E\n"),
    ("closed-here-docs", "bash <<E\nnemotron steps run a/b\nE\n"),
    ("cases", "case x in a) "),
    ("functions", "f() { "),
    ("ifs", "if a; then "),
    ("arrays", "A=(a "),
    ("appends", "A+=(a)\n"),
    ("appends-and-uses", 'A+=(nemotron)\n"${A[@]}" steps run a/b\n'),
    ("scalars-and-uses", "A+=x\n$A nemotron\n"),
    ("constants", "N=nemotron\n$N steps run a/b\n"),
    ("aliases", "alias n='nemotron steps'\nn run a/b\n"),
    ("doubled-arrays", 'A=(nemotron steps run a/b)\nA=("${A[@]}" "${A[@]}")\n"${A[@]}"\n'),
    ("arrays-that-append-themselves", 'A+=("${A[@]}" nemotron steps run a/b)\n"${A[@]}"\n'),
    ("doubled-strings", 'X="$X$X nemotron"\n$X steps run a/b\n'),
    ("continuations", "\\\n"),
    ("crlf-continuations", "\\\r\n"),
    ("backslashes", "\\"),
    ("blanks", " "),
    ("tabs", "\t"),
    ("newlines", "\n"),
    ("carriage-returns", "\r"),
    ("comments", "# nemotron steps run a/b\n"),
    ("hashes", "#"),
    ("bash-c", "bash -c '"),
    ("bash-c-escaped", 'bash -c "'),
    ("evals", 'eval "a b" '),
    ("ssh", "ssh host "),
    ("find-exec", "find . -exec a \\; "),
    ("xargs", "xargs -I {} "),
    ("sudo", "sudo "),
    ("env-prefixes", "env A=1 "),
    ("assignments", "A=1 "),
    ("docker", "docker run -e A=b image "),
    ("placeholders", "<x> "),
    ("open-placeholders", "<x"),
    ("template-braces", "{{ "),
    ("template-tags", "{% "),
    ("template-comments", "{# "),
    ("expressions", "${{ "),
    ("ansi-quotes", "$'\\'"),
    ("globs", "*?[a]"),
    ("brace-expansions", "{a,"),
    ("nemotrons", "nemotron "),
    ("nemotron-steps", "nemotron steps "),
    ("nemotron-steps-run", "nemotron steps run "),
    ("runs", "nemotron steps run sft/automodel -c tiny --batch gpu a=1\n"),
    ("unknown-runs", "nemotron steps run no/such -c none --batch nowhere\n"),
    ("quoted-runs", 'echo "nemotron steps run a/b"\n'),
    ("lone-quotes", "it's\n"),
    ("quote-then-run", "'\nnemotron steps run a/b\n"),
    ("exports", "export A_TOKEN=$B_TOKEN\n"),
    ("secret-names", "API_KEY="),
    ("secrets", "export API_TOKEN=abcdefgh{}ijkl\n"),
    ("bearer", "-H 'Authorization: Bearer "),
    ("urls", "https://a:b@c/"),
    ("userinfo", "://a:"),
    ("base64", "QUJD"),
    ("jwt", "eyJ."),
    ("hex", "0a"),
    ("underscored", "a_"),
    ("dashes", "-"),
    ("dotted", "a."),
    ("equals", "="),
    ("at-signs", "@"),
    ("pem", "-----BEGIN PRIVATE KEY-----\n"),
    ("ignores", "# nemolint: ignore[missing-dry-run] a reason\n"),
    ("ignores-and-runs", "# nemolint: ignore[missing-dry-run] why\nnemotron steps run sft/automodel --batch gpu\n"),
    ("ignores-of-nothing", "# nemolint: ignore[nothing-like-it]\n"),
    ("ignores-open", "# nemolint: ignore["),
    ("ignore-names", "# nemolint: ignore[a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z]\n"),
    ("ignore-files", "# nemolint: ignore-file[missing-dry-run]\n"),
    ("ignores-in-one-line", "nemolint: ignore[a] "),
    ("word", "a"),
    ("wide", "\u4e2d"),
    ("combining", "e\u0301"),
    ("nul-like", "\x01\x02\x7f"),
    ("surrogates", "\udcff"),
    ("emoji", "\U0001f600"),
    ("prompts", "$ nemotron steps run a/b\n"),
    ("outputs", "> "),
)

_RUN_TAILS: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("overrides", lambda size: "".join(f" trainer.k{i}={i}" for i in range(size // 20))),
    ("equal-overrides", lambda size: _fill(" trainer.seed=1", size)),
    ("mapping-overrides", lambda size: "".join(f" 'trainer.m={{k{i}: {i}}}'" for i in range(size // 30))),
    ("dotted-key", lambda size: " " + "a." * (size // 2) + "a=1"),
    ("dotted-keys", lambda size: "".join(f" {'a.' * 50}k{i}=1" for i in range(size // 110))),
    ("bracket-key", lambda size: " a" + "[0]" * (size // 3) + "=1"),
    ("open-brackets-value", lambda size: " 'k=" + "[" * size + "'"),
    ("closed-brackets-value", lambda size: " 'k=" + "[" * (size // 2) + "]" * (size // 2) + "'"),
    ("braces-value", lambda size: " 'k=" + "{a: " * (size // 4) + "'"),
    ("list-value", lambda size: " 'k=[" + "1, " * (size // 3) + "]'"),
    ("sexagesimal-value", lambda size: " k=1" + ":1" * (size // 2)),
    ("digits-value", lambda size: " k=" + "9" * size),
    ("hex-value", lambda size: " k=0x" + "f" * size),
    ("small-hex-value", lambda size: " k=0x" + "f" * 9000 + _fill(" j=1", size)),
    ("octal-value", lambda size: " k=0" + "7" * size),
    ("float-value", lambda size: " k=" + "1_" * (size // 2) + "1.e"),
    ("exponent-value", lambda size: " k=1e" + "9" * size),
    ("tagged-value", lambda size: " 'k=!!int " + "a" * size + "'"),
    (
        "doubled-value",
        lambda size: " 'k=[&a0 [x]" + "".join(f", &a{i + 1} [*a{i}, *a{i}]" for i in range(size // 20)) + "]'",
    ),
    ("doubled-values", lambda size: _fill(" 'k=[&a [x, x, x], &b [*a, *a, *a], &c [*b, *b, *b], *c, *c, *c]'", size)),
    ("anchors-value", lambda size: " 'k=[&a [x], " + "*a, " * (size // 4) + "]'"),
    ("interpolations", lambda size: " 'k=" + "${" * (size // 2) + "'"),
    ("closed-interpolations", lambda size: " 'k=" + "${oc.env:A,b}" * (size // 13) + "'"),
    ("short-options", lambda size: " -" + "d" * size),
    ("short-option-words", lambda size: _fill(" -d", size)),
    ("long-options", lambda size: "".join(f" --opt{i}" for i in range(size // 10))),
    ("misspelled-options", lambda size: _fill(" --dryrun", size)),
    ("long-option", lambda size: " --" + "dry-run" * (size // 7)),
    ("dashes", lambda size: _fill(" --", size)),
    ("batches", lambda size: _fill(" --batch a", size)),
    ("configs", lambda size: _fill(" -c a", size)),
    ("placeholders", lambda size: _fill(" <x>", size)),
    ("placeholder-values", lambda size: "".join(f" k{i}=<x>" for i in range(size // 10))),
    ("braced-placeholders", lambda size: _fill(" {x}", size)),
    ("globs", lambda size: "".join(f" k{i}=/a/*.jsonl" for i in range(size // 18))),
    ("brace-values", lambda size: _fill(" k={a,b}", size)),
    ("typographic", lambda size: _fill(" \u2014dry-run", size)),
    ("typographic-quotes", lambda size: _fill(" \u201ca\u201d", size)),
    ("secrets", lambda size: "".join(f" api_key=abcdefgh{i:08}" for i in range(size // 25))),
    ("one-secret", lambda size: " api_key=" + "aB3" * (size // 3)),
    ("secret-variables", lambda size: _fill(" server.api_key=$NVIDIA_API_KEY", size)),
    ("words", lambda size: _fill(" word", size)),
    ("spaced-equals", lambda size: _fill(" a = b", size)),
    ("quotes", lambda size: _fill(" ''", size)),
    ("pieces", lambda size: " k=" + "\"a\"'b'" * (size // 6)),
    ("expansions", lambda size: " k=" + "$a" * (size // 2)),
    ("open-words", lambda size: _fill(' "$@"', size)),
    ("tasks", lambda size: _fill(" -t mmlu", size)),
    ("continuation-lines", lambda size: _fill(" \\\n  a=1", size)),
    ("usage", lambda size: _fill(" [KEY=VALUE", size)),
    ("closed-usage", lambda size: _fill(" [-c X]", size)),
)

_MARKDOWN: tuple[tuple[str, str], ...] = (
    ("fences", "```bash\n"),
    ("fences-with-runs", "```bash\nnemotron steps run sft/automodel -c tiny --batch gpu\n```\n"),
    ("tildes", "~~~\n"),
    ("backtick-runs", "`a``b```c"),
    ("backticks", "`"),
    ("inline-runs", "`nemotron steps run sft/automodel -c tiny --batch gpu` "),
    ("emphasis", "*a_"),
    ("stars", "*"),
    ("brackets", "["),
    ("links", "[a]("),
    ("closed-links", "[a](b.md) "),
    ("images", "!["),
    ("references", "[a]: b\n"),
    ("autolinks", "<http://a"),
    ("html", "<a>"),
    ("open-html", "<a "),
    ("html-comments", "<!-- "),
    ("html-comment-ignores", "<!-- nemolint: ignore[missing-dry-run] why -->\n"),
    (
        "html-block-ignores",
        "<!-- nemolint: ignore[missing-dry-run] why -->\n\n    nemotron steps run sft/automodel -b gpu\n\n",
    ),
    ("tables", "|a|b|\n|-|-|\n|`nemotron steps run sft/automodel -c tiny`|x|\n\n"),
    ("table-rows", "|a|b|\n"),
    ("pipes", "|"),
    ("headings", "# a\n"),
    ("setext", "a\n-\n"),
    ("rules", "---\n"),
    ("quotes", ">"),
    ("spaced-quotes", "> "),
    ("list-marks", "- "),
    ("numbers", "1. "),
    ("entities", "&amp;"),
    ("open-entities", "&#"),
    ("escapes", "\\`"),
    ("footnotes", "[^a]: b\n"),
    ("directives", ":::{note}\n"),
    ("directive-fences", "```{code-block} bash\n:a: b\n"),
    ("roles", "{ref}`a` "),
    ("mdx", "<A b={"),
    ("math", "$a$ "),
    ("definition", "a\n: b\n"),
    ("indented", "    nemotron steps run a/b\n\n"),
    ("sentences", "Confirm before you run it with the profile gpu from env.toml. "),
    ("exports", "Export `NVIDIA_API_KEY` before you run it. "),
    ("globs", "The data is in `/data/a/*.jsonl`. "),
)

_LISTS = "import os, subprocess\nA0 = ['nemotron', 'steps', 'run', 'a/b']\n"
_TEXTS = "import os\nA0 = 'nemotron steps run a/b '\n"
_PYTHON: tuple[tuple[str, Callable[[int], bytes]], ...] = (
    ("additions", _deep("a + ", "", "b", "x = ", f'\nimport os\nos.system("{RUN}")\n')),
    ("string-additions", _deep('"nemotron " + ', "", '"b"', "import os\nos.system(", f')\nos.system("{RUN}")\n')),
    ("parens", _deep("(", ")", "1", "x = ", f'\nimport os\nos.system("{RUN}")\n')),
    ("lists", _deep("[", "]", "", "x = ", f'\nimport os\nos.system("{RUN}")\n')),
    ("attributes", _deep(".a", "", "", "x = y", f'\nimport os\nos.system("{RUN}")\n')),
    ("calls", _deep("f(", ")", "", "x = ", f'\nimport os\nos.system("{RUN}")\n')),
    ("nots", _deep("not ", "", "x", "x = ", f'\nimport os\nos.system("{RUN}")\n')),
    ("f-strings", _repeat("{a}", 'import os\nos.system(f"nemotron steps run ', f'")\nos.system("{RUN}")\n')),
    ("statements", _numbered('os.system("nemotron steps run a/b k={}")\n', "import os\n", f'os.system("{RUN}")\n')),
    ("argv", _numbered('"a{}", ', 'import subprocess\nsubprocess.run(["nemotron", "steps", "run", ', "])\n")),
    ("constants", _numbered('A{0} = "nemotron"\nf(A{0})\n', "", f'import os\nos.system("{RUN}")\n')),
    (
        "one-constant",
        _repeat('A = A + " x"\nos.system(A)\n', 'import os\nA = "nemotron steps run"\n', f'os.system("{RUN}")\n'),
    ),
    ("joins", _repeat('c += ["x"]\n', 'import os\nc = ["nemotron", "steps", "run"]\n', 'os.system(" ".join(c))\n')),
    ("docstring", _repeat("    nemotron steps run a/b\n", '"""x\n', f'"""\nimport os\nos.system("{RUN}")\n')),
    ("comments", _repeat("# nemotron steps run a/b\n", "", f'\nimport os\nos.system("{RUN}")\n')),
    ("escapes", _repeat("\\x41", 'import os\nos.system("nemotron steps run ', f'")\nos.system("{RUN}")\n')),
    ("implicit-joins", _repeat('"a" ', 'import os\nos.system("nemotron steps run " ', f')\nos.system("{RUN}")\n')),
    ("digits", _repeat("9", "x = ", f'\nimport os\nos.system("{RUN}")\n')),
    ("ifs", _stairs("if a:\n", f"# {RUN}\n")),
    ("elifs", _repeat("elif a:\n    pass\n", "if a:\n    pass\n", f'\nimport os\nos.system("{RUN}")\n')),
    ("decorators", _repeat("@a\n", "", f'def f(): pass\nimport os\nos.system("{RUN}")\n')),
    ("lambdas", _deep("lambda: ", "", "x", "x = ", f'\nimport os\nos.system("{RUN}")\n')),
    ("docstrings", _numbered('def f{}():\n    """Run::\n\n        nemotron steps run a/b\n    """\n')),
    (
        "a-dictionary",
        _numbered('"k{}": "nemotron steps run a/b",\n', "D = {\n", f'}}\nimport os\nos.system("{RUN}")\n'),
    ),
    (
        "variables-in-a-dictionary",
        _numbered('"NEMOTRON_A{}": "x",\n', "E = {\n", f'}}\nimport os\nos.system("{RUN}")\n'),
    ),
    (
        "one-list-and-its-uses",
        _numbered(
            'run(c + ["x={0}"])\nc.append("y={0}")\n',
            'c = ["nemotron", "steps", "run"]\n',
            f'\nimport os\nos.system("{RUN}")\n',
        ),
    ),
    ("doubled-lists", _linked("A{1} = [*A{0}, *A{0}]\n", _LISTS, f'subprocess.run(A{{0}})\nos.system("{RUN}")\n')),
    ("added-lists", _linked("A{1} = A{0} + A{0}\n", _LISTS, f'subprocess.run(A{{0}})\nos.system("{RUN}")\n')),
    ("doubled-strings", _linked("A{1} = A{0} + A{0}\n", _TEXTS, f'os.system(A{{0}})\nos.system("{RUN}")\n')),
    ("doubled-f-strings", _linked("A{1} = f'{{A{0}}}{{A{0}}}'\n", _TEXTS, f'os.system(A{{0}})\nos.system("{RUN}")\n')),
    ("joined-lists", _linked('A{1} = " ".join([*A{0}, *A{0}])\n', _LISTS, f'os.system(A{{0}})\nos.system("{RUN}")\n')),
    ("long-constant", _long_value(f"{_TEXTS}B = '{{0}}'\n", "os.system(A0 + B)\n", f'os.system("{RUN}")\n')),
    ("long-list", _long_value(f"{_LISTS}B = ['{{0}}']\n", "os.system([*A0, *B])\n", f'os.system("{RUN}")\n')),
    ("magics", _repeat("!nemotron steps run a/b\n", "", f"!{RUN}\n")),
)

_YAML: tuple[tuple[str, Callable[[int], bytes]], ...] = (
    ("anchors", _yaml_anchors),
    ("merges", _yaml_merges),
    ("doubled-sequences", _linked("a{1}: &a{1} [*a{0}, *a{0}]\n", "a0: &a0 [x]\n", f"# {RUN}\n# {{0}}\n")),
    ("doubled-mappings", _linked("a{1}: &a{1} {{x: *a{0}, y: *a{0}}}\n", "a0: &a0 {x: 1}\n", f"# {RUN}\n# {{0}}\n")),
    ("deep", _yaml_deep),
    ("flow", _deep("[", "]", "", "a: ", f"\n# {RUN}\n")),
    ("open-flow", _repeat("[", "a: ", f"\n# {RUN}\n")),
    ("open-mappings", _repeat("{a: ", "a: ", f"\n# {RUN}\n")),
    ("dashes", _repeat("- ", "", f"\n# {RUN}\n")),
    ("runs", _repeat("- run: nemotron steps run sft/automodel -c tiny\n", "steps:\n", f"- run: {RUN}\n")),
    ("block", _repeat("      nemotron steps run a/b\n", "a:\n  - run: |\n", f"      {RUN}\n")),
    ("folded", _repeat("      word\n", "a:\n  - run: >\n", f"\n      {RUN}\n")),
    ("keys", _numbered("k{}: v\n", "", f"run: {RUN}\n")),
    ("equal-keys", _repeat("k: v\n", "", f"run: {RUN}\n")),
    ("quotes", _repeat("\\n", 'run: "', f'\\n{RUN}"\n')),
    ("plain-lines", _repeat("  word\n", "run: a\n", f"b:\n  run: {RUN}\n")),
    ("comments", _repeat("# nemotron steps run a/b\n", "", f"# {RUN}\n")),
    ("documents", _repeat("---\na: 1\n", "", f"---\nrun: {RUN}\n")),
    ("tags", _repeat("!a ", "a: ", f"\n# {RUN}\n")),
    ("tabs", _repeat("\t", "a:\n", f"\n# {RUN}\n")),
    ("questions", _repeat("? ", "", f"\n# {RUN}\n")),
    ("jinja", _repeat("{{ a }} ", "a: ", f"\n# {RUN}\n")),
)


_HOSTED = (
    "```bash\nnemotron steps run translate/nemo_curator -c tiny server.api_key_env=A{0}_KEY\n```\n\n"
    "Export `A{0}_KEY`.\n\n"
)


def _extends(size: int) -> bytes:
    """Jobs of which each goes on from the one before."""
    job = "j{}:\n  extends: j{}\n  script:\n  - nemotron steps run sft/automodel --dryrun\n"
    jobs = (job.format(at, at - 1) for at in range(1, size // len(job)))
    return ("".join(jobs) + f"last:\n  script:\n  - {RUN}\n").encode()


def _shapes() -> Iterator[Shape]:
    for name, unit in _SHELL:
        yield Shape(f"shell-{name}", "a.sh", _repeat(unit))
        if "\r" not in unit:
            yield Shape(f"fence-{name}", "a.md", _repeat(unit, "```bash\n", f"\n```\n{FENCE}"))
    for name, unit in _SHELL:
        yield Shape(f"answer-{name}", "a.answer.md", _repeat(unit, "```\n", f"\n```\n{FENCE}"))
        yield Shape(f"console-{name}", "b.md", _repeat(unit, "```console\n$ ", f"\n```\n{FENCE}"))
    for name, tail in _RUN_TAILS:
        yield Shape(f"run-{name}", "a.sh", _around("nemotron steps run sft/automodel", tail, f"\n{PLANT}"))
        evaluation = "```bash\nnemotron steps run eval/model_eval -c default -b a"
        yield Shape(f"doc-run-{name}", "a.md", _around(evaluation, tail, f"\n```\n{FENCE}"))
    for name, unit in _MARKDOWN:
        yield Shape(f"md-{name}", "a.md", _repeat(unit, "", FENCE))
        yield Shape(f"answer-md-{name}", "a.answer.md", _repeat(unit, "", FENCE))
    yield Shape("md-lists", "a.md", _markdown_lists)
    yield Shape("md-quoted", "a.md", _markdown_quotes)
    yield Shape("md-lists-in-quotes", "a.md", _alternating)
    yield Shape("md-front-matter", "a.md", _repeat("k: [", "---\n", f"\n---\n{FENCE}"))
    for name, make in _PYTHON:
        yield Shape(f"python-{name}", "a.py", make, name not in ("argv", "joins"))
    for name, make in _YAML:
        yield Shape(f"yaml-{name}", "a.yaml", make)
        yield Shape(f"config-{name}", "src/nemotron/steps/sft/automodel/config/a.yaml", make)
        yield Shape(f"workflow-{name}", ".github/workflows/a.yml", make)
    evaluation = "nemotron steps run eval/model_eval -c tiny_chat"
    tasks = f"{evaluation} 'evaluation.tasks=[mmlu"
    yield Shape("tasks-of-a-list", "a.sh", _worded(", {}", tasks, f"]'\n{PLANT}"))
    yield Shape("tasks-of-near-names", "a.sh", _numbered(", mmlu_instuct{}", tasks, f"]'\n{PLANT}"))
    yield Shape("steps-unknown", "a.sh", _worded("nemotron steps run sft/{} -c tiny\n"))
    yield Shape("configs-unknown", "a.sh", _worded("nemotron steps run sft/automodel -c {}\n"))
    run = "nemotron steps run eval/model_eval -c default -d"
    yield Shape("values-refused", "a.sh", _worded(f"{run} a.{{}}=@x 'b.{{}}=[1, {{}}'\n"))
    yield Shape("values-quoted", "a.sh", _worded(f"{run} a.{{}}=*{{}} 'b.{{}}=x #{{}}'\n"))
    yield Shape("values-open-interpolations", "a.sh", _repeat("${", f"{run} 'a=", f"'\n{PLANT}"))
    yield Shape("values-deep-interpolations", "a.sh", _deep("${", "}", "x", f"{run} 'a=", f"'\n{PLANT}"))
    yield Shape("values-open-brackets", "a.sh", _repeat("{a: [", f"{run} 'a=", f"'\n{PLANT}"))
    yield Shape("values-deep-brackets", "a.sh", _deep("[", "]", "x", f"{run} 'a=", f"'\n{PLANT}"))
    yield Shape("overrides-below-a-list", "a.sh", _numbered(" evaluation.tasks.{}.name=x", run))
    yield Shape("overrides-of-one-mapping", "a.sh", _numbered(" 'a={{k{}: {{b: 1}}}}'", run))
    yield Shape("overrides-of-one-list", "a.sh", _numbered(" a={0} a.{0}=1", f"{run} 'a=[]'"))
    yield Shape("options-unknown", "a.sh", _worded("nemotron steps run sft/automodel --{}\n"))
    yield Shape("options-before-steps", "a.sh", _repeat("nemotron -c "))
    yield Shape("options-in-prose", "a.md", _repeat("nemotron -x y "))
    yield Shape("options-behind", "a.sh", _repeat(" -dc", "nemotron steps run sft/automodel --"))
    yield Shape("options-in-a-cluster", "a.sh", _repeat("dx", "nemotron steps run sft/automodel -"))
    yield Shape("options-in-pieces", "a.sh", _repeat("'d'x\"$X\"", "nemotron steps run sft/automodel -"))
    yield Shape("options-misread", "a.sh", _repeat(" -dryrun --bath p", "nemotron steps run sft/automodel -d"))
    yield Shape("options-of-tasks", "a.sh", _repeat(" -t x -tarc", "nemotron steps run eval/model_eval -d"))
    yield Shape("ignores-of-many-names", "a.sh", _worded("# nemolint: ignore[{}] why\nnemotron steps run a/b\n"))
    yield Shape("secrets-short", "a.sh", _numbered("export T{0}_TOKEN=ab{0}\n"))
    yield Shape("secrets-short-in-runs", "a.sh", _numbered("nemotron steps run sft/automodel a.api_key=x{}z\n"))
    yield Shape("secrets-in-a-line", "a.sh", _repeat(" api_key=s3cr3t", "nemotron steps run sft/automodel"))
    yield Shape("findings-in-a-line", "a.sh", _numbered("nemotron steps run sft/automodel --dryrun x={}; "))
    yield Shape("arrays-and-uses", "a.sh", _numbered('C{0}=(nemotron steps run a/b)\n"${{C{0}[@]}}" x={0}\n'))
    for name, make in _FOLLOWED.items():
        yield Shape(f"followed-{name}", "a.sh", make)
    yield Shape("answer-hosted", "a.answer.md", _numbered(_HOSTED, "", FENCE))
    yield Shape("gitlab-extends", ".gitlab-ci.yml", _extends)
    yield Shape("notebook-string", "a.ipynb", _notebook(lambda size: "!nemotron steps run a/b " + "x" * size))
    yield Shape("notebook-escapes", "a.ipynb", _notebook(lambda size: "%%bash\n" + '\n\t"' * (size // 6)))
    yield Shape("notebook-lines", "a.ipynb", _notebook(lambda size: ["!nemotron steps run a/b\n"] * (size // 28)))
    yield Shape("notebook-cells", "a.ipynb", _many_cells, False)
    yield Shape("notebook-argv", "a.ipynb", _notebook(lambda size: "f(" * (size // 2)))
    yield Shape("notebook-deep", "a.ipynb", _deep("[", "]", "", '{"cells": [], "x": ', f', "y": "{RUN}"}}'), False)
    yield Shape("notebook-open", "a.ipynb", _repeat('{"cells":[', "", f'"{RUN}"'), False)
    yield Shape("notebook-digits", "a.ipynb", _repeat("9", '{"cells": [], "x": ', f', "y": "{RUN}"}}'), False)
    yield Shape("json-deep", "a.json", _deep('{"a":[', "]}", "1", "", f'\n"{RUN}"'))
    yield Shape("json-strings", "a.json", _repeat('"nemotron steps run a/b",', "[", f'"{RUN}"]'))
    yield Shape("json-digits", "a.json", _repeat("9", f'["{RUN}", ', "]"))
    yield Shape("json-escapes", "a.json", _repeat("\\u0041", '["', f'", "{RUN}"]'))
    yield Shape("toml-deep", "a.toml", _deep("[", "]", "", f"# {RUN}\na = ", "\n"))
    yield Shape("toml-strings", "a.toml", _numbered('k{} = "nemotron steps run a/b"\n', "", f"# {RUN}\n"))
    yield Shape("toml-quotes", "a.toml", _repeat('"""', "a = ", f"\n# {RUN}\n"))
    yield Shape("toml-digits", "a.toml", _repeat("9", f"# {RUN}\na = ", "\n"))
    yield Shape("toml-dotted", "a.toml", _repeat("a.", f"# {RUN}\n", "a = 1\n"))
    yield Shape("toml-tables", "a.toml", _numbered("[[a.b{}]]\n", f"# {RUN}\n", ""))
    yield Shape("toml-table-arrays", "a.toml", _repeat("[[a]]\n[a.b]\n", f"# {RUN}\n", ""))
    yield Shape("env-profiles", "env.toml", _numbered('[p{}]\nexecutor = "slurm"\nnodes = 1\n', tail=""), False)
    yield Shape("env-chain", "env.toml", _env_chain, False)
    yield Shape("env-fan", "env.toml", _env_fan, False)
    yield Shape("env-cycle", "env.toml", _env_cycle, False)
    yield Shape("env-dotted", "env.toml", _env_dotted, False)
    yield Shape("env-deep", "env.toml", _deep("[", "]", "", "[p]\na = ", "\n"), False)
    yield Shape("env-tables", "env.toml", _deep("{a = ", "}", "1", "[p]\na = ", "\n"), False)
    yield Shape("env-digits", "env.toml", _repeat("9", "[p]\nnodes = ", "\n"), False)
    yield Shape("env-unknown-parents", "env.toml", _numbered('[p{0}]\nextends = "q{0}"\n', tail=""), False)
    yield Shape("env-references", "env.toml", _numbered('[p{0}]\nx = "${{b{0}}} ${{c}}"\n', tail=""), False)
    yield Shape("env-references-of-one", "env.toml", _numbered('x{0} = "${{b{0}}}"\n', "[p]\n", ""), False)
    yield Shape("env-times", "env.toml", _numbered("[p{0}]\ntime = 04:00:00\n", tail=""), False)
    yield Shape("env-executors", "env.toml", _numbered('[p{0}]\nexecutor = "x{0}"\n', tail=""), False)
    yield Shape("env-keys", "env.toml", _numbered("k{} = 1\n", "[p]\n", ""), False)
    yield Shape("env-secrets", "env.toml", _numbered('[p{0}.env_vars]\nAPI_TOKEN = "abcdefgh{0}"\n', tail=""), False)
    yield Shape("env-garbage", "env.toml", _repeat("[", tail=""), False)
    yield Shape("docker-continuations", "Dockerfile", _repeat("\\\n", "FROM a\nRUN a ", f"\nRUN {RUN}\n"))
    yield Shape("docker-words", "Dockerfile", _repeat("a \\\n", "FROM a\nRUN a ", f"b\nRUN {RUN}\n"))
    yield Shape("docker-comments", "Dockerfile", _repeat("# a\n", "FROM a\nRUN a \\\n", f"  b\nRUN {RUN}\n"))
    yield Shape("docker-here-docs", "Dockerfile", _repeat("RUN <<E\n", "FROM a\n", f"E\nRUN {RUN}\n"))
    yield Shape("docker-here-doc-names", "Dockerfile", _numbered("RUN <<E{}\n", "FROM a\n", f"E\nRUN {RUN}\n"))
    yield Shape("docker-exec", "Dockerfile", _repeat('"a", ', "FROM a\nRUN [", f'"b"]\nRUN {RUN}\n'))
    yield Shape("docker-open-exec", "Dockerfile", _repeat("[", "FROM a\nRUN ", f"\nRUN {RUN}\n"))
    yield Shape("docker-runs", "Dockerfile", _repeat("RUN nemotron steps run a/b\n", "FROM a\n", f"RUN {RUN}\n"))
    yield Shape("make-continuations", "Makefile", _repeat("\\\n", "a:\n\techo ", f"\n\nb:\n\t{RUN}\n"))
    yield Shape("make-variables", "Makefile", _numbered("A{0} = $(A{0})\n", "", f"b:\n\t{RUN}\n"))
    yield Shape("make-references", "Makefile", _repeat("$(A", "a:\n\techo ", f"\n\nb:\n\t{RUN}\n"))
    yield Shape("make-chain", "Makefile", _numbered("A{0} = nemotron $(A1)\na:\n\t$(A{0})\n", "", f"b:\n\t{RUN}\n"))
    yield Shape("make-appends", "Makefile", _repeat("A += x\na:\n\t$(A) nemotron steps run\n", "", f"b:\n\t{RUN}\n"))
    yield Shape("make-defines", "Makefile", _repeat("define A\n", "", f"endef\nb:\n\t{RUN}\n"))
    yield Shape("make-ifs", "Makefile", _repeat("ifdef A\n", "", f"b:\n\t{RUN}\n"))
    yield Shape("make-recipes", "Makefile", _repeat("\tnemotron steps run a/b\n", "a:\n", f"\t{RUN}\n"))
    yield Shape("make-doubling", "Makefile", _numbered("A{0} = $(A1)$(A1)\n", "A1 = nemotron\n", f"b:\n\t{RUN}\n"))
    yield Shape("make-doubled", "Makefile", _linked("A{1} = $(A{0}) $(A{0})\n", "A0 = nemotron\n", f"b:\n\t{RUN}\n"))
    yield Shape("make-long", "Makefile", _long_value("A = nemotron {0}\nb:\n", "\t$(A) steps run\n", f"\t{RUN}\n"))
    target = f"add_custom_target(a COMMAND {RUN})\n"
    yield Shape("cmake-targets", "CMakeLists.txt", _numbered("add_test(t{} nemotron steps run a/b)\n", "", target))
    yield Shape("cmake-quotes", "a.cmake", _repeat('"', "", '"\n' + target), planted=False)
    yield Shape("cmake-brackets", "a.cmake", _repeat("[=[ nemotron ${", "", "]=]\n" + target), planted=False)
    yield Shape("cmake-parentheses", "a.cmake", _repeat("(", "", "\n" + target), planted=False)
    yield Shape("cmake-put-in", "a.cmake", _repeat("${$<", "set(a nemotron ", ")\n" + target), planted=False)
    yield Shape("procfile-lines", "Procfile", _numbered("p{}: nemotron steps run a/b\n", "", f"q: {RUN}\n"))
    yield Shape("procfile-line", "Procfile", _repeat("a:", "", f"\nq: {RUN}\n"))
    yield Shape("crontab-jobs", "crontab", _repeat("0 3 * * * nemotron steps run a/b % x\n", "", f"@daily {RUN}\n"))
    yield Shape("crontab-percents", "crontab", _repeat("%", "@daily bash -s", f"\n@daily {RUN}\n"))
    yield Shape("crontab-stars", "crontab", _repeat("* ", "", f"\n@daily {RUN}\n"))
    yield Shape("just-long", "justfile", _long_value('a := "nemotron {0}"\nb:\n', "    {{a}} run\n", f"    {RUN}\n"))
    yield Shape("just-braces", "justfile", _repeat("{{", "a:\n    echo ", f"\n\nb:\n    {RUN}\n"))
    yield Shape("just-recipes", "justfile", _numbered("a{}:\n    nemotron steps run a/b\n", "", f"b:\n    {RUN}\n"))
    yield Shape("just-continuations", "justfile", _repeat("\\\n", "a:\n    echo ", f"\n\nb:\n    {RUN}\n"))
    yield Shape(
        "rst-blocks",
        "a.rst",
        _repeat(".. code-block:: bash\n\n   nemotron steps run a/b\n\n", "", f".. code-block:: bash\n\n   {RUN}\n"),
    )
    yield Shape("rst-backticks", "a.rst", _repeat("`", "", f"\n\n.. code-block:: bash\n\n   {RUN}\n"))
    yield Shape("rst-colons", "a.rst", _repeat("::\n", "", f"\n\n.. code-block:: bash\n\n   {RUN}\n"))
    yield Shape("rst-indents", "a.rst", _stairs("a::\n\n", f"\n.. code-block:: bash\n\n   {RUN}\n"))
    ignore = "nemolint: ignore[missing-dry-run]"
    block = f"\n\n::\n\n   {RUN}\n"
    script = f"\n{RUN}\n"
    yield Shape("rst-notes", "a.rst", _repeat(".. note:: a::\n\n   nemotron\n\n", "", block))
    about = "# sft/automodel\n\n"
    yield Shape("documented-options", "a.md", _numbered("```{{option}} peft.a{}=<n>\n```\n", about, FENCE))
    yield Shape("documented-columns", "a.md", _numbered("| `a{}=1` |\n", about + "| Override |\n| --- |\n", FENCE))
    yield Shape("documented-terms", "a.md", _numbered("`seed{}`\n: nemotron\n", about, FENCE))
    yield Shape("documented-headings", "a.md", _numbered("# `seed{}`\n", about, FENCE))
    yield Shape("documented-html", "a.md", _repeat("<table><tr><th>Key<tr><td>`seed`", about, FENCE))
    yield Shape("documented-html-hidden", "a.md", _repeat("<!-- --><table></table>", about, FENCE))
    yield Shape("documented-brackets", "a.md", _repeat("<[{'", about + "```{option} ", "\n```" + FENCE))
    yield Shape("documented-blanks", "a.md", _repeat(" ", about + "| --- |\n", FENCE))
    yield Shape("documented-words", "a.md", _repeat("a_", about + "b\n: x\n\n", FENCE))
    yield Shape("documented-plain-terms", "a.md", _numbered("seed_{}\n: x\n", about, FENCE))
    yield Shape("documented-rst-words", "a.rst", _repeat("a_", "``b``\n  x\n\n", block))
    yield Shape("documented-rst-terms", "a.rst", _numbered("``seed{}``\n  a\n", "", block))
    yield Shape("documented-rst-tables", "a.rst", _repeat("=== ===\n``seed`` a\n", "", block))
    yield Shape("rst-quotes", "a.rst", _repeat("> nemotron\n", "a::\n\n", block))
    yield Shape("rst-sessions", "a.rst", _repeat(">>> os.system('nemotron steps run a')\n\n", "", block))
    yield Shape("rst-ignores", "a.rst", _repeat(f".. {ignore}\n\n", "", block))
    yield Shape("mdx-ignores", "a.mdx", _repeat(f"{{/* {ignore} */}}\n\n`{RUN}`\n\n", "", FENCE))
    yield Shape("mdx-escapes", "a.mdx", _repeat("\\<a", "```\nnemotron steps run ", "\n```\n" + FENCE))
    yield Shape("html-pre", "a.md", _repeat("<pre>nemotron ", "", FENCE))
    yield Shape("html-pre-blocks", "a.md", _repeat("<pre>nemotron steps run a</pre>\n", "", FENCE))
    yield Shape("html-entities", "a.md", _repeat("&lt;", "<pre>nemotron steps run ", "</pre>\n" + FENCE))
    yield Shape("html-code", "a.md", _repeat("<code>nemotron steps run a</code> ", "", FENCE))
    yield Shape("fence-bangs", "a.md", _repeat("!nemotron steps run a\n", "```\n", "```\n" + FENCE))
    yield Shape("jupytext-cells", "a.py", _repeat("# %%\n# !nemotron steps run a\n", "", f"# %%\n# !{RUN}\n"))
    yield Shape("jupytext-joined", "a.py", _repeat("#   a \\\n", "# %%\n# !nemotron \\\n", f"x\n# %%\n# !{RUN}\n"))
    yield Shape("jupytext-magics", "a.py", _repeat("# %%\n# %%bash\nnemotron\n", "", f"# %%\n# !{RUN}\n"))
    yield Shape("choices", "a.sh.j2", _repeat("{{ 'a' if b else 'c' }} ", "nemotron steps run ", script))
    yield Shape("open-choices", "a.sh.j2", _repeat("{{ 'a' if ", "nemotron steps run ", script))
    yield Shape("conditions", "a.sh.j2", _repeat("{% if a %}b{% endif %} ", "nemotron steps run ", script))
    yield Shape("open-conditions", "a.sh.j2", _repeat("{% if a %}", "nemotron steps run ", script))
    yield Shape("sections", "a.yml", _repeat("<<#a>>b", "- run: nemotron steps run ", f"\n- run: {RUN}\n"))
    yield Shape("yaml-lists", "a.yml", _repeat("- [nemotron, steps, run, a]\n", "a:\n", f"- run: {RUN}\n"))
    yield Shape("yaml-colons", "a.yml", _repeat(":a, ", "x: [", f"]\na:\n- run: {RUN}\n"))
    yield Shape("yaml-separators", "a.yml", _repeat("  a\u2028b\n", "a: |\n", f"b:\n- run: {RUN}\n"))
    yield Shape("toml-fields", "pixi.toml", _repeat("{a:{a:", "[tasks]\na='nemotron ", f"'\nb='{RUN}'\n"))
    yield Shape("toml-tables", "tox.toml", _repeat("{a='b'}, ", "a=['nemotron', 'steps', ", f"]\n[tasks]\nb='{RUN}'\n"))
    yield Shape("escaped-returns", "a.sh", _repeat("a \\\r\nb\nc\n"))
    yield Shape("odd-spaces", "a.sh", _repeat("nemotron\u00a0steps run a\n"))
    yield Shape("magics-in-magics", "a.ipynb", _one_cell("%%capture\n", f"!{RUN}\n"))
    yield Shape("txt-lines", "a.txt", _repeat("nemotron steps run a/b\n", "", PLANT))
    yield Shape("txt-line", "a.txt", _repeat("nemotron ", "", PLANT))
    yield Shape("txt-labels", "a.txt", _repeat("a: nemotron steps run a/b -d\n", "", PLANT))
    yield Shape("capitals", "a.sh", _repeat("# NEMOTRON STEPS RUN A/B\n", "", PLANT))
    yield Shape("base64-lines", "a.sh", _repeat("bmVtb3Ryb2aaaaaaaaaaaaaa\n", "base64 -d <<E\n", f"E{PLANT}"))
    yield Shape("given-variables", "a.sh", _repeat("-e X='a nemotron steps run a/b' ", "docker run ", f"i{PLANT}"))
    yield Shape("own-file", "a.sh", _repeat('cat "$0" | ', "", f"sort # {RUN}{PLANT}"))
    yield Shape("html-tags", "a.md", _repeat("nemotron <b>steps</b> run ", "<code>", f"</code>{FENCE}"))
    yield Shape("two-keys", "a.json", _repeat('"steps", "run", "a/b", ', '{"a": [', '"nemotron"]}'), False)
    yield Shape("long-variable", "a.sh", _long_value("X='nemotron {0}'\n", "$X steps run a/b\n", PLANT))
    yield Shape("long-alias", "a.sh", _long_value("alias n='nemotron {0}'\n", "n steps run a/b\n", PLANT))
    yield Shape("mixed-endings", "a.sh", _mixed_endings)
    yield Shape("mixed-endings-md", "a.md", lambda size: _mixed_endings(size) + FENCE.encode())
    yield Shape("nul", "a.sh", lambda size: b"\0" * size + PLANT.encode(), False)
    yield Shape("invalid-utf-8", "a.sh", lambda size: b"\xfe\xfa" * (size // 2) + PLANT.encode())
    yield Shape("utf-16", "a.sh", lambda size: ("\ufeff" + "echo a\n" * (size // 14) + PLANT).encode("utf-16-le"))
    yield Shape("utf-16-md", "a.md", lambda size: ("\ufeff" + "`a` " * (size // 8) + FENCE).encode("utf-16-be"))
    yield Shape(
        "utf-16-odd",
        "a.sh",
        lambda size: b"\xff\xfe" + "nemotron steps run".encode("utf-16-le") * (size // 36) + b"a",
        False,
    )
    yield Shape("boms", "a.sh", lambda size: "\ufeff".encode() * (size // 3) + PLANT.encode())


_DASHES = "\u2011\u2212\u2013"
_ESCAPED = '"\\'
_ESCAPED_SINGLE = "'\\"
_STEP = "src/nemotron/steps/sft/automodel/config/a.yaml"


def _cell(line: str) -> str:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": f"{line}\n!{RUN}"}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


# What takes the square of its length where a regular expression looks at a part over and over.
_SEEN = "# see src/nemotron/steps/README.md\n"
_ATTACKS: tuple[tuple[str, str, Callable[[int], str]], ...] = (
    ("open brackets in a key", "a.sh", lambda n: f"nemotron steps run sft/automodel '{'[aaa' * (n // 4)}=1'\n"),
    ("hashes of a comment", "a.py", lambda n: f"{'#' * n}\nimport os\nos.system('{RUN}')\n"),
    ("a long word that names no file", _STEP, lambda n: f"# {RUN} -{'c' * n}\nk: '-{'c' * n}'\n"),
    ("escaped quotes in a cell", "a.ipynb", lambda n: _cell(_ESCAPED * (n // 2))),
    ("escaped single quotes in a cell", "a.ipynb", lambda n: _cell(_ESCAPED_SINGLE * (n // 2))),
    ("dashes of all kinds", "a.sh", lambda n: f"nemotron steps run sft/automodel {_DASHES * (n // 3)}\n"),
    ("marks behind a word of confidence", "a.answer.md", lambda n: f"confidence{'`' * n} x\n\n```\n{RUN}\n```\n"),
    ("blanks behind a verb", "a.answer.md", lambda n: f"The run is{' ' * n}x\n\n```\n{RUN}\n```\n"),
    ("the info string of a fence", "a.md", lambda n: f"```{'a' * n}`\n```\n\n```bash\n{RUN}\n```\n"),
    (
        "a key without its colon",
        ".gitlab-ci.yml",
        lambda n: f"a{' ' * n}x\njob:\n  script:\n    - read x\n    - {RUN}\n",
    ),
    ("blanks before a suppression", "a.sh", lambda n: f"{' ' * n}x # nemolint: ignore[missing-dry-run] y\n{RUN}\n"),
    ("blanks behind a bracket", "a.py", lambda n: f"f({' ' * n}x\n# nemolint: ignore[missing-dry-run] y\n# {RUN}\n"),
    ("letters of an option", "a.sh", lambda n: f"bash -{'c' * n}1 '{RUN}'\nbash -{'s' * n}1 <<E\n{RUN}\nE\n"),
    ("letters of a trace option", "a.sh", lambda n: f"set -{'x' * n}1\nset +{'x' * n}1\necho $API_TOKEN\n{RUN}\n"),
    ("letters of a search", "a.sh", lambda n: f"env | grep -{'q' * n}1 x\n{RUN}\n"),
    ("blanks behind a function's name", "a.sh", lambda n: f"f() {' ' * n}x\n{RUN}\n"),
    ("the width of a field", "a.py", lambda n: f"import os\nos.system('nemotron steps run a/b %{'0' * n}!' % 1)\n"),
    ("blanks in front matter", "a.md", lambda n: f"---\na: nemotron{' ' * n}x\n---\n\n```\n{RUN}\n```\n"),
    # Files without runs, of which a look at the text tells what can stand in them.
    ("parts of a secret's name", "a.md", lambda n: f"{_SEEN}{'token' * (n // 5)}\n"),
    ("brackets behind a secret's name", "a.md", lambda n: f"{_SEEN}{'token[' * (n // 6)}\n"),
    ("listings that go on", "a.sh", lambda n: f"{_SEEN}{'env -' * (n // 5)}\n"),
    ("listings in prose", "a.md", lambda n: f"{_SEEN}{'set -a ' * (n // 7)}\n"),
    ("the name in prose", "a.md", lambda n: f"{_SEEN}{'=a b nemotron steps, run. ' * (n // 26)}\n"),
    ("signs before the name", "a.md", lambda n: f"{_SEEN}steps run\n{'=' * 190} x nemotron\n" * (n // 240)),
    ("options without values", "a.sh", lambda n: f"{_SEEN}{'--a' * (n // 3)}\n"),
    ("blanks behind a quote", "a.py", lambda n: f"x = (\nos.system('{RUN}'{' ' * n}x\n"),
)


def _attack(name: str, path: str, make: Callable[[int], str]) -> Shape:
    return Shape(name.replace(" ", "-"), path, lambda size: make(size).encode(), False)


ATTACKS = tuple(_attack(*attack) for attack in _ATTACKS)
SHAPES = (*_shapes(), *ATTACKS)
