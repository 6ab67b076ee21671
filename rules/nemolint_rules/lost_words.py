"""The rule `lost-words`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Command, Finding, Related, bad, good, rule


@rule(
    good('X="a.b=1 c.d=2"\nbash -c "nemotron steps run sft/automodel -c tiny $X --dry-run"'),
    good("X=$'a.b=1\\n'\nnemotron steps run sft/automodel -c tiny $X --dry-run"),
    good("export X=--dry-run\nbash -c 'nemotron steps run sft/automodel -c tiny $X'"),
    good("X=-d\nbash -c 'nemotron steps run sft/automodel -c tiny --dry-run ${X:-}'"),
    good("nemotron steps run sft/automodel -c tiny --dry-run\nls -l"),
    good("bash -c 'nemotron steps run sft/automodel -c tiny --dry-run'"),
    good("ssh node bash -c \"'nemotron steps run sft/automodel -c tiny --dry-run'\""),
    good("nemotron steps run sft/automodel -c tiny \\\n  --dry-run"),
    bad(
        """
        X=$'a.b=1\\n'
        bash -c "nemotron steps run sft/automodel -c tiny $X --dry-run --batch=gpu"
                                                             ^^^^^^^^^^^^^^^^^^^^^
        """,
        severity="error",
        message="a line break",
    ),
    bad(
        """
        X="a.b=1 # smoke"
        bash -c "nemotron steps run sft/automodel -c tiny $X --dry-run"
                                                             ^^^^^^^^^
        """,
        message="`#`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny
          --dry-run
          ^^^^^^^^^
        """,
        surface="script",
        severity="error",
        message="a command of its own",
    ),
    bad(
        """
        X=--dry-run
        bash -c 'nemotron steps run sft/automodel -c tiny $X'
                                                          ^^
        """,
        severity="warning",
        message="export",
    ),
    bad(
        """
        bash -c nemotron steps run sft/automodel -c tiny --dry-run
                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        message="`$0`",
    ),
    bad(
        """
        ssh node bash -c "nemotron steps run sft/automodel -c tiny --dry-run"
                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        message="quote",
    ),
    group="paths",
    about="fault",
)
def lost_words(command: Command) -> Iterator[Finding]:
    """Make sure that every word of a command reaches it.

    `bash -c "… $X …"` parses the value of `$X` as code: a line break, `;`, `&`, `|` or `#` in it ends the command, and
    what follows (`--dry-run`, `--batch`) is lost, or becomes a command of its own. The same happens if a line begins
    with an option and the line before does not end with a backslash.

    `bash -c` takes one word as its command, and gives the words behind it to that as `$0`, `$1`, …: without quotes,
    `bash -c nemotron steps run …` is just `nemotron`. `ssh` removes one pair of quotes before that.

    A shell that is started sees only those variables that are exported; any other is empty there.

    Expand the variable outside the text, give lists as arrays, and export what a script that is started reads.
    """
    for fault in command.faults:
        written = fault.span.text
        if fault.kind == "cut":
            ends = f"{fault.detail} in the value before it ends the command"
            message = f"`{written}` never reaches the run, as {ends}: take that out of the value"
            related = (Related("this is the value", fault.origin),) if fault.origin is not None else ()
            yield Finding(fault.span, message, related=related)
        elif fault.kind == "line":
            message = f"`{written}` is a command of its own, as the line before does not end with `\\`: add it there"
            yield Finding(fault.span, message)
        elif fault.kind == "unseen":
            message = f"`{written}` is empty here, as the shell that reads it does not see `{fault.detail}`: export it"
            yield Finding(fault.span, message, severity="warning")
        elif fault.kind == "argument":
            reason = (
                f"the shell takes only the one word behind `{fault.detail}` as its command, and this as `$0`, `$1`, …"
            )
            yield Finding(fault.span, f"`{written}` never reaches the run, as {reason}: quote the whole command")
