"""The rule `conflicting-modes`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Finding, Project, Related, StepRun, bad, good, misspellings, rule


@rule(
    good("nemotron steps run sft/automodel -c tiny --run lepton_sft_automodel"),
    good("nemotron steps run sft/automodel -c tiny --batch lepton_sft_automodel"),
    good("nemotron steps run sft/automodel -c tiny --run lepton_sft_automodel --batch="),
    good("nemotron steps run sft/automodel -c tiny [-r <profile> | -b <profile>]", surface="doc"),
    good("nemotron steps run sft/automodel -c tiny -dryrun --batch lepton_sft_automodel"),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --run lepton_a --batch lepton_b
                                                                ^^^^^^^^^^^^^^^^
        """,
        severity="error",
        message="`--run lepton_a` wins",
    ),
    bad(
        """
        nemotron steps run sft/automodel -b slurm_a -r slurm_a --dry-run
                                         ^^^^^^^^^^
        """
    ),
    bad(
        """
        nemotron steps run sft/automodel --batch=$A --run="$B"
                                         ^^^^^^^^^^
        """
    ),
    group="profiles",
    metric="safety",
    supersedes_run=("missing-dry-run",),
    blocks=False,
    unnecessary=True,
    about="profile",
)
def conflicting_modes(run: StepRun, project: Project) -> Iterator[Finding]:
    """Give either `--run` or `--batch`, not both.

    `--run` submits and stays attached, `--batch` submits and returns. With both, the CLI silently drops `--batch`, and
    the job goes to the profile of `--run`. Delete the one that you don't mean.
    """
    attached, detached = run.option("run"), run.option("batch")
    if attached is None or detached is None or attached.value is None or detached.value is None:
        return
    wrong = misspellings.lost_dry_run(run, project)
    if wrong is not None and (attached.word is wrong or detached.word is wrong):
        return
    if not attached.value.text or not detached.value.text:
        return
    yield Finding(
        detached.span,
        f"`--batch {detached.value.text}` is silently dropped because `--run {attached.value.text}` wins: "
        "keep only the one that you mean",
        related=(Related("this one wins", attached.span),),
    )
