"""The rule `shell-expanded-value`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Edit, Finding, Fix, Project, Span, StepRun, Word, bad, good, quoting, rule


@rule(
    good("nemotron steps run curate/nemo_curator 'input_glob=data/*.jsonl' output_dir=out"),
    good("nemotron steps run translate/nemo_curator text_field=\"messages.*.content\" languages='[EN]'"),
    good("nemotron steps run eval/model_eval 'evaluation.tasks=[{name: mmlu}]' server.url=\"http://a/b?c=1&d=2\""),
    good("nemotron steps run sft/automodel name={x} a=1; echo done"),
    good("nemotron steps run sft/automodel seed=1 & wait"),
    good("nemotron steps run sft/automodel seed=1&&echo done"),
    good("nemotron steps run sft/automodel seed=1|tee run.log"),
    good("nemotron steps run sft/automodel seed=1>run.log 2>&1"),
    good("nemotron steps run sft/automodel mode=a|b", surface="doc"),
    good("nemotron steps run sft/automodel dir=${ROOT}/a name=$(date +%s)"),
    good("nemotron steps run sft/automodel ckpt=<iter_*>/x", surface="doc"),
    bad(
        """
        nemotron steps run curate/nemo_curator input_glob=data/{a,b}.jsonl output_dir=out
                                                          ^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run curate/nemo_curator input_glob='data/{a,b}.jsonl' output_dir=out",
        severity="error",
        message="several words",
    ),
    bad(
        """
        nemotron steps run optimize/modelopt/prune args.sizes={"a":1,"b":2} args.n={1..3}
                                                              ^^^^^^^^^^^^^        ^^^^^^
        """,
        fixed="nemotron steps run optimize/modelopt/prune args.sizes='{\"a\":1,\"b\":2}' args.n='{1..3}'",
        severity="error",
    ),
    bad(
        """
        nemotron steps run eval/model_eval evaluation.tasks=[{name: mmlu}, {name: gpqa}] -d
                                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run eval/model_eval evaluation.tasks='[{name: mmlu}, {name: gpqa}]' -d",
        severity="error",
        message="splits",
    ),
    bad(
        """
        nemotron steps run eval/model_eval -d target.api_endpoint.url=http://h/v1?a=1&b=2
                                                                      ^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run eval/model_eval -d target.api_endpoint.url='http://h/v1?a=1&b=2'",
        severity="error",
        message="`&`",
    ),
    bad(
        """
        nemotron steps run sft/automodel wandb.name=a;b
                                                    ^^^
        """,
        fixed="nemotron steps run sft/automodel wandb.name='a;b'",
        severity="error",
    ),
    bad(
        """
        nemotron steps run sft/automodel filter.expr=score>0.5 -d
                                                     ^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel filter.expr='score>0.5' -d",
        severity="error",
        message="redirection",
    ),
    bad(
        """
        nemotron steps run sft/automodel filter.mode=a|b
                                                     ^^^
        """,
        surface="script",
        fixed="nemotron steps run sft/automodel filter.mode='a|b'",
        severity="warning",
        message="`|` ends the command",
    ),
    bad(
        """
        nemotron steps run curate/nemo_curator input_glob=*{a,b}.jsonl -d
                                                          ^^^^^^^^^^^^
        """,
        fixed="nemotron steps run curate/nemo_curator input_glob='\"*{a,b}.jsonl\"' -d",
        severity="error",
    ),
    bad(
        """
        nemotron steps run sft/automodel wandb.name=run(1)
                                                    ^^^^^^
        """,
        fixed="nemotron steps run sft/automodel wandb.name='run(1)'",
        severity="error",
        message="syntax error",
    ),
    bad(
        """
        nemotron steps run curate/nemo_curator -c tiny input_glob=$PWD/data/*.jsonl
                                                                  ^^^^^^^^^^^^^^^^^
        """,
        fixed='nemotron steps run curate/nemo_curator -c tiny input_glob="$PWD/data/*.jsonl"',
        severity="warning",
    ),
    bad(
        """
        nemotron steps run curate/nemo_curator -c tiny input_glob=~/data/part-?.jsonl
                                                                  ^^^^^^^^^^^^^^^^^^^
        """,
        fixed="nemotron steps run curate/nemo_curator -c tiny input_glob=~/'data/part-?.jsonl'",
        severity="warning",
    ),
    bad(
        """
        nemotron steps run curate/nemo_curator languages=[EN] quality_filters=[]
                                                         ^^^^                 ^^
        """,
        fixed="nemotron steps run curate/nemo_curator languages='[EN]' quality_filters='[]'",
        severity="info",
    ),
    group="paths",
    about="special-character",
)
def shell_expanded_value(run: StepRun, project: Project) -> Iterator[Finding]:
    """Quote a value that the shell would change.

    The shell reads a word before the CLI does. Measured in bash: `key={a,b}` and `key={"a":1,"b":2}` become two words,
    `key=[{name: x}]` is split at the space, `&`, `;` and `|` end the command in the middle of a value, `>` sends what
    the run prints to a file (of `key=score>0.5`, it gets `key=score`), and `(` is a syntax error. An unquoted `*` or
    `?` is a pattern that includes `key=`: plain bash leaves it alone, since no file has such a name, but `nullglob`
    drops the word, `failglob` stops, and zsh aborts with "no matches found". So does zsh for `key=[EN]` and `key=[]`.

    Put the value in quotes: single ones, or double ones if it has a variable. A text that needs quotes in YAML (a
    leading `*`) gets those inside: `'input_glob="*.jsonl"'`.
    """
    overrides = {id(override.word): override.value.offset for override in run.overrides}
    offsets = dict(overrides)
    offsets.update({id(option.value.word): option.value.offset for option in run.options if option.value is not None})
    split = {id(extent[0]): extent for extent in quoting.split_values(run)}
    for word in run.words:
        offset = offsets.get(id(word))
        if offset is None or word.derived:
            continue
        hazard, end = None, word.end
        inside: tuple[Word, ...] = (word,)
        if id(word) in split:
            inside = split[id(word)]
            end = inside[-1].end
            hazard = quoting.Hazard("split", word.start, end, " ")
        elif (hazard := quoting.cut_off(word)) is not None:
            end = hazard.end
        else:
            hazard = quoting.word_hazard(word)
        if hazard is not None:
            yield _finding(inside, offset, hazard, end, is_override=id(word) in overrides)


def _finding(words: tuple[Word, ...], offset: int, hazard: quoting.Hazard, end: int, *, is_override: bool) -> Finding:
    word = words[0]
    start = quoting.quote_span(word, offset).start
    if hazard.start < start and hazard.kind not in ("split", "cut", "redirect"):
        start = word.start  # the shell would change the key
    span = Span(word.region, start, end)
    if is_override:
        text = quoting.quoted_override(word.region, start, end, key=word.value[:offset] if start == word.start else "")
    else:
        text = quoting.quoted(word.region, start, end)
    fix = Fix("Quote it", _edits(span, text), _safe(words, hazard)) if text is not None else None
    if hazard.kind == "cut" and quoting.names_command(hazard, word.region):
        fix = None
    detail = f"`{hazard.detail}`"
    messages = {
        "paren": f"an unquoted {detail} is a syntax error to the shell: quote `{span.text}`",
        "brace": f"bash expands {detail} into several words: quote `{span.text}`",
        "split": f"the shell splits `{span.text}` at its spaces into several words: quote it",
        "redirect": f"the shell takes {detail} inside `{span.text}` for a redirection: quote the value",
        "cut": f"{detail} ends the command inside `{span.text}`: quote the value",
        "glob": f"the shell reads {detail} as a glob (zsh aborts, and with `nullglob` the word disappears): quote it",
        "bracket": f'zsh reads {detail} as a glob and aborts with "no matches found": quote it',
    }
    severity = {"glob": "warning", "bracket": "info"}.get(hazard.kind)
    if hazard.detail in ("<", ">", "|", "&&", "||") and quoting.may_be_name(hazard, word.region):
        severity = "warning"
    return Finding(span, messages[hazard.kind], severity=severity, fix=fix)  # type: ignore[arg-type]


def _safe(words: tuple[Word, ...], hazard: quoting.Hazard) -> bool:
    """True if quoting does not change which commands the shell runs.

    It does if the shell ran another command after the value, or none because of a syntax error or `failglob`. Nor is it
    safe if a separate word may have been an option, or if a substitution ran once for each of several words.
    """
    if hazard.kind in ("cut", "redirect", "paren"):
        return False
    if "failglob" in words[0].region.document.text:
        return False  # bash may have refused the command for a pattern that no file matches
    if any(piece.kind == "placeholder" for word in words for piece in word.pieces):
        return False
    if hazard.kind == "split":
        return not any(word.pieces and word.pieces[0].kind == "expansion" for word in words[1:])
    return hazard.start > words[0].start and (hazard.kind != "brace" or quoting.plain_word(words[0]))


def _edits(span: Span, text: str) -> tuple[Edit, ...]:
    """Two insertions if only quotes are added, which works in every container; else a replacement."""
    if text[1:-1] == span.text:
        return Edit(span.sub(0, 0), text[0]), Edit(span.sub(len(span.text), len(span.text)), text[-1])
    return (Edit(span, text),)
