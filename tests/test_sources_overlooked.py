"""What looks like a command where nothing says that it is run: it is not passed over in silence."""

from __future__ import annotations

from base64 import b64encode
from codecs import encode

import pytest
from hypothesis import given, strategies as st

from nemolint.reader import read_text

RUN = "nemotron steps run sft/automodel -c tiny --dryrun step_scheduler.max_steps=10"
WORDS = ", ".join(f'"{word}"' for word in RUN.split()[1:])
# Places in which a text may be a command, and no format says that it is: a text for each, with the command in it.
PLACES = {
    "json-string": ("a.json", '{{"job": {{"start": "{run}"}}}}\n'),
    "json-list": ("a.json", '{{"lines": ["set -e", "{run}"]}}\n'),
    "json-key": ("a.json", '{{"allow": {{"{run}": true}}}}\n'),
    "json-program": ("a.json", '{{"binary": ["nemotron"], "binaryArgs": [{words}]}}\n'),
    "toml-string": ("a.toml", '[job]\nstart = "{run}"\n'),
    "toml-text": ("a.toml", "[job]\nstart = '''\n{run}\n'''\n"),
    "toml-program": ("a.toml", '[job]\nbinary = "nemotron"\nbinary-args = [{words}]\n'),
    "ini-argument": ("a.ini", "[watcher:a]\ncmd = nemotron\nargs = {rest}\n"),
    "conf-words": ("a.conf", 'bind-key T new-window "{run}"\n'),
    "conf-words-unquoted": ("a.conf", "map ctrl+t launch {run}\n"),
    "dockerfile-label": ("Dockerfile", 'FROM x\nLABEL run="{run}"\n'),
    "cmake-variable": ("CMakeLists.txt", "set(TRAIN {run})\nadd_custom_target(train COMMAND ${{TRAIN}})\n"),
    "json-two-keys": ("a.json", '{{"tool": "nemotron", "cwd": "/x", "words": [{words}]}}\n'),
    "yaml-two-keys": ("a.yaml", "binary: nemotron\nflags: {rest}\n"),
    "yaml-cron-line": ("a.yaml", "- lineinfile:\n    path: /etc/cron.d/a\n    line: 0 3 * * * root {run}\n"),
    "text-label": ("a.txt", "Some words.\n\ntrain: {run}\n"),
    "text-variable": ("a.txt", "TRAIN={run}\n"),
    "perl-magic": ("a.ipynb", '{{"cells": [{{"cell_type": "code", "source": "%%perl\\nsystem(\'{run}\');"}}]}}\n'),
    "js-magic": ("a.ipynb", '{{"cells": [{{"cell_type": "code", "source": "%%javascript\\nrun(\'{run}\')"}}]}}\n'),
    "ruby-script": (
        "a.ipynb",
        '{{"cells": [{{"cell_type": "code", "source": "%%script ruby\\nsystem(\'{run}\')"}}]}}\n',
    ),
    "powershell-list": ("a.ps1", "Start-Process nemotron -ArgumentList {words}\n"),
    "text-of-cron": ("crontab.txt", "# m h dom mon dow command\n0 3 * * * {run}\n"),
    "text-element": ("a.md", "<p>\n<b>{run}</b>\n</p>\n"),
    "html-element": ("a.html", "<p>Type</p>\n<textarea>{run}</textarea>\n"),
    "html-cell": ("a.html", "<table><tr><td>{run}</td><td>trains</td></tr></table>\n"),
    "mdx-element": ("a.mdx", "<CodeBlock>{run}</CodeBlock>\n"),
    "fence-of-code": ("a.md", '```js\nexecSync("{run}");\n```\n'),
    "fence-of-unit": ("a.md", "```ini\n[Service]\nExecStart={run}\n```\n"),
    "fence-of-list": ("a.md", '```go\nexec.Command("nemotron", {words})\n```\n'),
    "fence-of-odd-name": ("a.md", "```cli\n{run}\n```\n"),
    "block-of-code": ("a.rst", '.. code-block:: js\n\n   exec("{run}")\n'),
    "block-of-asciidoc": ("a.adoc", '[source,js]\n----\nexec("{run}")\n----\n'),
    "table-of-asciidoc": ("a.adoc", "|===\n|sft |{run}\n|===\n"),
    "html-script": ("a.html", '<script>\nwriteText("{run}");\n</script>\n'),
    "html-attribute": ("a.html", "<a onclick=\"copy('{run}')\">x</a>\n"),
    "mdx-attribute": ("a.mdx", '<Terminal lines={{["{run}"]}} />\n'),
    "yaml-program": ("a.yaml", 'bin: nemotron\nargv: "{rest}"\n'),
    "mdx-export": ("a.mdx", 'export const command = "{run}"\n\n<Terminal command={{command}} />\n'),
    "mdx-export-list": ("a.mdx", 'export const all = [\n  "{run}",\n]\n\n<Terminal lines={{all}} />\n'),
    "yaml-key": ("a.yaml", '"{run}":\n  cmd.run\n'),
    "alias": (".bash_aliases", "alias train='{run}'\n"),
    "alias-written": ("a.sh", "echo \"alias train='{run}'\" >> ~/.bashrc\n"),
    "alias-in-page": ("a.md", "```bash\nalias train='{run}'\n```\n"),
    "paragraph": ("a.md", "Then:\n\n{run}\n"),
    "code-string": ("a.ts", 'execSync("{run}", {{ stdio: "inherit" }});\n'),
    "code-template": ("a.mjs", "await $`{run}`;\n"),
    "code-list": ("a.js", 'spawn("nemotron", [{words}]);\n'),
    "code-list-of-calls": ("a.rs", 'Command::new("nemotron").args([{words}]).status();\n'),
    "code-list-of-words": ("a.rb", 'system("nemotron", {words})\n'),
    "code-command": ("a.lua", "os.execute('{run}')\n"),
    "code-plain": ("a.nu", "def main [] {{\n  ^{run}\n}}\n"),
    "code-program": ("a.go", 'c := Cmd{{Path: "nemotron", Args: []string{{{words}}}}}\n'),
    "code-list-apart": ("a.ts", 'const args = [{words}];\nspawn("nemotron", args);\n'),
    "xml-value-argument": (
        "a.xml",
        '<option name="SCRIPT" value="nemotron" />\n<option name="PARAMETERS" value="{rest}" />\n',
    ),
    "yaml-list-that-a-tag-joins": ("a.yaml", "command: !join [{run}, x=1]\n"),
    "task-of-build": ("build.gradle", "task a(type: Exec) {{ commandLine 'nemotron', {words} }}\n"),
    "xml-argument": ("build.xml", '<exec executable="nemotron"><arg line="{rest}"/></exec>\n'),
    "xml-list": ("a.plist", "<array><string>nemotron</string>{tags}</array>\n"),
    "no-extension": ("Vagrantfile", 'config.vm.provision "shell", inline: <<-SHELL\n  {run}\nSHELL\n'),
    "no-extension-lines": ("jobs", "{run}\n"),
    "page-of-tex": ("a.tex", "\\begin{{lstlisting}}\n{run}\n\\end{{lstlisting}}\n"),
    "rst-paragraph": ("a.rst", "Then\n\n{run}\n"),
    "org-paragraph": ("a.org", "Then:\n\n{run}\n"),
}
# Text about the command, data, and comments: nobody runs these.
QUIET = {
    "html-tags": ("a.html", "<p>Type nemotron <b>steps</b> run sft/automodel -c tiny to train.</p>\n"),
    "text-usage": ("a.txt", f"Some words.\n\nusage: {RUN}\n"),
    "yaml-name-and-steps": ("a.yaml", "name: nemotron\nabout: steps run a/b\n"),
    "yaml-image-and-command": ("a.yaml", f"image: nemotron\ncommand: {RUN}\n"),
    "prose": ("a.md", f"Use {RUN} to see what happens.\n"),
    "prose-of-name": ("a.md", "Everything about nemotron steps run sft/automodel.\n"),
    "prose-line": ("a.txt", "nemotron steps run sft/automodel starts a training, and it does so on one node.\n"),
    "front-matter": ("a.md", f'---\ndescription: "{RUN}"\n---\nText.\n'),
    "diagram": ("a.md", f"```mermaid\ngraph LR; A[{RUN}]\n```\n"),
    "mdx-export": ("a.mdx", f'export const command = "{RUN}"\n\nText.\n'),
    "mdx-export-prose": ("a.mdx", f'export const text = "Use {RUN} with care"\n\n{{text}}\n'),
    "alias-used": (".bashrc", f"alias train='{RUN}'\ntrain seed=1\n"),
    "alias-in-comment": (".bashrc", f"# alias train='{RUN}'\n"),
    "alias-of-beginning": (".bashrc", "alias steps='nemotron steps run'\n"),
    "alias-in-prose": ("a.md", "Set `alias ns='nemotron steps run'` first.\n"),
    "html-attribute-for-people": ("a.mdx", f'<Card title="{RUN}" caption="{RUN}" />\n'),
    "html-quoted": ("a.html", f'<p>Type "{RUN}" to train.</p>\n'),
    "fence-of-log": ("a.md", f"```log\n{RUN}\n```\n"),
    "variable": ("a.sh", f'CMD="{RUN}"\n'),
    "title": ("a.md", f"## {RUN}\n\nText.\n"),
    "title-underlined": ("a.rst", f"{RUN}\n{'=' * 80}\n\nText.\n"),
    "title-of-org": ("a.org", f"* {RUN}\nText.\n"),
    "names": ("a.md", "- nemotron steps run sft/automodel\n- nemotron steps run byob/mcq\n"),
    "fence-of-comment": ("a.md", f"```js\n// {RUN}\n```\n"),
    "output": ("a.md", f"```text\n{RUN}\n```\n"),
    "html-comment": ("a.html", f"<!-- <td>{RUN}</td> -->\n"),
    "html-prose": ("a.html", f"<p>Type {RUN} to train.</p>\n"),
    "json-description": ("a.json", f'{{"description": "{RUN}"}}\n'),
    "json-answer": ("a.json", f'[{{"prompt": "{RUN}", "expected": ["{RUN}"]}}]\n'),
    "json-prose": ("a.json", '{"job": "see nemotron steps run sft/automodel"}\n'),
    "toml-summary": ("a.toml", f'[step]\nsummary = "{RUN}"\nnotes = ["{RUN}"]\n'),
    "toml-prose": ("a.toml", '[step]\nrule = "Dump it with nemotron steps run sft/automodel -d before use"\n'),
    "toml-comment": ("a.toml", f"# {RUN}\nx = 1\n"),
    "ini-description": ("a.ini", f"[x]\ndescription = {RUN}\n"),
    "dockerfile-description": ("Dockerfile", f'FROM x\nLABEL description="{RUN}"\n'),
    "cmake-message": ("CMakeLists.txt", f'message("{RUN}")\n# {RUN}\n'),
    "groovy-message": ("Jenkinsfile", f"node {{ echo '{RUN}' }}\n"),
    "python-string": ("a.py", f'TEXT = "{RUN}"\n'),
    "keywords": ("a.json", '{"keywords": ["nemotron", "steps", "run"]}\n'),
    "workflow": ("a.yml", "package: nemotron\nsteps:\n  - run: tests/unit\n"),
    "synopsis": ("a.json", '{"job": "nemotron steps run <step>"}\n'),
    "env-file": (".env", f"{RUN}\n"),
    "code-comment": ("a.ts", f"// {RUN}\n/**\n * {RUN}\n */\n"),
    "code-names": ("a.ts", 'const nemotron = {"steps": ["list", "run"]};\nconst p = ["nemotron", "steps", "run"];\n'),
    "code-log": ("a.js", 'console.log("nemotron steps run, which failed");\n'),
    "code-error": ("a.ts", "throw new Error(`nemotron steps run ${step} exited with ${code}`);\n"),
    "code-error-of-go": ("a.go", 'return fmt.Errorf("nemotron steps run %s: %w", step, err)\n'),
    "code-error-joined": ("a.js", 'console.error("nemotron steps run " + step + " failed");\n'),
    "code-printed": ("a.rb", 'puts "nemotron steps run #{step} took #{t}s"\n'),
    "code-example": ("a.js", f'console.log("{RUN}");\n'),
    "code-panic": ("a.rs", 'panic!("nemotron steps run {} failed", step);\n'),
    "code-title": ("a.ts", 'it("handles nemotron steps run", () => {});\nconst title = "nemotron steps run";\n'),
    "code-message": ("a.go", 'log.Fatal("nemotron steps run is missing")\nvar usage = "nemotron steps run STEP"\n'),
    "code-shown": ("a.rb", f'puts "Use {RUN} to train"\n# {RUN}\n'),
    "tex-prose": ("a.tex", "The command \\texttt{nemotron steps run} launches a step.\n"),
    "xml-description": ("a.xml", "<description>Wraps nemotron steps run for editors</description>\n"),
    "data": ("a.csv", f"name,command\nsft,{RUN}\n"),
    "log": ("a.log", f"INFO {RUN}\n"),
}


def infos(path: str, text: str) -> list[str]:
    """What the information notes of a text point to."""
    return [text[note.start : note.end] for note in read_text(path, text).notes if note.info]


def filled(template: str, run: str) -> str:
    """A text of `PLACES` with a command in it."""
    rest = run.split()[1:]
    return template.format(
        run=run,
        rest=" ".join(rest),
        words=", ".join(f'"{word}"' for word in rest),
        tags="".join(f"<string>{word}</string>" for word in rest),
    )


@pytest.mark.parametrize("name", PLACES)
def test_what_is_not_read_is_noted(name: str) -> None:
    """A command that nothing marks as one gives one note, however often it stands there, and no run."""
    path, template = PLACES[name]
    text = filled(template, RUN)
    assert infos(path, text) == ["nemotron"]
    assert [run for run in read_text(path, text).runs if run.role != "mention"] == []
    assert [item.kind for item in read_text(path, text).mentions] in (["unparsed"], [])


@pytest.mark.parametrize("name", QUIET)
def test_text_about_the_command_is_quiet(name: str) -> None:
    """Prose, comments, data and descriptions give no note."""
    assert infos(*QUIET[name]) == []


@pytest.mark.parametrize("name", ["text-of-cron", "html-element", "mdx-element", "toml-string", "json-list"])
def test_a_step_alone_is_a_command_where_only_commands_are(name: str) -> None:
    """Without arguments it may be the name of the command, but not in a line of cron, or what shows code."""
    path, template = PLACES[name]
    assert infos(path, filled(template, "nemotron steps run sft/automodel")) == ["nemotron"]


@given(
    name=st.sampled_from(sorted(PLACES)),
    launcher=st.sampled_from(["", "uv run "]),
    step=st.sampled_from(["sft/automodel", "byob/mcq", "rl/nemo_rl/dpo", "no/such"]),
    words=st.lists(st.sampled_from(["-c tiny", "--dry-run", "--dryrun", "seed=1", "+a.b=x", "-r lepton"]), max_size=4),
)
def test_nothing_is_passed_over(name: str, launcher: str, step: str, words: list[str]) -> None:
    """Whatever the command's arguments are, it is read as a run or noted."""
    path, template = PLACES[name]
    if path.endswith((".adoc", ".html", ".md", ".mdx", ".org", ".rst", ".txt")) and not words:
        words = ["-d"]  # in a page a command with its step alone is a name for it
    run = " ".join(["nemotron steps run", step, *words])
    text = filled(template, launcher + run if "{run}" in template else run)
    document = read_text(path, text)
    assert any(found.role != "mention" for found in document.runs) or infos(path, text) == ["nemotron"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.ts", 'const cmd = ["uv", "run", "nemotron", "steps", "run", step, "-c", cfg];\n'),
        ("a.js", 'const cmd = "nemotron steps run " + step + " -c tiny";\n'),
        ("a.rb", 'sh "nemotron steps run #{step} -c tiny"\n'),
        ("Rakefile", 'sh "nemotron", "steps", "run", step, "-c", "tiny"\n'),
        ("A.java", 'List<String> c = List.of("nemotron", "steps", "run", step, "-d");\n'),
        ("a.go", 'c := fmt.Sprintf("nemotron steps run %s -c %s", step, cfg)\n'),
        ("a.lua", 'os.execute("nemotron steps run " .. step)\n'),
        ("a.rs", 'let c = format!("nemotron steps run {} -c {}", step, cfg);\n'),
        ("a.swift", 'run("nemotron steps run \\(step) -c tiny")\n'),
    ],
)
def test_what_a_program_puts_together_is_noted(path: str, text: str) -> None:
    """A program in a language that no source reads may have the step in a variable."""
    assert infos(path, text) == ["nemotron"]
    assert infos(path, f"// {text}# {text}") == []


def test_what_a_module_gets_as_an_argument_is_noted() -> None:
    """Arguments in one string are no script of the file."""
    text = f'- hosts: all\n  tasks:\n    - cron: name=x minute=0 job="{RUN}"\n'
    assert infos("a.yaml", text) == [f'job="{RUN}"'] and read_text("a.yaml", text).runs == ()
    assert infos("a.yaml", '- cron: name=x job="nemotron steps list"\n') == []


def test_a_command_that_a_change_adds_is_noted() -> None:
    """A diff shows a command that it adds; what it removes or keeps is another matter."""
    for sign, expected in (("+", ["nemotron"]), ("-", []), (" ", [])):
        assert infos("a.md", f"```diff\n-x\n{sign}{RUN}\n```\n") == expected


def test_what_a_magic_sets_is_noted() -> None:
    """A variable of a notebook may hold the command, which other cells run."""
    cell = '{"cells": [{"cell_type": "code", "source": "%%env CMD=%s\\n!$CMD"}]}\n'
    assert infos("a.ipynb", cell % RUN) == ["nemotron"]
    assert infos("a.ipynb", cell % "nemotron") == []


@pytest.mark.parametrize(
    "text",
    [
        f"import subprocess\nsubprocess.run(b'{RUN}'.decode(), shell=True)\n",
        f"import subprocess\nsubprocess.run(b'{RUN}'.decode('ascii').split())\n",
        f"exec(\"import os; os.system('{RUN}')\")\n",
        f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', \"import os; os.system('{RUN}')\"])\n",
    ],
)
def test_what_python_makes_of_a_text_is_noted(text: str) -> None:
    """A program in a text, and a command as bytes: what becomes of them is not followed, and they are no runs."""
    assert len(infos("a.py", text)) == 1 and read_text("a.py", text).runs == ()


@pytest.mark.parametrize(
    "text", [f"print(b'{RUN}'.decode())\n", f"assert run() == b'{RUN}'\n", f"f(['-v', \"os.system('{RUN}')\"])\n"]
)
def test_bytes_and_programs_that_nothing_runs_are_quiet(text: str) -> None:
    """What is shown or compared is no command."""
    assert infos("a.py", text) == []


@pytest.mark.parametrize(
    ("call", "known"),
    [
        ("f(*args, **kwargs)", True),
        ("f('c/d')", False),
        ("f('c/d', *args)", False),
        ("f(*reversed(args))", False),
        ("f(*args, step='c/d')", False),
    ],
)
@pytest.mark.parametrize("mark", ["@wrap", "@wrap()"])
def test_a_decorator_may_pass_other_arguments_on(call: str, known: bool, mark: str) -> None:
    """The arguments of a call are those of the function only if its decorators pass them all on."""
    wrap = f"def wrap(f):\n    def inner(*args, **kwargs):\n        return {call}\n    return inner\n"
    if mark.endswith(")"):
        wrap = "def wrap():\n" + "".join(f"    {line}\n" for line in wrap.replace("wrap", "inside").splitlines())
        wrap += "    return inside\n"
    body = "import subprocess\n" + wrap + mark + "\ndef run(step):\n"
    text = body + "    subprocess.run(['nemotron', 'steps', 'run', step])\nrun('a/b')\n"
    (found,) = read_text("a.py", text).runs
    assert (found.words[3].value == "a/b") is known and found.words[3].expansion is not known


ENCODED = b64encode(f"{RUN}\n".encode()).decode()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", f"base64 -d <<< '{ENCODED}' | bash\n"),
        ("a.sh", f"echo {ENCODED} | base64 --decode | sh\n"),
        ("a.sh", f'B={ENCODED}\neval "$(echo $B | base64 -D)"\n'),
        ("a.sh", f"base64 -d <<E | bash\n{ENCODED[:40]}\n{ENCODED[40:]}\nE\n"),
        ("Dockerfile", f"FROM x\nRUN echo {ENCODED} | base64 -d | sh\n"),
        ("a.yaml", f"write_files:\n  - encoding: b64\n    content: {ENCODED}\n"),
        ("a.js", f"execSync(atob('{ENCODED}'))\n"),
        ("a.sh", f"declare -l C='{RUN.upper()}'\n$C\n"),
        ("a.js", f"execSync([...'{RUN[::-1]}'].reverse().join(''))\n"),
        ("a.rb", f"system('{encode(RUN, 'rot13')}'.tr('a-z', 'n-za-m'))\n"),
    ],
)
def test_a_command_in_another_form_is_noted(path: str, text: str) -> None:
    """Text in base64, in capitals, backwards or in ROT13 is a command where something turns it into one."""
    assert len(infos(path, text)) == 1
    assert infos(path, "".join(f"# {line}\n" for line in text.splitlines())) == []


@pytest.mark.parametrize(
    "text",
    [
        f"C='{RUN.upper()}'\n${{C,,}}\n",
        f"echo '{RUN.upper()}' | tr A-Z a-z | bash\n",
        f"echo '{RUN.upper()}' | tr '[:upper:]' '[:lower:]' | bash\n",
        f"rev <<E | bash\n{RUN[::-1]}\nE\n",
        f"eval \"$(echo '{RUN[::-1]}' | rev)\"\n",
        f"echo '{encode(RUN, 'rot13')}' | tr a-z n-za-m | bash\n",
    ],
)
def test_a_command_that_a_script_turns_is_a_run(text: str) -> None:
    """What `rev`, `tr` and the shell itself make of a text is computed, so the command is checked like others."""
    (run,) = read_text("a.sh", text).runs
    assert " ".join(word.value for word in run.words) == RUN


@pytest.mark.parametrize("turns", ["perl -lne 'print scalar reverse'", "tr -s '\\r'", "tr 'a-z' '[x*]'"])
def test_a_command_that_is_turned_in_another_way_is_reported(turns: str) -> None:
    """A shell that runs what nobody computed is a warning, if the text names the command in any form."""
    for text in (RUN, RUN[::-1], encode(RUN, "rot13")):
        document = read_text("a.sh", f"echo '{text}' | {turns} | tr a-z n-za-m | bash\n")
        assert document.runs == () and False in [note.info for note in document.notes]


@given(before=st.binary(max_size=20), wrap=st.integers(20, 90))
def test_the_command_is_found_anywhere_in_base64(before: bytes, wrap: int) -> None:
    """Base64 has three forms of each text, and lines of any length."""
    text = b64encode(before + f"\n{RUN}\n".encode()).decode()
    lines = "\n".join(text[at : at + wrap] for at in range(0, len(text), wrap))
    assert len(infos("a.sh", f"base64 -d <<E | bash\n{lines}\nE\n")) == 1


def test_other_base64_is_quiet() -> None:
    """Other text in base64 is nothing, and neither is the command where nothing decodes it, nor a title."""
    other = b64encode(b"nemotron steps list and more of the same").decode()
    assert infos("a.sh", f"base64 -d <<< '{other}' | bash\n") == []
    assert infos("a.sh", f"B={ENCODED}\n") == []
    assert infos("a.sh", "echo 'NEMOTRON STEPS RUN SFT/AUTOMODEL'\n") == []
    assert infos("a.sh", f"echo '{RUN[::-1]}'\n") == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.sh", "cat > ~/.bashrc <<'E'\nalias n='{run}'\nE\nbash -ic n\n"),
        ("a.zsh", "functions[n]='{run}'\nn\n"),
        ("a.zsh", "alias -s yaml='{run}'\ntiny.yaml\n"),
        ("a.fish", "function n\n  nemotron steps $argv\nend\nn run sft/automodel\n"),
        ("a.ps1", "$a = 'steps', 'run', 'sft/automodel'\nnemotron @a\n"),
        ("a.ps1", "$a = @(\n  'steps'\n  'run'\n  'sft/automodel'\n)\n& nemotron @a\n"),
    ],
)
def test_what_a_shell_keeps_is_noted(path: str, text: str) -> None:
    """A command in an alias, a function or a list that nothing follows is noted."""
    assert infos(path, text.format(run=RUN)) == ["nemotron"]


@pytest.mark.parametrize("path", ["a.html", "a.md"])
def test_words_with_tags_between_them_are_noted(path: str) -> None:
    """Tags may stand between the words of a command, in code and elsewhere."""
    for tag in ("code", "div", "var") if path == "a.html" else ("code",):
        text = f"<{tag}>nemotron <b>steps</b> <i class='a'>run</i> sft/automodel -c tiny</{tag}>\n"
        found = read_text(path, text)
        assert len(found.runs) == 1 or infos(path, text) == ["nemotron"]
    assert infos(path, "<p>nemotron <b>steps</b> run fast on a GPU</p>\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "const BASE = 'nemotron steps run';\nexec(`${BASE} sft/automodel`);\n",
        'const base: string = "uv run nemotron steps run";\nexec(base + " sft/automodel");\n',
    ],
)
def test_a_command_in_a_constant_is_noted(text: str) -> None:
    """The command without its step is one if something uses the variable that holds it."""
    assert infos("a.ts", text) == ["nemotron"]
    assert infos("a.ts", text.splitlines()[0]) == []


def test_the_first_place_is_noted() -> None:
    """A file in which many texts look like commands has one note, at the first of them."""
    text = "{" + ", ".join(f'"job{number}": {{"start": "{RUN}"}}' for number in range(50)) + "}\n"
    notes = read_text("a.json", text).notes
    assert [(note.start, note.info) for note in notes] == [(text.index("nemotron"), True)]
