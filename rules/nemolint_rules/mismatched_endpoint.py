"""The rule `mismatched-endpoint`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import MISSING, Effective, Finding, Project, StepRun, bad, eval_tasks, good, or_list, rule

_TYPE = "target.api_endpoint.type"
_TYPES = ("chat", "completions", "embedding", "vlm")
_EVAL = "nemotron steps run eval/model_eval -c tiny_chat"


@rule(
    good(f"{_EVAL} {_TYPE}=chat 'evaluation.tasks=[{{name: mmlu_instruct}}]'"),
    good(f"{_EVAL} {_TYPE}=completions 'evaluation.tasks=[{{name: mmlu}}]'"),
    good(f"{_EVAL} {_TYPE}=$TYPE 'evaluation.tasks=[{{name: mteb}}]'"),
    good(f"{_EVAL} {_TYPE}=chat 'evaluation.tasks=[{{name: my_own_task}}]'"),
    good(
        f"{_EVAL} {_TYPE}=completions 'evaluation.tasks=[{{name: hellaswag}}]' "
        "evaluation.nemo_evaluator_config.config.params.extra.tokenizer=nvidia/x"
    ),
    good(f"{_EVAL} {_TYPE}=chat"),
    good(f"{_EVAL} {_TYPE}=completions -t mmlu"),
    good(f'{_EVAL} {_TYPE}=completions "$@"'),
    good(f"{_EVAL} {_TYPE}=completions evaluation.tasks=$TASKS"),
    bad(
        f"""
        {_EVAL} {_TYPE}=completions
        {" " * len(_EVAL)} {" " * len(_TYPE)} ^^^^^^^^^^^
        """,
        message="the config runs `mmlu_instruct`",
    ),
    bad(
        f"""
        {_EVAL} {_TYPE}=chat 'evaluation.tasks=[{{name: mmlu_redux}}]'
        {" " * len(_EVAL)} {" " * len(_TYPE)}                                ^^^^^^^^^^
        """,
        message="`completions`",
        severity="warning",
    ),
    bad(
        f"""
        {_EVAL} {_TYPE}=completions 'evaluation.tasks=[{{name: hellaswag}}]'
        {" " * len(_EVAL)} {" " * len(_TYPE)}                                       ^^^^^^^^^
        """,
        message="tokenizer",
    ),
    group="contract",
    severity="warning",
    about="text",
)
def mismatched_endpoint(run: StepRun, project: Project) -> Iterator[Finding]:
    """Choose evaluation tasks that the endpoint supports.

    Each task of the evaluator launcher is written for certain types of endpoint: chat, completions, embedding or vlm.
    On any other type it fails at its first request. Tasks that compare log-probabilities also need the model's
    tokenizer.

    Choose the variant of the task for your endpoint (`mmlu_redux_instruct` for chat), or set
    `target.api_endpoint.type`. Give the tokenizer as
    `evaluation.nemo_evaluator_config.config.params.extra.tokenizer=…`.
    """
    named = list(eval_tasks.named_tasks(run, project))
    given = next((item for item in reversed(run.overrides) if item.key == _TYPE and item.value.known), None)
    effective = project.effective(run) if named or given is not None else None
    if effective is None:
        return
    kind = effective.get(_TYPE)
    tasks = eval_tasks.launcher_tasks()
    if given is not None and not named and effective.exact and not run.may_gain_words:
        for name in eval_tasks.inherited_tasks(run, project):
            endpoints = tasks.by_name.get(name)
            if endpoints is not None and kind in _TYPES and kind not in endpoints:
                yield Finding(
                    given.value.span,
                    f"the config runs `{name}`, which needs an endpoint of type "
                    f"{or_list(sorted(endpoints))}: change `{_TYPE}`, or name other tasks",
                )
                return
    has_tokenizer: bool | None = None
    for task in named:
        endpoints = tasks.by_name.get(task.name)
        if endpoints is None or task.own:
            continue
        if isinstance(kind, str) and "${" not in kind and kind and kind not in endpoints:
            yield Finding(
                task.span,
                f"`{task.name}` needs an endpoint of type {or_list(sorted(endpoints))}, but `{_TYPE}` is `{kind}`: "
                "change the type, or choose another variant of the task",
            )
        elif task.name.rpartition(".")[2] in tasks.loglikelihood and effective.exact and not run.may_gain_words:
            if has_tokenizer is None:
                has_tokenizer = _has_tokenizer(effective)
            if not has_tokenizer:
                yield Finding(
                    task.span,
                    f"`{task.name}` compares log-probabilities and needs a tokenizer: set `…extra.tokenizer`",
                )


def _has_tokenizer(effective: Effective) -> bool:
    return any(key.endswith("extra.tokenizer") and value not in (MISSING, None, "") for key, value in effective.leaves)
