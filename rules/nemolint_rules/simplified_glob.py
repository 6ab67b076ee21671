"""The rule `simplified-glob`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nemolint import Finding, Place, Project, Related, Span, Step, StepRun, bad, globs, good, lazily, overrides, rule

# Last parts of keys for what a run reads, and for what it writes or uses internally.
_INPUT = lazily(
    r"(?:^|_)(?:inputs?|data|datasets?|train|training|valid|validation|test|corpus|corpora|sources?|src|raw|seeds?|"
    r"prompts?|paths?|files?|globs?|docs?|documents?|parquets?|records)(?:_|$)"
)
_OUTPUT = lazily(
    r"(?:^|_)(?:outputs?|out|save|saved|dest|destination|targets?|exports?|exported|caches?|logs?|tmp|temp|work|workdir|"
    r"local|checkpoints?|ckpt|results?|write|models?|tokenizers?|home|root)(?:_|$)"
)
_FILE = lazily(r"\.\w{1,8}$")

_CURATE = "nemotron steps run curate/nemo_curator -c tiny"
_TRANSLATE = "nemotron steps run translate/nemo_curator"


@rule(
    good(f"{_CURATE} 'input_glob=/data/news/*.jsonl' output_dir=/data/news"),
    good(f"{_CURATE} input_glob=/data/news/tiny.jsonl input_glob=$ROOT/news"),
    good(f"{_CURATE} input_glob=2026"),
    good(
        f"# Neither this text nor a config nor the settings give a glob\n"
        f"{_TRANSLATE} input_path=/data/news output_dir=/data/out"
    ),
    good(f"# The data is /data/news/*.jsonl\n{_TRANSLATE} input_path=/data/other output_dir=/data/news"),
    good(f"{_CURATE} dataset.local_dir=/data/edu 'input_glob=/data/edu/**/*.jsonl'"),
    good(f"# It writes /out/hi/*.jsonl\n{_TRANSLATE} input_path=/out/hi output_dir=/data/back"),
    good(f"ls /data/news/*.jsonl\n{_TRANSLATE} input_path=/data/news output_dir=/out"),
    good(
        f"# Look at /out/a/*.jsonl, then translate it\n{_CURATE} 'input_glob=/raw/*' output_dir=/out/a\n"
        f"{_TRANSLATE} input_path=/out/a output_dir=/out/b"
    ),
    bad(
        f"""
        {_CURATE} input_glob=/data/news output_dir=/out
        {" " * len(_CURATE)}            ^^^^^^^^^^
        """,
        message="matches no file",
    ),
    bad(
        f"""
        # The articles are in /data/news/*.jsonl
        {_TRANSLATE} input_path=/data/news/ output_dir=/out
        {" " * len(_TRANSLATE)}            ^^^^^^^^^^^
        """,
        message="`/data/news/*.jsonl`",
    ),
    bad(
        f"""
        INPUT='/data/news/**/*.jsonl'
        {_TRANSLATE} input_path=/data/news output_dir=/out
        {" " * len(_TRANSLATE)}            ^^^^^^^^^^
        """
    ),
    bad(
        f"""
        {_TRANSLATE} -d 'input_path=/data/news/*.jsonl' output_dir=/out
        {_TRANSLATE} input_path=/data/news output_dir=/out
        {" " * len(_TRANSLATE)}            ^^^^^^^^^^
        """
    ),
    bad(
        f"""
        {_TRANSLATE} input_path=/data/news output_dir=/out
        {" " * len(_TRANSLATE)}            ^^^^^^^^^^
        """,
        settings={"inputs": {"translate/nemo_curator:input_path": "/data/news/*.jsonl"}},
        message="settings",
    ),
    bad(
        f"""
        {_TRANSLATE} -c own.yaml input_path=data/news output_dir=/out
        {" " * len(_TRANSLATE)}                        ^^^^^^^^^
        """,
        files={"own.yaml": "input_path: ./data/news/*.jsonl\n"},
        message="own.yaml",
    ),
    bad(
        """
        Save this as `own.yaml`:

        ```yaml
        input_path: /data/news
                    ^^^^^^^^^^
        output_dir: /data/hi
        source_language: en
        target_language: hi
        ```

        ```bash
        nemotron steps run translate/nemo_curator -c own.yaml --dry-run
        ```
        """,
        path="a.answer.md",
        prompt="Translate /data/news/*.jsonl from English to Hindi.",
        message="the question gives",
    ),
    group="paths",
    supersedes=("altered-value",),
    whole_configs=True,
    about="text",
)
def simplified_glob(run: StepRun, project: Project) -> Iterator[Finding]:
    """Pass a glob exactly as it was given.

    A folder in place of a glob selects other files, or none: `input_glob=/data/news` matches nothing, and `/data/news`
    where `/data/news/*.jsonl` was given also takes the README, the checksums and last year's subfolder. The dry run
    still passes, since it opens no input.

    Write the glob, in quotes: `'input_glob=/data/news/*.jsonl'`. Reported are a folder for a key that takes a glob, and
    the parent folder of a glob that the document, the step's configs or the setting `inputs` give for the same input.
    Keys that a run writes to are not checked, nor is a folder that an earlier run of the document wrote.
    """
    step = project.step_of(run)
    glob_only = project.known(step).glob_only if step is not None else frozenset()
    whole = {globs.literal_parent(override.value.text) for override in run.overrides}
    for override in run.overrides:
        value = override.value
        path = value.text
        if not value.known or not value.is_text or globs.has_magic(path) or not re.search(r"\w", path):
            continue
        name = overrides.split_key(override.key.lstrip("+~"))[-1].lower()
        by_name = name == "glob" or name.endswith("_glob")
        takes_glob = by_name or override.key in glob_only
        if not takes_glob and ("/" not in path or _OUTPUT.search(name) or not _INPUT.search(name)):
            continue
        folder = globs.normal(path)
        if folder in whole:
            continue
        source = _given(run, project, step, override.key, folder)
        if source is not None:
            glob, where, related = source
            message = f"`{path}` is only the folder of `{glob}`, which {where}: pass the glob unchanged"
            yield Finding(value.span, message, related=related)
        elif takes_glob and _is_folder(path):
            yield Finding(
                value.span,
                f"`{override.key}` takes a glob, but the folder `{path}` matches no file: add a pattern",
                doubt=project.doubt(step, "glob-only", override.key) if step is not None and not by_name else "",
            )


def _is_folder(path: str) -> bool:
    """True if the path is written as a folder: no pattern, no file extension, not null."""
    last = path.rstrip("/").rpartition("/")[2]
    return path not in ("~", "[]") and "<" not in path and (path.endswith("/") or _FILE.search(last) is None)


def _given(
    run: StepRun, project: Project, step: Step | None, key: str, folder: str
) -> tuple[str, str, tuple[Related, ...]] | None:
    """The glob whose parent is `folder`, what gives it (for the message), and where."""
    document = run.document
    if step is not None:
        setting = project.inputs.get(f"{step.id}:{key}")
        if setting is not None and globs.literal_parent(setting) == folder:
            return setting, f"the settings give as `{key}`", ()
        found = _in_configs(run, project, step, key, folder)
        if found is not None:
            glob, place = found
            return glob, f"{place.path} gives as `{key}`", (Related("the glob is given here", place),)
    other = globs.overridden(document).get((key, folder))
    if other is None and not _is_written(run, folder):
        asked = globs.asked(document).get(folder)
        if asked is not None:
            return asked, "the question gives", ()
        other = globs.given(document).get(folder)
    if other is None:
        return None
    at = Span(document.whole, other.start, other.end)
    return other.text, "this document gives", (Related("the glob is given here", at),)


def _in_configs(run: StepRun, project: Project, step: Step, key: str, folder: str) -> tuple[str, Place] | None:
    """The glob that the run's config, or another config of the step, has for the key."""
    parts = overrides.split_key(key)
    own = project.config_of(run)
    for config in (*((own,) if own is not None else ()), *step.configs.values()):
        if config.tree is None:
            continue
        value = overrides.lookup(config.tree, parts)
        if isinstance(value, str) and globs.literal_parent(value) == folder:
            return value, project.position(config, key)
    return None


def _is_written(run: StepRun, folder: str) -> bool:
    """True if a run of the document writes to the folder or to one above it."""
    written = globs.written(run.document)
    while folder:
        if folder in written:
            return True
        folder = folder.rpartition("/")[0]
    return False
