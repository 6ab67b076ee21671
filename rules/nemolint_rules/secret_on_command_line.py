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
    bad,
    good,
    rule,
)
from nemolint.secrets import SecretExpansion, secret_expansions, secret_key

_RUN = "nemotron steps run sft/automodel -c tiny"

_SHOWN_BY_A_RUN = "lists of processes, the dry run and the job directory"

# They run inside the shell (or only test, print or set), so that no process list shows their arguments.
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
    good('curl -H "Authorization: Bearer $NVIDIA_API_KEY" https://example.org'),
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
    ),
    bad(
        f"""
        {_RUN}
        curl -H "Authorization: Bearer ${{NVIDIA_API_KEY}}" https://example.org
                                       ^^^^^^^^^^^^^^^^^
        """,
        severity="warning",
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
)
def secret_on_command_line(document: Document, project: Project) -> Iterator[Finding]:
    """Hand a secret over by the environment, not as an argument.

    The shell replaces `$NVIDIA_API_KEY` before the program starts, so every user of the machine can read the value in
    the list of processes. `nemotron` prints its arguments in a dry run and saves them in the job directory. Export the
    variable and name it (`server.api_key_env=NVIDIA_API_KEY`, `docker run -e HF_TOKEN`).
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
        for index, word in _arguments(command):
            for expansion in secret_expansions(word):
                span = expansion.span(word)
                place = span.file_span()
                if run is not None or place not in found:
                    fix = _fix(command, index, expansion, run, project)
                    found[place] = Finding(span, _message(expansion, run), None if run else "warning", fix)
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
    """What the shell puts in as the value of a secret's key, whatever the variable is called."""
    pieces = [piece for piece in override.word.pieces if piece.kind == "expansion"]
    if len(pieces) != 1 or override.word.derived or not secret_key(override.key):
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


def _message(expansion: SecretExpansion, run: StepRun | None) -> str:
    where = _SHOWN_BY_A_RUN if run is not None else "lists of processes"
    return (
        f"`{expansion.name}` is expanded into an argument, which shows its value in {where}: pass the variable's name"
    )


def _fix(command: Command, index: int, expansion: SecretExpansion, run: StepRun | None, project: Project) -> Fix | None:
    """`-e K=$K` as `-e K`, and `server.api_key=$K` as `server.api_key_env=K` where the step has that field."""
    word = command.words[index]
    key, equals, _ = word.value[: expansion.start].partition("=")
    if not equals or len(key) + 1 != expansion.start or expansion.end != len(word.value) or not expansion.whole:
        return None
    if word.value.startswith("${{", expansion.start):
        return None
    texts = [item.value.rpartition("/")[2] for item in command.words[:index]]
    if key == expansion.name and texts and texts[-1] in ("-e", "--env") and {"docker", "podman"} & set(texts):
        return Fix("Pass the variable by name", (Edit(word.span, key),))
    override = next((item for item in run.overrides if item.word is word), None) if run is not None else None
    step = project.step_of(run) if run is not None and override is not None else None
    if run is None or override is None or step is None:
        return None
    keys = frozenset(project.known_keys(step, project.config_of(run)))
    for twin in (f"{override.key}_env", f"{override.key}_name"):
        if twin in keys:
            return Fix(f"Name the variable in `{twin}`", (Edit(word.span, f"{twin}={expansion.name}"),))
    return None
