"""What a rule is: a pure function with its docs, its examples and its declarations.

A rule module may import from `nemolint` (see its docstring) and the standard library, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from types import MappingProxyType

from nemolint.base.errors import UserError
from nemolint.base.named_tuple import NamedTuple
from nemolint.document import Region, Span
from nemolint.invocation import StepRun
from nemolint.project.model import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, Literal

    from nemolint.base.choices import Event, Group, Level, Metric, Severity, Surface
    from nemolint.prefilter import Subject

    HookAction = Literal["note", "ask", "deny"]
    """What `nemolint hook` makes of a finding in a command that an assistant is about to run: it tells the assistant,
    has its user asked, or refuses the command."""
    SeveritySpec = Severity | tuple[Severity, Severity] | Mapping[Surface, Severity | None]

VISITS = ("StepRun", "Command", "Region", "Document", "EnvFile", "ConfigFile")
RANK: dict[str, int] = {"info": 0, "warning": 1, "error": 2}

# Groups whose findings say what a run lacks.
_BLOCKING = frozenset({"profiles", "contract", "placeholders"})

# What the findings of a group count as in a grade. Those of `tool` are about files, not about what an answer says.
_METRICS: Mapping[Group, Metric] = {
    "secrets": "safety",
    "launch": "safety",
    "profiles": "contract",
    "contract": "contract",
    "pipelines": "contract",
    "optional": "contract",
    "policy": "contract",
    "paths": "fidelity",
    "placeholders": "fidelity",
    "callouts": "fidelity",
}

# What the hook makes of the errors and of the warnings of a group. A secret is out once the command has run; what
# `tool` says is about what nemolint could not read.
_ACTIONS: Mapping[Group, tuple[HookAction, HookAction]] = {"secrets": ("deny", "deny"), "tool": ("note", "note")}
_ACTION: tuple[HookAction, HookAction] = ("deny", "note")

# Groups that also apply to a command in a comment of a config file.
COMMENT_GROUPS = frozenset({"profiles", "paths", "contract", "secrets", "placeholders", "tool", "optional"})


class Edit(NamedTuple):
    """Replace the characters of `at` (an empty span inserts) with `text`, which is in the language of the region."""

    at: Span
    text: str


class Fix(NamedTuple):
    """Edits that belong together. `safe`: the job cannot do, cost, write or show more, and no text is lost."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


class Related(NamedTuple):
    """A second place that explains a finding: a span of the same document, or a place in another file."""

    message: str
    at: Span | Place


class Finding(NamedTuple):
    """What a rule yields. `severity` may only lower what the rule declares.

    `at` may be a `Place` in a project file; `end` then says where it ends. `needs_reason`: no baseline hides it, and
    only a suppression that names the rule and gives a reason does. `together`: of the findings of one rule and document
    that have the same text here, the worst is reported, with the places of the others as related ones. `supersedes_run`
    names rules whose findings on the same run this one explains. `doubt`: why what the finding rests on may not hold
    here (see `Project.doubt`): then it is info, says so, and its fix is unsafe.
    """

    at: Span | Place
    message: str
    severity: Severity | None = None
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    end: Place | None = None
    needs_reason: bool = False
    together: str = ""
    supersedes_run: tuple[str, ...] = ()
    doubt: str = ""


class Example(NamedTuple):
    """A text, and what the rule reports in it.

    `written` is the text as the rule's module writes it, for a bad example with a line of carets under each reported
    place, and `fixed_as` what the fix makes of it. `files` are further files of the project, path to content. `path`
    gives the example a file of its own kind; without it the text is a shell script that the harness wraps into several
    containers. `prompt` is the question that an answer answers.
    """

    written: str
    good: bool = False
    fixed_as: str | None = None
    files: Mapping[str, str] = MappingProxyType({})
    path: str | None = None
    surface: Surface | None = None
    severity: Severity | None = None
    message: str | None = None
    settings: Mapping[str, object] = MappingProxyType({})
    prompt: str | None = None

    # A check needs none of these, so they are computed only when the examples are read.

    @property
    def text(self) -> str:
        """The text alone, without lines of carets."""
        return _clean(self.written) if self.good else _split_carets(_clean(self.written))[0]

    @property
    def carets(self) -> tuple[tuple[int, int], ...]:
        """`(start, end)` offsets in `text`, one pair for each expected finding."""
        return () if self.good else _split_carets(_clean(self.written))[1]

    @property
    def fixed(self) -> str | None:
        """The text after the fix, None if there is none."""
        return None if self.fixed_as is None else _clean(self.fixed_as)


def good(
    text: str,
    *,
    files: Mapping[str, str] | None = None,
    path: str | None = None,
    surface: Surface | None = None,
    settings: Mapping[str, object] | None = None,
    prompt: str | None = None,
) -> Example:
    """An example that the rule must not report. `prompt` is the question, if the example is an answer."""
    return Example(text, True, None, files or {}, path, surface, settings=settings or {}, prompt=prompt)


def bad(
    text: str,
    *,
    fixed: str | None = None,
    files: Mapping[str, str] | None = None,
    path: str | None = None,
    surface: Surface | None = None,
    severity: Severity | None = None,
    message: str | None = None,
    settings: Mapping[str, object] | None = None,
    prompt: str | None = None,
) -> Example:
    """An example that the rule reports, with a line of carets under each reported place.

    `fixed` is the text after the fix (without it the finding must have none). `severity` and `message` (a part of it)
    are compared where given.
    """
    return Example(text, False, fixed, files or {}, path, surface, severity, message, settings or {}, prompt)


def _clean(text: str) -> str:
    import textwrap

    return textwrap.dedent(text).strip("\n")


def _split_carets(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Take the caret lines out of an example. Several runs of carets on one line are several findings."""
    lines: list[str] = []
    carets: list[tuple[int, int]] = []
    start_of_last = 0
    length = 0
    for line in text.split("\n"):
        if line.strip() and not line.strip(" ^") and lines:
            at = 0
            while (at := line.find("^", at)) >= 0:
                end = at
                while end < len(line) and line[end] == "^":
                    end += 1
                carets.append((start_of_last + at, start_of_last + end))
                at = end
            continue
        start_of_last = length
        lines.append(line)
        length += len(line) + 1
    return "\n".join(lines), tuple(carets)


class InvalidRule(UserError):
    """A rule that breaks the contract. The message names file and line."""


RuleFunction = Callable[..., Iterable[Finding]]


class Rule:
    """A loaded rule. `name` reads after the word "allow", `visits` is the type of the first parameter.

    `severity` maps each surface to the severity of a finding there; None for a surface that the rule does not apply to.
    `all_roles`: the rule also sees templates, synopses and mentions. `supersedes` names rules whose finding on the same
    word has the same cause; `supersedes_run`, on the same run. `default`: enabled without being selected. `locked`: no
    setting turns it off or lowers its severity. `answers_only`: on under the preset `answer` only. `documented_keys`:
    it also sees the keys that a page documents, as runs of the role `documented`, `config_values`: those of the configs
    that an answer gives; `whole_configs`: each of these configs, as a run that sets all of its values. `reports`: what
    the engine notices and reports under this name. `metric`: what its findings count as in a grade, None where they do
    not count. `unnecessary`: what it reports has no effect where it stands. `hook`: what `nemolint hook` makes of its
    errors and warnings, None if that is what it makes of those of the group.
    """

    name: Final[str]
    visits: Final[str]
    function: Final[RuleFunction]
    group: Final[Group]
    severity: Final[Mapping[Surface, Severity | None]]
    examples: Final[tuple[Example, ...]]
    default: Final[bool]
    answers_only: Final[bool]
    all_roles: Final[bool]
    documented_keys: Final[bool]
    config_values: Final[bool]
    whole_configs: Final[bool]
    supersedes: Final[frozenset[str]]
    supersedes_run: Final[frozenset[str]]
    options: Final[type[Any] | None]
    takes_project: Final[bool]
    file: Final[str]
    about: Final[Subject | None]
    reports: Final[Event | None]
    final: Final[bool]
    locked: Final[bool]
    shared_place: Final[bool]
    blocks: Final[bool]
    yields: Final[bool]
    presets: Final[Mapping[str, Level]]
    metric: Final[Metric | None]
    unnecessary: Final[bool]
    hook: Final[HookAction | None]

    def __init__(
        self,
        *,
        name: str,
        visits: str,
        function: RuleFunction,
        group: Group,
        severity: Mapping[Surface, Severity | None],
        examples: tuple[Example, ...],
        default: bool = True,
        answers_only: bool = False,
        all_roles: bool = False,
        documented_keys: bool = False,
        config_values: bool = False,
        whole_configs: bool = False,
        supersedes: frozenset[str] = frozenset(),
        supersedes_run: frozenset[str] = frozenset(),
        options: type[Any] | None = None,
        takes_project: bool = True,
        file: str = "",
        about: Subject | None = None,
        reports: Event | None = None,
        final: bool = False,
        locked: bool = False,
        shared_place: bool = False,
        blocks: bool = True,
        yields: bool = False,
        presets: Mapping[str, Level] = MappingProxyType({}),
        metric: Metric | None = None,
        unnecessary: bool = False,
        hook: HookAction | None = None,
    ) -> None:
        self.name = name
        self.visits = visits
        self.function = function
        self.group = group
        self.severity = severity
        self.examples = examples
        self.default = default
        self.answers_only = answers_only
        self.all_roles = all_roles
        self.documented_keys = documented_keys
        self.config_values = config_values
        self.whole_configs = whole_configs
        self.supersedes = supersedes
        self.supersedes_run = supersedes_run
        self.options = options
        self.takes_project = takes_project
        self.file = file
        self.about = about
        self.reports = reports
        self.final = final
        self.locked = locked
        self.shared_place = shared_place
        self.blocks = blocks
        self.yields = yields
        self.presets = presets
        self.metric = metric or _METRICS.get(group)
        self.unnecessary = unnecessary
        self.hook = hook

    @cached_property
    def doc(self) -> str:
        """The function's docstring without its indentation."""
        from inspect import cleandoc

        return cleandoc(self.function.__doc__ or "")

    def shown(self, text: str) -> str:
        """A text of an example as it may be shown."""
        return text

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.partition("\n")[0]

    @property
    def page(self) -> str:
        """The page about it, below the folder of the project; that of a policy is about all policies."""
        return "docs/policies.md" if self.group == "policy" else f"docs/rules/{self.name}.md"

    @property
    def stops_runs(self) -> bool:
        """True if a finding says that a required file, profile, value or input is missing or wrong."""
        return self.blocks and self.group in _BLOCKING

    def action(self, severity: Severity) -> HookAction | None:
        """What `nemolint hook` makes of a finding of this severity; None: nothing."""
        if severity == "info":
            return None
        return self.hook or _ACTIONS.get(self.group, _ACTION)[severity == "warning"]

    @property
    def fixable(self) -> bool:
        """True if an example shows a fix."""
        return any(example.fixed_as is not None for example in self.examples)


class Hit(NamedTuple):
    """A finding with the rule that made it and, if it is about one, the run."""

    rule: Rule
    finding: Finding
    run: StepRun | None


class DeclaredRule(Rule):
    """A rule of which the declarations are known, and whose `module` is imported when anything else is first needed.

    `declared` maps the attributes of the rule to their values, without the function and the examples, and without
    `options` if it takes any.
    """

    LOADED = ("function", "examples", "options")

    def __init__(self, module: str, declared: Mapping[str, Any]) -> None:
        self.__dict__.update(declared)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name not in self.LOADED:
            raise AttributeError(name)
        from importlib import import_module

        rule = getattr(import_module(self._module), self._module.rpartition(".")[2])
        self.__dict__.update({name: getattr(rule, name) for name in self.LOADED})
        return self.__dict__[name]


def _severities(spec: SeveritySpec, group: Group) -> dict[Surface, Severity | None]:
    """One severity for all, a pair (scripts and answers, documents), or one per surface."""
    if isinstance(spec, str):
        result: dict[Surface, Severity | None] = dict.fromkeys(("script", "doc", "comment", "answer"), spec)
    elif isinstance(spec, tuple):
        first, second = spec
        result = {"script": first, "answer": first, "doc": second, "comment": second}
    else:
        result = {"script": None, "doc": None, "comment": None, "answer": None, **spec}
    if group not in COMMENT_GROUPS:
        result["comment"] = None
    return result


def rule(
    *examples: Example,
    group: Group,
    severity: SeveritySpec = "error",
    default: bool = True,
    answers_only: bool = False,
    all_roles: bool = False,
    documented_keys: bool = False,
    config_values: bool = False,
    whole_configs: bool = False,
    supersedes: Iterable[str] = (),
    supersedes_run: Iterable[str] = (),
    reports: Event | None = None,
    about: Subject | None = None,
    final: bool = False,
    shared_place: bool = False,
    blocks: bool = True,
    yields: bool = False,
    presets: Mapping[str, Level] = MappingProxyType({}),
    metric: Metric | None = None,
    unnecessary: bool = False,
    hook: HookAction | None = None,
) -> Callable[[RuleFunction], Rule]:
    """Declare a rule. The function's name gives the rule's name (`_` becomes `-`), its docstring the docs.

    `reports`: what the engine itself notices, such as `broken-file`, is reported as findings of this rule, besides
    those that the function yields; there is one rule for each event. `about`: the rule reports nothing in a text that
    cannot hold this subject (see `nemolint.prefilter.may_hold`), or of a run that has none, so it is not run there, nor
    loaded for the hook; `nothing`: it reports only what the engine notices. `final`: no suppression and no baseline
    hides its findings. `shared_place`: they are in project files, which many documents share, so each is reported with
    the first of them only. `blocks`: an error of a group that says what a run lacks blocks it (see `nemolint
    commands`). `documented_keys`: the rule also checks the keys that a page documents, each as a run of its step that
    sets it; what it reports of one counts if it does so with every config of the step. `config_values`: it checks the
    values of the configs that an answer gives in the same way; `whole_configs`: all values of such a config as one run,
    for a rule that compares them. `yields`: dropped where an error of such a group says that the run cannot start as
    written: that one comes first in the reader's work. `presets`: preset to the severity under it, or `off`; a preset
    that gives one turns the rule on. `metric`: what the findings count as in a grade of an assistant's answer; None:
    what those of the group do. `unnecessary`: what it reports is dropped where it stands, so that an editor may fade
    it. `hook`: what `nemolint hook` makes of its errors and warnings (`note`, `ask` or `deny`); None: what it makes of
    those of the group.

    Raises InvalidRule at import if the signature, the docs or the examples are invalid.
    """

    def wrap(function: RuleFunction) -> Rule:
        code = function.__code__
        where = f"{code.co_filename}:{code.co_firstlineno}"
        if not (function.__doc__ or "").strip():
            raise InvalidRule(f"{where}: rule {function.__name__} has no docstring")
        names = code.co_varnames[: code.co_argcount]
        annotations = function.__annotations__
        if not names or names[0] not in annotations:
            raise InvalidRule(f"{where}: the first parameter of {function.__name__} needs a type: {', '.join(VISITS)}")
        first = annotations[names[0]]
        visits = first if isinstance(first, str) else first.__name__
        if visits not in VISITS:
            raise InvalidRule(f"{where}: {function.__name__} cannot visit {visits}: use one of {', '.join(VISITS)}")
        options = _options(function, names, where)
        if reports is not None:
            from nemolint.base.choices import EVENTS

            if reports not in EVENTS:
                events = ", ".join(EVENTS)
                raise InvalidRule(f"{where}: {function.__name__} cannot report {reports}: use one of {events}")
        # No example can show a rule that raises.
        only_good = all(example.good for example in examples) and reports != "failed-rule"
        if not any(example.good for example in examples) or only_good:
            raise InvalidRule(f"{where}: {function.__name__} needs at least one good(…) and one bad(…) example")
        return Rule(
            name=function.__name__.replace("_", "-"),
            visits=visits,
            function=function,
            group=group,
            severity=_severities(severity, group),
            examples=examples,
            default=default,
            answers_only=answers_only,
            all_roles=all_roles,
            documented_keys=documented_keys,
            config_values=config_values,
            whole_configs=whole_configs,
            supersedes=frozenset(supersedes),
            supersedes_run=frozenset(supersedes_run),
            options=options,
            takes_project=len(names) > 1,
            file=code.co_filename,
            about=about,
            reports=reports,
            final=final,
            shared_place=shared_place,
            blocks=blocks,
            yields=yields,
            presets=presets,
            metric=metric,
            unnecessary=unnecessary,
            hook=hook,
        )

    return wrap


def _options(function: RuleFunction, names: tuple[str, ...], where: str) -> type[Any] | None:
    """The frozen dataclass of the third parameter, or None."""
    if len(names) < 3:
        return None
    kind: Any = function.__annotations__.get(names[2])
    if isinstance(kind, str):
        kind = function.__globals__.get(kind)
    from dataclasses import fields, is_dataclass

    if not (isinstance(kind, type) and is_dataclass(kind)):
        raise InvalidRule(f"{where}: the third parameter of {function.__name__} must be a frozen dataclass of options")
    for item in fields(kind):
        if item.default is item.default_factory:
            raise InvalidRule(f"{where}: option {item.name} of {function.__name__} needs a default")
    options: type[Any] = kind
    return options


def reporters(rules: Mapping[str, Rule]) -> Mapping[Event, Rule]:
    """The rule among these that reports each of the engine's events."""
    return {rule.reports: rule for rule in rules.values() if rule.reports is not None}


def at_least(severity: str, threshold: str) -> bool:
    """True if `severity` is `threshold` or worse."""
    return RANK[severity] >= RANK[threshold]


__all__ = ["Edit", "Example", "Finding", "Fix", "InvalidRule", "Region", "Related", "Rule", "bad", "good", "rule"]
