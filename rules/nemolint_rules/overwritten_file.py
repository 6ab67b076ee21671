"""The rule `overwritten-file`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from nemolint import (
    Document,
    Finding,
    Override,
    Project,
    StepRun,
    bad,
    dry_runs,
    good,
    page_text,
    profile_in_force,
    rule,
)

_ENV = '[slurm_sft]\nexecutor = "slurm"\n'
# A sentence that tells the reader to create or change the file.
_WRITES = (
    r"(?i)\b(?:add|adjust|change|create|customi[sz]e|edit|fill|modify|open|put|replace|review|save|set|update|write)"
    r"\b(?:(?![.!?]\s)[^\n]|\n(?!\s*\n)){{0,160}}?(?<![\w.-]){}(?![\w-])"
)


@rule(
    good("nemotron steps run env/env_toml -c slurm output_path=env.toml", files={"env.toml": _ENV}),
    good("nemotron steps run env/env_toml -c slurm output_path=env.toml force=false", files={"env.toml": _ENV}),
    good("nemotron steps run env/env_toml -c slurm output_path=env.toml force=true"),
    good("nemotron steps run env/env_toml -c slurm output_path=env.new.toml force=true", files={"env.toml": _ENV}),
    good(
        "nemotron steps run env/env_toml -c slurm output_path=env.toml force=true --dry-run", files={"env.toml": _ENV}
    ),
    good(
        "The command writes `env.toml`.\n\n"
        "```bash\nnemotron steps run env/env_toml -c slurm output_path=env.toml force=true\n```",
        path="page.md",
    ),
    bad(
        """
        nemotron steps run env/env_toml -c slurm output_path=env.toml force=true
                                                                      ^^^^^^^^^^
        """,
        files={"env.toml": _ENV},
        severity="warning",
        message="env.toml exists",
    ),
    good("nemotron steps run env/env_toml -c slurm --force --no-force", files={"env.slurm.toml": _ENV}),
    bad(
        """
        nemotron steps run env/env_toml -c slurm --force
                                                 ^^^^^^^
        """,
        files={"env.slurm.toml": _ENV},
        message="leave out `--force`",
    ),
    bad(
        """
        nemotron steps run env/env_toml -c slurm force=true
                                                 ^^^^^^^^^^
        """,
        files={"env.slurm.toml": _ENV},
        message="env.slurm.toml exists",
    ),
    bad(
        """
        cp site.toml env.toml
        nemotron steps run env/env_toml -c slurm output_path=env.toml force=true
                                                                      ^^^^^^^^^^
        """,
        message="is written earlier",
    ),
    bad(
        """
        nemotron steps run env/env_toml -c slurm output_path=env.toml
        vim env.toml
        nemotron steps run env/env_toml -c slurm output_path=env.toml force=true
                                                                      ^^^^^^^^^^
        """
    ),
    bad(
        """
        Create an `env.toml` at the root of the repository with your account and partition.

        ```bash
        nemotron steps run env/env_toml -c slurm output_path=env.toml force=true
                                                                      ^^^^^^^^^^
        ```
        """,
        path="page.md",
    ),
    group="launch",
    severity="warning",
    about="launch",
)
def overwritten_file(run: StepRun, project: Project) -> Iterator[Finding]:
    """Don't let the generator overwrite an env TOML that someone filled in.

    `env/env_toml` refuses to overwrite a file unless `force=true` is given. Then the accounts, paths and mounts that
    were filled in are lost, and no commit has them, since `env.toml` is git-ignored. Leave out `force=true`, or write
    to another `output_path` and compare.
    """
    override = _force(run, project)
    if override is None or dry_runs.is_dry(run, project) is not False:
        return
    files = profile_in_force.generated_env_files(run.document, project)
    path = next((item.path for item in files if item.run is run), None)
    if path is None:
        return
    if _exists(path, project):
        because = f"{path} exists, and the generator would overwrite it"
    elif profile_in_force.writes_file(run.document, profile_in_force.base_name(path), run.file_start):
        because = f"{path} is written earlier, and the generator would overwrite it"
    elif _reader_wrote(path, run):
        because = f"the page tells its reader to write {path}, and the generator would overwrite it"
    else:
        return
    yield Finding(
        override.span, f"{because}: leave out `{override.word.value}`, or write to another `output_path` and compare"
    )


def _force(run: StepRun, project: Project) -> Override | None:
    """What sets `force` to true, an override or the option `--force`; None if nothing does."""
    effective = project.effective(run)
    if effective is not None:
        origin = effective.origin("force")
        return origin if isinstance(origin, Override) and effective.get("force") is True else None
    override = run.override("force")
    return override if override is not None and override.value.text.lower() in ("true", "yes", "on") else None


def _exists(path: str, project: Project) -> bool:
    files = [file.path for file in project.candidates()]
    force = project.env_in_force()
    if force.file is not None:
        files.append(force.file.path)
    name = profile_in_force.base_name(path)
    return any(profile_in_force.base_name(known) == name for known in files)


def _reader_wrote(path: str, run: StepRun) -> bool:
    """True if the document tells its reader to write or edit the file before the run."""
    return (
        run.surface in ("doc", "answer")
        and _reader_writes(run.document, profile_in_force.base_name(path)) <= run.file_start
    )


@lru_cache(maxsize=8)
def _reader_writes(document: Document, name: str) -> int:
    """Where the document first tells its reader to write or edit the file; its length if it never does."""
    match = re.search(_WRITES.format(re.escape(name)), page_text.outside_runs(document))
    return match.end() if match else len(document.text)
