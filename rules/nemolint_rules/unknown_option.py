"""The rule `unknown-option`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import LONG, Edit, Finding, Fix, Project, StepRun, Word, bad, good, near_names, or_list, rule


@rule(
    good("nemotron steps run sft/automodel -c tiny -d -b prof --force-squash"),
    good("nemotron steps run sft/automodel -dc tiny --run=prof seed=1 --dry-run"),
    good("nemotron steps run eval/model_eval -t mmlu --task=gpqa -d"),
    good("nemotron steps run sft/automodel -c tiny -- --dry-run seed=-1"),
    good("nemotron steps run sft/automodel -c tiny $OPTS ${DEBUG:+--debug} --$NAME=1"),
    good("nemotron steps run sft/automodel --nosuch --help"),
    bad(
        """
        nemotron steps run sft/automodel -d -c tiny --bath prof
                                                    ^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -d -c tiny --batch prof",
        files={"env.toml": '[prof]\nexecutor = "slurm"\ngpus_per_node = 8\n'},
        message="`--batch`",
    ),
    bad(
        """
        nemotron steps run byob/mcq -c tiny -d --stage=prepare
                                               ^^^^^^^^^^^^^^^
        """,
        message="`stage=prepare`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -d -v --verbose -t mmlu
                                                    ^^ ^^^^^^^^^ ^^
        """,
        message="passed through",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --dry-run=true
                                                 ^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run",
        message="takes no value",
    ),
    bad(
        """
        nemotron steps run sft/automodel -d -c
                                            ^^
        """,
        message="needs a value",
    ),
    group="contract",
    blocks=False,
)
def unknown_option(run: StepRun, project: Project) -> Iterator[Finding]:
    """Use only the options that the CLI has.

    `nemotron steps run` knows `-c/--config`, `-r/--run`, `-b/--batch`, `-d/--dry-run`, `--force-squash` and `--help`
    (`eval/model_eval` also `-t/--task`), anywhere on the line. Any other option is not an error: it is passed through
    to the step, which ignores it, and the job starts without it. A flag with a value (`--dry-run=true`) and an option
    without its value (`-c` at the end) stop the run.

    A key of the step's config is written without dashes: `stage=prepare`, not `--stage=prepare`.
    """
    for word in run.unknown:
        if _readable(word):
            yield _passed_through(word, run, project)
    for word in run.misused:
        name, equals, value = word.value.partition("=")
        option = run.usage_error.partition(" ")[0]
        fix = None
        if equals and value.lower() in ("true", "1", "yes", "on"):
            fix = Fix("Drop the value", (Edit(word.value_span(len(name), len(word.value)), ""),))
        yield Finding(word.span, f"{run.usage_error.replace(option, f'`{option}`', 1)}, so the CLI stops", fix=fix)


def _readable(word: Word) -> bool:
    """True if the option's name contains neither an expansion nor a placeholder."""
    length = len(word.value.partition("=")[0])
    position = 0
    for piece in word.pieces:
        if position < length and piece.kind in ("expansion", "placeholder"):
            return False
        position += len(piece.text)
    return True


def _passed_through(word: Word, run: StepRun, project: Project) -> Finding:
    name, equals, value = word.value.partition("=")
    message = f"`{name}` is not an option of `nemotron steps run`, so it is passed through and ignored"
    close = near_names(name, tuple(LONG), most=1) if name.startswith("--") else ()
    if close:
        fix = Fix(f"Replace it with `{close[0]}`", (Edit(word.value_span(0, len(name)), close[0]),))
        return Finding(word.span, f"{message}: did you mean {or_list(close)}?", fix=fix)
    key = name.lstrip("-").replace("-", "_")
    step = project.step_of(run)
    if step is not None and equals and key in project.known_keys(step, project.config_of(run)):
        return Finding(word.span, f"{message}: write the config key as `{key}={value}`")
    return Finding(word.span, f"{message}: remove it")
