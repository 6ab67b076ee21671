"""The rule `invalid-value`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint import (
    MISSING,
    UNKNOWN,
    Finding,
    Override,
    Place,
    Project,
    Related,
    Step,
    StepRun,
    Tree,
    and_list,
    bad,
    good,
    languages,
    lazily,
    misspellings,
    or_list,
    overrides,
    placeholders,
    quoting,
    rule,
    secrets,
)

# Values that YAML may read as something else; most values are not checked further.
_SUSPECT = lazily(r"(?:\A|\s)#|:(?:\s|\Z)|[\n\r]|\A\s*(?:[-&|>?]|\.{3})|\A[-+]?(?:\.?[0-9]|inf|nan)")
_OTHER_BASE = lazily(r"0[0-9_]+|[0-9]+(?::[0-9]{1,2})+(?:\.[0-9]*)?")
_THOUSANDS = lazily(r"[-+]?[0-9]{1,3}(?:_[0-9]{3})+(?:\.[0-9]*)?")
_NUMERAL = lazily(
    r"[-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|0[oO][0-7]+|[0-9]{1,3}(?:,[0-9]{3})+|[-+]?(?:inf|nan)",
    re.IGNORECASE,
)
_COMMENT = lazily(r"(?:\A|\s)#")
# Words: what people write, not a setting.
_PROSE = lazily(r"\w\s+\w.*:\s|:\s+\S+\s+\S")
_TRANSLATE = "nemotron steps run translate/nemo_curator"


@rule(
    good(f"{_TRANSLATE} backend=nmt output_mode=raw source_language=en target_language=pt-BR"),
    good(f'{_TRANSLATE} backend=$BACKEND target_language="$LANG" source_language=${{SRC}}'),
    good(f"{_TRANSLATE} merge_scores=no reconstruct_messages=off skip_translated=yes"),
    good(f"{_TRANSLATE} 'target_language=\"no\"' output_format=null"),
    good("nemotron steps run sft/automodel seed=0 lr=0.01 name=007b name2=0x10"),
    good(f"{_TRANSLATE} backend='<backend>'", surface="doc"),
    bad(
        f"""
        {_TRANSLATE} backend=openai
        {" " * len(_TRANSLATE)}         ^^^^^^
        """,
        severity="error",
        message="`llm`",
    ),
    bad(
        f"""
        {_TRANSLATE} source_language=en target_language=no
        {" " * len(_TRANSLATE)}                                    ^^
        """,
        message="false",
    ),
    bad(
        f"""
        {_TRANSLATE} source_language=english target_language=jp
        {" " * len(_TRANSLATE)}                 ^^^^^^^                 ^^
        """,
        message="ISO 639-1",
    ),
    bad(
        f"""
        {_TRANSLATE} source_language=eng target_language=fil-PH
        {" " * len(_TRANSLATE)}                 ^^^                 ^^^^^^
        """,
        message="two-letter code",
    ),
    bad(
        """
        nemotron steps run sft/automodel wandb.name=0123
                                                    ^^^^
        """,
        message="83",
    ),
    good(
        "nemotron steps run sft/automodel -c tiny -d step_scheduler.max_steps=1_000 optimizer.lr=1.e-3 a.b=2026-08-21"
    ),
    good("nemotron steps run sft/automodel -c tiny -d 'run.env.env_vars=A: 1' 'a=\"step #1\"' a=x#1 a=b:c 'a=A: 1'"),
    good("nemotron steps run sft/automodel -c tiny -d seed=-1 a=-x a=null a=~ a=.inf a=1e5 a=s3://b/c 'a=|\n  b'"),
    bad(
        """
        nemotron steps run sft/automodel -d 'a=step #1' 'b=Q: what is it' c=2026_08_21 d=12e4567 'e=#1'
                                               ^^^^^^^     ^^^^^^^^^^^^^    ^^^^^^^^^^   ^^^^^^^    ^^
        """,
        message="YAML reads `",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -d step_scheduler.max_steps=0o17 optimizer.lr=.5e3
                                                                             ^^^^              ^^^^
        """,
        message="a number is expected",
    ),
    good("nemotron steps run byob/mcq -c tiny --stage=prepare --family=mcq"),
    bad(
        """
        nemotron steps run byob/mcq -c tiny --stage=preparing
                                                    ^^^^^^^^^
        """,
        message="`prepare`",
    ),
    good(f"{_TRANSLATE} output_mode=replaced merge_scores=false"),
    good(f"{_TRANSLATE} output_mode=replaced merge_scores=$MERGE"),
    good(f"{_TRANSLATE} output_mode=replaced $MORE"),
    bad(
        f"""
        {_TRANSLATE} output_mode=replaced faith_eval.enabled=false
        {" " * len(_TRANSLATE)} ^^^^^^^^^^^^^^^^^^^^
        """,
        severity="error",
        message="`merge_scores=true`",
    ),
    good("nemotron steps run data_prep/sft_packing -d 'output_dir=${oc.env:OUT,out}/${pack_size}' 'seed=${sample}'"),
    good("nemotron steps run sft/automodel -d 'checkpoint.checkpoint_dir=${OUT}'"),
    bad(
        """
        nemotron steps run data_prep/sft_packing -d 'output_dir=${out_root}/packed'
                                                                ^^^^^^^^^^^^^^^^^^
        """,
        severity="error",
        message="names no key of the config",
    ),
    bad(
        """
        nemotron steps run data_prep/sft_packing -d 'output_dir=${cfg:out}/packed'
                                                                ^^^^^^^^^^^^^^^^^
        """,
        message="nothing resolves `${cfg:…}`",
    ),
    bad(
        f"""
        {_TRANSLATE} 'output_dir=${{oc.env:OUT}}/hi'
        {" " * len(_TRANSLATE)}             ^^^^^^^^^^^^^^^^
        """,
        message="plain YAML",
    ),
    good("nemotron steps run sft/automodel -d run.env.executor=slurm 'run.env={nodes: 1}' run.env=???"),
    good("nemotron steps run sft/automodel -d run.env.env_vars=A=1 run.env.mounts=1"),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny -d run=my_cluster
                                                              ^^^^^^^^^^
        """,
        severity="error",
        message="a mapping under `run`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -d run.env=slurm
                                                    ^^^^^
        """,
        message="a mapping under `run.env`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -d run=
                                            ^^^^
        """,
        message="a mapping under `run`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -d -b my-profile 'run.env.env_vars=[A=1]'
                                                                            ^^^^^
        """,
        message="a mapping under `run.env.env_vars`",
    ),
    bad(
        """
        nemotron steps run translate/nemo_curator -c own.yaml input_path=a output_dir=b
                                                     ^^^^^^^^
        """,
        message="in `own.yaml` `jp` is not an ISO 639-1 code",
        files={"own.yaml": "source_language: en\ntarget_language: jp\n"},
    ),
    bad(
        """
        Save this as `own.yaml`:

        ```yaml
        source_language: en
        target_language: jp
                         ^^
        ```

        ```bash
        nemotron steps run translate/nemo_curator -c own.yaml --dry-run
        ```
        """,
        path="a.answer.md",
    ),
    group="contract",
    config_values=True,
)
def invalid_value(run: StepRun, project: Project) -> Iterator[Finding]:
    """Give a key a value that its step can use.

    The dry run accepts any value; the job then fails after waiting for its nodes, or does something else. Reported are
    values outside the choices in the step's manifest, languages that are not ISO 639-1 codes where the step expects
    one, and unquoted values that YAML reads as something else: `target_language=no` is the boolean false, not
    Norwegian, `0123` is the number 83, `2026_08_21` the number 20260821, `step #1` the text `step`, `Q: what` a
    mapping, and `.5e3` is text.

    Reported, too, are values that the runner refuses together (`output_mode=replaced` with `merge_scores=true`), and a
    `${…}` that nothing resolves: no key of the config, no resolver, or a step that reads its config as plain YAML. With
    a value under `run` or `run.env` that is not a mapping, the CLI itself stops, in a dry run, too.

    Give one of the choices. To keep text as text, quote it for YAML inside the shell's quotes:
    `'target_language="no"'`.
    """
    step = project.step_of(run)
    for override in run.overrides:
        value = override.value
        if not value.known or value.may_split or not override.key or placeholders.value_has(value, key=override.key):
            continue
        message, doubt = _read_otherwise(override, step) or _boolean(override, step), ""
        if not message and step is not None:
            message, doubt = _unresolved(override, run, step, project)
        if not message and step is not None:
            message = _choice(override, step, project)
        if message:
            yield Finding(value.span, message, doubt=doubt)
    if step is None:
        return
    misfit = project.misfit(run)
    if misfit is not None and not run.help and not run.usage_error:
        value = misfit.override.value
        if not placeholders.value_has(value, key=misfit.override.key):
            yield Finding(
                value.span if value.text else misfit.override.span,
                f"the CLI needs a {misfit.wanted} under `{misfit.key}` to put the job together, so it stops: "
                + ("override its keys" if misfit.wanted == "mapping" else "give a list"),
            )
    for item in project.passed(run):  # options that the runner takes for overrides
        if item.override is not None and item.override.value.text and item.override.value.known:
            if message := _choice(item.override, step, project):
                yield Finding(item.override.value.span, message)
    yield from _in_config(run, step, project)
    yield from _excluded(run, step, project)


def _read_otherwise(override: Override, step: Step | None) -> str:
    """What is wrong with a value that YAML reads as something else."""
    text = override.value.text
    if not _SUSPECT.search(text):
        return ""
    try:
        value = override.parsed()
    except ValueError:
        return ""
    if isinstance(value, bool) or value is UNKNOWN:
        return ""
    if isinstance(value, int | float):
        made = _number(text, value, _Form(override, step))
    elif isinstance(value, dict | list):
        made = _collection(text, value, _Form(override, step))
    else:
        form = _Form(override, step)
        if form.only(int, float) and value == text and _NUMERAL.fullmatch(text):
            shown = f"YAML reads `{text}` as text, but a number is expected here: write it in digits"
            return "" if secrets.secret_key(override.key) else shown
        made = _text(text, value)
    if not made or secrets.secret_key(override.key):
        return ""  # a secret is not shown
    quoted = quoting.for_yaml(override.key, text)
    return f"{made}: to keep it as text, write `{quoted}`" if quoted is not None else made


class _Form:
    """The values of an override's key in the configs and the manifest of a step."""

    def __init__(self, override: Override, step: Step | None) -> None:
        self.values: list[Tree] = []
        if step is None:
            return
        parts = overrides.split_key(override.key)
        trees = (config.tree for config in step.configs.values() if config.tree is not None)
        found = [overrides.lookup(tree, parts) for tree in trees]
        found += [parameter.default for parameter in step.parameters if parameter.name == override.key]
        self.values = [value for value in found if value not in (MISSING, UNKNOWN, None)]
        self.values = [
            value for value in self.values if not (overrides.is_interpolation(value) or overrides.is_mandatory(value))
        ]

    def only(self, *kinds: type) -> bool:
        """True if there are values and all are of these types."""
        return bool(self.values) and all(type(value) in kinds for value in self.values)

    def has(self, kind: type) -> bool:
        return any(isinstance(value, kind) for value in self.values)


def _number(text: str, value: float, form: _Form) -> str:
    """A number that is read differently than written: leading zeros, colons, underscores, exponents."""
    if str(value) == text or len(text) > 20:
        return ""
    changed = bool(_OTHER_BASE.fullmatch(text)) and (":" in text or bool(text.strip("0_")))
    if "_" in text and not _THOUSANDS.fullmatch(text):
        changed = True
    infinite = value in (float("inf"), float("-inf"))
    if infinite and not text.lower().endswith(".inf"):
        changed = True
    # A name of digits: `1.10` is read as 1.1, and `12e5` as 1200000.0.
    if changed or form.only(str):
        return f"YAML reads `{text}` as {'infinity' if infinite else f'the number {value}'}"
    return ""


def _collection(text: str, value: Tree, form: _Form) -> str:
    """A mapping or a list without brackets: text with `: ` in it, or after a `-`."""
    if text.lstrip()[:1] in ("{", "[", "&", "!") or "\n" in text or form.has(type(value)):
        return ""
    if not form.values and not _PROSE.search(text):
        return ""
    return f"YAML reads `{text}` as a {'mapping' if isinstance(value, dict) else 'list'}"


def _text(text: str, value: Tree) -> str:
    """Text that is partly lost."""
    bare = text.strip()
    if bare[:1] in ("", '"', "'", "!", "~") or (bare[0] in "|>" and "\n" in text):
        return ""
    if value is None:
        return "" if bare.lower() == "null" else f"YAML reads `{text}` as null"
    if value != bare:
        if _COMMENT.search(text):
            return f"YAML reads `#` as the beginning of a comment, so only `{value}` of `{text}` is left"
        return f"YAML reads `{text}` as `{value}`"
    return ""


def _boolean(override: Override, step: Step | None) -> str:
    """What is wrong with `no`, `on` and the like where text is expected."""
    text = override.value.text
    if text.lower() not in ("yes", "no", "on", "off"):
        return ""
    name = overrides.split_key(override.key)[-1]
    language = name == "language" or name.endswith("_language")
    if not language:
        if not _Form(override, step).only(str):
            return ""
    made = "true" if text.lower() in ("yes", "on") else "false"
    return f"YAML reads `{text}` as the boolean {made}: to keep it as text, write `'{override.key}=\"{text}\"'`"


def _choice(override: Override, step: Step, project: Project) -> str:
    """What is wrong with a value outside the manifest's choices, or with a language code."""
    text = override.value.text
    try:
        value = override.parsed()
    except ValueError:
        return ""
    if value is None or isinstance(value, list | dict) or "${" in text:
        return ""
    if override.key in project.known(step).language_keys and isinstance(value, str):
        return _language(value, override.key)
    for parameter in step.parameters:
        if parameter.name == override.key and parameter.choices:
            choices = tuple("null" if choice is None else str(choice) for choice in parameter.choices)
            if text in choices or str(value) in choices:
                return ""
            return f"`{text}` is not a choice for `{override.key}` of `{step.id}`: use {or_list(choices)}"
    return ""


def _language(value: str, key: str) -> str:
    """What is wrong with a language code."""
    if languages.is_code(value):
        return ""
    code = languages.meant(value)
    hint = f"did you mean `{code}`?" if code else _no_code(value)
    return f"`{value}` is not an ISO 639-1 code, which `{key}` expects: {hint}"


def _in_config(run: StepRun, step: Step, project: Project) -> Iterator[Finding]:
    """Languages in a config of the author's own that the run names."""
    config, effective = run.config, project.effective(run)
    if config is None or effective is None or effective.config.alias in step.configs or run.usage_error:
        return
    if effective.config.place.path == run.document.path:
        return  # an answer gives it, and what it holds is reported there
    for key in sorted(project.known(step).language_keys):
        value, place = effective.get(key), effective.origin(key)
        if not isinstance(value, str) or not isinstance(place, Place) or not value.isascii() or not value.isalpha():
            continue
        if message := _language(value, key):
            yield Finding(
                config.span, f"in `{config.text}` {message}", related=(Related(f"`{key}` is set here", place),)
            )


# What OmegaConf itself resolves.
_BUILT_IN = frozenset(
    {"oc.create", "oc.decode", "oc.deprecated", "oc.dict.keys", "oc.dict.values", "oc.env", "oc.select"}
)


def _unresolved(override: Override, run: StepRun, step: Step, project: Project) -> tuple[str, str]:
    """What is wrong with a `${…}` that reaches the runner and that nothing resolves, and why that may not be so."""
    text, parts = override.value.text, overrides.split_key(override.key)
    known = project.known(step)
    if "${" not in text or parts[0] == "run" or known.interpolations is None:
        return "", ""
    effective = project.effective(run)
    for mention in overrides.mentions(text):
        if mention.key.startswith("run."):  # the CLI itself resolves those that it has
            continue
        if known.interpolations is False:
            # The CLI puts paths of the job in the place of these.
            if run.profile is not None and ("${oc.env:PWD}" in text or text.startswith("${oc.env:NEMO_RUN_DIR")):
                continue
            message = f"`{step.id}` reads its config as plain YAML, so `{mention.text}` is not resolved: give the value"
            return message, project.doubt(step, "interpolations")
        if mention.resolver:
            if mention.resolver not in known.resolvers | _BUILT_IN:
                hint = ": write `${oc.env:NAME}` for a variable of the environment" if mention.resolver == "env" else ""
                message = f"nothing resolves `{mention.text}`, so the run stops when it reads `{override.key}`{hint}"
                return message, project.doubt(step, "resolvers", "art") or project.doubt(step, "interpolations")
        elif effective is not None and effective.exact and effective.get(mention.key) is MISSING:
            message = f"`{mention.text}` names no key of the config, so the run stops when it reads `{override.key}`"
            return message, project.doubt(step, "interpolations")
    return "", ""


def _excluded(run: StepRun, step: Step, project: Project) -> Iterator[Finding]:
    """Combinations of values that the runner refuses."""
    effective = project.effective(run)
    if (
        effective is None
        or not effective.exact
        or run.step is None
        or run.usage_error
        or misspellings.loses_config(run)
    ):
        return
    for item in project.known(step).excludes:
        if not effective.meets(item.values):
            continue
        keys = [key for key, _ in item.values]
        own = [override for key in keys if isinstance(override := effective.origin(key), Override)]
        at = own[-1].span if own else (run.config.span if run.config is not None else run.step.span)
        shown = [f"{key}={_shown(effective.get(key))}" for key in keys]
        yield Finding(
            at,
            f"`{step.id}` refuses {and_list(shown)} together: {item.remedy}",
            # A command inside a sentence is often incomplete.
            severity="info" if run.region.kind == "snippet" else None,
            doubt=project.doubt(step, "excludes"),
        )


def _shown(value: Tree) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _no_code(value: str) -> str:
    """A hint for a language that resembles neither a code nor a name, based on its first part."""
    base = re.split(r"[-_]", value, maxsplit=1)[0]
    if not (base.isascii() and base.isalpha()):
        return "give a two-letter code"
    if len(base) == 2:
        return f"no language has the code `{base}`"
    return "give the two-letter code, not a three-letter one" if len(base) == 3 else "give the code, not the name"
