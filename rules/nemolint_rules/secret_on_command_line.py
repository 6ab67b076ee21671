"""The rule `secret-on-command-line`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Command,
    Document,
    Edit,
    Finding,
    Fix,
    Override,
    Project,
    Region,
    Span,
    StepRun,
    Word,
    answers,
    bad,
    good,
    rule,
    secrets,
    services,
)

_RUN = "nemotron steps run sft/automodel -c tiny"

_ELSEWHERE = frozenset({"doas", "ssh", "sudo"})
_SHOWN_BY_A_RUN = "the process list, the dry run and the job directory"

# These run inside the shell (or only test, print or set), so no process list shows their arguments.
_BUILTINS = frozenset(
    {".", ":", "[", "[[", "alias", "cd", "declare", "echo", "eval", "exit", "export", "false", "hash", "let", "local"}
    | {"mapfile", "printf", "read", "readonly", "return", "set", "shift", "source", "test", "trap", "true", "typeset"}
    | {"umask", "unset", "wait", "printenv"}
)


@rule(
    good("nemotron steps run translate/nemo_curator server.api_key_env=NVIDIA_API_KEY"),
    good(f"HF_TOKEN=$HF_TOKEN {_RUN}"),
    good(f"env HF_TOKEN=$HF_TOKEN {_RUN}"),
    good(f'export HF_TOKEN=$MY_TOKEN\n[ -n "$HF_TOKEN" ] && {_RUN}'),
    good(f"docker run -e HF_TOKEN nvcr.io/nvidia/nemo {_RUN}"),
    good(f"{_RUN} run.env.env_vars.HF_TOKEN='${{oc.env:HF_TOKEN}}'"),
    good(f"{_RUN} model.tokenizer=$TOKENIZER max_tokens=$MAX_TOKENS"),
    good(f"{_RUN}\ncheck --hub ${{HF_TOKEN:+set}}"),
    good(
        '# Without a run in the same script or block\ncurl -H "Authorization: Bearer $NVIDIA_API_KEY" https://example.org'
    ),
    bad(
        """
        nemotron steps run translate/nemo_curator server.url=$URL server.api_key=$NVIDIA_API_KEY
                                                                                 ^^^^^^^^^^^^^^^
        """,
        severity="error",
        files={
            "pyproject.toml": "",
            "src/nemotron/steps/translate/nemo_curator/step.toml": '[step]\nid = "translate/nemo_curator"\n'
            'name = "x"\ncategory = "translate"\n',
        },
    ),
    bad(
        f"""
        docker run -e HF_TOKEN=$HF_TOKEN nvcr.io/nvidia/nemo {_RUN}
                               ^^^^^^^^^
        """,
        severity="error",
        fixed=f"docker run -e HF_TOKEN nvcr.io/nvidia/nemo {_RUN}",
        message="pass `-e HF_TOKEN` alone",
    ),
    bad(
        f"""
        {_RUN}
        curl -H "Authorization: Bearer ${{NVIDIA_API_KEY}}" https://example.org
                                       ^^^^^^^^^^^^^^^^^
        """,
        severity="warning",
        message="standard input",
    ),
    bad(
        f"""
        {_RUN}
        docker run -e HF_TOKEN=$MY_TOKEN --api-key-env=$NVIDIA_API_KEY nvcr.io/nvidia/nemo
                               ^^^^^^^^^               ^^^^^^^^^^^^^^^
        """,
        severity="warning",
        message="pass ",
    ),
    bad(
        """
        KEY=$(cat key.txt)
        nemotron steps run translate/nemo_curator server.api_key="$KEY"
                                                                  ^^^^
        """,
        message="`server.api_key`",
    ),
    bad(
        """
        nemotron steps run translate/nemo_curator server.api_key=$(cat key.txt)
                                                                 ^^^^^^^^^^^^^^
        """,
        message="`server.api_key`",
    ),
    good("nemotron steps run translate/nemo_curator server.api_key={{ key }}", surface="script"),
    group="secrets",
    all_roles=True,
    about="secret",
)
def secret_on_command_line(document: Document, project: Project) -> Iterator[Finding]:
    """Pass a secret through the environment, not as an argument.

    The shell replaces `$NVIDIA_API_KEY` before the program starts, so every user of the machine can read the value in
    the process list. `nemotron` prints its arguments in a dry run and saves them in the job directory. Export the
    variable and name it (`server.api_key_env=NVIDIA_API_KEY`, `docker run -e HF_TOKEN`); other programs read a secret
    from a variable of their own, a file or standard input.

    The arguments of other commands are checked too, if the same script or block contains a run.
    """
    if not document.runs:
        return
    runs = {id(run.command): run for run in document.runs}
    blocks = {id(_block(run.region)) for run in document.runs}
    found: dict[tuple[int, int], Finding] = {}
    for command in document.commands:
        run = runs.get(id(command))
        if command.region.kind == "mention" or (run is None and command.region.kind != "shell"):
            continue
        if command.name in _BUILTINS or (run is None and id(_block(command.region)) not in blocks):
            continue
        if answers.quotes_as_wrong(command):
            continue
        containers = secrets.container_variables(command)
        own = len(command.words) - len(run.words) if run is not None else len(command.words)
        for index, word in _arguments(command):
            for expansion in secrets.secret_expansions(word):
                span = expansion.span(word)
                place = span.file_span()
                if run is not None or place not in found:
                    if run is not None and index >= own:
                        where, advice = _SHOWN_BY_A_RUN, "pass the variable's name"
                        fix = _twin(run, word, expansion, project)
                    else:
                        variable = containers.get(index, "")
                        where, advice = "the process list", _advice(command, index, expansion, variable)
                        # Behind `sudo` and `ssh` another environment is in force.
                        here = _ELSEWHERE.isdisjoint(item.value.rpartition("/")[2] for item in command.words[:index])
                        fix = _by_name(word, expansion, variable) if variable and here else None
                    message = (
                        f"`{expansion.name}` is expanded into an argument, which shows its value in {where}: {advice}"
                    )
                    found[place] = Finding(span, message, None if run else "warning", fix)
        for override in run.overrides if run is not None else ():
            handed = _handed_over(override)
            if handed is not None and handed.file_span() not in found:
                found[handed.file_span()] = Finding(
                    handed,
                    f"`{override.key}` gets its value from an expansion, which shows it in {_SHOWN_BY_A_RUN}: "
                    "pass the name of a variable",
                )
    yield from found.values()


def _handed_over(override: Override) -> Span | None:
    """The expansion that is the whole value of a secret's key, whatever the variable is called."""
    pieces = [piece for piece in override.word.pieces if piece.kind == "expansion"]
    if len(pieces) != 1 or override.word.derived or not secrets.secret_key(override.key):
        return None
    text = pieces[0].text
    if text != override.value.text or text.startswith(("{{", "${{")) or ":+" in text:
        return None
    return Span(override.word.region, pieces[0].start, pieces[0].end)


def _block(region: Region) -> Region:
    """The outermost region that holds this one."""
    while region.parent is not None:
        region = region.parent
    return region


def _arguments(command: Command) -> Iterator[tuple[int, Word]]:
    """The words that a process gets, without the assignments of `env K=v program`."""
    leading = command.name == "env"
    for index, word in enumerate(command.words):
        if leading and index:
            if "=" in word.value and not word.value.startswith("-"):
                continue
            leading = word.value.startswith("-")
        yield index, word


def _advice(command: Command, index: int, expansion: secrets.SecretExpansion, variable: str) -> str:
    """What to do instead, outside a run's own arguments."""
    if variable:
        passed = f"pass `-e {variable}` alone, which takes the value from the environment"
        same = _by_name(command.words[index], expansion, variable) is not None
        return passed if same else f"export it as `{variable}` and {passed}"
    key, equals, _ = command.words[index].value[: expansion.start].rpartition("=")
    before = command.words[index - 1].value if index else ""
    if secrets.name_field(key if equals else before if before.startswith("-") else ""):
        return "pass the variable's name"
    return "let the program read it from the environment, a file or standard input"


def _by_name(word: Word, expansion: secrets.SecretExpansion, variable: str) -> Fix | None:
    """Rewrite `-e K=$K` as `-e K`."""
    prefix = "--env=" if word.value.startswith("--env=") else ""
    if variable != expansion.name or not _alone(word, expansion, len(f"{prefix}{variable}=")):
        return None
    return Fix("Pass the variable by name", (Edit(word.span, f"{prefix}{variable}"),))


def _twin(run: StepRun, word: Word, expansion: secrets.SecretExpansion, project: Project) -> Fix | None:
    """Rewrite `server.api_key=$K` as `server.api_key_env=K`, if the step has that field."""
    override = next((item for item in run.overrides if item.word is word), None)
    if override is None or not _alone(word, expansion, len(override.key) + 1):
        return None
    twin = services.name_field_of(run, override.key, project)
    return Fix(f"Name the variable in `{twin}`", (Edit(word.span, f"{twin}={expansion.name}"),)) if twin else None


def _alone(word: Word, expansion: secrets.SecretExpansion, start: int) -> bool:
    """True if the rest of the word from `start` on is the variable, and not a workflow expression."""
    return (
        expansion.whole
        and (expansion.start, expansion.end) == (start, len(word.value))
        and not word.value.startswith("${{", start)
    )
