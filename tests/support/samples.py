"""Documents with runs, our own and short ones of the corpus, and random damage to them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hypothesis import strategies as st

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "nemotron"
RUN = "nemotron steps run sft/automodel -c tiny --batch gpu trainer.seed=1 trainer.seed=2"
SAMPLES = {
    "a.sh": f"#!/bin/bash\nset -e\nX=1 {RUN} \\\n  'k=[a, b]' --dryrun  # why\ncat <<E | bash\n{RUN}\nE\n",
    "a.md": f"# A\n\n1. Do\n\n   ```console\n   $ {RUN}\n   out\n   ```\n\n> `{RUN}`\n\n| a |\n|---|\n| `{RUN}` |\n",
    "a.yaml": f'jobs:\n  - run: |\n      # {RUN}\n      {RUN}\n  - run: >-\n      {RUN}\n  - run: "{RUN}"\n'
    f'  - pwsh: |\n      if ($x) {{ {RUN} `\n       $y "$z" }}\n',
    "a.ipynb": '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["%%bash\\n", "'
    + RUN
    + '\\n"]}, {"cell_type": "markdown", "metadata": {}, "source": "`'
    + RUN
    + '`"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n',
    "a.py": f'"""A.\n\n    {RUN}\n"""\nimport os\nos.system("{RUN}")\nos.system(f"{RUN} x={{y}}")\n',
    "a.toml": f'[tool.tasks]\na = "{RUN}"\nb = ["nemotron", "steps", "run", "a/b"]\n# {RUN}\n',
    "a.json": f'{{"scripts": {{"a": "{RUN}"}}}}\n',
    "Dockerfile": f'FROM a\nRUN a && \\\n  {RUN}\nCMD ["nemotron", "steps", "run", "a/b"]\n',
    "Makefile": f"A = nemotron\nb:\n\t@{RUN} && \\\n\t  $(A) steps run a/b\n",
    "CMakeLists.txt": f'# {RUN}\nadd_test(NAME a COMMAND {RUN} "k=${{x}}" && bash -c "{RUN}")\n',
    "Procfile": f"a: {RUN}\n",
    "crontab": f"A=1\n0 3 * * * {RUN} k=1\\% % {RUN}\n",
    "justfile": f"a x:\n    {RUN} k={{{{x}}}}\n",
    "b.md": f"{{% highlight sh %}}\n{RUN}\n{{% endhighlight %}}\n\n```text\n$ {RUN}\n```\n",
    "a.adoc": f"= A\n\nUse `{RUN}`.\n\n $ {RUN}\n\n[source,sh]\n----\n"
    f"{RUN} \\ <1>\n  -d\n----\n\n|===\n|`{RUN}`\n|===\n",
    "a.org": f"* A\n: $ {RUN}\nUse ={RUN}= or\n~{RUN}~.\n#+begin_src sh\n{RUN}\n#+end_src\n",
    "a.fish": f"if test $x; {RUN} (x) $y[1]; end\nset c {RUN}\n{RUN} \\\n  'a b' | tee x\n",
    "a.html": f"<pre><code>{RUN} \\\n  &amp;&amp; x</code></pre>\n<p><code>{RUN}</code></p>\n",
    "main.tf": f'a {{\n command = "{RUN}"\n x = <<-E\n  #!/bin/sh\n  {RUN}\n  E\n}}\n'
    'args = ["nemotron", "steps", "run", "a"]\n',
    "Jenkinsfile": f"sh '{RUN}'\nsh(['nemotron', 'steps', 'run', \"$x\"].join(' '))\n",
    "a.R": f"system('{RUN}')\nsystem2('nemotron', c('steps', 'run', x))\n",
    "a.rst": f"A\n=\n\n.. code-block:: bash\n\n   {RUN}\n\n``{RUN}``\n",
    "env.toml": '[base]\nexecutor = "slurm"\nnodes = 2\n[gpu]\nextends = "base"\n[gpu.env_vars]\nHF_HOME = "/x"\n',
    "src/nemotron/steps/a/b/config/c.yaml": f"# {RUN}\ntrainer:\n  a: &x {{b: 1}}\n  c: *x\nrun:\n  env: {{n: 1}}\n",
}
FRAGMENTS = (
    *"\"'`\\<>[]{}()#|&;= \t\n\r~*?$@!-:,\u2014\u201c\u00e9\u4e2d\U0001f600\ufeff\u2028\x0b\x0c\udcff\0",
    *("```", "\r\n", "\\\n", "<<E\n", "$(", "${", "{{", "}}", "<!--", "-->", "---\n", "> ", "- ", "  ", "%%bash\n"),
    *("--dry-run", " -d ", " --batch ", " -c ", "nemotron steps run ", "nemotron", "0x", ".inf", "???", "&a ", "*a"),
    *("# nemolint: ignore[missing-dry-run] x\n", "!!int ", "api_key=", "$NVIDIA_API_KEY", "export ", 'f"', "\\u", "k="),
)


@cache
def samples() -> tuple[tuple[str, str], ...]:
    """The documents to damage: our own, and the short ones of the corpus where that is here."""
    found = list(SAMPLES.items())
    for path in sorted(CORPUS.rglob("*.*")) if CORPUS.is_dir() else ():
        if path.is_file() and path.stat().st_size < 6000:
            data = path.read_bytes()
            if b"nemotron steps run" in data:
                found.append((path.relative_to(CORPUS).as_posix(), data.decode("utf-8", "surrogateescape")))
    return tuple(found)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A name and what is left of its document."""
    name, text = draw(st.sampled_from(samples()))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from((0, 1, 1, 2, 8, 60)))
        kind = draw(st.sampled_from(("insert", "insert", "delete", "double", "ends", "cut")))
        if kind == "insert":
            text = text[:at] + draw(st.sampled_from(FRAGMENTS)) + text[at:]
        elif kind == "delete":
            text = text[:at] + text[at + length :]
        elif kind == "double":
            text = text[: at + length] + text[at:]
        elif kind == "ends":
            text = text.replace("\r\n", "\n").replace("\n", draw(st.sampled_from(("\r\n", "\r"))))
        else:
            text = text[:at]
    return name, text.encode("utf-8", "surrogateescape")
