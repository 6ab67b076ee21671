"""The rule `invalid-value`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint import (
    Finding,
    Override,
    Project,
    Step,
    StepRun,
    bad,
    good,
    languages,
    lazily,
    or_list,
    overrides,
    placeholders,
    rule,
)

_NUMBER = lazily(r"0[0-9_]+|[0-9]+(?::[0-9]{1,2})+(?:\.[0-9]*)?")
_TRANSLATE = "nemotron steps run translate/nemo_curator"


@rule(
    good(f"{_TRANSLATE} backend=nmt output_mode=replaced source_language=en target_language=pt-BR"),
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
    group="contract",
)
def invalid_value(run: StepRun, project: Project) -> Iterator[Finding]:
    """Give a key a value that its step can use.

    The dry run accepts any value; the job then fails after waiting for its nodes, or does something else. Reported are
    values outside the choices in the step's manifest, languages that are not ISO 639-1 codes where the step expects
    one, and unquoted values that YAML reads as another type: `target_language=no` is the boolean false, not Norwegian,
    and `0123` is the number 83.

    Give one of the choices. To keep text as text, quote it for YAML inside the shell's quotes:
    `'target_language="no"'`.
    """
    step = project.step_of(run)
    for override in run.overrides:
        value = override.value
        if not value.known or value.open or not override.key or placeholders.value_has(value, key=override.key):
            continue
        message = (_number(override) or _boolean(override, step, project)) or (
            _choice(override, step, project) if step is not None else ""
        )
        if message:
            yield Finding(value.span, message)


def _number(override: Override) -> str:
    """What is wrong with a value whose leading zeros or colons make it another number in YAML."""
    text = override.value.text
    if not _NUMBER.fullmatch(text) or len(text) > 20:
        return ""
    try:
        number = override.parsed()
    except ValueError:
        return ""
    if not isinstance(number, int | float) or str(number) == text or (":" not in text and not text.strip("0_")):
        return ""
    return f"YAML reads `{text}` as the number {number}: to keep it as text, write `'{override.key}=\"{text}\"'`"


def _boolean(override: Override, step: Step | None, project: Project) -> str:
    """What is wrong with `no`, `on` and the like where text is expected."""
    text = override.value.text
    if text.lower() not in ("yes", "no", "on", "off"):
        return ""
    name = overrides.split_key(override.key)[-1]
    language = name == "language" or name.endswith("_language")
    if not language:
        if step is None or not _is_text(project, step, override):
            return ""
    made = "true" if text.lower() in ("yes", "on") else "false"
    return f"YAML reads `{text}` as the boolean {made}: to keep it as text, write `'{override.key}=\"{text}\"'`"


def _is_text(project: Project, step: Step, override: Override) -> bool:
    """True if the step's configs give the key a string, and never a boolean."""
    parts = overrides.split_key(override.key)
    values = [overrides.lookup(config.tree, parts) for config in step.configs.values() if config.tree is not None]
    values += [parameter.default for parameter in step.parameters if parameter.name == override.key]
    texts = [value for value in values if isinstance(value, str) and "${" not in value and value != "???"]
    return bool(texts) and not any(isinstance(value, bool) for value in values)


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
        if languages.is_code(value):
            return ""
        code = languages.meant(value)
        hint = f"did you mean `{code}`?" if code else _no_code(value)
        return f"`{text}` is not an ISO 639-1 code, which `{override.key}` expects: {hint}"
    for parameter in step.parameters:
        if parameter.name == override.key and parameter.choices:
            choices = tuple("null" if choice is None else str(choice) for choice in parameter.choices)
            if text in choices or str(value) in choices:
                return ""
            return f"`{text}` is not a choice for `{override.key}` of `{step.id}`: use {or_list(choices)}"
    return ""


def _no_code(value: str) -> str:
    """A hint for a language that resembles neither a code nor a name, based on its first part."""
    base = re.split(r"[-_]", value, maxsplit=1)[0]
    if not (base.isascii() and base.isalpha()):
        return "give a two-letter code"
    if len(base) == 2:
        return f"no language has the code `{base}`"
    return "give the two-letter code, not a three-letter one" if len(base) == 3 else "give the code, not the name"
