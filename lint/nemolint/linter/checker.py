"""Documents x rules -> diagnostics: which rules see what, what is left of what they find, in which order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.paths import as_posix, display_path, is_candidate, is_env_file, joined, plain
from nemolint.document import Document, ReadingFailed, Span
from nemolint.invocation import StepRun
from nemolint.linter.loader import load_rules
from nemolint.linter.projects import Projects
from nemolint.linter.rule import RANK, Finding, Hit, Rule, at_least, reporters
from nemolint.prefilter import may_hold, may_hold_suppression, may_set_env_file
from nemolint.presets import PRESETS, applied
from nemolint.reader import Unreadable, read_document, read_text
from nemolint.run_role import role_as_written
from nemolint.settings import SettingsTree, with_plain_paths

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.analysis.policy import Policy
    from nemolint.base.choices import Event, Level, Severity, Surface
    from nemolint.base.paths import Location
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.run_record import RunFindings
    from nemolint.project import Project
    from nemolint.secrets.redact import Redactor
    from nemolint.settings import Settings

    _Judged = tuple[list[Diagnostic], dict[tuple[object, ...], set[tuple[int, int]]]]


def check_text(
    path: str, text: str, settings: Settings | None = None, *, prompt: str | None = None
) -> list[Diagnostic]:
    """The diagnostics of a text in their order, suppressions applied, secrets masked.

    `path` names the text in the diagnostics and determines its kind (`a.sh`, `page.md`). Only the project is read from
    disk: the checkout above an absolute `path`, or the one that `settings.nemotron` names; else the bundled snapshot is
    used. `NEMOTRON_ENV_FILE` of the environment is ignored.
    `prompt` is the question that an answer answers. A rule that raises becomes a finding. Nothing is kept between
    calls.
    """
    if settings is None:
        from nemolint.settings import Settings

        settings = Settings(os.sep)
    settings = with_plain_paths(settings)
    absolute = path if os.path.isabs(path) else None
    project = None
    if absolute is None and settings.nemotron is None:
        from nemolint.project import Project
        from nemolint.project.file_reader import NoFiles

        root = settings.root
        project = Project(
            None,
            cwd=root,
            profiles=settings.profiles,
            inputs=settings.inputs,
            stated=settings.steps,
            reader=NoFiles(root),
        )
    checker = Checker(settings, cwd=settings.root, environ={}, prompt=prompt, project=project)
    answer = settings.for_file(absolute or joined(settings.root, path)).preset == "answer"
    return checker.check(read_text(path, text, absolute=absolute, answer=answer, prompt=prompt))


class InternalError(NamedTuple):
    """A rule that raised: which one, on which file, and its message (secrets masked)."""

    rule: str
    path: str
    message: str


class Checker:
    """Checks documents under one set of settings. Projects, rules and env files are read once and kept."""

    def __init__(
        self,
        settings: Settings,
        *,
        cwd: Location,
        environ: Mapping[str, str],
        prompt: str | None = None,
        rules: Mapping[str, Rule] | None = None,
        project: Project | None = None,
        tree: SettingsTree | None = None,
        suppressions: bool = True,
    ) -> None:
        """`project`: the project of all documents; None to use that of each document's folder. `tree` has the settings
        of each folder; None: `settings` everywhere. `suppressions`: apply those that a document holds; without, they
        are comments like any other.
        """
        self.settings = settings = with_plain_paths(settings)
        self.tree = tree or SettingsTree.same(settings)
        self.cwd = plain(cwd)
        self.environ = environ
        self.prompt = prompt
        self.suppressions = suppressions
        self.internal_errors: list[InternalError] = []
        self._rules = rules
        self.projects = Projects(self.tree, self.cwd, environ, project)
        self.asked: set[str] = set()  # documents whose rules asked for their project
        self.vetted: set[str] = set()  # names of project files without a secret of the document that asked for them
        self.ordered: set[str] = set()  # documents whose findings depend on those checked before
        self._enabled: dict[tuple[object, ...], dict[str, Rule]] = {}
        # By the identity of the policies, which are kept.
        self._with_policies: dict[tuple[int, str], tuple[tuple[Policy, ...], Mapping[str, Rule]]] = {}
        self._in_force: dict[str, Settings] = {}
        self._applied: dict[int, Settings] = {}  # by the identity of those that a preset is applied to
        self._named_configs: dict[str, str] = {}  # to the document whose runs named them first
        self._redactors: dict[int, tuple[Document, Redactor]] = {}
        self._of_project_files: dict[str, Redactor] = {}
        self._first_reports: dict[tuple[str, str, int, int], str] = {}
        self._last: tuple[Document, _Judged] | None = None  # what `check` found and `run_records` may ask for next

    @property
    def rules(self) -> Mapping[str, Rule]:
        """All rules by name: the loaded ones, and the policies of all settings so far."""
        found = dict(self._loaded)
        for settings in (*self.tree.all(), self.settings):
            found.update({name: rule for name, rule in self._rules_of(settings).items() if name not in found})
        return found

    @cached_property
    def _loaded(self) -> Mapping[str, Rule]:
        return self._rules if self._rules is not None else load_rules()

    def _rules_of(self, settings: Settings) -> Mapping[str, Rule]:
        """The loaded rules, and the policies of some settings."""
        policies = settings.policies
        if not policies:
            return self._loaded
        key = id(policies), settings.root
        if key not in self._with_policies:
            from nemolint.linter.policy_rules import rules_of

            merged = {**self._loaded, **rules_of(settings)}
            self._with_policies[key] = policies, merged
        return self._with_policies[key][1]

    @cached_property
    def _reporters(self) -> Mapping[Event, Rule]:
        return reporters(self._loaded)

    def read(self, path: Location, data: bytes | None = None, *, name: str | None = None) -> Document:
        """Read a file into a document. Raises Unreadable for binary data and OSError for what cannot be opened."""
        if data is None:
            with open(path, "rb") as file:
                data = file.read()
        reported = name or display_path(path, self.cwd)
        absolute = joined(self.cwd, path)
        answer = self.tree.of_file(absolute).for_file(absolute).preset == "answer"
        return read_document(reported, data, absolute=absolute, answer=answer, prompt=self.prompt)

    def read_text(self, name: str, text: str, *, absolute: str | None = None, unread: bool = False) -> Document:
        """`read` for a decoded text that is reported as `name`. `absolute` is the path of its file, if it has one.

        `unread`: only the text and its kind are wanted.
        """
        of_file = self.settings if absolute is None else self.tree.of_file(absolute).for_file(absolute)
        answer = of_file.preset == "answer"
        return read_text(name, text, absolute=absolute, answer=answer, prompt=self.prompt, unread=unread)

    def in_force(self, document: Document) -> Settings:
        """The settings for a document."""
        settings = self.settings if document.absolute is None else self.tree.of_file(document.absolute)
        if document.absolute is None or not settings.has_overrides:
            if id(settings) not in self._applied:
                self._applied[id(settings)] = applied(settings)
            return self._applied[id(settings)]
        if document.absolute not in self._in_force:
            self._in_force[document.absolute] = applied(settings.for_file(document.absolute))
        return self._in_force[document.absolute]

    def project(self, document: Document) -> Project:
        """The project that a document belongs to."""
        self.asked.add(document.path)
        return self.projects.of(os.path.dirname(document.absolute) if document.absolute else self.cwd)

    def redactor(self, document: Document) -> Redactor:
        """Masks the document's secrets in whatever is shown of it."""
        from nemolint.secrets.redact import Redactor

        key = id(document)
        if key not in self._redactors:
            self._redactors[key] = (document, Redactor(document))
        return self._redactors[key][1]

    def enabled(self, document: Document) -> Mapping[str, Rule]:
        """The rules enabled for a document, by name."""
        settings = self.in_force(document)
        ignored: set[str] = set(settings.ignore)
        if document.absolute:
            ignored |= settings.ignored_for(document.absolute)
        lists = (settings.select, settings.extend_select, settings.preset, tuple(settings.severity.items()))
        rules = self._rules_of(settings)
        key = (frozenset(ignored), document.answer, id(rules), *lists)
        if key in self._enabled:
            return self._enabled[key]
        chosen = self._enabled[key] = {}
        # A locked rule applies in any case, but to a check of the rules that the command line selects.
        free = "--select" in settings.given
        for name, rule in rules.items():
            if rule.locked and not free:
                chosen[name] = rule
                continue
            level = _preset_level(rule, document, settings)
            if settings.select is not None:
                on = _selects(settings.select, rule)
            else:
                on = (rule.default or level is not None) and (document.answer or not rule.answers_only)
            on = (on or _selects(settings.extend_select, rule)) and not _selects(ignored, rule)
            if on and (settings.severity.get(name) or level) != "off":
                chosen[name] = rule
        return chosen

    def check(self, document: Document, least: Severity = "info") -> list[Diagnostic]:
        """All diagnostics of a document in order, suppressions applied, from the severity `least` upwards.

        A rule that raises becomes one of them.
        """
        found, _ = judged = self._judged(document, least)
        self._last = document, judged
        result = self._in_order(document, found) if found else []
        return [*result, *self._of_named_configs(document, least)]

    def _in_order(self, document: Document, found: list[Diagnostic]) -> list[Diagnostic]:
        """The diagnostics as they are reported: some joined, each with its place in a cell and its fingerprint."""
        from nemolint.linter.fingerprint import with_fingerprints
        from nemolint.linter.placing import in_cell
        from nemolint.linter.supersede import together

        result = sorted(together(found), key=lambda diagnostic: diagnostic.sort_key)
        if document.kind == "notebook":
            result = [in_cell(document, item) for item in result]
        return with_fingerprints(result, document, self.redactor(document), self._counted_path) if result else []

    def _judged(self, document: Document, least: Severity = "info") -> _Judged:
        """The diagnostics of a document before some are joined, and by their identity the file spans of their runs."""
        enabled = self.enabled(document)
        hits = list(self._hits(document, enabled))
        if hits:
            from nemolint.linter.supersede import without_guesses, without_superseded

            runs = (*document.runs, *(run for run, _, _ in document.alternatives))
            hits = list(without_superseded(without_guesses(hits, runs), partial(self._severity, document)))
        if document.alternatives:
            chosen = {id(run): (start, end) for run, start, end in document.alternatives}
            hits = [hit for hit in hits if id(hit.run) not in chosen or _inside(hit.finding, *chosen[id(hit.run)])]
        # An answer cannot suppress what is found in it. What is suppressed is to be known, however little it is.
        suppresses = self.suppressions and not document.answer and may_hold_suppression(document.text)
        about: dict[tuple[object, ...], set[tuple[int, int]]] = {}
        kept = []
        for hit in hits:
            if (diagnostic := self._diagnostic(document, hit, "info" if suppresses else least)) is None:
                continue
            kept.append(diagnostic)
            if hit.run is not None:
                about.setdefault(_identity(diagnostic), set()).add(hit.run.span.file_span())
        kept.extend(self._project_problems(document, enabled))
        kept = [diagnostic for diagnostic in kept if self._reported_here(document, diagnostic)]
        unique: dict[tuple[object, ...], Diagnostic] = {}
        for diagnostic in kept:
            # What is said once more of one place may be written at several.
            same = unique.get(_identity(diagnostic))
            related = dict.fromkeys((*same.related, *diagnostic.related)) if same is not None else None
            unique[_identity(diagnostic)] = diagnostic._replace(related=tuple(related)) if related else diagnostic
        known = set(unique.values())
        result = list(unique.values())
        if suppresses:
            from nemolint.linter import suppress

            result = suppress.apply(
                document, result, enabled, self._rules_of(self.in_force(document)), partial(self._forced, document)
            )
            # Findings about suppressions quote comments.
            result = [item if item in known else self._masked(document, item) for item in result]
            result = [item for item in result if at_least(item.severity, least)]
        return result, about

    def _masked(self, document: Document, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic with the document's secrets masked in its message."""
        return diagnostic._replace(message=self.redactor(document).scrub(diagnostic.message))

    def _of_named_configs(self, document: Document, least: Severity) -> Iterator[Diagnostic]:
        """Findings in the config files that the runs of a document name, and that no search for files finds."""
        seen: set[str] = set()
        for run in document.runs:
            config = run.config
            if config is None or not config.known or not config.text.endswith((".yaml", ".yml")):
                continue
            project = self.project(document)
            found = project.config_path(project.step_of(run), config.text, document)
            if found.kind != "path" or found.config is None or found.config.place.path == document.path:
                continue
            path = joined(self.cwd, found.config.place.path)
            text = project.reader.optional_text(path)
            if text is None or "\0" in text or is_candidate(as_posix(path), data := text.encode()):
                continue
            self.ordered.add(document.path)
            # Several runs may name the same file; the first one reports what is in it.
            if path in seen or self._named_configs.setdefault(path, document.path) != document.path:
                continue
            seen.add(path)
            # A fix belongs to the file that is being checked, and this is another one.
            yield from (diagnostic._replace(fix=None) for diagnostic in self.check(self.read(path, data), least))

    def _counted_path(self, reported: str) -> str:
        """A reported path, relative to the folder of the settings wherever the check was started."""
        path = joined(self.cwd, reported)
        return display_path(path, self.tree.of_file(path).root)

    def _hits(self, document: Document, enabled: Mapping[str, Rule]) -> Iterator[Hit]:
        if not document.kind and not document.notes and not document.regions:
            return
        for note in document.notes:
            reporter = self._reporters.get(note.event)
            if reporter is not None and reporter.name in enabled:
                severity: Severity | None = "info" if note.info else None
                finding = Finding(document.whole.span(note.start, note.end), note.message, severity=severity)
                yield Hit(reporter, finding, None)
        project: list[Any] = []
        runs = (*document.runs, *(run for run, _, _ in document.alternatives))
        applying: dict[tuple[object, ...], list[StepRun]] = {}  # by what `_applies` asks of a rule
        for rule in enabled.values():
            if rule.visits == "StepRun":
                if not runs:  # as in most files
                    continue
                kind = (rule.all_roles, rule.group == "secrets", rule.locked, rule.about)
                if kind not in applying:
                    applying[kind] = [run for run in runs if _applies(run, rule)]
                options = self._options(document, rule) if applying[kind] else []
                for run in applying[kind]:
                    yield from self._findings(document, rule, run, run, project, options)
            elif rule.about is None or may_hold(document, rule.about):
                options = self._options(document, rule)
                for subject in self._subjects(document, rule):
                    yield from self._findings(document, rule, subject, None, project, options)
        if document.documenting is not None:
            yield from self._of_documented_keys(document, enabled)

    def _options(self, document: Document, rule: Rule) -> list[Any]:
        return [] if rule.options is None else [rule.options(**self.in_force(document).rules.get(rule.name, {}))]

    def _findings(
        self,
        document: Document,
        rule: Rule,
        subject: object,
        run: StepRun | None,
        project: list[Any],
        options: list[Any],
    ) -> Iterator[Hit]:
        """What a rule reports of one subject, or that it raises. `project` is filled when a rule first takes it."""
        try:
            if rule.takes_project and not project:
                project.append(self.project(document))
            given = [*project, *options] if rule.takes_project else []
            for finding in rule.function(subject, *given):
                from nemolint.linter.placing import placed

                yield Hit(rule, placed(document, _lowered(finding)), run)
        except ReadingFailed:
            raise
        except Exception as error:  # noqa: BLE001 - a failing rule must not hide the findings of others
            message = self._scrubbed_of_all(document, f"{type(error).__name__}: {error}")
            self.internal_errors.append(InternalError(rule.name, document.path, message))
            if (reporter := self._reporters.get("failed-rule")) is not None:
                at = run.span if run is not None else Span(document.whole, 0, 0)
                yield Hit(reporter, Finding(at, f"rule {rule.name} failed: {message}"), run)

    def _of_documented_keys(self, document: Document, enabled: Mapping[str, Rule]) -> Iterator[Hit]:
        """What the rules that check them report of the keys that a page documents, or of the configs of an answer.

        Of the runs of a key, one for each config, it is reported with the first if it is true of all.
        """
        rules = [
            (rule, self._options(document, rule))
            for rule in enabled.values()
            if (rule.documented_keys and not (document.answer and rule.whole_configs))
            or (document.answer and rule.config_values)
        ]
        whole = [(rule, self._options(document, rule)) for rule in enabled.values() if rule.whole_configs]
        if not rules and not whole:
            return
        from nemolint.analysis.documented_runs import documented_runs, runs_of_configs

        project = [self.project(document)]
        for run in runs_of_configs(document, project[0]) if whole and document.answer else ():
            for rule, options in whole:
                yield from self._findings(document, rule, run, run, project, options)
        for first, *others in documented_runs(document, project[0]):
            for rule, options in rules:
                hits = list(self._findings(document, rule, first, first, project, options))
                for run in others if hits else ():
                    same = {_place_of(hit) for hit in self._findings(document, rule, run, run, project, options)}
                    hits = [hit for hit in hits if _place_of(hit) in same]
                yield from hits

    def _scrubbed_of_all(self, document: Document, text: str) -> str:
        """An error message, which may quote any project file, with their secrets and those of the document masked."""
        text = self.redactor(document).scrub(text)
        for project in self.projects.by_name().values():
            for name in [name for name in project.reader.seen if name.endswith((".toml", ".yaml", ".yml"))]:
                redactor = self._of_project_files.get(name)
                if redactor is None and (found := project.reader.optional_text(name)) is not None:
                    redactor = self._of_project_files[name] = self.redactor(self.read(name, found.encode()))
                if redactor is not None:
                    text = redactor.scrub(text)
        return text

    def _subjects(self, document: Document, rule: Rule) -> Iterable[object]:
        """What a rule visits in a document, other than its runs."""
        if rule.visits == "Document":
            return (document,)
        if rule.visits == "Command":
            return document.commands
        if rule.visits == "Region":
            return document.regions
        if rule.visits == "EnvFile":
            if document.absolute and is_env_file(document.path):
                return (self.project(document).env_file(document.absolute),)
            if document.answer and document.documentation.configs:
                from nemolint.project import given_configs

                return given_configs.env_files(document)
        elif rule.visits == "ConfigFile":
            if document.kind == "yaml" and "/config/" in f"/{document.path}":
                configs = (item for step in self.project(document).steps.values() for item in step.configs.values())
                return (item for item in configs if item.place.path == document.path)
        return ()

    def _forced(self, document: Document, rule: str, severity: Severity) -> Severity:
        """The severity that the settings give to a rule, else `severity`."""
        settings = self.in_force(document)
        known = self._rules_of(settings)[rule]
        level = None if known.locked else settings.severity.get(rule) or _preset_level(known, document, settings)
        if level is not None and level != "off":
            return level
        least = PRESETS[settings.preset].least
        return severity if RANK[severity] >= RANK[least] else least

    def _severity(self, document: Document, hit: Hit) -> Severity | None:
        """The severity of a finding, or None if its rule does not apply to that surface."""
        at = hit.finding.at
        surface: Surface = "script"
        if hit.run is not None:
            surface = hit.run.surface
        elif isinstance(at, Span):
            surface = at.region.surface
        declared = hit.rule.severity[surface]
        if declared is None:
            return None
        own = hit.finding.severity
        lowered = own if own is not None and RANK[own] < RANK[declared] else declared
        return self._forced(document, hit.rule.name, lowered)

    def _diagnostic(self, document: Document, hit: Hit, least: Severity) -> Diagnostic | None:
        severity = self._severity(document, hit)
        if severity is None or not at_least(severity, least):
            return None
        from nemolint.linter.placing import diagnostic

        return diagnostic(document, hit.rule, hit.finding, severity, self.redactor(document).scrub)

    def _project_problems(self, document: Document, enabled: Mapping[str, Rule]) -> Iterator[Diagnostic]:
        """What is wrong with the other project files that the rules read for this document."""
        if not document.runs:
            return
        project = self.project(document)
        of_env_files = self._reporters.get("broken-env-file")
        if of_env_files is not None and of_env_files.name in enabled:
            _read_env_files(document, project)
        for problem in project.problems():
            rule = self._reporters.get(problem.event)
            if rule is None or rule.name not in enabled or problem.place.path == document.path:
                continue
            declared = rule.severity["script"] or "warning"
            if not project.stops(problem, document):
                # Of a command that is about to run, what is wrong elsewhere would be said each time.
                if problem.of_runs or (document.unattended and not project.concerns(problem, document)):
                    continue
                declared = "warning" if declared == "error" else declared
            from nemolint.linter.placing import of_problem

            severity = self._forced(document, rule.name, declared)
            yield of_problem(problem, rule, severity, self.redactor(document).scrub)

    def _reported_here(self, document: Document, diagnostic: Diagnostic) -> bool:
        """False for a problem of a project file that was already reported with another document."""
        rule = self._rules_of(self.in_force(document)).get(diagnostic.rule)
        if rule is None or not rule.shared_place:
            return True
        self.ordered.add(document.path)
        key = (diagnostic.rule, diagnostic.path, diagnostic.line, diagnostic.column)
        return self._first_reports.setdefault(key, document.path) == document.path

    def forget(self, document: Document) -> None:
        """Release a document that is no longer needed."""
        self._redactors.pop(id(document), None)
        self._last = None
        document.release()

    def already_reported(self) -> tuple[dict[str, str], dict[tuple[str, str, int, int], str]]:
        """What later documents must not report again. `restore` takes it back."""
        return dict(self._named_configs), dict(self._first_reports)

    def restore(self, already_reported: tuple[dict[str, str], dict[tuple[str, str, int, int], str]]) -> None:
        """Forget what was reported since."""
        self._named_configs, self._first_reports = already_reported

    def findings_of_runs(self, document: Document) -> RunFindings:
        """The findings about the runs of a document, whatever their severity."""
        from nemolint.linter.run_record import RunFindings

        known = self._last
        diagnostics, about = known[1] if known is not None and known[0] is document else self._judged(document)
        return RunFindings(document.path, diagnostics, lambda item: about.get(_identity(item), ()))

    def run_records(
        self,
        document: Document,
        mentions: bool = False,
        verify: Callable[[StepRun, Project], bool] | None = None,
    ) -> list[dict[str, Any]]:
        """The rows of `nemolint commands` for one document. `verify` says whether the dry run of a run succeeds."""
        from nemolint.linter.run_record import run_record

        findings = self.findings_of_runs(document)
        project = self.project(document)
        records = []
        for run in document.runs:
            if mentions or run.role != "mention":
                record = run_record(run, project, findings, self.redactor(document))
                if verify is not None and run.role == "command" and record["tier"] != "blocked":
                    record["tier"] = "verified" if verify(run, project) else record["tier"]
                records.append(record)
        return records


def _selects(selectors: Iterable[str], rule: Rule) -> bool:
    """True if one of the selectors names the rule, its group, or `all`."""
    return any(item in (rule.name, rule.group, "all") for item in selectors)


def _preset_level(rule: Rule, document: Document, settings: Settings) -> Level | None:
    """What the preset in force makes of a rule; a file named `*.answer.md` has the preset `answer`, too."""
    level = rule.presets.get("answer") if document.answer else None
    return level or rule.presets.get(settings.preset)


def _applies(run: StepRun, rule: Rule) -> bool:
    """Whether a rule applies to a run: it has what the rule is about, and is a command.

    Only secret rules apply to templates, usage lines and mentions in documents.
    """
    if rule.about is not None and not run.has(rule.about):
        return False
    if rule.all_roles:
        return True
    if run.help and rule.group != "secrets":
        return False
    if run.role == "command":
        return True
    if rule.locked and run.role == "template":  # a comment that says so hides nothing from it
        if role_as_written(run.region, run.step, run.words, run.role) == "command":
            return True
    return run.surface == "answer" and run.role in ("template", "synopsis")


def _read_env_files(document: Document, project: Project) -> None:
    """Have the env TOMLs read that the CLI reads for the runs of a document, with a profile or without."""
    runs = [run for run in document.runs if not run.help and (run.role == "command" or run.surface == "answer")]
    if not may_set_env_file(document):
        if runs:
            project.env_in_force(document=document)
        return
    from nemolint.analysis.profile_in_force import env_state

    for run in runs:
        env_state(run, project)


def _inside(finding: Finding, start: int, end: int) -> bool:
    """Whether a finding is about a part of the file alone."""
    if not isinstance(finding.at, Span):
        return False
    first, last = finding.at.file_span()
    return start <= first <= last <= end


def _place_of(hit: Hit) -> tuple[str, tuple[int, int] | None]:
    """The rule of a finding and its place in the file."""
    at = hit.finding.at
    return hit.rule.name, at.file_span() if isinstance(at, Span) else None


def _lowered(finding: Finding) -> Finding:
    """The finding; one that rests on what may not hold is info, and says why."""
    if not finding.doubt:
        return finding
    fix = finding.fix and finding.fix._replace(safe=False)
    return finding._replace(message=f"{finding.message} ({finding.doubt})", severity="info", fix=fix)


def _identity(diagnostic: Diagnostic) -> tuple[object, ...]:
    return (diagnostic.rule, diagnostic.path, diagnostic.start, diagnostic.end, diagnostic.line, diagnostic.message)


__all__ = ["Checker", "InternalError", "Unreadable", "display_path", "load_rules"]
