"""What a command deserves: checked like a script, in the folder that it runs in."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from nemolint.base.named_tuple import NamedTuple
from nemolint.guard import started
from nemolint.guard.committed import CommittedReader, LastCommit, reading
from nemolint.guard.host_answers import KINDS, Verdict
from nemolint.project.compiled import Compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.base.choices import Asking, Severity
    from nemolint.document import Document
    from nemolint.guard.host_answers import Kind
    from nemolint.guard.payload import Payload
    from nemolint.linter.checker import Checker
    from nemolint.linter.diagnostic import Diagnostic
    from nemolint.linter.rule import Rule
    from nemolint.project import Project
    from nemolint.settings import Settings

_MOST_FACTS = 400
_ASKING: tuple[Asking, ...] = ("note", "native", "deny")  # from the mildest to the strictest


class JudgedFinding(NamedTuple):
    """A finding, and what the hook makes of it. `place` says where it is, empty for the command itself."""

    kind: Kind
    item: Diagnostic
    group: str
    place: str


class _Result(NamedTuple):
    """What is found in a command and in the files that it runs.

    `failures` says what could not be checked, `unread` tells whether there is text that cannot be read.
    """

    found: tuple[JudgedFinding, ...]
    failures: tuple[str, ...]
    unread: bool = False

    @property
    def kind(self) -> Kind:
        return KINDS[max((KINDS.index(judged.kind) for judged in self.found), default=0)]


def judge(payload: Payload) -> tuple[Verdict, Callable[[], dict[str, str]] | None]:
    """The verdict on a command, and what keeps what was read for it and gives the signatures of all it depends on.

    There are none if it must not be remembered. None in its place after a failure.
    """
    begun = time.time_ns()
    folder = payload.folder
    commit = LastCommit(folder)
    compiled = Compiled(load=partial(_facts, folder))
    now = _Judge(payload, folder, commit, {}, compiled)
    judges = [now]
    result = now.result()
    asking, notes = now.settings.hook_ask, now.notes
    changed = now.changed() if now.concerns else {}
    if changed:
        before = _Judge(payload, folder, commit, changed, compiled)
        judges.append(before)
        asking = max(asking, before.settings.hook_ask, key=_ASKING.index)
        committed = before.result()
        if KINDS.index(committed.kind) > KINDS.index(result.kind) or before.settings.hook_ask != now.settings.hook_ask:
            names = ", ".join(sorted(os.path.basename(path) for path in changed))
            if commit.failed:
                notes = (*notes, f"{names} cannot make the check laxer: git cannot read the last commit.")
            else:
                notes = (*notes, f"Changes of {names} since the last commit do not count.")
        if KINDS.index(committed.kind) > KINDS.index(result.kind):
            now, result = before, committed
    failure = "; ".join(dict.fromkeys(result.failures))
    every = tuple(dict.fromkeys((*notes, *now.notes)))
    after = None if failure else partial(_kept, judges, begun)
    if result.kind == "pass" and not every:
        return Verdict("pass", failure=failure, runs=now.runs), after
    from nemolint.guard.reasons import verdict_of

    verdict = verdict_of(result.kind, result.found, asking, every, failure, now.corrected)
    return verdict._replace(runs=now.runs, unread=result.unread), after


def _kept(judges: Sequence[_Judge], begun: int) -> dict[str, str]:
    """Keep what the next command can use; the signatures of all that a verdict of these judges depends on."""
    judges[0].keep(begun)
    found: dict[str, str] = {}
    for judge in reversed(judges):  # the first has read the files as they are on disk
        if not (signatures := judge.depends(begun)):
            return {}
        found |= signatures
    return found


class _Judge:
    """Checks a command under the settings and env TOMLs on disk, in which `contents` takes the place of some files.

    `concerns`: the command, or a file that it runs, may hold a run, `runs`: it does.
    """

    def __init__(
        self,
        payload: Payload,
        folder: str,
        commit: LastCommit,
        contents: Mapping[str, bytes | None],
        compiled: Compiled,
    ) -> None:
        from nemolint.settings import Settings, SettingsError, SettingsTree
        from nemolint.settings_file import SettingsFiles

        self._payload = payload
        self._folder = folder
        self._commit = commit
        self._contents = contents
        self._compiled = compiled
        self._files = SettingsFiles(read=reading(contents))
        self._checkers: dict[tuple[str | None, bool], Checker] = {}
        self._looked_at: set[str] = set()
        self.notes: tuple[str, ...] = ()
        self.concerns = self.runs = self._unread = False
        try:
            found = SettingsTree(lambda: Settings(folder), self._files.of_folder).of(folder)
        except SettingsError as error:
            found = Settings(folder)
            self.notes = (f"The default settings are in force: {error}",)
        # A command launches like a script, whatever pages and answers are allowed to do.
        self.settings: Settings = found._replace(preset="strict" if found.preset == "strict" else "scripts")

    def changed(self) -> dict[str, bytes | None]:
        """The settings and env TOMLs that were read, or looked for, and differ from the last commit."""
        from nemolint.base.paths import is_env_file

        paths = dict.fromkeys(path for path in self._files.seen if not path.endswith("/"))
        for checker in self._checkers.values():
            for project in checker.projects.by_name().values():
                paths.update(
                    dict.fromkeys(path for path in project.reader.seen if is_env_file(path) and "*" not in path)
                )
        if self.settings.env_file is not None:
            paths[self.settings.env_file] = None
        found = self._commit.changed(paths)
        return {path: was for path, was in found.items() if not path.endswith("pyproject.toml") or _is_ours(path, was)}

    def result(self) -> _Result:
        """What is found in the command and in the files that it runs."""
        document = self.document(self._payload.command)
        self.concerns, self.runs = document.can_run, bool(document.runs)
        places = started.places(document, self._folder, self._looked_at)
        found = [*self.check(document, places), *self._of_decoded(document)]
        for file in started.started_files(places, self._commit.top or self._folder, self._looked_at):
            self.concerns = True
            found += self._of_file(file)
        failures = [
            f"rule {error.rule} failed" for checker in self._checkers.values() for error in checker.internal_errors
        ]
        return _Result(tuple(found), tuple(failures), self._unread)

    def document(self, command: str) -> Document:
        """A command as a document."""
        from nemolint.reader import read_text

        if self._payload.powershell:
            from nemolint.sources.other_shells import COMMAND

            document = read_text(f"command.{COMMAND}", command, kind="powershell")
        else:
            document = read_text("command.sh", command)
        document.attach(unattended=True)
        return document

    def check(
        self, document: Document, places: Sequence[started.RunPlace], least: Severity = "warning"
    ) -> list[JudgedFinding]:
        """What is found in a command: each run is checked in the folder that it starts in.

        What is less than a warning is never said: it is left out, but where fixes are looked for.
        """
        if not document.can_run:
            return []
        folders = {run.span.file_span(): started.folder_of(run, places, self._folder) for run in document.runs}
        data: list[tuple[int, int]] | None = None
        found: dict[tuple[object, ...], JudgedFinding] = {}
        for number, folder in enumerate(dict.fromkeys(folders.values()) or [self._folder]):
            checker = self.checker(folder, False)
            # What is known of a run is known in its project.
            for item in checker.check(document if number == 0 else self.document(document.text), least):
                rule = checker.rules[item.rule]
                here = item.path == document.path
                if here and not _belongs(item, folders, folder, number == 0):
                    continue
                if here and rule.group != "secrets":
                    if data is None:
                        from nemolint.guard.written import written

                        data = written(document)
                    if any(start <= item.start < end for start, end in data):
                        continue
                place = "" if here else f"{item.path}:{item.line}"
                if here and document.text.strip().count("\n"):
                    place = f"line {item.line}"
                judged = JudgedFinding(_kind(item, rule), item, rule.group, place)
                self._unread = self._unread or (rule.reports == "broken-shell" and judged.kind != "pass")
                found.setdefault((item.rule, item.path, item.start, item.line, item.message), judged)
        return list(found.values())

    def corrected(self, cheap: bool) -> str | None:
        """The command with its safe fixes, as it may be shown; `cheap`: with those that make asking needless, too.

        None if there are none.
        """
        from nemolint.guard.reasons import MOST_COMMAND, shown_command

        if len(self._payload.command) > 2 * MOST_COMMAND:  # with fixes, too, it would hardly be shown
            return None
        from nemolint.linter.fix import FixState, applicable, apply_edits, fix_text

        def check(text: str) -> FixState:
            document = self.document(text)
            found = self.check(document, started.places(document, self._folder, self._looked_at), "info")
            items = [judged.item for judged in found if judged.item.path == document.path]
            return FixState(document, items)

        state = check(self._payload.command)
        fixed = fix_text(state, check, unsafe=False)
        text = fixed.text
        if cheap:
            document = self.document(text)
            asked = [
                judged.item
                for judged in self.check(document, started.places(document, self._folder, self._looked_at))
                if judged.kind == "ask" and judged.item.path == document.path
            ]
            text = apply_edits(text, (chosen.fix for chosen in applicable(asked, unsafe=True)))
        if text == self._payload.command:
            return None
        document = self.document(text)
        return shown_command(self.checker(self._folder, False).redactor(document).scrub(text))

    def checker(self, folder: str | None, suppressions: bool) -> Checker:
        """What checks the documents of a folder; one that is not known has no files."""
        from nemolint.linter.checker import Checker

        key = folder, suppressions
        if key not in self._checkers:
            self._checkers[key] = Checker(
                self.settings,
                cwd=folder or self._folder,
                environ=os.environ,
                suppressions=suppressions,
                rules=self._declared,
                project=self._project(folder),
            )
            self._checkers[key].projects.compiled = self._compiled
        return self._checkers[key]

    @cached_property
    def _declared(self) -> Mapping[str, Rule] | None:
        """The installed rules if they are known without loading them all."""
        from nemolint.cache import declared_rules

        return declared_rules.recall()

    def keep(self, begun: int) -> None:
        """Keep what the rules declare and what project files say, for the next command."""
        import sys

        from nemolint.cache import declared_rules, project_facts
        from nemolint.linter.loader import load_rules
        from nemolint.linter.packs import packs

        if self._checkers and self._declared is None:
            declared_rules.keep(load_rules(), packs(sys.path), begun)
        if self._compiled.new:
            project_facts.save(_facts_key(self._folder), self._compiled.known(_MOST_FACTS), self._compiled.new)

    def depends(self, begun: int) -> dict[str, str]:
        """The signatures of all that the result depends on; none if there is something that must not be remembered."""
        import sys

        from nemolint.base import signature
        from nemolint.cache.entries import program, signatures
        from nemolint.linter.packs import packs

        document = self.document(self._payload.command)
        if self.settings.nemotron is not None or self.checker(self._folder, False).redactor(document).knows:
            return {}
        if (told := self._commit.files()) is None:
            return {}
        found = {
            path: signature.sign(path, signed[0], signed[1:], begun) if signed[0] == signature.PACKAGES else signed
            for path, signed in program(packs(sys.path)).items()
        }
        found |= signatures(self._files.seen, begun)
        for checker in self._checkers.values():
            for project in checker.projects.by_name().values():
                found |= signatures(project.reader.seen, begun)
        for path in (*self._looked_at, *told):
            found[path] = _signature(path, begun)
        return found

    def _project(self, folder: str | None) -> Project | None:
        """The project of a folder; None if the checker finds it as usual."""
        if folder is not None and not self._contents:
            return None
        from nemolint.project import Project
        from nemolint.project.file_reader import NoFiles

        settings, cwd = self.settings, folder or self._folder
        facts = {"profiles": settings.profiles, "inputs": settings.inputs, "stated": settings.steps}
        if folder is None:
            return Project(None, cwd=cwd, reader=NoFiles(cwd), **facts)  # type: ignore[arg-type]
        reader = CommittedReader(cwd, self._contents)
        reader.compiled = self._compiled
        return Project.find(
            cwd,
            nemotron=settings.nemotron,
            env_file=settings.env_file,
            cwd=cwd,
            environ=os.environ,
            reader=reader,
            **facts,  # type: ignore[arg-type]
        )

    def _of_decoded(self, document: Document) -> Iterator[JudgedFinding]:
        """What is found in texts that the command has in Base64, if it runs a text at all."""
        from nemolint.guard.glance import decoded_runs

        texts = decoded_runs(document.text)
        if not texts or not any(started.runs_text(command) for command in document.commands):
            return
        for text in texts:
            decoded = self.document(text)
            self.concerns, self.runs = True, self.runs or bool(decoded.runs)
            # Where it runs is not known.
            for item in self.check(decoded, [started.RunPlace(command, None) for command in decoded.commands]):
                yield item._replace(place="in the text that is decoded")

    def _of_file(self, file: started.StartedFile) -> list[JudgedFinding]:
        """What is found in a file that the command runs. Suppressions count as the last commit has them."""
        from nemolint.reader import Unreadable

        edited = self._commit.top is None or file.path in self._commit.changed([file.path]) or self._commit.failed
        checker = self.checker(self._folder, not edited)
        try:
            document = checker.read(file.path)
        except (OSError, Unreadable):  # it changed since it was looked at
            return []
        self.runs = self.runs or bool(document.runs)
        lines = None if file.targets is None else started.recipe_lines(document.text, file.targets)
        return [
            JudgedFinding(_kind(item, rule), item, rule.group, f"{item.path}:{item.line}")
            for item in checker.check(document, "warning")
            if (rule := checker.rules[item.rule]).reports is None
            and (lines is None or item.path != document.path or item.line in lines)
        ]


def _facts(folder: str) -> dict[str, Any]:
    """What earlier checks in a folder have made of project files."""
    from nemolint.cache import project_facts

    return project_facts.load(_facts_key(folder))


def _facts_key(folder: str) -> list[Any]:
    """The key of the facts that a check in a folder keeps: no settings matter to them."""
    import sys

    from nemolint.base.version import __version__
    from nemolint.cache.entries import program
    from nemolint.linter.packs import packs

    return ["", __version__, sys.version, folder, program(packs(sys.path))]


def _is_ours(path: str, was: bytes | None) -> bool:
    """Whether a `pyproject.toml` has, or had, settings of nemolint."""
    from nemolint.base.files import may_contain

    if was is not None and b"nemolint" in was:
        return True
    try:
        return may_contain(path, (b"nemolint",))
    except (OSError, ValueError):
        return False


def _signature(path: str, begun: int) -> str:
    """The signature of whatever a path leads to."""
    from nemolint.base import signature
    from nemolint.base.files import read_regular

    if not os.path.lexists(path):
        return signature.NOTHING
    if not os.path.isfile(path):
        return signature.OTHER
    try:
        return signature.sign(path, signature.FILE, signature.digest(read_regular(path)), begun)
    except (OSError, ValueError):
        return signature.UNKNOWN


def _belongs(item: Diagnostic, folders: Mapping[tuple[int, int], str | None], folder: str | None, first: bool) -> bool:
    """Whether a finding counts in a check for one folder: it is about a run that starts there, or about no run."""
    about = [where for (start, end), where in folders.items() if start <= item.start <= end]
    return folder in about if about else first


def _kind(item: Diagnostic, rule: Rule) -> Kind:
    return rule.action(item.severity) or "pass"
