"""YAML: scripts of CI files and the like, argument lists, comments, and scalars that name the command."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources import Reading, kind_of, nested_reader
from nemolint.sources.argv import MAX_WORDS, add_word, is_argv, join_lines, starts_shell
from nemolint.sources.command_text import PROSE_KEY, is_script, names_command
from nemolint.sources.comments import CommentBlock, own_line_comments, read_comments
from nemolint.sources.crontab import OF_SYSTEM, is_of_system
from nemolint.sources.exported import MOST_VARIABLES, Exported, with_exports
from nemolint.sources.line_scan import UNCHECKED_SHELLS, broken, scan_lines, unchecked
from nemolint.sources.lines import body, normal_lines, replaced
from nemolint.sources.region_context import RegionContext
from nemolint.sources.templates import PIPELINE, TASK, filled
from nemolint.sources.yaml_scalar import encoder_of, header_comment, map_scalar
from nemolint.sources.yaml_tree import (
    AliasNode,
    Mapping,
    Node,
    Scalar,
    Sequence,
    YamlSyntaxError,
    as_written,
    parse_as_written,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document, Region

# Keys whose text a POSIX shell runs, whatever the file.
_SCRIPT_KEYS = frozenset({"after_script", "before_script", "bootcmd", "runcmd", "script"})
# Of these, the keys whose inner lists are arguments, not lines.
_ARGV_ITEM_KEYS = frozenset({"bootcmd", "runcmd"})
# Keys that hold a shell script in some formats (Taskfile, Ansible, Azure, Argo, pre-commit, compose) and not in others.
_LIKELY_KEYS = frozenset(
    {
        "after_success",
        "args",
        "bash",
        "bash_command",
        "before_install",
        "cmd",
        "cmds",
        "command",
        "commands",
        "entry",
        "entrypoint",
    }
    | {"install", "postCreateCommand", "raw", "run", "setup", "sh", "shell", "source"}
)
_OTHER_SHELL_KEYS = frozenset({"powershell", "pwsh", "win_command", "win_shell"})
_ARGUMENT_KEYS = ("entrypoint", "entry", "cmds", "basecommand", "command", "path", "args", "arguments")
# Keys of a program that count if none of these names it.
_PROGRAM_KEYS = ("program", "executable")
_STEP_KEYS = frozenset({"env", "id", "if", "name", "shell", "uses", "with", "working-directory", "continue-on-error"})
# Keys of a file's text, and of the path that it is written to.
_CONTENT_KEYS = ("content", "contents", "data", "inline", "text")
_PATH_KEYS = ("path", "dest", "destination", "filename", "file", "name", "target")
# What a text is that these run: a GitHub action, an Azure task.
_LANGUAGE_OF_ACTION = lazily(r"(?:^|/)(?:(?P<other>github-script)|run-(?P<python>python)-script)[^/]*@")
_LANGUAGE_OF_TASK = lazily(r"(?:(?P<python>Python)Script|(?P<other>(?:Azure)?PowerShell|\w*PwSh))@")
_SET_NAME = lazily(r"\b([A-Za-z_]\w*)[\"']?(?:[ \t]*:(?![=-])|=(?!=))")
_ENVIRONMENT_KEYS = frozenset({"env", "environment", "variables"})
_POSIX_SHELL = lazily(r"(?:^|[\s/])(?:ba|da|k|mk|a|z)?sh(?:\.exe)?(?:\s|$)")
_COMMENT = lazily(r"(?:(?<=[ \t\n])|\A)#[^\n]*")
# Files in which `$$` is a dollar sign for the shell: those of compose and of Cloud Build.
_DOUBLED_FILE = lazily(r"(?:\A|/)(?:docker-)?compose[^/]*\Z|(?:\A|/)cloudbuild[^/]*\Z")
_SERVICES = lazily(r"^services:[ \t]*(?:#.*)?$", re.MULTILINE)
_DOUBLED = lazily(r"\$\$")
_MOST_COMMANDS = 20
_USED = lazily(r"\{\{-?[ ]*\.?([A-Za-z_]\w*)[ ]*-?\}\}")
# A text that is only the beginning of a command, to which another adds the step.
_BEGUN = lazily(r"\bsteps\s+run\s*\Z|\bsteps\s*\Z")
# What Ansible takes out of the text of a command for itself.
_ANSIBLE_OPTION = lazily(r"""[ \t]*(?<!\S)(?:chdir|creates|executable|removes)=(?:"[^"\n]*"|'[^'\n]*'|\S+)""")
_ANSIBLE_ARGUMENTS = frozenset({"chdir", "creates", "executable", "expand_argument_vars", "removes", "stdin", "warn"})
_ANSIBLE_MODULES = frozenset({"command", "shell"})
# States of Salt that run a command.
_SALT_MODULES = frozenset({"cmd.run", "cmd.wait"})
# Kinds of files that a scalar may hold, and what their regions are called.
_FILES = {
    **{name: name for name in ("cmd", "crontab", "csh", "fish", "powershell")},
    "dockerfile": "dockerfile",
    "ini": "ini",
    "json": "json",
    "make": "make",
    "markdown": "md",
    "python": "py",
    "toml": "toml",
    "yaml": "yaml",
}
# What CloudFormation puts in: tags, and the only key of a mapping. Nobody knows it here.
_PUT_IN = lazily(r"!?Ref|(?:!|Fn::)(?:Cidr|FindInMap|GetAtt|GetAZs|If|ImportValue|Join|Select|Sub|Transform)")
_JOINS = frozenset({"!Join", "Fn::Join"})
_OPEN = "${_}"
_LINE_END = lazily(r"\n")
# A variable in a list of them, as `literals` of Kustomize.
_VARIABLE = lazily(r"[A-Za-z_][\w.-]*=(?=\S)")
_ENV_NAME = lazily(r"NEMOTRON_[A-Z0-9_]+")
_ENV_PAIR = lazily(r"NEMOTRON_[A-Z0-9_]+=")


def read(document: Document) -> Reading:
    """Read a YAML file."""
    return read_text(body(document), RegionContext(document, "script", "yaml"))


def read_text(map: TextMap, place: RegionContext) -> Reading:
    """Read YAML inside another container (see `nemolint.sources.ReadText`)."""
    return _YamlReader(normal_lines(map), place).read()


class _Within(NamedTuple):
    """What a node inherits: the nearest key, whether it is a list item, the shell of `run` keys.

    `name`: the node is a key itself. `env`: the variables that the file sets for its scripts, the nearest one last.
    """

    key: str = ""
    item: bool = False
    shell: str = ""
    name: bool = False
    env: tuple[tuple[Scalar, Node], ...] = ()


class _YamlReader:
    def __init__(self, map: TextMap, place: RegionContext) -> None:
        self._map = map
        self._text = map.text
        self._parsed = map.text
        self._doubled = _DOUBLED_FILE.search(place.document.path) is not None or _SERVICES.search(map.text) is not None
        self._fills: re.Pattern[str] | None = None
        if place.document.path.lower().endswith("mlproject"):
            self._fills = TASK
        elif any(mark in map.text for mark in ("<<", "$[[", "((")):
            self._fills = PIPELINE
        self._script = place._replace(templated=self._fills is not None or "{{" in map.text)
        self._doc = self._script.for_people()
        self._comment = self._script.inside("comment")._replace(surface="comment")
        self._regions: list[Region] = []
        self._readings: list[Reading] = []
        self._scalars: list[Scalar] = []
        self._taken: set[int] = set()
        # Words that stand for what CloudFormation puts in; they live as long as their ids are kept.
        self._made: list[Scalar] = []
        # Beginnings of commands that the file keeps in variables of templates, `{{.RUN}}`; None for one set twice.
        self._vars: dict[str, str | None] = {}
        # Commands of pre-commit to which names of files are added.
        self._appended: set[int] = set()
        # Commands of Ansible with its own options in their text.
        self._free_form: set[int] = set()
        # The variables of what is being read, and where regions with such variables begin themselves.
        self._env: tuple[tuple[Scalar, Node], ...] = ()
        self._own: frozenset[str] = frozenset()  # the names that the step itself sets
        self._set_names: Counter[str] | None = None
        self._starts: dict[int, int] = {}
        self._names_it = "nemotron" in map.text

    def read(self) -> Reading:
        try:
            roots, self._parsed = parse_as_written(self._text)
        except YamlSyntaxError as error:
            note = broken(self._script.document, self._map, "YAML", str(error), error.offset)
            place = self._script.encoded("none")
            return scan_lines(self._map, place=place, comment_place=self._comment, note=note)
        self._walk(roots)
        comments = read_comments(self._map, self._comments(), self._comment)
        found = Reading.join((Reading(tuple(self._regions)), *self._readings, comments))
        regions = sorted(found.regions, key=lambda region: self._starts.get(id(region), region.map.outer_start(0)))
        return Reading(tuple(regions), found.notes, tuple(sorted(found.suppress_comments)))

    # Nodes

    def _walk(self, roots: Iterable[Node]) -> None:
        stack = [(root, _Within()) for root in roots]
        stack.reverse()
        while stack:
            node, within = stack.pop()
            match node:
                case Scalar():
                    self._scalars.append(node)
                    self._loose(node, within)
                case Sequence():
                    if node.tag in _JOINS:
                        self._joined(node)
                    self._list(node, within)
                    below = within._replace(item=True)
                    children = node.items
                    if _is_made(node):
                        self._mention(node)
                        children = [child for child in node.items if isinstance(child, Mapping)]
                    stack.extend((child, below) for child in reversed(children))
                case Mapping():
                    within = self._mapping(node, within)
                    for key, value in reversed(node.items):
                        name = key.value if isinstance(key, Scalar) else ""
                        stack.append((value, _Within(name, False, within.shell, env=within.env)))
                        stack.append((key, _Within(name=True)))
                case AliasNode():
                    pass

    def _mapping(self, node: Mapping, within: _Within) -> _Within:
        """Read the scripts and argument lists of a mapping. Returns what its children inherit."""
        fields = node.fields()
        shell = _default_shell(fields) or within.shell
        if within.key in _ENVIRONMENT_KEYS:
            self._environment(node, fields)
        own_env = [pair for name in _ENVIRONMENT_KEYS if name in fields for pair in _variables(fields[name])]
        within = within._replace(env=(*within.env, *own_env)[-MOST_VARIABLES:])
        self._env = within.env
        self._own = frozenset(key.value for key, _ in own_env) if "run" in fields else frozenset()
        if isinstance(variables := fields.get("vars"), Mapping):
            for name, value in variables.fields().items():
                named = isinstance(value, Scalar) and "nemotron" in value.value
                if name in self._vars:
                    self._vars[name] = None
                elif named and isinstance(value, Scalar) and len(self._vars) < _MOST_COMMANDS:
                    self._vars[name] = value.value
        for name, value in fields.items():
            if isinstance(value, Sequence) and (value.tag in _JOINS or name in _JOINS):
                self._joined(value)
        self._foreign(fields)
        self._arguments(fields)
        self._file(fields)
        for name, value in fields.items():
            key = name.rpartition(".")[2]
            if key in _ANSIBLE_MODULES and isinstance(value, Scalar) and (within.item or "." in name):
                self._free_form.add(id(value))
            if name in _SALT_MODULES and isinstance(value, Sequence):
                for item in value.items:
                    for argument in item.fields().items() if isinstance(item, Mapping) else ():
                        if argument[0] in ("name", "names"):
                            self._scripts(argument[1], "", certain=True)
            if key in _OTHER_SHELL_KEYS:
                for scalar in _scalars_of(value):
                    self._other_language(scalar, "powershell")
                continue
            certain = key in _SCRIPT_KEYS or (key == "run" and within.item and fields.keys() - {"run"} <= _STEP_KEYS)
            if certain or key in _LIKELY_KEYS:
                own = _text_of(fields.get("shell")) if key in ("run", "command") else ""
                if key == "source" and isinstance(command := fields.get("command"), Sequence):
                    own = _text_of(command.items[0]) if command.items else ""
                self._scripts(value, own or (shell if key == "run" else ""), certain, argv=key in _ARGV_ITEM_KEYS)
        return within._replace(shell=shell)

    def _scripts(self, node: Node, shell: str, certain: bool, *, argv: bool = False) -> None:
        """Read the script of a key, or the list of its lines. `argv`: lists in it are arguments."""
        if _is_made(node):
            return
        items = node.items if argv and isinstance(node, Sequence) else None
        lines = list(_scalars_of(node)) if items is None else [item for item in items if isinstance(item, Scalar)]
        if not lines or not (certain or any(_looks_like_script(line, self._given(line)) for line in lines)):
            return
        first = next((line.value for line in lines if line.value.strip()), "")
        if first.startswith("#!"):
            shell = shell or first.partition("\n")[0]
        if shell and not _POSIX_SHELL.search(shell):
            for line in lines:
                self._other_language(line, _kind_of_shell(shell))
            return
        group: list[TextMap] = []
        group_encoder = ""
        for line in lines:
            if id(line) in self._taken:
                continue
            mapped, encoder = self._mapped(line)
            self._taken.add(id(line))
            if group and encoder != group_encoder:
                self._shell(group, group_encoder)
                group = []
            if id(line) in self._appended:
                mapped = _with_more(mapped)
            group.append(mapped)
            group_encoder = encoder
        self._shell(group, group_encoder)

    def _shell(self, lines: list[TextMap], encoder: str) -> None:
        if lines:
            place = self._script.encoded(encoder)
            self._add(place.region(self._with_environment(join_lines(lines)), "shell", "script"), lines[0])

    def _add(self, region: Region, first: TextMap) -> None:
        """Add a region whose own text begins with `first`."""
        self._starts[id(region)] = first.outer_start(0)
        self._regions.append(region)

    def _with_environment(self, map: TextMap) -> TextMap:
        """A script behind the exports of the variables that it uses and that the file sets for it."""
        if not self._env or "$" not in map.text or ("nemotron" not in map.text and not self._names_it):
            return map
        exported: list[Exported] = []
        for key, value in self._env:
            place = self._map.to_outer(key.start, key.end)
            scalar = value if isinstance(value, Scalar) else None
            at = self._map.to_outer(scalar.start, scalar.end) if scalar is not None else place
            certain = scalar is not None and (key.value in self._own or self._is_set_once(key.value))
            exported.append(Exported(key.value, scalar.value if scalar and certain else None, place, at))
        return with_exports(map, exported)

    def _is_set_once(self, name: str) -> bool:
        """True if nothing else in the file may set it: another job that takes over the script, `$GITHUB_ENV`."""
        if self._set_names is None:
            self._set_names = Counter(match[1] for match in _SET_NAME.finditer(self._text))
        return self._set_names[name] <= 1

    def _foreign(self, fields: dict[str, Node]) -> None:
        """Read the scripts of a step that what runs them shows to be in another language."""
        action, task = _text_of(fields.get("uses")), _text_of(fields.get("task"))
        found = _LANGUAGE_OF_ACTION.search(action) or _LANGUAGE_OF_TASK.match(task)
        inputs = fields.get("with" if action else "inputs")
        if not isinstance(inputs, Mapping):
            return
        given = inputs.fields()
        if found is None and not _text_of(given.get("scriptType")).startswith(("ps", "pwsh")):
            return
        for name in ("script", "inlineScript"):
            if isinstance(script := given.get(name), Scalar):
                other = found is not None and found["other"] == "github-script"
                self._other_language(script, "python" if found and found["python"] else "" if other else "powershell")

    def _other_language(self, scalar: Scalar, kind: str) -> None:
        """Read a text that no POSIX shell runs: as that of a kind (see `kind_of`), or as words."""
        if id(scalar) in self._taken:
            return
        self._taken.add(id(scalar))
        if "nemotron" not in scalar.value:
            return
        mapped, encoder = self._mapped(scalar)
        if kind in UNCHECKED_SHELLS:
            self._readings.append(Reading(notes=tuple(unchecked(mapped, kind))))
        elif kind and self._nested(mapped, encoder, kind):
            return
        if names_command(scalar.value):
            self._regions.append(self._doc.encoded(encoder).region(mapped, "mention", "script"))

    def _list(self, node: Sequence, within: _Within) -> None:
        """Read a list of words that is a command, whatever its key."""
        if len(node.items) > 1 and not PROSE_KEY.search(within.key) and not _is_made(node):
            self._argv([node])

    def _file(self, fields: dict[str, Node]) -> None:
        """Read a file that a mapping writes: its text next to its path, or a script recognised by its first line."""
        if "role" in fields:  # a message
            return
        path = next((value.value for name in _PATH_KEYS if isinstance(value := fields.get(name), Scalar)), "")
        for name in _CONTENT_KEYS:
            text = fields.get(name)
            if not isinstance(text, Scalar) or id(text) in self._taken or "nemotron" not in text.value:
                continue
            kind = kind_of(path, text.value[:256])
            if kind and kind != "text":
                mapped, encoder = self._mapped(text)
                if self._nested(mapped, encoder, kind, path):
                    self._taken.add(id(text))

    def _arguments(self, fields: dict[str, Node]) -> None:
        """Read `entrypoint`, `command` and `args`, lists of words or words with blanks between, as one command."""
        if "entry" in fields and "language" in fields and _text_of(fields.get("pass_filenames")).lower() != "false":
            self._appended.update(id(fields[name]) for name in ("entry", "args") if name in fields)
        # `Command` of ECS, `containerEntrypoint` of SageMaker.
        named = {name.lower().removeprefix("container"): node for name, node in fields.items()}
        keys: tuple[str, ...] = _ARGUMENT_KEYS
        if named.keys().isdisjoint(_ARGUMENT_KEYS[:-2]):
            keys = (*_PROGRAM_KEYS, *_ARGUMENT_KEYS)
        parts = [named[name] for name in keys if name in named and not _of_ansible(named[name])]
        alone = [value for name in ("argv", "cmd") if isinstance(value := fields.get(name), Sequence)]
        if len(parts) == 1 and "entrypoint" in named:
            written = " ".join(scalar.value for scalar in _scalars_of(parts[0]))
            if _BEGUN.search(written):  # a service that takes it over, or who starts it, goes on with the rest
                self._appended.add(id(parts[0]))
        if any(isinstance(part, Sequence) for part in parts) or len(parts) > 1:
            self._argv(parts)
        for part in alone:
            self._argv([part])

    def _word(self, item: Node) -> Scalar | None:
        """A word of a list, None if it is none. What CloudFormation puts in is one that nobody knows."""
        if isinstance(item, Scalar):
            return item
        key = item.items[0][0] if isinstance(item, Mapping) and len(item.items) == 1 else None
        if isinstance(key, Scalar) and _PUT_IN.fullmatch(key.value):
            self._made.append(Scalar(key.start, key.end, "", _OPEN, tag="!Ref"))
            return self._made[-1]
        return None

    def _joined(self, node: Sequence) -> None:
        """Read a script that CloudFormation joins: what stands between the texts, and a list of them."""
        match node.items:
            case [Scalar(tag="") as glue, Sequence(tag="") as items] if 0 < len(items.items) <= MAX_WORDS:
                words = [self._word(item) for item in items.items]
            case _:
                return
        if any(id(word) in self._taken for word in words):
            return
        builder = MapBuilder()
        at = self._mapped(glue)[0].outer_start(0)
        for number, word in enumerate(words):
            if number:
                builder.synthetic(glue.value, at)
            if word is None:
                builder.synthetic(_OPEN, at)
                continue
            mapped = self._mapped(word)[0]
            builder.extend(mapped)
            at = mapped.outer_end(len(mapped.text))
        script = builder.build()
        if names_command(script.text):
            self._taken.update(id(word) for word in words if word is not None)
            found = is_script(script.text)
            place = (self._script if found else self._doc).encoded("none")
            self._add(place.region(script, "shell" if found else "mention", "script" if found else "string"), script)

    def _argv(self, parts: list[Node]) -> None:
        """Add the command that its parts make together, if they make one; parts that are text are split at blanks."""
        if any(map(_is_made, parts)):
            return
        # What is no word here is that of a template, or stands elsewhere: any words, in its place.
        found = [self._word(item) for part in parts for item in (part.items if isinstance(part, Sequence) else [part])]
        words = [word for word in found if word is not None]
        if not 0 < len(words) <= MAX_WORDS or any(id(word) in self._taken for word in words):
            return
        last = parts[-1]
        unknown = (isinstance(last, Scalar) and not last.value and len(parts) > 1) or id(last) in self._appended
        texts = {id(part) for part in parts if isinstance(part, Scalar)}
        values = [v for word in words for v in (word.value.split() if id(word) in texts else [word.value])]
        if not (is_argv(values) or starts_shell(values)):
            return
        builder = MapBuilder()
        encoders = set()
        end = 0
        for word in found:
            if word is None:
                if len(builder):
                    builder.synthetic(" ${_}", end)
                continue
            mapped, encoder = self._mapped(word)
            end = mapped.outer_end(len(mapped.text))
            encoders.add(encoder)
            self._taken.add(id(word))
            if not mapped.text and id(word) in texts:
                continue
            if len(builder):
                builder.synthetic(" ", mapped.outer_start(0))
            if id(word) in texts:
                stripped = mapped.slice(0, len(mapped.text.rstrip()))
                builder.extend(stripped.compose(replaced(stripped.text, 0, len(stripped.text), _LINE_END, " ")))
            else:
                add_word(builder, mapped, expands=True)
        if unknown:
            builder.synthetic(" ${_}", end)
        place = self._script.encoded(encoders.pop() if len(encoders) == 1 else "none")
        line = builder.build()
        whole = self._with_environment(line) if starts_shell(values) else line
        self._add(place.encoded("argv").region(whole, "shell", "argv"), line)

    def _environment(self, node: Mapping, fields: dict[str, Node]) -> None:
        """Read variables that affect a run as exports: `NEMOTRON_ENV_FILE: env.slurm.toml`."""
        pairs = [
            (key, value)
            for key, value in node.items
            if isinstance(key, Scalar) and isinstance(value, Scalar) and _ENV_NAME.fullmatch(key.value)
        ]
        name, value = fields.get("name"), fields.get("value")
        if isinstance(name, Scalar) and isinstance(value, Scalar) and _ENV_NAME.fullmatch(name.value):
            pairs.append((name, value))
        for key, value in pairs:
            builder = MapBuilder()
            mapped = self._mapped(key)[0]
            builder.synthetic("export ", mapped.outer_start(0))
            builder.extend(mapped)
            builder.synthetic("=", mapped.outer_end(len(mapped.text)))
            add_word(builder, self._mapped(value)[0], expands=True)
            place = self._script.encoded("none")
            self._regions.append(place.region(builder.build(), "shell", "env"))

    def _mention(self, node: Sequence) -> None:
        """Mention the command in texts of which nobody knows what they become."""
        for scalar in _scalars_of(node):
            if id(scalar) not in self._taken and names_command(scalar.value):
                mapped, encoder = self._mapped(scalar)
                self._regions.append(self._script.encoded(encoder).region(mapped, "mention", "script"))

    def _loose(self, scalar: Scalar, within: _Within) -> None:
        """Read a scalar that no key marks as a script."""
        value = self._given(scalar)
        if id(scalar) in self._taken or "nemotron" not in value.lower():
            return
        if within.item and within.key in _ENVIRONMENT_KEYS and _ENV_PAIR.match(scalar.value):
            builder = MapBuilder()
            mapped = self._mapped(scalar)[0]
            builder.synthetic("export ", mapped.outer_start(0))
            add_word(builder, mapped, expands=True)
            self._regions.append(self._script.encoded("none").region(builder.build(), "shell", "env"))
            return
        # A file, as in a ConfigMap, or what Kustomize puts into one.
        kind = kind_of(within.key, "") if "." in within.key and not within.name else None
        if within.key == "patch" and scalar.style == "|":
            kind = "yaml"
        named = names_command(value)
        if not named and kind in (None, "text"):
            return
        mapped, encoder = self._mapped(scalar)
        if within.name or within.key in _OTHER_SHELL_KEYS:
            name = "key" if within.name else "script"
            place = self._script if within.name and is_script(value) else self._doc
            self._regions.append(place.encoded(encoder).region(mapped, "mention", name))
            return
        if self._nested(mapped, encoder, kind) or not named:
            return
        if not PROSE_KEY.search(within.key) and within.key != "run":
            variable = _VARIABLE.match(mapped.text) if within.item else None
            if variable is not None and is_script(mapped.text[variable.end() :]):
                mapped = mapped.slice(variable.end(), len(mapped.text))
                value = mapped.text
            if is_script(value) and not _BEGUN.search(value):
                self._regions.append(self._script.encoded(encoder).region(mapped, "shell", "string"))
                return
        self._words(mapped, encoder)

    def _nested(self, mapped: TextMap, encoder: str, kind: str | None, path: str = "") -> bool:
        """Read a file of a kind (see `kind_of`) that a scalar holds. False if it can hold none of that kind."""
        if kind == "shell":
            self._regions.append(self._script.encoded(encoder).region(mapped, "shell", "script"))
            return True
        name = _FILES.get(kind or "")
        reader = nested_reader(kind) if kind and name else None
        if reader is None or name is None:
            return False
        if kind == "crontab" and is_of_system(path):
            name = OF_SYSTEM
        place = (self._doc if kind == "markdown" else self._script).inside(name)
        reading = reader(mapped, place.encoded(encoder)._replace(templated=False))
        # What a template leaves open in it is nothing to report.
        self._readings.append(reading._replace(notes=()) if self._script.templated else reading)
        return True

    def _words(self, mapped: TextMap, encoder: str) -> None:
        """Read text for people, and the comments of a file in a block scalar."""
        place = self._comment.encoded(encoder)
        comments = own_line_comments(mapped.text) if "\n" in mapped.text.strip() else []
        place = place._replace(container=f"{place.container}-in-block-scalar")
        self._readings.append(read_comments(mapped, comments, place))
        rest = MapBuilder()
        position = 0
        for comment in comments:
            rest.verbatim(mapped.text, position, comment.start)
            position = comment.end
        rest.verbatim(mapped.text, position, len(mapped.text))
        left = rest.build()
        if names_command(left.text):
            self._regions.append(self._doc.encoded(encoder).region(mapped.compose(left), "mention", "string"))

    # Positions

    def _mapped(self, scalar: Scalar) -> tuple[TextMap, str]:
        """A scalar's value mapped to the file, and its encoder."""
        start, end, parsed = scalar.start, scalar.end, self._parsed
        if scalar.tag and scalar.tag != "!Sub" and _PUT_IN.fullmatch(scalar.tag):
            builder = MapBuilder()
            builder.escape(_OPEN, start, end - start)
            return self._map.compose(builder.build(start)), "none"
        found = map_scalar(parsed, start, end, scalar.style, scalar.value)
        if found is None:
            builder = MapBuilder()
            builder.escape(as_written(scalar.value), start, end - start)
            return self._map.compose(builder.build(start)), "none"
        if parsed is not self._text:
            found = self._as_written(found)
        if self._fills is not None:
            found = filled(found, self._fills)
        encoder = encoder_of(parsed[start:end], scalar.style, flow=scalar.flow)
        for pattern, written in self._rewritten(scalar):
            found = found.compose(replaced(found.text, 0, len(found.text), pattern, written))
            encoder = "none"
        return self._map.compose(found), encoder

    def _given(self, scalar: Scalar) -> str:
        """A scalar's value, with the commands in variables of the template that it uses."""
        if not self._vars or "{{" not in scalar.value:
            return scalar.value
        return _USED.sub(lambda match: self._vars.get(match[1]) or match[0], scalar.value)

    def _rewritten(self, scalar: Scalar) -> Iterable[tuple[re.Pattern[str], str]]:
        """What a program takes out of a scalar, or rewrites, before a shell gets it."""
        if self._vars and "{{" in scalar.value:
            for name, value in self._vars.items():
                if value is not None and name in scalar.value:
                    yield re.compile(rf"\{{\{{-?[ ]*\.?{re.escape(name)}[ ]*-?\}}\}}"), value
        if self._doubled and "$$" in scalar.value:
            yield _DOUBLED, "$"
        if id(scalar) in self._free_form and _ANSIBLE_OPTION.search(scalar.value):
            yield _ANSIBLE_OPTION, ""

    def _as_written(self, map: TextMap) -> TextMap:
        """A map of the text as the parser took it, as that of the text itself. Lines of a template stay blank."""
        text = as_written(map.text)
        segments = []
        for segment in map.segments:
            start, end = segment.outer_start, segment.outer_start + segment.outer_length
            same = text[segment.start : segment.start + segment.length] == self._text[start:end]
            segments.append(segment if same or segment.kind != "verbatim" else segment._replace(kind="escape"))
        return TextMap(text, tuple(segments))

    # Comments

    def _comments(self) -> list[CommentBlock]:
        """All comments: between the scalars, and after a block scalar's indicator."""
        text = self._text
        if "#" not in text:
            return []
        found: list[CommentBlock] = []
        position = 0
        for scalar in (*self._scalars, None):
            start = scalar.start if scalar else len(text)
            for match in _COMMENT.finditer(text, position, start):
                line = text.rfind("\n", 0, match.start()) + 1
                found.append(CommentBlock(match.start(), match.end(), not text[line : match.start()].strip()))
            if scalar is not None:
                if scalar.style in ("|", ">") and (header := header_comment(text, scalar.start, scalar.end)):
                    found.append(CommentBlock(*header, False))
                position = max(scalar.end, position)
        return found


def _variables(node: Node) -> Iterable[tuple[Scalar, Node]]:
    """The variables of a mapping of them, or of a list of names with values."""
    if isinstance(node, Mapping):
        for key, value in node.items:
            if isinstance(key, Scalar):
                inner = value.fields().get("value") if isinstance(value, Mapping) else None
                yield key, inner if inner is not None else value
    elif isinstance(node, Sequence):
        for item in node.items:
            fields = item.fields() if isinstance(item, Mapping) else {}
            name = fields.get("name")
            if isinstance(name, Scalar):
                yield name, fields.get("value", AliasNode())


def _default_shell(fields: dict[str, Node]) -> str:
    """The shell that `defaults.run.shell`, or a Windows runner, sets for the steps below."""
    defaults = fields.get("defaults")
    run = defaults.fields().get("run") if isinstance(defaults, Mapping) else None
    shell = _text_of(run.fields().get("shell")) if isinstance(run, Mapping) else ""
    if shell:
        return shell
    runner = fields.get("runs-on")
    if runner is not None and any(scalar.value.lower().startswith("windows") for scalar in _scalars_of(runner)):
        return "pwsh"
    return ""


def _of_ansible(node: Node) -> bool:
    """Whether this is `args:` of a task of Ansible, which are none of the command."""
    fields = node.fields() if isinstance(node, Mapping) else {}
    return bool(fields) and fields.keys() <= _ANSIBLE_ARGUMENTS


def _with_more(map: TextMap) -> TextMap:
    """A command, and words that nobody knows behind it."""
    builder = MapBuilder()
    builder.extend(map.slice(0, len(map.text.rstrip())))
    builder.synthetic(" ${_}", map.outer_end(len(map.text.rstrip())))
    return builder.build()


def _kind_of_shell(shell: str) -> str:
    """The kind of the scripts that a program runs which is no POSIX shell (see `kind_of`), "" if nothing reads them."""
    name = shell.lower()
    kinds = {"python": "python", "pwsh": "powershell", "powershell": "powershell", "fish": "fish", "csh": "csh"}
    return next((kind for part, kind in kinds.items() if part in name), "cmd" if name.startswith("cmd") else "")


def _text_of(node: Node | None) -> str:
    return node.value if isinstance(node, Scalar) else ""


def _scalars_of(node: Node) -> Iterable[Scalar]:
    """A scalar, or the scalars of a list and of the lists in it."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Scalar):
            yield current
        elif isinstance(current, Sequence):
            stack.extend(reversed(current.items))


def _looks_like_script(scalar: Scalar, value: str) -> bool:
    if not names_command(value):
        return False
    return scalar.style == "|" or is_script(value)


def _is_made(node: Node) -> bool:
    """True for a list of which a program makes something else, by a tag of its own: `!join [a, b]`."""
    return isinstance(node, Sequence) and node.tag.startswith("!") and node.tag not in _JOINS
