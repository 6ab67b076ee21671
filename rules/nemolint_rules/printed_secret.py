"""The rule `printed-secret`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Command, Document, Finding, Region, Related, Word, bad, good, lazily, rule, secrets

_PRINTERS = frozenset({"echo", "printf", "print"})
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
        "more",
    }
    | {"nl", "od", "paste", "rev", "sed", "sort", "tac", "tail", "tee", "tr", "uniq", "xargs", "xxd", "yq"}
)
_SCREEN = lazily(r"/dev/(?:stdout|stderr|tty|fd/[12])|&?[12]|-|\$\{?GITHUB_(?:STEP_SUMMARY|OUTPUT)\b.*")
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
        yield from _printed(command, commands[index + 1] if index + 1 < len(commands) else None)
    yield from _traced(commands)


def _printed(command: Command, following: Command | None) -> Iterator[Finding]:
    if command.name in ("printenv", "declare", "typeset"):
        if command.name == "printenv" or any(word.value == "-p" for word in command.words[1:2]):
            for word in command.words[1:]:
                if word.value.isidentifier() and secrets.secret_key(word.value) and _shown(command, following):
                    yield Finding(word.span, _message(word.value))
        return
    for word in _data(command):
        for expansion in secrets.secret_expansions(word):
            if _shown(command, following):
                yield Finding(expansion.span(word), _message(expansion.name))


def _data(command: Command) -> Iterator[Word]:
    """The words that a command prints as they are."""
    if command.name in _PRINTERS:
        # GitHub Actions masks the value from then on.
        yield from (word for word in command.words[1:] if not word.value.startswith("::add-mask::"))
    elif command.name == "cat":
        for redirect in command.redirects:
            if redirect.operator.endswith("<<<") and redirect.target is not None:
                yield redirect.target


def _shown(command: Command, following: Command | None) -> bool:
    """False if the output goes into a file, or into a program that does not print it."""
    for redirect in command.redirects:
        if redirect.operator.lstrip("1&") in (">", ">>", ">|") and redirect.target is not None:
            if not _SCREEN.fullmatch(redirect.target.value):
                return False
    if not command.piped_to:
        return True
    if following is not None and following.piped_from and any("stdin" in word.value for word in following.words):
        return False
    return command.piped_to.rpartition("/")[2] in _SHOWING


def _traced(commands: list[Command]) -> Iterator[Finding]:
    """A finding for each `set -x` after which a command of the same script expands a secret."""
    tracing: dict[int, tuple[Region, Word]] = {}
    for command in commands:
        script = id(_script(command.region))
        if command.name == "set":
            for word, previous in zip(command.words[1:], command.words, strict=False):
                option = previous.value in ("-o", "+o") and word.value == "xtrace"
                if _TRACE.fullmatch(word.value) or (option and previous.value == "-o"):
                    tracing[script] = (command.region, word)
                elif _NO_TRACE.fullmatch(word.value) or option:
                    tracing.pop(script, None)
            continue
        if script in tracing and (use := secrets.uses_secret(command)):
            _, word = tracing.pop(script)
            yield Finding(
                word.span,
                f"tracing prints the value of `{use.name}`, which a later command uses: put `set +x` before it",
                "warning",
                related=(Related("this command is printed with the value", command.span),),
            )


def _script(region: Region) -> Region:
    """The outermost region that holds this one."""
    while region.parent is not None:
        region = region.parent
    return region


def _message(name: str) -> str:
    return f"this prints the value of `{name}`: print `${{{name}:+set}}` to see whether it is set"
