"""The rule `printed-secret`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from nemolint import (
    Command,
    Document,
    Finding,
    Region,
    Related,
    Span,
    Word,
    answers,
    bad,
    good,
    lazily,
    output,
    rule,
    secrets,
)

_PRINTERS = frozenset({"echo", "printf", "print", "logger", "wall"})
_AWK = frozenset({"awk", "gawk", "mawk", "nawk"})
_COPIERS = frozenset({"cat", "tee"})
_LISTERS = frozenset({"declare", "printenv", "typeset"})
_SHELLS = frozenset({"bash", "dash", "ksh", "sh", "zsh"})
_ENVIRON = lazily(r"ENVIRON\[\"(?P<name>\w+)\"\]")
# A variable of awk, and one that it prints.
_OF_AWK = lazily(r"(?:-v)?(?P<name>[A-Za-z_]\w*)=")
_PRINTED = lazily(r"\bprintf?\b([^;}\n]*)")
_CALL = lazily(r"\b\w+\([^()]*\)")
_NAME = lazily(r"(?<![\w\"%\\])[A-Za-z_]\w*(?![\w(])")
_SETTERS = frozenset({"declare", "export", "local", "readonly", "typeset"})
_SHEBANG = lazily(r"#!.*\b(?:ba|da|k|z)?sh[ \t]+(?P<option>-[A-Za-wyz]*x[A-Za-z]*)")
# The end of a here-document is written in quotes where nothing in it is expanded.
_HEREDOC = lazily(
    r"(?<!<)<<-?[ \t]*(?:'(?P<single>[^'\n]*)'|\"(?P<double>[^\"\n]*)\"|(?P<escaped>\\)?(?P<bare>[\w.\-]+))"
)
_LONGEST_LINE = 2000
_MOST_HEREDOCS = 8  # that one line begins
_EXPANDED = lazily(r"(?<!\\)\$(?:\{(?P<braced>\w+)(?::?-[^{}]*)?\}|(?P<bare>[A-Za-z_]\w*))")
# Programs that print what they read, so a pipe into them still prints the secret.
_SHOWING = frozenset(
    {
        "awk",
        "base64",
        "bat",
        "cat",
        "col",
        "column",
        "cut",
        "fold",
        "fmt",
        "grep",
        "head",
        "hexdump",
        "jq",
        "less",
        "logger",
        "more",
    }
    | {
        "nl",
        "od",
        "paste",
        "rev",
        "sed",
        "sort",
        "tac",
        "tail",
        "tee",
        "systemd-cat",
        "tr",
        "uniq",
        "xargs",
        "xxd",
        "yq",
    }
)
_SHOWS = frozenset({*_PRINTERS, *_AWK, *_SHOWING, *_LISTERS, "bash", "node", "perl", "php", "ruby", "sh"})
# These print nothing of what they read, or only whether it is there.
_QUIET = lazily(r"-[A-Zabd-km-pr-z]*[qcl][A-Za-z]*|--(?:count|quiet|silent|files-with-matches)")
_GREPS = frozenset({"egrep", "fgrep", "grep", "rg"})
# What code in other languages prints of the environment.
_CODE_OPTION = lazily(r"-[A-Za-z]*[eEpr]|--(?:eval|print|run)")
_PRINTED_ENV = lazily(
    r"""(?x) (?:\b(?:console\.\w+|echo|pp?|printf?|puts|say|process\.stdout\.write)\b (?P<between>[^;\n?!]{0,120}?))
    (?P<whole> \$ENV\{["']?(?P<perl>\w+)["']?\} | process\.env(?:\.(?P<js>\w+)|\[["'](?P<item>\w+)["']\])
    | ENV(?:\.fetch\(|\[)["'](?P<ruby>\w+)["'][\])] | getenv\(["'](?P<php>\w+)["']\) )
    (?!\s{0,4}(?:\?|&&|[=!]=|\.(?:empty|length|nil|size)))"""
)
_IN_PRINT = lazily(r"\bprint\((?:[^()\n]|\\n){0,200}\Z")
_TRACE = lazily(r"-[A-Za-wyz]*x[A-Za-z]*")
_NO_TRACE = lazily(r"\+[A-Za-wyz]*x[A-Za-z]*")


@rule(
    good('echo "$NGC_API_KEY" | docker login nvcr.io -u me --password-stdin'),
    good('echo "HF_TOKEN is ${HF_TOKEN:+set}, ${#HF_TOKEN} characters"'),
    good("echo '$HF_TOKEN' \\$HF_TOKEN $MAX_TOKENS $TOKENIZER"),
    good('printf "%s" "$HF_TOKEN" > ~/.cache/huggingface/token'),
    good('set -x\nls\nset +x\nlogin "$HF_TOKEN"'),
    good('set -euo pipefail\nlogin "$HF_TOKEN"'),
    good("printenv HOME"),
    good(
        """
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - run: |
                  echo "has=${{ secrets.HF_TOKEN != '' }}" >> "$GITHUB_OUTPUT"
                  echo "::add-mask::$HF_TOKEN"
                  nemotron steps run sft/automodel -c tiny --dry-run
        """,
        path=".github/workflows/a.yml",
    ),
    good("Never `echo $HF_TOKEN`.", path="page.md"),
    good('X=$(printenv HF_TOKEN)\n[ -n "$(printenv HF_TOKEN)" ] || exit 1\nY="$(echo "$HF_TOKEN" | sha256sum)"'),
    good("cat > .env <<EOF\nHF_TOKEN=$HF_TOKEN\nEOF\ncat <<'EOF'\n$HF_TOKEN\nEOF"),
    good("awk '{print $1}' f\npython -c 'import os; print(bool(os.environ.get(\"HF_TOKEN\")))'"),
    good('set -x\nread -rs HF_TOKEN\nset +x\nexport HF_TOKEN="$(cat f)"'),
    good('print("HF_TOKEN" in os.environ, len(api_key), token, tokenizer.pad_token, mask(api_key))', path="a.py"),
    bad(
        """
        cat <<EOF
        the token is $HF_TOKEN
                     ^^^^^^^^^
        EOF
        """
    ),
    bad(
        """
        logger -t job "token $HF_TOKEN"
                             ^^^^^^^^^
        """
    ),
    bad(
        """
        awk 'BEGIN { print ENVIRON["HF_TOKEN"] }'
                           ^^^^^^^^^^^^^^^^^^^
        """
    ),
    bad(
        """
        python -c 'import os; print(os.environ["HF_TOKEN"])'
                                    ^^^^^^^^^^^^^^^^^^^^^^
        """
    ),
    bad(
        """
        print(f"using {api_key}", os.getenv("HF_TOKEN"))
                       ^^^^^^^    ^^^^^^^^^^^^^^^^^^^^^
        """,
        path="a.py",
    ),
    bad(
        """
        set -x
            ^^
        export HF_TOKEN="$(cat f)"
        """,
        severity="warning",
    ),
    bad(
        """
        bash -x -c 'login "$HF_TOKEN"'
             ^^
        """,
        severity="warning",
    ),
    bad(
        """
        echo $HF_TOKEN
             ^^^^^^^^^
        """,
        severity="error",
    ),
    bad(
        """
        printf 'key: %s\\n' "${NVIDIA_API_KEY}"
                            ^^^^^^^^^^^^^^^^^
        """
    ),
    bad(
        """
        cat <<< "$WANDB_API_KEY"
                 ^^^^^^^^^^^^^^
        """
    ),
    bad(
        """
        echo "$HF_TOKEN" | head -c 8
              ^^^^^^^^^
        """
    ),
    bad(
        """
        printenv HF_TOKEN
                 ^^^^^^^^
        """
    ),
    bad(
        """
        set -eux
            ^^^^
        login "$HF_TOKEN"
        """,
        severity="warning",
    ),
    group="secrets",
    all_roles=True,
    about="secret",
)
def printed_secret(document: Document) -> Iterator[Finding]:
    """Do not print a secret, and do not trace a script that uses one.

    Printed values stay in terminals, CI logs and notebook outputs. To see whether a variable is set, print
    `${HF_TOKEN:+set}`; to log in with it, pipe it into `--password-stdin`. Under `set -x` the shell prints each command
    with its variables expanded.
    """
    commands = [command for command in document.commands if command.region.kind == "shell"]
    for index, command in enumerate(commands):
        if output.program(command, _SHOWS) >= 0 or any(_STARTS_CODE.fullmatch(word.value) for word in command.words):
            found = list(_printed(command, commands[index + 1] if index + 1 < len(commands) else None))
            if found and not output.is_captured(command) and not answers.quotes_as_wrong(command):
                yield from found
    yield from _traced(document, commands)
    for part in secrets.document_parts(document) if "(" in document.text or "%env" in document.text else ():
        if part.kind == "python":
            for name, start, end in secrets.printed_in_code(part.text, part.start, part.end):
                yield Finding(Span(document.whole, *part.place(start, end)), _message(name, python=True))
        elif part.kind == "make":
            yield from _in_make(document, part)
    if document.path.endswith(_OTHER_SHELLS):
        yield from _in_other_shell(document)


_OTHER_SHELLS = (".fish", ".csh", ".tcsh")
_IN_MAKE = lazily(r"\$\((?:info|warning|error)[ \t]+(?P<shown>[^\n]*)")
_OF_MAKE = lazily(r"\$(?:\((\w+)\)|\{(\w+)\})")
_ECHOED = lazily(r"(?m)^[ \t]*+(?:echo|printf)[ \t]+(?P<shown>[^\n|>#;]*+)(?![|>])")
_OF_SHELL = lazily(r"(?<!\\)\$(?:(\w+)|\{(\w+)\})")


def _in_make(document: Document, part: secrets.Part) -> Iterator[Finding]:
    """What make prints while it reads a makefile."""
    for match in _IN_MAKE.finditer(part.text, part.start, part.end):
        for use in _OF_MAKE.finditer(part.text, *match.span("shown")):
            name = use[1] or use[2]
            if secrets.secret_key(name):
                yield Finding(Span(document.whole, *part.place(*use.span())), _message(name))


def _in_other_shell(document: Document) -> Iterator[Finding]:
    """What scripts print that no reader of commands knows."""
    for match in _ECHOED.finditer(document.text):
        for use in _OF_SHELL.finditer(document.text, *match.span("shown")):
            name = use[1] or use[2]
            single = document.text[match.start("shown") : use.start()].count("'") % 2
            if secrets.secret_key(name) and not single:
                yield Finding(Span(document.whole, *use.span()), _message(name))


_STARTS_CODE = lazily(r"-c|-[eE]|python[\d.]*")


def _printed(command: Command, following: Command | None) -> Iterator[Finding]:
    if (at := output.program(command, _LISTERS)) >= 0:
        lister, *words = command.words[at:]
        if lister.value == "printenv" or any(word.value == "-p" for word in words[:1]):
            for word in words:
                if word.value.isidentifier() and secrets.secret_key(word.value) and _shown(command, following):
                    yield Finding(word.span, _message(word.value))
        return
    if not _shown(command, following):
        return
    for word in _data(command):
        for expansion in secrets.secret_expansions(word):
            yield Finding(expansion.span(word), _message(expansion.name))
    for span, name, python in _named(command):
        if secrets.secret_key(name):
            yield Finding(span, _message(name, python=python))


def _data(command: Command) -> Iterator[Word]:
    """The words that a command prints as they are."""
    at = output.program(command, _PRINTERS)
    words = command.words[at + 1 :] if at >= 0 else ()
    if words and not (command.words[at].value == "printf" and words[0].value == "-v"):
        # GitHub Actions takes this as an order to hide the value from then on.
        yield from (word for word in words if not word.value.startswith("::add-mask::"))
    if _copies(command):
        for redirect in command.redirects:
            if redirect.operator.endswith("<<<") and redirect.target is not None:
                yield redirect.target


def _copies(command: Command) -> bool:
    """True for a program that prints what it reads, or a part of it."""
    if not command.redirects or (at := output.program(command, _SHOWING)) < 0:
        return False
    name, words = command.words[at].value.rpartition("/")[2], [word.value for word in command.words[at + 1 :]]
    if name in _GREPS:
        return not any(map(_QUIET.fullmatch, words))
    if name in ("jq", "yq"):  # a field may be no secret
        return all(word == "." or word.startswith("-") for word in words) and "-n" not in words
    if name in _AWK:
        return any("print" in word and "$" in word and "length" not in word for word in words)
    return True


def _named(command: Command) -> Iterator[tuple[Span, str, bool]]:
    """The variables that a program prints, or a here-document: where, the name, whether in Python."""
    given: dict[str, Word] = {}
    for word in command.words[1:] if command.name in _AWK else ():
        variable = _OF_AWK.match(word.value)
        if variable is not None:
            given[variable["name"]] = word
        if "print" in word.value:
            for match in _ENVIRON.finditer(word.value):
                yield word.value_span(*match.span()), match["name"], False
            printed = [
                name for match in _PRINTED.finditer(word.value) for name in _NAME.findall(_CALL.sub("", match[1]))
            ]
            for name in dict.fromkeys(printed) if given else ():
                for expansion in secrets.secret_expansions(given[name]) if name in given else ():
                    yield expansion.span(given[name]), expansion.name, False
    for index, word in enumerate(command.words[2:], 2):
        if "ENV" in word.value or "env" in word.value:
            if _CODE_OPTION.fullmatch(command.words[index - 1].value):
                for match in _PRINTED_ENV.finditer(word.value):
                    if match["between"].count("(") <= 1:
                        name = match["perl"] or match["js"] or match["item"] or match["ruby"] or match["php"]
                        yield word.value_span(*match.span("whole")), name, False
    for word in output.python_code(command):
        for expansion in secrets.secret_expansions(word):
            if _IN_PRINT.search(word.value, 0, expansion.start):
                yield expansion.span(word), expansion.name, False
        for name, start, end in secrets.printed_in_code(word.value, 0, len(word.value)):
            yield word.value_span(start, end), name, True
    python = any(word.value.rpartition("/")[2].startswith("python") for word in command.words)
    if (python or _copies(command)) and (body := _read(command)) is not None:
        for match in _EXPANDED.finditer(command.region.text, *body):
            if python and not _IN_PRINT.search(command.region.text, body[0], match.start()):
                continue
            yield command.region.span(*match.span()), match["braced"] or match["bare"], False


def _read(command: Command) -> tuple[int, int] | None:
    """Where the here-document stands that a command reads, None for none or one in which nothing is expanded."""
    read = [redirect for redirect in command.redirects if redirect.operator.lstrip("0").startswith("<")]
    if not read or not read[-1].operator.endswith(("<<", "<<-")):
        return None
    text, start = command.region.text, command.start
    line = text.find("\n", max(command.end, read[-1].end))
    # Each end that stands nowhere is looked for once.
    missing: set[tuple[int, str]] = command.region.document.memo.setdefault(_read, set())
    # What the commands before it on its line read stands before.
    first = text.rfind("\n", max(start - _LONGEST_LINE, 0), start) + 1
    for opening in islice(_HEREDOC.finditer(text, first, line), _MOST_HEREDOCS) if line >= 0 else ():
        end = opening["single"] or opening["double"] or opening["bare"] or ""
        if (id(command.region), end) in missing:
            return None
        close = re.compile(rf"^[ \t]*{re.escape(end)}[ \t]*$", re.MULTILINE).search(text, line + 1)
        if close is None:
            missing.add((id(command.region), end))
            return None
        if read[-1].start <= opening.start() < read[-1].end:
            return (line + 1, close.start()) if opening["bare"] and not opening["escaped"] else None
        line = text.find("\n", close.end())
        if line < 0:
            return None
    return None


def _shown(command: Command, following: Command | None) -> bool:
    """False if the output goes into a file, or into a program that keeps it to itself."""
    if command.name in _GREPS and any(_QUIET.fullmatch(word.value) for word in command.words[1:]):
        return False
    if command.name == "tee" and any(output.is_screen(word.value) for word in command.words[1:]):
        return True
    if output.into_file(command):
        return False
    if not command.piped_to:
        return True
    if following is not None and following.piped_from and any("stdin" in word.value for word in following.words):
        return False
    return command.piped_to.rpartition("/")[2] in _SHOWING


def _traced(document: Document, commands: list[Command]) -> Iterator[Finding]:
    """A finding for each `set -x` after which a command of the same script expands a secret, or gives one its value.

    The same of a shell that is started with `-x`.
    """
    tracing: dict[int, Span] = {}
    ends: dict[int, int] = {}  # of the subshells that trace
    for region in document.regions:
        if region.kind == "shell" and (start := _SHEBANG.match(region.text)) is not None:
            tracing[id(region)] = region.span(*start.span("option"))
    shells: list[tuple[Command, Span]] = []
    for command in commands:
        script = id(_script(command.region))
        if script in ends and command.start > ends[script]:
            ends.pop(script)
            tracing.pop(script, None)
        if command.name == "set":
            for word, previous in zip(command.words[1:], command.words, strict=False):
                option = previous.value in ("-o", "+o") and word.value == "xtrace"
                if _TRACE.fullmatch(word.value) or (option and previous.value == "-o"):
                    tracing[script] = word.span
                    if command.region.parent is None and (end := _subshell(command)) is not None:
                        ends[script] = end
                elif _NO_TRACE.fullmatch(word.value) or option:
                    tracing.pop(script, None)
            continue
        if output.program(command, _SHELLS) >= 0 and (traced := _option_x(command)) is not None:
            shells.append((command, traced.span))
        inside = next((item for item in shells if _runs(item[0], command)), None) if shells else None
        if script not in tracing and inside is None:
            continue
        name = _used(command)
        if name and script in tracing:
            yield _trace(tracing.pop(script), name, command)
        elif name and inside is not None:
            shells.remove(inside)
            yield _trace(inside[1], name, command)


def _trace(span: Span, name: str, command: Command) -> Finding:
    return Finding(
        span,
        f"tracing prints the value of `{name}`, which a later command uses: put `set +x` before that command",
        "warning",
        related=(Related("this command is printed with the value", command.span),),
    )


def _used(command: Command) -> str:
    """The secret variable that a command expands, or gives a value that the shell works out; "" for none."""
    use = secrets.uses_secret(command)
    if use is not None:
        return use.name
    given = [(item.name, item.word) for item in command.assignments]
    if command.name in _SETTERS:
        given += [(word.value.partition("=")[0], word) for word in command.words[1:] if "=" in word.value]
    return next((name for name, word in given if word.expansion and secrets.secret_key(name)), "")


def _option_x(command: Command) -> Word | None:
    """The option of a shell that makes it trace."""
    words = command.words[output.program(command, _SHELLS) + 1 :]
    for word, before in zip(words, (None, *words), strict=False):
        if before is not None and before.value == "-o" and word.value == "xtrace":
            return word
        if word.value == "--" or not (word.value.startswith("-") or (before is not None and before.value == "-o")):
            return None
        if _TRACE.fullmatch(word.value):
            return word
    return None


_OPENED = lazily(r"(?:\A|[;&|\n{(])[ \t]*\([ \t\n]*\Z")
_LONGEST_SUBSHELL = 2000


def _subshell(command: Command) -> int | None:
    """Where the subshell ends whose first command this one is, None for none."""
    text = command.region.text
    if _OPENED.search(text, max(command.start - _NEAR, 0), command.start) is None:
        return None
    depth = 1
    for at in range(command.end, min(command.end + _LONGEST_SUBSHELL, len(text))):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if not depth:
            return at
    return None


_NEAR = 80


def _runs(shell: Command, command: Command) -> bool:
    """True if a shell runs a command as a part of what it is given: `bash -c '…'`, a here-document."""
    if command.region.parent is not shell.region:
        return False
    start, end = shell.span.file_span()
    at = command.region.map.outer_start(0)
    if start <= at < end:
        return True
    return any(item.operator.startswith("<<") for item in shell.redirects) and end <= at <= _line_behind(shell, end)


def _line_behind(command: Command, end: int) -> int:
    line = command.region.document.text.find("\n", end)
    return line + 1 if line >= 0 else end


def _script(region: Region) -> Region:
    """The outermost region that holds this one."""
    while region.parent is not None:
        region = region.parent
    return region


def _message(name: str, *, python: bool = False) -> str:
    shown = f"`bool(os.environ.get({name!r}))`" if python and name.isupper() else f"`${{{name}:+set}}`"
    if python and not name.isupper():
        return f"this prints the value of `{name}`: print whether it is set, not what it is"
    return f"this prints the value of `{name}`: print {shown} to see whether it is set"
