"""The rule `refused-override`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Edit,
    Finding,
    Fix,
    Project,
    Refusal,
    StepRun,
    Word,
    bad,
    good,
    placeholders,
    profile_in_force,
    quoting,
    rule,
    secrets,
)

_CURATE = "nemotron steps run curate/nemo_curator -d"
_TASKS = "evaluation:\n  tasks:\n  - name: mmlu\n"
_ENV = '[cpu]\nexecutor = "slurm"\nmounts = ["/data:/data"]\nenv_vars = { A = "1" }\n'
_BEGINNINGS = {
    "*": "`*` begins an alias",
    "&": "`&` begins an anchor",
    "!": "`!` begins a tag",
    "%": "`%` begins a directive",
    "@": "`@` cannot begin a value",
    "`": "a backtick cannot begin a value",
    "|": "`|` begins a block of text",
    ">": "`>` begins a block of text",
    "[": "the list is not closed or malformed",
    "{": "the mapping is not closed or malformed",
    '"': "the quoted text is not closed, or text follows its quotes",
    "'": "the quoted text is not closed, or text follows its quotes",
}


@rule(
    good(f"{_CURATE} 'input_glob=data/*.jsonl' 'output_dir=${{oc.env:HOME}}/out' 'languages=[EN, DE]'"),
    good(f"{_CURATE} 'input_glob=\"*.jsonl\"' 'text_field=\"a: b: c\"'"),
    good(f'{_CURATE} input_glob="$GLOB" "$KEY=[1,2"'),
    good("nemotron steps run eval/model_eval -c mine.yaml -d 'evaluation.tasks=[]'", files={"mine.yaml": _TASKS}),
    good("nemotron steps run eval/model_eval -c mine.yaml -d evaluation=null", files={"mine.yaml": _TASKS}),
    good("nemotron steps run eval/model_eval -c mine.yaml -d 'evaluation={tasks}'", surface="doc"),
    good(f"{_CURATE} -b cpu run.env.env_vars.B=2 'run.env.mounts=[/raw:/raw]'", files={"env.toml": _ENV}),
    good(f"{_CURATE} run.env.mounts.0=/raw:/raw", files={"env.toml": _ENV}),
    bad(
        f"""
        {_CURATE} input_glob=*.jsonl
        {" " * len(_CURATE)}            ^^^^^^^
        """,
        fixed=f"{_CURATE} 'input_glob=\"*.jsonl\"'",
        severity="error",
        message="YAML",
    ),
    bad(
        f"""
        {_CURATE} text_field=@me 'domains=a: b: c'
        {" " * len(_CURATE)}            ^^^          ^^^^^^^
        """,
        fixed=f"{_CURATE} 'text_field=\"@me\"' 'domains=\"a: b: c\"'",
    ),
    bad(
        f"""
        {_CURATE} 'languages=[EN, DE'
        {" " * len(_CURATE)}            ^^^^^^^
        """,
        message="closed",
    ),
    bad(
        f"""
        {_CURATE} 'output_dir=${{oc.env:HOME/out'
        {" " * len(_CURATE)}             ^^^^^^^^^^^^^^^^^
        """,
        message="interpolation",
    ),
    bad(
        """
        nemotron steps run eval/model_eval -c mine.yaml -d evaluation.tasks.0.name=gpqa
                                                           ^^^^^^^^^^^^^^^^^^^^^^^
        """,
        files={"mine.yaml": _TASKS},
        message="whole list `evaluation.tasks`",
    ),
    bad(
        """
        nemotron steps run eval/model_eval -c mine.yaml -d 'evaluation=[mmlu]'
                                                                       ^^^^^^
        """,
        files={"mine.yaml": _TASKS},
        message="mapping",
    ),
    bad(
        """
        nemotron steps run eval/model_eval -d 'evaluation.tasks=[mmlu]' evaluation.tasks.first=gpqa
                                                                        ^^^^^^^^^^^^^^^^^^^^^^
        """,
        message="`evaluation.tasks.first`",
    ),
    bad(
        f"""
        {_CURATE} -b cpu run.env.mounts.0=/raw:/raw
        {" " * len(_CURATE)}        ^^^^^^^^^^^^^^^^
        """,
        files={"env.toml": _ENV},
        message="profile `cpu` gives a list there; give the whole list `run.env.mounts`",
    ),
    bad(
        """
        # `nemotron steps run sdg/data_designer`

        | Override | Effect |
        | --- | --- |
        | `models.0.provider=<name>` | The provider of the first model |
           ^^^^^^^^^^^^^^^^^
        """,
        path="reference.md",
        message="whole list `models`",
    ),
    group="contract",
    documented_keys=True,
    supersedes=(
        "invalid-value",
        "ineffective-override",
        "unknown-override",
        "shell-expanded-value",
        "repeated-override",
    ),
)
def refused_override(run: StepRun, project: Project) -> Iterator[Finding]:
    """Write overrides that the CLI accepts.

    The value of an override is YAML, and the CLI rejects invalid YAML: a bare `*` is an alias, `@`, `%` and a backtick
    cannot begin a value, `a: b: c` is not a mapping, a bracket or a `${` is not closed. It also merges the overrides
    into the config, and fails if one has a list where the other has a mapping: a key cannot lead into a list
    (`evaluation.tasks.0.name=x`). It does so a second time when the profile is in the config, whose lists count, too. A
    dry run fails in the same way.

    To pass such a text, quote it for YAML inside the shell's quotes: `'input_glob="*.jsonl"'`. To change one item of a
    list, give the whole list. A page about one step must not document such a key either.
    """
    if run.help or run.usage_error:
        return
    refused = project.refused(run, profile_in_force.profile_of(run, project) if run.profile is not None else None)
    split = {id(word) for words in quoting.split_values(run) for word in words} if refused else ()
    for refusal in refused:
        override = refusal.override
        if id(override.word) in split or _is_changed_by_shell(override.word) or _is_template(refusal):
            continue
        if refusal.fault == "value":
            # A secret is not shown, and quotes that change it would hide it from the masking.
            secret = secrets.secret_key(override.key)
            quoted = None if secret else quoting.for_yaml(override.key, override.value.text)
            shown = "this value" if secret else f"`{override.value.text}`"
            advice = f"to pass it as text, write `{quoted}`" if quoted is not None else "correct it"
            yield Finding(
                override.value.span if override.value.text else override.span,
                f"the CLI reads {shown} as YAML and refuses it: {_reason(refusal)}; {advice}",
                fix=_fix(override.word, quoted),
            )
        elif refusal.fault == "key":
            yield Finding(
                override.key_span,
                f"the CLI refuses `{override.key}`, given the overrides before it: {refusal.reason}; correct the key",
            )
        elif refusal.at == refusal.key:
            span = override.value.span if override.value.text else override.span
            yield Finding(span, f"the CLI refuses this value for `{refusal.at}`: {refusal.reason}; {_advice(refusal)}")
        else:
            yield Finding(override.key_span, f"the CLI refuses `{override.key}`: {refusal.reason}; {_advice(refusal)}")


def _is_changed_by_shell(word: Word) -> bool:
    """True if the CLI gets other words than the one that is written, which another rule reports."""
    hazard = quoting.cut_off(word) or quoting.word_hazard(word)
    return hazard is not None and hazard.kind in ("paren", "brace", "cut", "redirect")


def _is_template(refusal: Refusal) -> bool:
    """True if a reader or a program replaces what the CLI would refuse."""
    override = refusal.override
    word = override.word
    if any(piece.kind == "placeholder" for piece in word.pieces):
        return True
    if word.region.templated:
        return placeholders.in_text(word.value)
    return word.region.surface != "script" and bool(placeholders.in_word(word, key=override.key))


def _reason(refusal: Refusal) -> str:
    """Why YAML, or the config, rejects a value, in terms of the written text."""
    text = refusal.override.value.text.strip()
    if text == "=":
        return "a lone `=` is not a value"
    if not refusal.syntax:
        return refusal.reason
    if "\t" in text and "\t" not in text.split()[0]:
        return "it contains a tab"
    known = _BEGINNINGS.get(text[:1])
    if known is None and ": " in text:
        return "`: ` makes it a mapping, which is not allowed here"
    return known or refusal.reason


def _advice(refusal: Refusal) -> str:
    if refusal.holds == "list":
        return f"give the whole list `{refusal.at}`"
    return f"override the keys of `{refusal.at}`" if refusal.holds == "mapping" else "give another value"


def _fix(word: Word, quoted: str | None) -> Fix | None:
    if quoted is None or not quoting.plain_word(word):
        return None
    return Fix("Quote it for YAML", (Edit(word.span, quoted),), safe=False)
