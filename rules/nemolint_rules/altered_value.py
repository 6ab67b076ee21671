"""The rule `altered-value`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Finding, Project, Related, StepRun, bad, given_values, good, rule

_RUN = "nemotron steps run translate/nemo_curator -d"
_ASKED = (
    "Translate /data/news/en.jsonl from English to Hindi with text_field=body, the endpoint https://ai.team.com/v1 and "
    "the model nvidia/nemotron-nano-9b."
)


def _block(values: str) -> str:
    return f"```bash\n{_RUN} {values}\n```"


def _marked(values: str, mark: str) -> str:
    line = f"{_RUN} {values}"
    return f"```bash\n{line}\n{' ' * line.index(mark)}{'^' * len(mark)}\n```"


@rule(
    good(
        _block(
            "input_path=/data/news/en.jsonl output_dir=/out source_language=en target_language=hi text_field=body "
            "server.url=https://ai.team.com/v1/ server.model=nvidia/nemotron-nano-9b"
        ),
        path="a.answer.md",
        prompt=_ASKED,
    ),
    good(_block("'input_path=\"/data/news/en.jsonl\"' text_field='body'"), path="a.answer.md", prompt=_ASKED),
    good(_block('input_path="$INPUT" text_field="$FIELD"'), path="a.answer.md", prompt=_ASKED),
    good(
        f"I use the field `content` instead of `body`, which is not there.\n\n{_block('text_field=content')}",
        path="a.answer.md",
        prompt=_ASKED,
    ),
    good(_block("source_language=hi target_language=en"), path="a.answer.md"),
    good(_block("source_language=hi target_language=en"), path="a.answer.md", prompt="Translate my corpus, please."),
    good(
        _block("input_path=/data/news output_dir=/out"),  # `simplified-glob` reports it
        path="a.answer.md",
        prompt="Translate /data/news/*.jsonl.",
    ),
    bad(
        _marked("source_language=hi target_language=hi", "hi"),
        path="a.answer.md",
        prompt=_ASKED,
        severity="error",
        message="the question gives `en` for `source_language`",
    ),
    bad(_marked("text_field=content input_path=/data/news/en.jsonl", "content"), path="a.answer.md", prompt=_ASKED),
    bad(
        _marked("input_path=/data/new/en.jsonl text_field=body", "/data/new/en.jsonl"),
        path="a.answer.md",
        prompt=_ASKED,
    ),
    bad(
        _marked("server.url=https://ai.team.com/v2 text_field=body", "https://ai.team.com/v2"),
        path="a.answer.md",
        prompt=_ASKED,
    ),
    bad(
        _marked("server.model=nvidia/nemotron-4b text_field=body", "nvidia/nemotron-4b"),
        path="a.answer.md",
        prompt=_ASKED,
    ),
    bad(
        _marked("server.api_key_env=NVIDIA_API_KEY", "NVIDIA_API_KEY"),
        path="a.answer.md",
        prompt="The key of the service is in TEAM_API_KEY.",
    ),
    bad(
        """
        ```bash
        nemotron steps run convert/megatron_to_hf -c default -d megatron_path=/out/sft/iter_0000100 hf_path=/out/hf
                                                                              ^^^^^^^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        prompt="Convert /out/sft/iter_0001000 into /out/hf.",
    ),
    bad(
        """
        ```bash
        nemotron steps run sdg/data_designer -c tiny -d num_records=10
                                                                    ^^
        ```
        """,
        path="a.answer.md",
        prompt="Generate 100 records with the Data Designer.",
    ),
    good(
        "```bash\nnemotron steps run rl/nemo_rl/dpo -c tiny -d --batch lepton_rl_nemo_rl_dpo\n```",
        path="a.answer.md",
        prompt="The profile lepton_sft_automodel was for the training. Now DPO.",
    ),
    bad(
        """
        ```bash
        nemotron steps run sft/automodel -c tiny --dry-run --batch slurm_sft
                                                                   ^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        prompt="SFT with AutoModel, please. Our profile is slurm_sft_automodel.",
        message="for the profile",
    ),
    bad(
        """
        Save this as `own.yaml`:

        ```yaml
        output_dir: /s/sv
        source_language: en
        target_language: sw
                         ^^
        ```

        ```bash
        nemotron steps run translate/nemo_curator -c own.yaml --dry-run
        ```
        """,
        path="a.answer.md",
        prompt="A config that translates our news from English to Swedish.",
        message="the question gives `sv`",
    ),
    bad(
        """
        Save this as `own.yaml`:

        ```yaml
        output_dir: /s/sv
        source_language: sv
                         ^^
        target_language: en
        ```

        ```bash
        nemotron steps run translate/nemo_curator -c own.yaml --dry-run
        ```
        """,
        path="a.answer.md",
        prompt="A config that translates our news from English to Swedish.",
        message="in each other's place",
    ),
    group="callouts",
    answers_only=True,
    whole_configs=True,
)
def altered_value(run: StepRun, project: Project) -> Iterator[Finding]:
    """Keep the values that the question gives.

    A path, a URL, a model, an iteration, a field, a number or a language that comes back changed makes a job of
    something else than was asked for, and looks right. A glob is left to `simplified-glob`.

    With the question (`--prompt`), a value is reported if the command has another one in its place, under the same key
    or as a plain form of it, and the question's is nowhere in the answer's code. Quotes and a trailing slash change
    nothing. If a change is meant, name the old value beside the new one.
    """
    for item in given_values.changed(run, project):
        message = f"the question gives `{item.given}` for {item.what}, but the command has `{item.value.text}`"
        if item.swapped is not None:
            other = item.swapped
            message = (
                f"`{item.value.text}` and `{other.text}` are in each other's place: the question asks the other way"
            )
            yield Finding(item.value.span, message, related=(Related("the other one is here", other.span),))
        else:
            yield Finding(item.value.span, f"{message}: pass the value as given, or say why it is another")
