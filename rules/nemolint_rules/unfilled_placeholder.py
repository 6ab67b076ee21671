"""The rule `unfilled-placeholder`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Finding,
    Project,
    Span,
    StepRun,
    and_list,
    answers,
    bad,
    good,
    introduced,
    page_text,
    placeholders,
    profile_in_force,
    rule,
    secrets,
)


@rule(
    good(
        "{% if batch %}\nnemotron steps run {{ step }} -c {{ config }} --dry-run --batch {{ profile }}\n{% endif %}",
        path="run.sh",
    ),
    good("nemotron steps run sft/automodel -c tiny dataset.path=data/my_corpus/train.jsonl"),
    good("nemotron steps run curate/nemo_curator 'languages=[EN]' 'filter.regex=(?P<id>x{3})' input_glob='d/*.jsonl'"),
    good("nemotron steps run sft/automodel -c use-case-examples/build-your-own-benchmark/a.yaml"),
    good("nemotron steps run sft/automodel output_dir=${OUT:-/path/to/out} name=$NAME"),
    good("nemotron steps run sft/automodel 'eos=</think>' 'pad=<|pad|>' 'bos=<s>' 'stop=<end of answer>'"),
    good("nemotron steps run sdg/data_designer 'prompt=Write about {topic} and {{ style }} ...'"),
    good("find . -name '*.yaml' -exec nemotron steps run sft/automodel -c {} \\;"),
    good("nemotron steps run <step> -c <config>", surface="doc"),
    good("nemotron steps run sft/automodel [-c CONFIG] [-b <profile>]", surface="doc"),
    good("nemotron steps run sft/automodel -b my-cluster", files={"env.toml": '[my-cluster]\nexecutor = "slurm"\n'}),
    good("cat > my-run.yaml <<EOF\nseed: 1\nEOF\nnemotron steps run sft/automodel -c ./my-run.yaml"),
    bad(
        """
        nemotron steps run <step> -c tiny
                           ^^^^^^
        """,
        surface="script",
        severity="error",
        message="redirection",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny 'model.name=<your-hf-id>' out=<out>/x
                                                             ^^^^^^^^^^^^
        """,
        message="`<your-hf-id>` and `<out>`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -b YOUR-CLUSTER
                                                    ^^^^^^^^^^^^
        """,
        surface="comment",
        severity="info",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny model.name=your-model
                                                            ^^^^^^^^^^
        """,
        surface="doc",
    ),
    bad(
        """
        nemotron steps run translate/nemo_curator input_path=/path/to/chat.jsonl
                                                             ^^^^^^^^^^^^^^^^^^^
        """
    ),
    bad(
        """
        nemotron steps run eval/model_eval 'deployment.checkpoint_path=<iter_*>'
                                                                       ^^^^^^^^
        """
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny ...
                                                 ^^^
        """
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny data=/data/…/train.jsonl seed=TODO
                                                      ^^^^^^^^^^^^^^^^^^^
        """,
        message="`TODO`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny data=FIXME a=CHANGEME b=REPLACE_ME c=/data/xxx/d
                                                      ^^^^^
        """,
        message="`CHANGEME`, `REPLACE_ME` and `xxx`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny 'out={output}/x' 'data={{data}}'
                                                      ^^^^^^^^^^
        """,
        message="`{{data}}`",
        surface="doc",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c CONFIG -b PROFILE key=value
                                            ^^^^^^
        """,
        message="`PROFILE` and `key=value`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c tiny -b my-cluster
                                                    ^^^^^^^^^^
        """
    ),
    bad(
        """
        nemotron steps run sft/automodel -c configs/my-config.yaml
                                            ^^^^^^^^^^^^^^^^^^^^^^
        """
    ),
    bad(
        """
        nemotron steps run translate/nemo_curator -d 'server.api_key=<key>'
                                                                     ^^^^^
        """,
        message="name the variable",
    ),
    bad(
        """
        I still need the dataset's path, then this can run:

        ```bash
        nemotron steps run sft/automodel -c tiny dataset.path='<dataset>'
                                                               ^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="info",
    ),
    group="placeholders",
    config_values=True,
    severity={"script": "error", "answer": "error", "doc": "warning", "comment": "info"},
    supersedes=("shell-expanded-value", "unknown-step", "unknown-config", "unknown-profile", "invalid-value"),
    presets={"docs": "info"},
)
def unfilled_placeholder(run: StepRun, project: Project) -> Iterator[Finding]:
    """Give every placeholder a value.

    A command with `<input>`, `YOUR_MODEL`, `/path/to/data` or `...` in it looks ready to paste, but is not. A dry run
    does not notice: it compiles the placeholder into the job's config. A bare `<input>` is worse, since bash reads it
    as a redirection: the command loses that word, and files are created or overwritten.

    Fill in the value, or take it from a variable (`"$INPUT"`). A page that shows the general form of a command says so:
    where it names the placeholder in its prose (`` `<input>` is the folder of your corpus ``), speaks of the thing that
    it names (`/path/to/adapter` on a page about adapters), or the heading or paragraph that leads to the block says
    that it is a pattern, a template or a shape to fill in, the finding is only info. Where the step itself is the
    placeholder (`nemotron steps run <step> …`), or `<!-- nemolint: template -->` stands before the block, nothing is
    reported.

    Names that begin with `my-` count as placeholders only as profile or config, and only if there is no such profile or
    file.
    """
    found = placeholders.in_run(run)
    words = {id(item.word) for item in found}
    mine = [item for item in _mine(run, project) if id(item.word) not in words]
    found = sorted([*found, *mine], key=lambda item: (item.word.start, item.start))
    if not found:
        return
    first = found[0]
    texts = list(dict.fromkeys(item.text for item in found))
    message = f"{and_list(texts)} {'is a placeholder' if len(texts) == 1 else 'are placeholders'}"
    bare = list(dict.fromkeys(item.text for item in found if item.bare))
    if bare:
        named = and_list(bare) if bare != texts else "it" if len(bare) == 1 else "them"
        message += f", and bash would read {named} as {'a redirection' if len(bare) == 1 else 'redirections'}"
    message += ": fill it in" if len(texts) == 1 else ": fill them in"
    in_page = run.surface == "doc"
    if in_page:
        message += ", or explain the placeholders before the block"
    for override in run.overrides:
        if id(override.word) in words and secrets.secret_key(override.key):
            message += f", and name the variable that holds `{override.key}` instead of its value"
            break
    known = answers.says_what_is_missing(run.document) if run.surface == "answer" else False
    if in_page:
        known = introduced.introduces(run, found)
    # A reader who knows what to fill in is one step nearer to the launch, unless the page only shows its form.
    form = all(value is not None and id(value.word) in words for value in (run.config, run.profile))
    ready = in_page and known and not form and not all(introduced.explains(run, item) for item in found)
    yield Finding(
        _value_of(run, first),
        message,
        severity="info" if known else None,
        supersedes_run=() if ready else ("missing-dry-run",),
    )


def _value_of(run: StepRun, item: placeholders.Placeholder) -> Span:
    """The value of the option or override that holds a placeholder, else its word."""
    word = item.word
    values = [*(option.value for option in run.options), *(override.value for override in run.overrides)]
    for value in values:
        if value is not None and value.word is word and item.start >= value.offset:
            return word.value_span(value.offset, len(word.value))
    return word.span


def _mine(run: StepRun, project: Project) -> Iterator[placeholders.Placeholder]:
    """`my-…` as profile or config, if neither the project nor the document has one of that name."""
    for value in (run.batch_profile, run.run_profile):
        if value is not None and value.known and (span := placeholders.mine(value.text)):
            if not _has_profile(run, project, value.text):
                yield placeholders.Placeholder(value.word, value.offset + span[0], value.offset + span[1])
    value = run.config
    if value is not None and value.known and (span := placeholders.mine(value.text)):
        name = value.text[span[0] :]
        names = page_text.file_names(run.document)
        there = project.config_path(project.step_of(run), value.text, run.document).kind in ("alias", "path")
        if not there and name not in names and f"{name}.yaml" not in names:
            yield placeholders.Placeholder(value.word, value.offset + span[0], value.offset + span[1])


def _has_profile(run: StepRun, project: Project, name: str) -> bool:
    """True if the profile is known, or the page shows the section that defines it."""
    return (
        name in project.profiles
        or name in profile_in_force.env_state(run, project).names
        or name in profile_in_force.written_profiles(run.document)
    )
