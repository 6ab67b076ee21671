"""The rule `bad-substitution`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Command, Finding, bad, good, rule


@rule(
    good("nemotron steps run sft/automodel -c tiny --dry-run 'run.name=${oc.env:HOME}'"),
    good("nemotron steps run sft/automodel -c tiny --dry-run run.name=\\${model.name}"),
    good("nemotron steps run sft/automodel -c tiny --dry-run run.name=${HOME}"),
    good("printenv\necho ${a.b}"),  # a script without a run
    bad(
        """
        nemotron steps run sft/automodel -c tiny --dry-run run.name=${oc.env:HOME}
                                                                    ^^^^^^^^^^^^^^
        """,
        severity="error",
        message="bad substitution",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --dry-run run.name="${model.name}-1"
                                                                     ^^^^^^^^^^^^^
        """,
        severity="error",
    ),
    group="paths",
    about="fault",
)
def bad_substitution(command: Command) -> Iterator[Finding]:
    """Keep interpolations of a config away from the shell.

    `${oc.env:HOME}` and `${model.name}` mean something to OmegaConf. To a shell the name of a variable holds no dot: it
    says "bad substitution", and runs nothing. In single quotes, or behind a backslash, it is handed over as it is.
    """
    # In a script with a run, any command that the shell refuses keeps it from being reached.
    text = command.region.text[command.start : command.end]
    if not command.region.document.runs and not all(word in text for word in ("nemotron", "steps", "run")):
        return
    for fault in command.faults:
        if fault.kind == "substitution":
            problem = f"`{fault.detail}` is a bad substitution to the shell, which runs nothing"
            yield Finding(fault.span, f"{problem}: put it in single quotes")
