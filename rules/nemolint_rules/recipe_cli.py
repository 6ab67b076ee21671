"""The rule `recipe-cli`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from nemolint import Command, Finding, bad, good, lazily, rule

# A recipe is a command group named after a model generation (`super3`, `nano3`) or a retrieval model.
_RECIPE = lazily(r"(?:[a-z]+\d+|embed|rerank)\Z")


@rule(
    good("uv run nemotron steps run sft/automodel -c tiny"),
    good("echo nemotron super3 sft"),
    good("nemotron --help"),
    bad(
        """
        uv run nemotron super3 sft -c tiny
               ^^^^^^^^^^^^^^^
        # see also: nemotron steps run sft/megatron_bridge
        """,
        path="a.sh",
        severity="warning",
    ),
    good(
        "```bash\nuv run nemotron super3 sft -c tiny\n```",
        path="a.answer.md",
        prompt="How do I repeat the super3 recipe with `nemotron super3`?",
    ),
    bad(
        """
        ```bash
        uv run nemotron super3 sft -c tiny
               ^^^^^^^^^^^^^^^
        ```
        """,
        path="a.answer.md",
        severity="warning",
        prompt="How do I fine-tune on my own chat data?",
    ),
    group="optional",
    severity="warning",
    default=False,
    presets={"answer": "warning"},
)
def recipe_cli(command: Command) -> Iterator[Finding]:
    """Use the catalog's steps instead of a recipe's own command.

    `nemotron super3 sft` and the like run the recipe of one model as it was trained. The catalog's steps
    (`nemotron steps run …`) take other models and data, and nemolint can check them.

    This rule is off by default, since a recipe's command is correct if you do want the recipe. It is on in answers, and
    silent if the question names the recipe.
    """
    prompt = command.region.document.prompt or ""
    for word, following in pairwise(command.words):
        if word.value.rpartition("/")[2] == "nemotron" and not word.expansion:
            asked = following.value in prompt
            if (
                not asked
                and _RECIPE.match(following.value)
                and command.name not in ("echo", "printf", "grep", "cd", "ls")
            ):
                yield Finding(
                    command.region.span(word.start, following.end),
                    f"`nemotron {following.value}` is a recipe's own command: use `nemotron steps run …` instead",
                )
            return
