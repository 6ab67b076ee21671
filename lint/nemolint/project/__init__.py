"""The project that commands run in: its steps, their configs, and its profiles.

`Project` is what rules get: one object to ask; how an answer is found is in the module of its subject (`checkout`,
`config_paths`, `configs`, `effective`, `env_files`, `keys`, `step_code`). It is lazy: nothing is read before it is
asked for, and importing this package loads neither pydantic nor yaml nor tomli. Keys are dotted (`server.model`), lists
are indexed with numbers.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property, lru_cache

from nemolint.base.closest import Names
from nemolint.base.paths import joined, plain
from nemolint.base.patterns import lazily
from nemolint.project import checkout, known, snapshot
from nemolint.project.config_paths import MAX_GUESS, MAX_KEPT, ConfigPaths
from nemolint.project.configs import ConfigLoader
from nemolint.project.file_reader import FileReader
from nemolint.project.model import (
    ArtifactType,
    ConfigFile,
    ConfigLookup,
    EnvFile,
    EnvInForce,
    Match,
    Place,
    Problem,
    Profile,
    Reads,
    Resources,
    Same,
    Step,
    Tree,
)
from nemolint.project.step_code import StepCode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.document import Document
    from nemolint.invocation import StepRun
    from nemolint.project.effective import Effective, Refusal
    from nemolint.project.env_files import Generated, Profiles
    from nemolint.project.keys import KeyTable
    from nemolint.project.known import Fact, Known
    from nemolint.project.likely_keys import LikelyKeys
    from nemolint.project.model import Source
    from nemolint.project.passthrough import Passed
    from nemolint.project.resources import Misfit, Parallelism

# What a step's id may be, since it is a path of folders.
_ID = lazily(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*")
# The leaves of effective configs that are read for all runs of one document. A real document has some thousands.
_MAX_LEAVES = 200_000
_PAID_KEYS = frozenset({"api_key_env", "api_key_name", "api_key", "providers"})


class Project:
    """A checkout of the catalog, or the bundled snapshot if there is none.

    `root` is None and `source` is `snapshot` without a checkout. `profiles` and `inputs` are the settings of those
    names, `stated` is the setting `steps`: facts by step id. `reader.seen` lists what the facts depend on.
    """

    def __init__(
        self,
        root: str | os.PathLike[str] | None,
        *,
        cwd: str | os.PathLike[str],
        environ: Mapping[str, str] | None = None,
        env_file: str | os.PathLike[str] | None = None,
        profiles: tuple[str, ...] = (),
        inputs: Mapping[str, str] | None = None,
        stated: Mapping[str, Mapping[str, Any]] | None = None,
        reader: FileReader | None = None,
    ) -> None:
        self.root = None if root is None else plain(root)
        self.source: Source = "snapshot" if root is None else "checkout"
        self.profiles = profiles
        self.inputs: Mapping[str, str] = inputs or {}
        self._stated: Mapping[str, Mapping[str, Any]] = stated or {}
        self.reader = reader or FileReader(cwd)
        self._loader = ConfigLoader(self.reader)
        self._env_file = None if env_file is None else plain(env_file)
        self._environ = environ or {}
        self._keys: dict[tuple[str, str], KeyTable] = {}
        self._known: dict[str, Known] = {}
        self._likely: dict[tuple[str, str], LikelyKeys] = {}
        self._code = StepCode(self.reader, self.root)
        self._matched = lru_cache(maxsize=MAX_KEPT)(self._match)
        self._paths = ConfigPaths(self._loader, self.root, lambda: self.steps)
        self._effective: dict[int, tuple[StepRun, Effective | None]] = {}
        self._beyond_budget = lru_cache(maxsize=1)(self._find_beyond_budget)

    @classmethod
    def find(
        cls,
        start: str | os.PathLike[str],
        *,
        nemotron: str | os.PathLike[str] | None = None,
        env_file: str | os.PathLike[str] | None = None,
        profiles: tuple[str, ...] = (),
        inputs: Mapping[str, str] | None = None,
        stated: Mapping[str, Mapping[str, Any]] | None = None,
        cwd: str | os.PathLike[str],
        environ: Mapping[str, str],
        reader: FileReader | None = None,
    ) -> Project:
        """The project of a file in the folder `start`: `nemotron` if given, else the first folder upward with
        `pyproject.toml` and `src/nemotron/steps/`, else the snapshot. Raises ValueError if `nemotron` is not a
        checkout.
        """
        folder = joined(cwd, start)
        if nemotron is not None:
            root: str | None = joined(cwd, nemotron)
            if not os.path.isdir(checkout.steps_folder(joined(cwd, nemotron))):
                raise ValueError(f"{nemotron} is not a Nemotron checkout: it has no {checkout.STEPS}/")
        else:
            root = checkout.find_root(folder)
        project = cls(
            root,
            cwd=cwd,
            environ=environ,
            env_file=env_file,
            profiles=profiles,
            inputs=inputs,
            stated=stated,
            reader=reader,
        )
        if nemotron is None:
            checkout.note_root(project.reader, folder, root)
        return project

    @property
    def snapshot_date(self) -> str:
        """The date of the bundled snapshot (ISO 8601)."""
        return str(snapshot.bundled()["date"])

    @property
    def origin(self) -> str:
        """Where the facts come from, as text."""
        if self.root is None:
            return f"the bundled catalog of {self.snapshot_date}"
        return f"the checkout at {self.reader.report(self.root)}"

    # -- the catalog

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """Steps by id. The snapshot supplies a step that the checkout's `.gitignore` hides."""
        bundled = snapshot.bundled_steps()
        if self.root is None:
            return bundled
        found = checkout.read_steps(self.reader, self._loader, self.root, bundled)
        if found:
            for step_id in bundled:
                if step_id not in found and self.may_exist_unseen(step_id):
                    found[step_id] = bundled[step_id]
        return dict(sorted(found.items()))

    @cached_property
    def types(self) -> Mapping[str, ArtifactType]:
        """Artifact types by name."""
        if self.root is None:
            return snapshot.bundled_types()
        return checkout.read_types(self.reader, self.root)

    @cached_property
    def categories(self) -> Mapping[str, tuple[str, ...]]:
        """Step ids by category."""
        result: dict[str, tuple[str, ...]] = {}
        for step in self.steps.values():
            result[step.category] = (*result.get(step.category, ()), step.id)
        return result

    def match(self, text: str) -> Match:
        """The step that `text` names: a full id, or the last part of exactly one id."""
        return self._matched(text)

    def _match(self, text: str) -> Match:
        step = self.steps.get(text)
        if step is not None:
            return Match(step)
        ids = [step_id for step_id in self.steps if step_id.rpartition("/")[2] == text]
        if len(ids) == 1:
            return Match(self.steps[ids[0]])
        if ids:
            return Match(None, ambiguous=tuple(ids))
        return Match(None, close=self._close_steps(text))

    def _close_steps(self, text: str) -> tuple[str, ...]:
        if len(text) > MAX_GUESS:
            return ()
        by_name, names = self._ids if "/" in text else self._short_ids
        return tuple(by_name[name] for name in names.close_to(text))

    @cached_property
    def _ids(self) -> tuple[Mapping[str, str], Names]:
        return {step_id: step_id for step_id in self.steps}, Names(self.steps)

    @cached_property
    def _short_ids(self) -> tuple[Mapping[str, str], Names]:
        """Ids by their last parts, and those parts."""
        by_name = {step_id.rpartition("/")[2]: step_id for step_id in self.steps}
        return by_name, Names(by_name)

    def step_of(self, run: StepRun) -> Step | None:
        """The step of a run, None where it is unknown, ambiguous or an expansion."""
        at = ("step", self)
        if at not in run.memo:
            known = run.step is not None and not run.step.expansion
            run.memo[at] = self.match(run.step.value).step if run.step is not None and known else None
        step: Step | None = run.memo[at]
        return step

    def may_exist_unseen(self, step_id: str) -> bool:
        """True if the folder of such a step is absent and would be hidden by the root's `.gitignore`."""
        if self.root is None or not _ID.fullmatch(step_id):
            return False
        if self.reader.exists(joined(checkout.steps_folder(self.root), step_id, "step.toml")):
            return False
        return checkout.hidden_by_gitignore(self.reader, self.root, step_id)

    def is_unread(self, text: str) -> bool:
        """True if such a step (or short id) may be in a folder, or have a manifest, that could not be read."""
        if self.root is None:
            return False
        steps = self.steps  # reads the folders
        if self.reader.is_unlisted(joined(checkout.steps_folder(self.root), text)):
            return True
        if not steps:
            return False
        folders = (problem.place.path.removesuffix("/step.toml") for problem in self.reader.problems.values())
        return any(folder.endswith(f"/{text}") for folder in folders)

    def lacks(self, text: str) -> bool:
        """True if `text` names no step, or more than one, and no step that is hidden or unreadable could be meant."""
        match = self.match(text)
        return match.step is None and (
            bool(match.ambiguous) or not (self.may_exist_unseen(text) or self.is_unread(text))
        )

    def is_a(self, artifact: str, wanted: str) -> bool:
        """True if artifact type `artifact` is `wanted` or, through `is_a`, a subtype of it."""
        return wanted in self.kinds_of(artifact)

    def kinds_of(self, artifact: str) -> frozenset[str]:
        """An artifact type and all that it is a subtype of."""
        found, pending = set[str](), [artifact]
        while pending:
            name = pending.pop()
            if name not in found:
                found.add(name)
                pending.extend(self.types[name].is_a if name in self.types else ())
        return frozenset(found)

    @cached_property
    def converted_types(self) -> frozenset[str]:
        """The artifact types that some step converts from or to."""
        targets = {target for artifact in self.types.values() for target in artifact.convert_to}
        return frozenset(targets | {name for name, artifact in self.types.items() if artifact.convert_to})

    def produces(self, step: Step, artifact: str) -> bool:
        """True if a step writes an artifact of that type, or of a subtype."""
        return any(item.type == artifact or self.is_a(item.type, artifact) for item in step.produces)

    # -- configs

    def config_path(self, step: Step | None, written: str | None, document: Document | None = None) -> ConfigLookup:
        """What `-c written` names for `step`; None means no `-c`. An answer may give the file itself."""
        folder = os.path.dirname(document.absolute) if document is not None and document.absolute else None
        found = self._paths.lookup(step, written, folder)
        if written is None or document is None or not document.answer or document.documenting is None:
            return found
        return self._given(document, step, written, found)

    def _given(self, document: Document, step: Step | None, written: str, found: ConfigLookup) -> ConfigLookup:
        """What `-c written` names in an answer that gives configs."""
        at = ("config", self, step.id if step is not None else "", written)
        if at not in document.memo:
            from nemolint.project import given_configs

            block = given_configs.given_to(document, step, written, found)
            if block is not None:
                found = ConfigLookup("path", given_configs.config_file(document, block, written, step), found.aliases)
            document.memo[at] = found
        lookup: ConfigLookup = document.memo[at]
        return lookup

    def config(self, step: Step | None, written: str | None, document: Document | None = None) -> ConfigFile | None:
        """The config file that `-c written` names, None if it is absent or cannot be known."""
        return self.config_path(step, written, document).config

    def config_of(self, run: StepRun) -> ConfigFile | None:
        """The config file of a run, None where it is absent or cannot be known."""
        value = run.config
        # An empty value is none to the CLI: `--config=`.
        if value is None or (value.known and not value.text):
            return None if run.may_gain_words else self.config(self.step_of(run), None, run.document)
        if not value.known:
            return None
        return self.config(self.step_of(run), value.text, run.document)

    def effective(self, run: StepRun) -> Effective | None:
        """The effective config: the file after inheritance, then the run's overrides, those in words that are passed
        through to the runner last.

        None if no file is known, or the runner reads another one, and for the last of very many runs of long configs
        (see `first_beyond_budget`).
        """
        if not run.passthrough:
            return self._compiled(run)
        at = ("effective", self)
        if at not in run.memo:
            run.memo[at] = self._with_passed(run)
        value: Effective | None = run.memo[at]
        return value

    def _with_passed(self, run: StepRun) -> Effective | None:
        """The compiled config with what the runner makes of the words that are passed through to it."""
        from nemolint.project import effective

        compiled, passed, config = self._compiled(run), self.passed(run), self.config_of(run)
        if any(item.fate == "config" for item in passed):
            return None
        more = [(item.override, item.value) for item in passed if item.override is not None]
        if compiled is None or config is None or not more:
            return compiled
        return effective.apply(config, run, self.position, more)

    def passed(self, run: StepRun) -> tuple[Passed, ...]:
        """What the runner makes of the words that are passed through to it; nothing where that is not known."""
        if not run.passthrough:
            return ()
        at = ("passed", self)
        if at not in run.memo:
            run.memo[at] = self._passed(run)
        value: tuple[Passed, ...] = run.memo[at]
        return value

    def _passed(self, run: StepRun) -> tuple[Passed, ...]:
        from nemolint.project import passthrough

        step = self.step_of(run)
        if step is None or self.doubt(step, "passthrough"):
            return ()
        compiled = self._compiled(run)
        for entry in self.known(step).passthrough:
            if entry.when and (compiled is None or not any(compiled.meets(item) for item in entry.when)):
                continue
            if compiled is None and entry.options == "toggle":
                return ()
            return passthrough.read(run.passthrough, entry, {} if compiled is None else compiled.tree)
        return ()

    def _compiled(self, run: StepRun) -> Effective | None:
        """As `effective`, without what a runner makes of the words that are passed through to it."""
        known = self._effective.get(id(run))
        if known is not None and known[0] is run:
            return known[1]
        from nemolint.project import effective

        config = self.config_of(run)
        skipped = config is None or id(run) in self._beyond_budget(Same(run.document))[1]
        value = None if config is None or skipped else effective.apply(config, run, self.position)
        last = next(reversed(self._effective.values()), None)
        if last is not None and last[0].document is not run.document:
            self._effective.clear()  # rules visit one document after the other
        self._effective[id(run)] = run, value
        return value

    def refused(self, run: StepRun, profile: Profile | None = None) -> tuple[Refusal, ...]:
        """The overrides of a run with that profile that the CLI refuses, in no order.

        A config that is not known refuses none, nor does a profile. What the runner makes of words that are passed
        through to it does not concern the CLI.
        """
        effective = self._compiled(run)
        if effective is not None:
            if effective.refused or not effective.sets("run"):
                return effective.refused
            from nemolint.project import resources

            known = run.profile is None or profile is not None
            return resources.refused_again(profile, effective, known=known)
        from nemolint.project.effective import refusals

        return refusals(run)

    def misfit(self, run: StepRun) -> Misfit | None:
        """The override with which the CLI stops where it puts `run.env` and the profile together, None without one."""
        effective = self._compiled(run)
        if effective is None or not effective.sets("run"):
            return None
        from nemolint.project import resources

        return resources.misfit(effective, with_profile=run.profile is not None)

    def first_beyond_budget(self, document: Document) -> StepRun | None:
        """The first run of a document whose effective config is not checked: those before it used the budget up."""
        return self._beyond_budget(Same(document))[0]

    def _find_beyond_budget(self, kept: Same) -> tuple[StepRun | None, frozenset[int]]:
        """The first run whose effective config is not checked, and the identities of all of them."""
        from nemolint.project import effective

        document: Document = kept.value
        runs = document.runs
        left = _MAX_LEAVES
        for index, run in enumerate(runs):
            config = self.config_of(run)
            if config is not None:
                # Looking up a leaf takes longer if there are many overrides.
                left -= len(effective.outline_of(config).leaves) * (1 + len(run.overrides) // 100)
            if left < 0:
                return run, frozenset(map(id, runs[index:]))
        return None, frozenset()

    def position(self, config: ConfigFile, key: str) -> Place:
        """Where `key` is in the config, or in the one that it is inherited from; else the file itself."""
        return self._loader.place(config, key)

    # -- what a step needs and costs

    def known(self, step: Step) -> Known:
        """What only the runner's code or the settings say about a step, with what its manifest adds."""
        if step.id not in self._known:
            facts = known.of(self.runner(step), tuple(self._stated.get(step.id, {}).items()))
            languages = {entry.name for entry in step.parameters if entry.language}
            if languages - facts.language_keys:
                facts = facts._replace(language_keys=facts.language_keys | languages)
            self._known[step.id] = facts
        return self._known[step.id]

    def runner(self, step: Step) -> str:
        """The runner of a step, by the name of its facts; "" where none is known."""
        if step.source == "snapshot" or self.root is None:
            return step.runner
        found = known.by_code(self._code.own_imports(step))
        if not found and (code := self._code.closure(step)) is not None:
            found = known.by_code(code.own, code.imports)
        if found:
            return found
        keys = {entry.name for entry in step.parameters} | _keys_of(step)
        return known.by_shape(keys, [entry.type for entry in step.produces]) or step.runner

    def doubt(self, step: Step, kind: str, key: str = "") -> str:
        """Why a fact that is known of a step may not hold in this checkout, as a clause; "" where it holds.

        It holds where the file that it was read from is the same, or does the same, or has the code that confirms it.
        """
        facts = [fact for fact in self.known(step).facts if fact.kind == kind and fact.key == key]
        reasons = [self.doubt_of(step, fact) for fact in facts]
        return reasons[0] if reasons and all(reasons) else ""

    def doubt_of(self, step: Step, fact: Fact) -> str:
        """As `doubt`, of a single fact that is known of the step."""
        if step.source == "snapshot" or not fact.source or fact.library:
            return ""
        return self._code.doubt(step, fact)

    def launch_resources(self, run: StepRun, profile: Profile | None = None) -> Resources:
        """Nodes and GPUs per node: header, then profile, then YAML `run.env`, then `run.env.*` overrides.

        A value that cannot be known (an interpolation, an expansion) is None.
        """
        from nemolint.project import resources

        step = self.step_of(run)
        return resources.launch(step.resources if step is not None else Resources(), profile, self.effective(run))

    def run_env(self, run: StepRun, profile: Profile | None = None) -> Mapping[str, Tree] | None:
        """`run.env` of the job that a run with that profile compiles; None where the CLI stops on the way.

        What comes from the environment is left as the interpolation that it is.
        """
        from nemolint.project import resources

        return resources.run_env(profile, self.effective(run))

    def parallelism(self, run: StepRun) -> Parallelism:
        """The parallelism that the effective config asks for."""
        from nemolint.project import resources

        step = self.step_of(run)
        return resources.parallelism(self.known(step), self.effective(run)) if step else resources.Parallelism()

    def is_gpu_step(self, step: Step) -> bool | None:
        """True if the header asks for GPUs; None where no header is known."""
        gpus = step.resources.gpus_per_node
        return None if gpus is None else gpus > 0

    def deploys(self, run: StepRun) -> bool | None:
        """True if the run deploys a model on GPUs although its header asks for none; None if unknown."""
        from nemolint.project import resources

        step = self.step_of(run)
        if step is None or not self.known(step).gpu_unless:
            return False
        return resources.deploys(self.known(step), self.effective(run))

    def is_paid(self, step: Step, effective: Effective | None = None) -> bool:
        """True if the step calls hosted models; with the effective config, whether that run does."""
        facts = self.known(step)
        if facts.hosted is None:
            return any(
                key.rpartition(".")[2] in _PAID_KEYS and key.partition(".")[0] != "run" for key in self.known_keys(step)
            )
        if facts.hosted and facts.free_when and effective is not None and effective.exact:
            return not effective.meets(facts.free_when)
        return facts.hosted

    def passes_unlisted_keys(self, step: Step, key: str | None = None, config: ConfigFile | None = None) -> bool | None:
        """True if unlisted keys reach a library, False if the runner drops them, None where that is not known.

        With a key, what holds at its place; `config` is the config in force if it is not one of the step's own.
        """
        if key is not None:
            found = self._key_table(step, config).reaches_library(key)
            if found is not None:
                return found
        closed = self.known(step).closed
        return None if closed is None else not closed

    def reads(self, step: Step) -> Reads | None:
        """The keys that the runner's code reads, None where no code is at hand or it cannot be followed."""
        if step.reads is not None or step.source == "snapshot":
            return step.reads
        return self._code.reads(step)

    def key_is_unread(self, step: Step, key: str, config: ConfigFile | None = None) -> bool:
        """True if the step's configs or manifest name `key`, and nothing is seen to read it."""
        # A key that only the config in force holds is its author's own.
        return all(self._key_table(step, one).is_unread(key) for one in (None, config))

    def key_home(self, step: Step, key: str, config: ConfigFile | None = None) -> bool | None:
        """True if something reads an override of `key`, False if nothing known does, None if that cannot be decided.

        `config` is the config of the run if it is not one of the step's own.
        """
        return self._key_table(step, config).home(key)

    def key_beside(self, step: Step, key: str, config: ConfigFile | None = None) -> str:
        """For a parameter of the manifest whose mapping stands under another name in the configs, that one; else ""."""
        table = self._key_table(step, config)
        return table.beside(key) if key in table.parameters else ""

    def foreign_section(self, step: Step, key: str, config: ConfigFile | None = None) -> str:
        """A runner whose configs have the section that `key` is in, where those of the step's own runner have none.

        "" where there is no such runner, or that of the step is not known.
        """
        section, dot, _ = key.partition(".")
        own = known.family(self.runner(step))
        if not dot or not own or section in self.key_sections(step, config):
            return ""
        runners = self._sections.get(section, frozenset())
        return "" if own in runners else min(runners, default="")

    @cached_property
    def _sections(self) -> dict[str, frozenset[str]]:
        """The mappings at the top of the steps' configs, with the runners of the steps."""
        found: dict[str, set[str]] = {}
        for step in self.steps.values():
            runner = known.family(self.runner(step))
            for config in step.configs.values() if runner else ():
                for name, value in (config.tree or {}).items():
                    if isinstance(value, Mapping):
                        found.setdefault(name, set()).add(runner)
        return {name: frozenset(runners) for name, runners in found.items()}

    def likely_keys(self, step: Step, key: str, config: ConfigFile | None = None) -> tuple[str, ...]:
        """The keys that one without a home most likely means, by the configs of the step and of those with its runner.

        Nothing where it may well be one that a library reads.
        """
        if "." not in key:  # which mapping it was meant for, nobody can tell
            return ()
        from nemolint.project.likely_keys import LikelyKeys

        at = (step.id, config.place.path if config is not None else "")
        if at not in self._likely:
            runner = known.family(self.runner(step))
            steps = [one for one in self.steps.values() if runner and known.family(self.runner(one)) == runner]
            configs = [*step.configs.values(), *(item for one in steps for item in one.configs.values())]
            trees = (item.tree for item in (*configs, config) if item is not None and item.tree is not None)
            self._likely[at] = LikelyKeys(trees)
        synonyms = self.known(step).synonyms
        found = self._likely[at].meant(key) or tuple(
            synonyms[name] for name in self._likely[at].renamed(key) if name in synonyms
        )
        return tuple(name for name in found if self.key_home(step, name, config) is not False)

    def known_keys(self, step: Step, config: ConfigFile | None = None) -> tuple[str, ...]:
        """Every key that the step's configs and parameters spell out, sorted: the candidates for a close match."""
        return self._key_table(step, config).names

    def key_sections(self, step: Step, config: ConfigFile | None = None) -> frozenset[str]:
        """The first parts of `known_keys`."""
        return self._key_table(step, config).sections

    def _key_table(self, step: Step, config: ConfigFile | None) -> KeyTable:
        from nemolint.project.keys import KeyTable

        if config is not None and config.alias in step.configs and step.configs[config.alias].place == config.place:
            config = None  # its keys are among the step's own
        at = (step.id, config.place.path if config is not None else "")
        if config is not None and config.place.line:  # given by an answer, whose text may change
            return KeyTable(step, [*step.configs.values(), config], self.reads(step), self.known(step))
        if at not in self._keys:
            configs = [*step.configs.values(), *([config] if config is not None else [])]
            self._keys[at] = KeyTable(step, configs, self.reads(step), self.known(step))
        return self._keys[at]

    # -- profiles

    @cached_property
    def _profiles(self) -> Profiles:
        from nemolint.project.env_files import Profiles

        return Profiles(self.reader, self.root, self._env_file, self._environ)

    def env_in_force(self, exported: str | None = None, document: Document | None = None) -> EnvInForce:
        """The env TOML that the CLI would read for a command in `document`.

        `exported` is the literal value of `NEMOTRON_ENV_FILE` that the same file exports earlier, None if it does not.
        """
        return self._profiles.in_force(exported, document)

    def env_file(self, path: str | os.PathLike[str]) -> EnvFile:
        """An env TOML as read; what is wrong with it is in its `problems`."""
        return self._profiles.file(plain(path))

    def candidates(self) -> tuple[EnvFile, ...]:
        """The `env.*.toml` of the root, which the CLI reads only when `NEMOTRON_ENV_FILE` names them."""
        return self._profiles.candidates

    @cached_property
    def generated(self) -> tuple[Generated, ...]:
        """What the step that produces env TOML files writes, by config."""
        from nemolint.project import env_files

        return env_files.generated(self.steps, self.position)

    def generated_profiles(self) -> Mapping[str, tuple[str, ...]]:
        """Names in a generated env TOML -> the aliases of the generator's configs that write them."""
        return self._generated_profiles

    @cached_property
    def _generated_profiles(self) -> Mapping[str, tuple[str, ...]]:
        result: dict[str, tuple[str, ...]] = {}
        for entry in self.generated:
            for name, profile in entry.profiles.items():
                if not profile.reserved:
                    result[name] = (*result.get(name, ()), entry.alias)
        return result

    def generated_profile(self, name: str) -> Profile | None:
        """The profile that the generator writes under `name`, resolved over `extends`."""
        found = (entry.profiles.get(name) for entry in self.generated)
        return next((profile for profile in found if profile is not None and not profile.reserved), None)

    # -- about the reading itself

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the project files read so far, and in the env TOMLs in use, by path and line."""
        found = [*self.reader.problems.values(), *self._profiles.problems()]
        return tuple(sorted(found, key=lambda problem: (problem.place.path, problem.place.line, problem.message)))

    def stops(self, problem: Problem, document: Document) -> bool:
        """True if a problem of a project file stops a run of the document."""
        return not problem.profile or any(self.stops_run(problem, run) for run in document.runs)

    def concerns(self, problem: Problem, document: Document) -> bool:
        """True if a problem of a project file is not one of a profile alone that no run of the document uses."""
        file = self._profiles.used(problem.place.path) if problem.profile else None
        return file is None or any(_used_profile(problem, run, file) is not None for run in document.runs)

    def stops_run(self, problem: Problem, run: StepRun) -> bool:
        """True if a problem of a project file stops a run."""
        if not problem.profile:
            return True
        file = self._profiles.used(problem.place.path)
        return file is not None and self._stops(problem, run, file)

    def _stops(self, problem: Problem, run: StepRun, file: EnvFile) -> bool:
        profile = _used_profile(problem, run, file)
        if profile is None or run.help or run.role != "command":
            return False
        if problem.at_launch and run.dry_run is not False:
            return False
        if problem.unresolved is not None:
            from nemolint.project.env_files import is_unresolved

            return is_unresolved(problem.unresolved, profile)
        if not problem.lacks:
            return True
        effective = self.effective(run)
        if problem.profile != profile.name or effective is None or not effective.exact:
            return False
        made = self.run_env(run, profile)
        return made is not None and made.get(problem.lacks) is None


def _used_profile(problem: Problem, run: StepRun, file: EnvFile) -> Profile | None:
    """The profile of a run, if it is the one that a problem is about, or extends that."""
    profile = file.profiles.get(run.profile.text) if run.profile is not None else None
    return profile if profile is not None and problem.profile in profile.chain else None


def _keys_of(step: Step) -> set[str]:
    """The keys that the configs of a step hold, mappings among them."""
    from nemolint.project.keys import keys_of

    return {key for config in step.configs.values() if config.tree is not None for key in keys_of(config.tree)}
