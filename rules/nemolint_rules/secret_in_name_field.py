"""The rule `secret-in-name-field`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nemolint import (
    Document,
    Edit,
    Finding,
    Fix,
    Override,
    Project,
    StepRun,
    answers,
    bad,
    good,
    lazily,
    rule,
    secrets,
    services,
)

_PLAIN = "k7Qw" + "9zLm2X" * 3
_RUN = "nemotron steps run translate/nemo_curator"
_INTERPOLATED = lazily(r"\$\{\s*(?:oc\.)?env:\s*([A-Za-z_]\w*)\s*\}")


@rule(
    good(f"{_RUN} server.api_key_env=NVIDIA_API_KEY"),
    good(f"{_RUN} server.api_key_env=$KEY_NAME"),
    good(f"{_RUN} server.api_key_env=<variable-name>"),
    good("nemotron steps run eval/model_eval target.api_endpoint.api_key_name='${oc.env:X_NAME,NVIDIA_API_KEY}'"),
    good("target:\n  api_key_name: ${oc.env:NEMO_EVALUATOR_API_KEY_NAME,NVIDIA_API_KEY}", path="config/a.yaml"),
    good("server:\n  api_key_env: NVIDIA_API_KEY", path="config/a.yaml"),
    bad(
        f"""
        {_RUN} server.api_key_env={_PLAIN}
        {" " * len(_RUN)}                    {"^" * len(_PLAIN)}
        """,
        severity="error",
        message="revoke",
        fixed=f"{_RUN} server.api_key_env=NVIDIA_API_KEY",
    ),
    bad(
        f"""
        {_RUN} server.url=https://openrouter.ai/api/v1 server.api_key_env={_PLAIN}
        {" " * len(_RUN)} {" " * 59}{"^" * len(_PLAIN)}
        """,
        fixed=f"{_RUN} server.url=https://openrouter.ai/api/v1 server.api_key_env=OPENROUTER_API_KEY",
    ),
    good(f"{_RUN} run.env.secret_name=hf-2024q3-ro"),
    bad(
        f"""
        {_RUN} server.api_key_env=$NVIDIA_API_KEY
        {" " * len(_RUN)}                    ^^^^^^^^^^^^^^^
        """,
        fixed=f"{_RUN} server.api_key_env=NVIDIA_API_KEY",
    ),
    bad(
        """
        nemotron steps run eval/model_eval target.api_endpoint.api_key_name="${NVIDIA_API_KEY}"
                                                                             ^^^^^^^^^^^^^^^^^
        """,
        fixed='nemotron steps run eval/model_eval target.api_endpoint.api_key_name="NVIDIA_API_KEY"',
    ),
    bad(
        """
        server:
          api_key_env: ${oc.env:NVIDIA_API_KEY}
                       ^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="server:\n  api_key_env: NVIDIA_API_KEY",
        path="config/a.yaml",
    ),
    good(
        "nemotron steps run team/train auth.reader=ACME_TOKEN",
        settings={"steps": {"team/train": {"name-fields": ("auth.reader",)}}},
    ),
    bad(
        f"""
        {_RUN} text_field=$ACME_TOKEN
        {" " * len(_RUN)}            ^^^^^^^^^^^
        """,
        fixed=f"{_RUN} text_field=ACME_TOKEN",
        settings={"steps": {"translate/nemo_curator": {"name-fields": ("text_field",)}}},
    ),
    group="secrets",
    all_roles=True,
    supersedes=("secret-on-command-line",),
    about="secret",
)
def secret_in_name_field(document: Document, project: Project) -> Iterator[Finding]:
    """Put a variable's name, not its value, into a field that takes a name.

    `server.api_key_env` and `target.api_endpoint.api_key_name` say which variable to read. If they hold the credential
    itself, or `$NVIDIA_API_KEY`, which the shell replaces with it, the step looks for a variable of that name and finds
    none, and the credential is printed, logged and saved in the job directory.

    The setting `steps` can name further fields of a team's own steps (`name-fields`, see docs/facts.md).
    """
    runs = {id(item.word): (run, item) for run in document.runs for item in run.overrides}
    for item in secrets.name_fields(document):
        run, _ = runs.get(id(item.word), (None, None))
        if run is not None and _has_expansion(item) and answers.quotes_as_wrong(run.command):
            continue
        finding = _expanded(item) if item.word is not None and _has_expansion(item) else _written(item, runs, project)
        if finding is not None:
            yield finding
    for item in _stated(document, project):
        finding = _expanded(item) if _has_expansion(item) else None
        if finding is not None:
            yield finding


def _stated(document: Document, project: Project) -> Iterator[secrets.NameField]:
    """Fields that no name shows to take a variable's name, but that the settings say do."""
    for run in document.runs:
        if answers.quotes_as_wrong(run.command):
            continue
        step = project.step_of(run)
        fields = project.known(step).name_fields if step is not None else frozenset()
        for override in run.overrides:
            if override.key in fields and not secrets.name_field(override.key):
                word, start = override.word, override.value.offset
                yield secrets.NameField(
                    override.key, override.value.span, override.value.text, word, start, len(word.value)
                )


def _has_expansion(item: secrets.NameField) -> bool:
    position = 0
    for piece in item.word.pieces if item.word is not None else ():
        start, position = position, position + len(piece.text)
        if piece.kind in ("expansion", "placeholder") and start < item.end and position > item.start:
            return True
    return False


def _expanded(item: secrets.NameField) -> Finding | None:
    """A finding if the shell puts the value of a secret variable into the field."""
    if item.word is None:
        return None
    for expansion in secrets.secret_expansions(item.word):
        if item.start <= expansion.start and expansion.end <= item.end:
            span = expansion.span(item.word)
            exact = expansion.whole and item.word.value[expansion.end :] == "" and expansion.start == item.start
            fix = Fix(f"Write {expansion.name}", (Edit(span, expansion.name),)) if exact else None
            if item.word.value[expansion.start :].startswith("${{"):
                fix = None
            what = f"`{expansion.name}` is expanded to its value: write the name alone"
            return Finding(span, _message(item.key, what), fix=fix)
    return None


def _written(item: secrets.NameField, runs: Mapping[int, tuple[StepRun, Override]], project: Project) -> Finding | None:
    """A finding if the field holds a literal that is not a name, or an OmegaConf reference to a value."""
    if match := _INTERPOLATED.fullmatch(item.value):
        if not secrets.secret_key(match[1]):
            return None
        fix = Fix(f"Write {match[1]}", (Edit(item.span, match[1]),))
        what = f"`{match[1]}` is resolved to its value: write the name alone"
        return Finding(item.span, _message(item.key, what), fix=fix)
    verdict = secrets.classify_name(item.value, item.key)
    if verdict == "secret":
        what = "this is a literal value: revoke it, since it stays in the history"
        return Finding(item.span, _message(item.key, what), fix=_named(item, runs, project))
    return Finding(item.span, _message(item.key, "this is not a name")) if verdict else None


def _named(item: secrets.NameField, runs: Mapping[int, tuple[StepRun, Override]], project: Project) -> Fix | None:
    """The name of the service's variable, where a run gives the field a literal value."""
    run, override = runs.get(id(item.word), (None, None))
    if run is None or override is None or override.key != item.key or override.value.text != item.value:
        return None
    name = services.variable_of_field(run, item.key, project)
    return Fix(f"Write {name}", (Edit(item.span, name),)) if name else None


def _message(key: str, what: str) -> str:
    return f"`{key}` takes the name of a variable, but {what}"
