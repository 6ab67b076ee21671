"""The rule `unknown-eval-task`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import (
    Edit,
    Finding,
    Fix,
    Project,
    StepRun,
    bad,
    eval_tasks,
    good,
    near_names,
    or_list,
    placeholders,
    rule,
)

_EVAL = "nemotron steps run eval/model_eval -c tiny_chat"


@rule(
    good(f"{_EVAL} 'evaluation.tasks=[{{name: mmlu_instruct}}, {{name: simple_evals.gpqa_diamond}}]' -t ifeval"),
    good(f"{_EVAL} -t $TASK 'evaluation.tasks=[{{name: $TASK}}]' task_filters=null"),
    good(f"{_EVAL} -c mine.yaml -t my_task", files={"mine.yaml": "evaluation:\n  tasks:\n  - name: my_task\n"}),
    good(f"{_EVAL} 'evaluation.tasks=[{{name: my_task, container: img}}]'"),
    good(f"{_EVAL} 'evaluation.tasks=[{{name: <exact-launcher-task-id>}}]'", surface="doc"),
    good("nemotron steps run sft/automodel 'evaluation.tasks=[nosuch]'"),
    bad(
        f"""
        {_EVAL} 'evaluation.tasks=[{{name: mmlu_instuct}}]'
        {" " * len(_EVAL)}                           ^^^^^^^^^^^^
        """,
        fixed=f"{_EVAL} 'evaluation.tasks=[{{name: mmlu_instruct}}]'",
        message="`mmlu_instruct`",
    ),
    bad(
        f"""
        {_EVAL} -t arithmetic_zero 'task_filters=[ifeval, made_up_task]'
        {" " * len(_EVAL)}    ^^^^^^^^^^^^^^^                        ^^^^^^^^^^^^
        """,
        severity="warning",
    ),
    bad(
        f"""
        {_EVAL} -t made_up_task
        {" " * len(_EVAL)}    ^^^^^^^^^^^^
        """,
        surface="answer",
        severity="error",
    ),
    group="contract",
    severity={"script": "warning", "doc": "warning", "comment": "warning", "answer": "error"},
    whole_configs=True,
    about="text",
)
def unknown_eval_task(run: StepRun, project: Project) -> Iterator[Finding]:
    """Take task ids from the evaluator launcher, never from memory.

    The launcher looks a task up when the job starts, after the model has been deployed. Many benchmarks exist under
    several names (`mmlu`, `mmlu_instruct`, `adlr_mmlu`), with different prompts and results.

    `nemo-evaluator-launcher ls tasks` prints the list. If the launcher is installed in nemolint's environment, its list
    is used, otherwise a snapshot of its names. Tasks that a config of the step names are accepted, and so is an entry
    with its own `container`.
    """
    named = list(eval_tasks.named_tasks(run, project))
    if not named:
        return
    tasks = eval_tasks.launcher_tasks()
    ours = eval_tasks.config_tasks(run, project)
    for task in named:
        if task.own or task.name in tasks.by_name or task.name in ours or "$" in task.name:
            continue
        if not task.name or placeholders.in_text(task.name):
            continue
        close = near_names(task.name, tasks.names)
        message = f"{tasks.origin} does not list a task `{task.name}`"
        if close:
            fix = Fix(f"Replace it with `{close[0]}`", (Edit(task.span, close[0]),))
            yield Finding(task.span, f"{message}: did you mean {or_list(close)}?", fix=fix)
        else:
            yield Finding(task.span, f"{message}: see `nemo-evaluator-launcher ls tasks`")
