"""The rule `missing-env-file`."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from nemolint import (
    Document,
    Finding,
    Project,
    StepRun,
    Value,
    and_list,
    answers,
    bad,
    good,
    placeholders,
    profile_in_force,
    rule,
)

_ENV = '[slurm_sft]\nexecutor = "slurm"\n'
_MOST_LISTED = 8


@rule(
    good("nemotron steps run sft/automodel -c tiny --dry-run"),
    good("nemotron steps run sft/automodel -c tiny --batch slurm_sft", files={"env.toml": _ENV}),
    good("nemotron steps run sft/automodel -c tiny --batch $PROFILE"),
    good("nemotron steps run sft/automodel -c tiny --batch h100", settings={"profiles": ("h100",)}),
    good("export NEMOTRON_ENV_FILE=/shared/env.h100.toml\nnemotron steps run sft/automodel -c tiny --batch h100"),
    good(
        "Add `[h100]` to your `env.toml`.\n\n```bash\nnemotron steps run sft/automodel -c tiny --batch h100\n```",
        path="page.md",
    ),
    good(
        "nemotron steps run env/env_toml -c slurm output_path=env.toml\n"
        "nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel"
    ),
    good("nemotron steps run <step> -c tiny --batch h100", surface="doc"),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --batch h100
                                                         ^^^^
        nemotron steps run peft/automodel -c tiny --run h200
        """,
        surface="script",
        severity="info",
        message="`h100` and `h200`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --batch h100
                                                         ^^^^
        """,
        surface="doc",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --dry-run --batch h100
                                                                   ^^^^
        """,
        surface="answer",
        severity="error",
        message="Blocked",
    ),
    good(
        "Profile `h100` of `env.toml`.\n\n"
        "```bash\nnemotron steps run sft/automodel -c tiny --dry-run --batch h100\n```",
        path="a.answer.md",
    ),
    bad(
        """
        Make sure that `NEMOTRON_ENV_FILE` is set.

        ```bash
        nemotron steps run sft/automodel -c tiny --dry-run --batch h100
                                                                   ^^^^
        ```
        """,
        path="a.answer.md",
        prompt="I do not have an env TOML file here. Give me the remote command.",
        severity="error",
    ),
    good(
        "```bash\nNEMOTRON_ENV_FILE=./env.site.toml nemotron steps run sft/automodel -c tiny -d --batch h100\n```",
        path="a.answer.md",
        prompt="Our profiles are in env.site.toml; use h100 for sft/automodel.",
    ),
    bad(
        """
        ```bash
        NEMOTRON_ENV_FILE=env.other.toml nemotron steps run sft/automodel -c tiny --dry-run --batch h100
                                                                                                    ^^^^
        ```
        """,
        path="a.answer.md",
        prompt="Our profiles are in env.site.toml; use h100 for sft/automodel.",
        severity="error",
    ),
    bad(
        """
        **Blocked**: there is no env TOML. With one it would be:

        ```bash
        nemotron steps run sft/automodel -c tiny --dry-run --batch h100
                                                                   ^^^^
        ```
        """,
        path="a.answer.md",
        prompt="I do not have an env TOML file here. Give me the remote command.",
        severity="info",
    ),
    good("export NEMOTRON_ENV_FILE=$SITE/env.toml\nnemotron steps run sft/automodel -c tiny --dry-run"),
    good(
        "nemotron steps run env/env_toml -c slurm output_path=env.slurm.toml\n"
        "export NEMOTRON_ENV_FILE=env.slurm.toml\n"
        "nemotron steps run sft/automodel -c tiny --batch slurm_sft_automodel --dry-run",
    ),
    good(
        "cp site.toml env.site.toml\nexport NEMOTRON_ENV_FILE=env.site.toml\n"
        "nemotron steps run sft/automodel -c tiny --batch h100 --dry-run",
    ),
    good(
        "export NEMOTRON_ENV_FILE=env.site.toml\nnemotron steps run sft/automodel -c tiny --batch h100 --dry-run",
        files={".gitignore": "env.*.toml\n"},
    ),
    bad(
        """
        export NEMOTRON_ENV_FILE=env.site.toml
        nemotron steps run sft/automodel -c tiny --dry-run
                           ^^^^^^^^^^^^^
        nemotron steps run sft/automodel -c default --dry-run
        """,
        severity="error",
        message="no run with it starts",
    ),
    bad(
        """
        NEMOTRON_ENV_FILE=a.toml nemotron steps run sft/automodel -c tiny --dry-run
                                                    ^^^^^^^^^^^^^
        NEMOTRON_ENV_FILE=env.site.toml nemotron steps run sft/automodel -c tiny --batch h100 --dry-run
        env NEMOTRON_ENV_FILE=b.toml nemotron steps run sft/automodel -c tiny --dry-run --batch h100
                                                                                                ^^^^
        """,
        files={"env.site.toml": '[h100]\nexecutor = "slurm"\ngpus_per_node = 8\n'},
        surface="script",
        severity="error",
        message="so this run does not start",
    ),
    bad(
        """
        export NEMOTRON_ENV_FILE=a.toml
        nemotron steps run sft/automodel -c tiny --dry-run
                           ^^^^^^^^^^^^^
        nemotron steps run sft/automodel -c default --dry-run
        export NEMOTRON_ENV_FILE=b.toml
        nemotron steps run sft/automodel -c tiny --dry-run
                           ^^^^^^^^^^^^^
        """,
        surface="script",
    ),
    group="profiles",
    presets={"docs": "off", "scripts": "warning"},
    about="env-file",
)
def missing_env_file(document: Document, project: Project) -> Iterator[Finding]:
    """Say where the profiles come from.

    A profile is a table of the env TOML. `env.toml` is git-ignored, so it is absent in a fresh checkout and in CI.
    If none can be read and the text names none either, nemolint cannot check the profiles, and readers don't know where
    to get them. Name the env TOML, or generate it with `env/env_toml`. An assistant should answer `Blocked` instead of
    guessing (then this is info), above all if the question says that there is no env TOML.

    If the document sets `NEMOTRON_ENV_FILE` and that file does not exist, each run with it stops, even a local dry run.
    A file that git ignores is not reported: others may have it. Neither is one that the question of an answer names.
    """
    stopped = yield from _named_and_missing(document, project)
    # A question that says there is no env TOML settles it; otherwise trust a text that names one.
    none = document.answer and document.prompt is not None and answers.says_no_env_file(document.prompt)
    if not none and (
        profile_in_force.names_env_toml(document) or profile_in_force.generated_env_files(document, project)
    ):
        return
    uses = [
        (run, value)
        for run in document.runs
        if id(run) not in stopped and (value := _unread(run, project, none)) is not None
    ]
    if not uses:
        return
    names = list(dict.fromkeys(value.text for _, value in uses))
    listed = names[:_MOST_LISTED]
    more = f" and {len(names) - len(listed)} more" if len(names) > len(listed) else ""
    plural = len(names) > 1
    where = f"profile{'s' * plural} {and_list(listed)}{more} {'are' if plural else 'is'} used"
    first_run, first = uses[0]
    if first_run.surface == "answer":
        advice = "answer `Blocked`, or give a local `--dry-run` and say that an env TOML is required"
    else:
        here = "on the page" if first_run.surface == "doc" else "in this file"
        advice = f"name the env TOML {here}, or pass `--env-file`"
    why = profile_in_force.env_state(first_run, project).how or "there is no env TOML to read"
    blocked = document.answer and answers.is_blocked(document)
    loud = first_run.surface == "answer" and not blocked
    yield Finding(first.span, f"{where}, but {why}: {advice}", severity=None if loud else "info")


def _named_and_missing(document: Document, project: Project) -> Generator[Finding, None, set[int]]:
    """Findings for the names of missing env TOMLs: for each that is exported once, else for each run.

    Returns the ids of all runs that do not start for want of one.
    """
    stopped: set[int] = set()
    exported: set[str] = set()
    for run in document.runs:
        if run.help or run.role != "command" or run.step is None:
            continue
        if profile_in_force.env_state(run, project).kind != "none":
            continue
        export = profile_in_force.exported_env_file(run)
        if export is None or export.value is None or export.prose:
            continue
        missing = project.env_in_force(export.value, document).missing
        if missing != export.value or profile_in_force.writes_file(document, missing, run.file_start):
            continue
        if answers.question_has_file(document, missing):
            continue
        stopped.add(id(run))
        if not export.own:
            if missing in exported:
                continue
            exported.add(missing)
        at = run.profile.span if run.profile is not None else run.step.span
        message = f"`{profile_in_force.ENV_VARIABLE}` names `{missing}`, which does not exist"
        fate = "so this run does not start" if export.own else "so no run with it starts"
        yield Finding(at, f"{message}, {fate}: correct the name, or create the file first")
    return stopped


def _unread(run: StepRun, project: Project, none: bool) -> Value | None:
    """The profile of a run that no env TOML defines, though one should (`none`: there certainly is no env TOML)."""
    if run.help or run.role == "mention" or (run.surface != "answer" and run.role != "command"):
        return None
    value = profile_in_force.literal_profile(run)
    if value is None or placeholders.mine(value.text) or value.text in project.profiles:
        return None
    kind = profile_in_force.env_state(run, project).kind
    if kind == "file" or (kind == "unknown" and not none):
        return None
    if any(value.text in file.names for file in project.candidates()):
        return None  # `unread-env-file` says which file has it
    return value
