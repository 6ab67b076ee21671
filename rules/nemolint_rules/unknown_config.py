"""The rule `unknown-config`."""

from __future__ import annotations

from collections.abc import Iterator

from nemolint import Edit, Finding, Fix, Project, StepRun, bad, good, or_list, page_text, placeholders, rule


@rule(
    good("nemotron steps run sft/automodel -c tiny"),
    good("nemotron steps run sft/automodel"),
    good("nemotron steps run sft/automodel -c /data/run.yaml"),
    good('nemotron steps run sft/automodel -c "$CONFIG" --config=configs/$NAME.yaml'),
    good("nemotron steps run sft/automodel -c configs/a.yaml", files={"configs/a.yaml": "seed: 1\n"}),
    good("cp configs/base.yaml run.yaml\nnemotron steps run sft/automodel -c run.yaml"),
    good("# Write src/nemotron/steps/sft/automodel/config/mine.yaml\nnemotron steps run sft/automodel -c mine"),
    good("# Review the generated config first\nnemotron steps run sft/automodel -c production"),
    good("nemotron steps run nosuch/step -c nosuch"),
    good("nemotron steps run sft/automodel -c <config>", surface="doc"),
    bad(
        """
        nemotron steps run sft/automodel -dc tiny.yaml
                                             ^^^^^^^^^
        """,
        fixed="nemotron steps run sft/automodel -dc tiny",
        message="as a path",
    ),
    bad(
        """
        nemotron steps run sft/automodel --config=tinny -d
                                                  ^^^^^
        """,
        fixed="nemotron steps run sft/automodel --config=tiny -d",
        message="`tiny`",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c production
                                            ^^^^^^^^^^
        """,
        message=": use",
    ),
    bad(
        """
        nemotron steps run sft/automodel -c src/nemotron/steps/sft/automodel/config/nosuch.yaml
                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
        files={
            "pyproject.toml": "[project]\nname = 'x'\n",
            "src/nemotron/steps/sft/automodel/step.toml": "[step]\nid = 'sft/automodel'\nname = 'x'\n",
            "src/nemotron/steps/sft/automodel/config/default.yaml": "seed: 1\n",
        },
    ),
    group="contract",
)
def unknown_config(run: StepRun, project: Project) -> Iterator[Finding]:
    """Name a config that the step has, or a file that exists.

    `-c tiny` is an alias: `config/tiny.yaml` in the step's own folder. A value that ends in `.yaml` or contains a `/`
    is a path from the current directory, so `-c tiny.yaml` looks for a file that does not exist, and the run stops.

    Not reported: absolute paths, and files that the same document creates, generates, or names outside the command.
    Outside a Nemotron checkout a relative path cannot be checked, and is not reported.
    """
    value = run.config
    if value is None or not value.text or not value.known or value.may_split or placeholders.value_has(value):
        return
    written = value.text
    step = project.step_of(run)
    found = project.config_path(step, written, run.document)
    if step is None or found.kind not in ("missing-alias", "missing-path"):
        return
    if page_text.generates_config(run.document):
        return
    name = written.rstrip("/").rpartition("/")[2]
    names = page_text.file_names(run.document)
    aliases = found.aliases
    if found.kind == "missing-path":
        stem = written.removesuffix(".yaml").removesuffix(".yml")
        if name in names:
            return
        if stem in aliases:
            fix = Fix(f"Use the alias `{stem}`", (Edit(value.sub(0, len(written)), stem),))
            yield Finding(
                value.span, f"`{written}` is read as a path from the current directory: use the alias `{stem}`", fix=fix
            )
        elif project.source == "checkout":
            yield Finding(value.span, f"the file `{written}` does not exist: give a path from the current directory")
        return
    if f"{name}.yaml" in names or f"{name}.yml" in names:
        return
    message = f"`{step.id}` has no config `{written}`"
    if found.close:
        fix = Fix(f"Replace it with `{found.close[0]}`", (Edit(value.sub(0, len(written)), found.close[0]),))
        yield Finding(value.span, f"{message}: did you mean {or_list(found.close)}?", fix=fix)
    else:
        yield Finding(value.span, f"{message}: {f'use {or_list(aliases)}' if aliases else 'it has none'}")
