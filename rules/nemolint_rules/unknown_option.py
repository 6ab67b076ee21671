"""The rule `unknown-option`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    LONG,
    MISSING,
    OPTIONS,
    Edit,
    Finding,
    Fix,
    Misuse,
    Passed,
    Project,
    StepRun,
    Word,
    bad,
    eval_tasks,
    good,
    misspellings,
    near_names,
    or_list,
    rule,
)

_FLAGS = frozenset(name for name, takes_value in OPTIONS.items() if not takes_value)


@rule(
    good("nemotron steps run sft/automodel -c tiny -d -b prof --force-squash"),
    good("nemotron steps run sft/automodel -dc tiny --run=prof seed=1 --dry-run"),
    good("nemotron steps run eval/model_eval -t mmlu --task gpqa -d"),
    good("nemotron steps run eval/model_eval -c tiny_chat -d -- -t mmlu"),
    good("nemotron steps run sft/automodel -c tiny -- --dry-run seed=-1"),
    good("nemotron steps run sft/automodel -c tiny $OPTS ${DEBUG:+$FLAGS} --$NAME=1"),
    good("nemotron steps run sft/automodel --nosuch --help"),
    good("nemotron -h steps run sft/automodel --nosuch", surface="doc"),
    good("nemotron steps run --verbose sft/automodel -c tiny"),
    good("ls | xargs -n1 nemotron steps run sft/automodel -d -c", surface="script"),
    bad(
        """
        nemotron steps run sdg/data_designer -c default -d --extra-args=--preview
                                                           ^^^^^^^^^^^^^^^^^^^^^^
        """,
        message="write the config key as `preview=true`",
    ),
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
        nemotron steps run curate/nemo_curator -c tiny -d --text_field=body
                                                          ^^^^^^^^^^^^^^^^^
        """,
        message="exit code 2): write the config key as `text_field=body`",
    ),
    good("nemotron steps run byob/mcq -c tiny -d --stage=prepare --family mcq"),
    good("nemotron steps run env/env_toml -c slurm --force --no-force"),
    good("nemotron steps run sft/automodel -c tiny -d --step_scheduler.max_steps=5 --model.name x"),
    bad(
        """
        nemotron steps run env/env_toml -c slurm --sections
                                                 ^^^^^^^^^^
        """,
        message="in place of the mapping",
    ),
    bad(
        """
        nemotron steps run data_prep/sft_packing -c tiny -d --conf other.yaml
                                                            ^^^^^^
        """,
        message="instead of the compiled config",
    ),
    bad(
        """
        nemotron steps run byob/mcq -c tiny -d --list-families
                                               ^^^^^^^^^^^^^^^
        """,
        message="print something",
    ),
    bad(
        """
        nemotron steps run rl/nemo_rl/dpo -c tiny -d --verbose
                                                     ^^^^^^^^^
        """,
        message="stops",
    ),
    bad(
        """
        nemotron steps run sft/megatron_bridge -c tiny -d -v --verbose -t mmlu
                                                          ^^ ^^^^^^^^^ ^^
        """,
        message="passed through",
    ),
    bad(
        """
        nemotron steps run sft/automodel -xdc tiny
                                         ^^^^
        """,
        message="`-x`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --dry-run -dryrun
                                                           ^^^^^^^
        """,
        message="`-d --run yrun`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -config tiny -d
                                         ^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel --config tiny -d",
        message="is read as `--config onfig`: did you mean `--config`?",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -d -batch=prof -- -config
                                                    ^^^^^^^^^^^    ^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny -d --batch=prof -- -config",
        files={"env.toml": '[prof]\nexecutor = "slurm"\ngpus_per_node = 8\n'},
        message="did you mean",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny --dry-run --dryrun
                                                           ^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -c tiny --dry-run --dry-run",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -d --stage
                                                    ^^^^^^^
        """,
        message="no effect",
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
    bad(
        """
        nemotron steps run sft/automodel -d -- --batch
                                               ^^^^^^^
        """,
        message="dropped",
    ),
    bad(
        """
        nemotron --verbose steps run sft/automodel -c tiny -d
                 ^^^^^^^^^
        """,
        message="not an option of `nemotron`",
    ),
    bad(
        """
        nemotron steps -c tiny run sft/automodel -d
                       ^^
        """,
        message="after `run`",
    ),
    bad(
        """
        nemotron steps run eval/model_eval -c tiny_chat -d --task=ifeval -tifeval
                                                           ^^^^^^^^^^^^^ ^^^^^^^^
        """,
        fixed="nemotron steps run eval/model_eval -c tiny_chat -d --task ifeval -t ifeval",
    ),
    bad(
        """
        nemotron steps run eval/model_eval -c tiny_chat -d -tmmlu_instruct
                                                           ^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run eval/model_eval -c tiny_chat -d -t mmlu_instruct",
        message="`--run uct`",
    ),
    bad(
        """
        nemotron steps run eval/model_eval -c tiny_chat -d --verbose -t
                                                           ^^^^^^^^^ ^^
        """,
        message="stops",
    ),
    group="contract",
    blocks=False,
    supersedes=("converter-config", "unknown-config"),
    about="odd-word",
)
def unknown_option(run: StepRun, project: Project) -> Iterator[Finding]:
    """Use only the options that the CLI has.

    `nemotron steps run` knows `-c/--config`, `-r/--run`, `-b/--batch`, `-d/--dry-run`, `--force-squash` and `--help`,
    anywhere before `--`. Any other option is not an error: it is passed through to the step, and the job starts. Most
    runners ignore it, some stop with an error, some set a key of that name to true; an option that the runner reads as
    an override of a key that it knows is not reported. With one dash instead of two (`-config tiny`) it is a cluster of
    short options, `-c onfig`. A flag with a value (`--dry-run=true`), an option without its
    value (`-c` at the end), and an option before `steps` or `run` that `nemotron` or `nemotron steps` does not have
    stop the run.

    `-t` and `--task` are for the runner of `eval/model_eval`, which reads the next word as the name of a task and does
    not accept `--task=mmlu` or `-tmmlu`. A key of the step's config is written without dashes: `stage=prepare`, not
    `--stage=prepare`.
    """
    taken = {id(word) for task in eval_tasks.task_words(run, project) for word in task}
    would_be = {id(item.options[0].word) for item in run.misplaced}
    for word in run.words[run.head :]:
        reading = misspellings.cluster_reading(run, word) if misspellings.means_dry_run(word) else ""
        if reading and word is not misspellings.lost_dry_run(run, project):
            message = f"`{word.value}` is a cluster of short options, read as `{reading}`: remove it"
            yield Finding(word.span, message)
        elif run.options_in(word) and (meant := misspellings.lacks_dash(word)):
            yield _one_dash(run, word, meant)
            would_be.add(id(word))
    passed = {id(word): item for item in project.passed(run) for word in item.words}
    for word in run.unknown:
        if id(run.whole(word)) in would_be:
            continue
        if _readable(word) and id(word) not in would_be and (id(word) not in taken or run.whole(word) is not word):
            item = passed.get(id(word))
            if item is None or not _sets_known_key(item, run, project):
                yield _passed_through(word, item, run, project)
    for option in run.options:
        if option.name == "stage":
            yield Finding(option.span, "`--stage` has no effect on `nemotron steps run`: remove it")
    for misuse in run.misused:
        if not (run.undecided and misuse.word is run.words[-1]):  # the value may be added
            yield _misused(misuse)


def _one_dash(run: StepRun, word: Word, meant: str) -> Finding:
    reading = misspellings.cluster_reading(run, word)
    fix = None
    _, equals, value = word.value.partition("=")
    follows = run.place_of(word) + 1 < len(run.words)
    if not word.derived and (bool(value) if equals else not OPTIONS[LONG[meant]] or follows):
        fix = Fix(f"Write `{meant}`", (Edit(word.value_span(0, 1), "--"),))
    return Finding(word.span, f"`{word.value}` is read as `{reading}`: did you mean `{meant}`?", fix=fix)


def _misused(misuse: Misuse) -> Finding:
    word = misuse.word
    name, equals, value = word.value.partition("=")
    if not misuse.stops:
        return Finding(word.span, f"{misuse.problem}, so it is dropped: give one, or remove the option")
    fix = None
    if equals and LONG.get(name) in _FLAGS and value.lower() in ("true", "1", "yes", "on"):
        fix = Fix("Drop the value", (Edit(word.value_span(len(name), len(word.value)), ""),))
    hint = ""
    if "`nemotron steps`" in misuse.problem:
        hint = ": options of `nemotron steps run` go after `run`"
    return Finding(word.span, f"{misuse.problem}, so the CLI stops{hint}", fix=fix)


def _readable(word: Word) -> bool:
    """True if the option's name contains neither an expansion nor a placeholder."""
    length = len(word.value.partition("=")[0])
    position = 0
    for piece in word.pieces:
        if position < length and piece.kind in ("expansion", "placeholder"):
            return False
        position += len(piece.text)
    return True


def _sets_known_key(item: Passed, run: StepRun, project: Project) -> bool:
    """True for an option that the runner takes for an override of a key that it is known to read."""
    step = project.step_of(run)
    if item.override is None or item.loses or step is None:
        return False
    key = item.override.key
    return "." in key or project.key_home(step, key, project.config_of(run)) is True


def _fate(item: Passed | None, name: str) -> str:
    """What becomes of an option that is passed through, as a clause."""
    if item is None:
        return "it is passed through to the step"
    if item.override is not None:
        what = f"the step sets `{item.override.key}`"
        return f"{what} in place of the mapping there" if item.loses else f"{what}, which nothing is known to read"
    fates = {
        "config": "the step reads that file instead of the compiled config",
        "print": f"the step takes `{name}` to print something and does nothing else",
        "stop": f"the step stops with an error (exit code {item.status})",
    }
    return fates.get(item.fate, "it is passed through to the step, which ignores it")


def _passed_through(word: Word, item: Passed | None, run: StepRun, project: Project) -> Finding:
    name, _, value = word.value.partition("=")
    step = project.step_of(run)
    options = project.known(step).task_options if step is not None else frozenset()
    if options:
        task = _task(run, word, options)
        if task is not None:
            return task
    message = f"`{name}` is not an option of `nemotron steps run`, so {_fate(item, name)}"
    meant = misspellings.lacks_dash(word)
    close = (meant,) if meant else near_names(name, tuple(LONG), most=1) if name.startswith("--") else ()
    if close:
        return Finding(word.span, f"{message}: did you mean {or_list(close)}?", fix=_replaced(run, word, close[0]))
    # `--extra-args=--preview` is as little an option as `--preview`.
    for option in (word.value, value):
        if (wanted := _as_override(option, run, project)) is not None:
            return Finding(word.span, f"{message}: write the config key as `{wanted}`")
    return Finding(word.span, f"{message}: remove it")


def _as_override(option: str, run: StepRun, project: Project) -> str | None:
    """The override that an option of this name means, if the step has such a key: `num_records=10`, `preview=true`."""
    name, equals, value = option.partition("=")
    key = name.lstrip("-").replace("-", "_")
    step = project.step_of(run)
    config = project.config_of(run)
    if step is None or not name.startswith("--"):
        return None
    if key not in project.known_keys(step, config) and not project.key_home(step, key, config):
        return None
    if equals:
        return f"{key}={value}"
    effective = project.effective(run)
    is_switch = effective is not None and (effective.get(key) is MISSING or isinstance(effective.get(key), bool))
    return f"{key}={'true' if is_switch else '…'}"


def _replaced(run: StepRun, word: Word, long: str) -> Fix | None:
    """Replace a word with the option that was meant, if the CLI then reads it as meant."""
    name, equals, value = word.value.partition("=")
    takes_value = OPTIONS[LONG[long]]
    span = word.value_span(0, len(name))
    if not takes_value:
        if equals:
            return None
    elif equals:
        if run.is_behind(word):  # only as a separate word
            if not value or word.quoted:
                return None
            return Fix(f"Replace it with `{long}`", (Edit(word.value_span(0, len(name) + 1), f"{long} "),))
    elif misspellings.meant_option(run, word) is None:
        return None
    return Fix(f"Replace it with `{long}`", (Edit(span, long),))


def _task(run: StepRun, word: Word, options: frozenset[str]) -> Finding | None:
    """A finding for a word that was meant to name a task but does not."""
    written = run.whole(word)
    name, equals, value = written.value.partition("=")
    if name in options and equals:
        what, text, start = "is dropped, so the tasks of the config run", value, len(name) + 1
    elif not name.startswith("--") and name[:2] in options:
        if name in options and not equals:
            message = f"`{name}` needs a task, so the step stops with an error" if written is word else ""
            return Finding(word.span, message) if message else None
        what, text, start, name = "stops the step with an error", written.value[2:], 2, name[:2]
        reading = misspellings.cluster_reading(run, written)
        if reading:
            what = f"is a cluster of short options, read as `{reading}`"
    else:
        return None
    fix = None
    if text and not written.derived and not written.quoted:
        fix = Fix("Give the task as a separate word", (Edit(written.value_span(0, start), f"{name} "),))
    return Finding(written.span, f"`{written.value}` {what}: write `{name} {text}`", fix=fix)
