"""Runs a script on paper: which commands it would run, and what their words become.

One pass over the structure that the slicer gives, with an environment: both branches of a condition that nobody knows,
loops until nothing changes any more, functions at their calls, the text that another shell gets in that shell's own
environment. What is not known stays open, and so does everything once the allowance is spent.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import pairwise

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.shell import arithmetic, nested, values
from nemolint.shell.builtins import Builtins, Input, may_print, path_name
from nemolint.shell.carriers import runs_input
from nemolint.shell.command import Fault
from nemolint.shell.environment import PARAMETERS, Alias, Entry, Environment, Functions, Variable, choose
from nemolint.shell.expand import Spent
from nemolint.shell.launchers import ENVIRONMENT_OPTIONS, LAUNCHERS, PYTHON, SEVERAL_VARIABLES, SUBMITTERS
from nemolint.shell.layer import Layer
from nemolint.shell.lexer import ASSIGNMENT, assignment
from nemolint.shell.programs import base, carries_text, effective, find_nemotron, find_unnamed, names_shell
from nemolint.shell.ran import Argument, runs_of
from nemolint.shell.raw import Allowance, Block, ListItem, RawCommand
from nemolint.shell.slicer import DECLARATIONS
from nemolint.shell.values import OPEN, UNKNOWN, UNSET, Content, Fragment, Items, Value, known, text_of, value_of
from nemolint.sources.command_text import MENTION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nemolint.document import Document
    from nemolint.shell.command import Piece, Word
    from nemolint.shell.launchers import Scope
    from nemolint.shell.raw import Backtick, HereDoc

# Blocks, calls, scripts and substitutions inside each other; what is deeper stays as it is written.
_MAX_DEPTH = 40
_MAX_CALLS = 12
# A loop over known items is run for each, if these are not more, or if they hold commands.
_MAX_ITEMS = 12
_MAX_ROUNDS = 400
_ELEMENT = lazily(r"\[([^\]]*)\](\+?)=")
_USE = lazily(r"\$\{?([A-Za-z_]\w*)")
_PLAIN_USE = lazily(r"\$\{?([A-Za-z_]\w*)\}?")
_GLOB = lazily(r"[*?\[{]")
_DESCRIPTOR = lazily(r"(\d+)<")


class Call(NamedTuple):
    """A call of a function that is running: what its local variables hide, what held where it returned, its state."""

    layer: Layer
    raw: RawCommand
    hidden: dict[str, Entry | None]
    ends: list[Environment]
    env: Environment


class Loop(NamedTuple):
    """A loop that is running: its environment, and what held where it was left, or a round of it."""

    env: Environment
    ends: list[Environment]
    rounds: list[Environment]


class Fork(NamedTuple):
    """A place where nobody knows how the script goes on, and one of the ways that it may take there.

    `way` counts the clauses of the compound command that begins at `start` of `text`, -1 is none of them. Of a command
    behind `&&` or `||`, `start` is inverted. The defaults in expansions are one fork together, as are the words of
    `${X:+word}`: its `text` is the operator.
    """

    text: str
    start: int
    way: int


class Follower(Builtins):
    """Runs the layers of one region. `read` slices a script inside a layer, if the limits allow it.

    `forks` are the ways that a script may take and that change what is known, each behind those that lead to it. One of
    them can be `taken`: then the script goes that way, what holds on it is not joined with anything, and a run is kept
    apart for each value of a variable in it.
    """

    def __init__(
        self,
        allowance: Allowance,
        read: Callable[[Layer, nested.Script], list[Layer]],
        taken: Sequence[Fork] | None = None,
    ) -> None:
        super().__init__()
        self.allowance = allowance
        self.read = read
        self.forks: dict[tuple[Fork, ...], None] = {}
        self._ways = {fork[:2]: fork.way for fork in taken or ()}
        # Each value of a variable in a run is tried, but never with one of another: they may exclude each other.
        self._each_value = taken is not None
        self._most_tried = 1 if self._each_value else 2
        self._way: tuple[Fork, ...] = ()
        # A value that names the command, and got lost.
        self.overflowed = False
        self.unfollowed: dict[int, tuple[Layer, RawCommand]] = {}
        # Commands that may be runs, of programs with unknown names, or (True) that get one as text; and the runs.
        self.unnamed: dict[int, tuple[Layer, RawCommand, bool]] = {}
        self.named: set[int] = set()
        # Values, kept with their ids, and whether each is a script.
        self._scripts: dict[int, tuple[Value, bool]] = {}
        # Whether programs are started that may run what they find.
        self._starts_others = False
        self.spent = False
        self.calls: list[Call] = []
        self.loops: list[Loop] = []
        # Greater than 0 where nothing is recorded, because it runs again, or not at all.
        self.quiet = 0
        self.depth = 0
        self.expanding: frozenset[str] = frozenset()
        self._expands = True
        # In a substitution: variables of which each value is to be tried by the command that it stands in.
        self.passed_up: dict[object, tuple[Content, ...]] | None = None
        self._layers: dict[tuple[object, ...], list[Layer]] = {}
        self._of_region: dict[int, Layer] = {}
        self._functions: dict[int, tuple[Block, Layer]] = {}
        self._called: set[int] = set()
        self._texts: list[tuple[Value, Layer, nested.Language]] = []
        self._heredocs: dict[int, tuple[HereDoc, RawCommand, Layer, Value]] = {}
        self._consumed: set[tuple[int, int]] = set()
        self._late: list[tuple[Layer, RawCommand, Value]] = []

    def run(self, layer: Layer) -> None:
        """Run a layer as a script of its own, and then what it defines and never uses."""
        self.layer = layer
        self._of_region[id(layer.region)] = layer
        self._expands = _expands_aliases(layer.region.document)
        try:
            for steps in layer.slicer.roots:
                self.steps(steps)
                self.env.lost = False
            for place, raw, value in self._late:
                self.layer = place
                self.hand(raw, value, "same")
            self._leftovers()
        except (Spent, RecursionError):
            self.spent = True

    def _leftovers(self) -> None:
        """Functions that nobody calls, and texts that nobody runs here, may be used elsewhere."""
        waiting = [item for key, item in self._functions.items() if key not in self._called]
        for block, layer in waiting:
            if id(block) not in self._called:
                with self._aside(Environment(self.env)):
                    self.layer = layer
                    self.calls = [Call(layer, RawCommand(), {}, [], self.env)]
                    self.put(PARAMETERS, Variable((UNKNOWN,)))
                    self.compound(block)
        # What a loop wrote into several files is one text with several values, each of which is run.
        for value, layer, language in [text for text in self._texts if not self._is_consumed(text[0])]:
            self._standalone(RawCommand(), value, layer, language)
        for heredoc, raw, layer, value in list(self._heredocs.values()):
            if not self._is_consumed(value):
                fed = nested.heredoc_language(raw, heredoc, layer.text)
                if fed is not None:
                    self._standalone(raw, value, layer, fed)

    def _standalone(self, raw: RawCommand, value: Value, layer: Layer, language: nested.Language) -> None:
        with self._aside(Environment()):
            self.layer = layer
            self.hand(raw, value, "remote", parameters=None, language=language)

    def consume(self, value: Value) -> None:
        for fragment in value:
            if fragment.use is None:
                self._consumed.add((id(fragment.region), fragment.start))

    def _is_consumed(self, value: Value) -> bool:
        return any((id(fragment.region), fragment.start) in self._consumed for fragment in value)

    @contextmanager
    def _aside(self, env: Environment) -> Iterator[None]:
        """Run something in an environment that counts for nothing behind it."""
        kept = self.env, self.layer, self.calls, self.loops, self.input, self.output, self.descriptors
        self.env, self.calls, self.loops, self.input, self.output, self.descriptors = env, [], [], None, None, {}
        try:
            yield
        finally:
            self.env, self.layer, self.calls, self.loops, self.input, self.output, self.descriptors = kept

    def spend(self, amount: int) -> None:
        self.allowance.left -= amount
        if self.allowance.left < 0:
            raise Spent

    # Lists and compound commands

    def steps(self, steps: Sequence[ListItem]) -> bool | None:
        """Run a list; gives the status of the last command, None if nobody knows."""
        status: bool | None = True
        index, outer, output = 0, self.env, self.output
        operator, printed = "", 0
        before: Sequence[ListItem] = ()
        try:
            while index < len(steps):
                stop = index
                while steps[stop].operator in ("|", "|&") and stop + 1 < len(steps):
                    stop += 1
                stages = steps[index : stop + 1]
                index = stop + 1
                if operator in ("&&", "||"):
                    wanted = operator == "&&"
                    fork = Fork(self.layer.text, ~stages[0].node.start, 0)
                    if status is None and (way := self._ways.get(fork[:2])) is not None:
                        status = wanted is (way == 0)
                        if operator == "||" and way == 0 and self.output and _searches(before[0].node):
                            del self.output[printed:]  # what is not found is not printed
                    searched, printed = printed, len(self.output or ())
                    if status is None:
                        branch = Environment(self.env)
                        got = self._maybe(branch, partial(self.pipeline, stages), fork)
                        self.join(self.env, [branch, Environment(self.env)])
                        if operator == "||" and self.output and _searches(before[0].node):
                            if any(part.known for part in self.output[searched:printed]):
                                del self.output[printed:]  # either is printed, and the first is the command
                        status = got if got is not None and got is not wanted else None
                    elif status is wanted:
                        status = self.pipeline(stages)
                    else:
                        self._instead(partial(self.pipeline, stages))
                else:
                    printed = len(self.output or ())
                    status = self.pipeline(stages)
                before, operator = stages, stages[-1].operator
                if self.env.lost and index < len(steps) and self.env is outer:
                    self.env, self.output = Environment(outer), None  # nothing reaches what follows
                    self.quiet += 1
        finally:
            self.quiet -= self.env is not outer
            self.env, self.output = outer, output
        return status

    def _fork(self, node: RawCommand | Block, way: int = 0) -> Fork:
        return Fork(self.layer.text, node.start, way)

    def _way_of(self, node: RawCommand | Block) -> int | None:
        """The way that is taken at a fork, None where nobody knows."""
        return self._ways.get((self.layer.text, node.start)) if self._ways else None

    def _note_fork(self, fork: Fork) -> None:
        if not self._ways:
            self.forks[*self._way, fork] = None

    def _note_ways(self, block: Block, ways: Sequence[int]) -> None:
        """Where one way through a compound command changes something, the others that leave it are ways, too."""
        forks = [self._fork(block, way) for way in ways]
        if any((*self._way, fork) in self.forks for fork in forks):
            for fork in forks:
                self._note_fork(fork)

    def takes_operand(self, operator: str) -> bool:
        fork = Fork("+" if operator == "+" else "-", 0, 0)
        if not self._ways:
            self.forks[fork,] = None
        return fork[:2] in self._ways

    def _maybe(self, env: Environment, work: Callable[[], bool | None], fork: Fork | None = None) -> bool | None:
        """Run `work` in a branch that may be taken or not, so that nobody knows what it prints or leaves to be read."""
        outer = self._way
        if fork is not None:
            self._way = (*outer, fork)
        try:
            status, printed = self._apart(env, work)
        finally:
            self._way = outer
        if fork is not None and (env.vars or printed or (env.lost and self.output is not None)):
            self._note_fork(fork)
            self._note_fork(fork._replace(way=-1))
        return status

    def _apart(self, env: Environment, work: Callable[[], bool | None]) -> tuple[bool | None, bool]:
        """The status of `work`, and whether it printed something; what that is nobody knows."""
        output, source, descriptors = self.output, self.input, self.descriptors
        sources = [(source, source.at) for source in self._sources()]
        if output is not None:
            self.output = []
        try:
            status = self._in(env, work)
        finally:
            printed, self.output = self.output, output
            if output is not None and printed:
                output.append(self.uncertain(tuple(printed)))
            for one, read in sources:
                if one.at != read:
                    one.value = None
            # `exec 3<file`
            changed = [number for number, one in self.descriptors.items() if one is not descriptors.get(number)]
            self.descriptors = {**descriptors, **dict.fromkeys(changed, Input(None))} if changed else descriptors
            self.input = source if self.input is source else Input(None)
        return status, bool(printed)

    def _sources(self) -> list[Input]:
        """All that is open to be read."""
        return [*([self.input] if self.input is not None else ()), *self.descriptors.values()]

    def _instead(self, work: Callable[[], bool | None]) -> None:
        """Run `work`, which is not reached as things stand, but somebody wrote it."""
        kept = self.output, self.input, self.descriptors
        self.output, self.input, self.descriptors = None, None, {}
        try:
            self._in(Environment(self.env), work)
        finally:
            self.output, self.input, self.descriptors = kept

    def _in(self, env: Environment, work: Callable[[], bool | None]) -> bool | None:
        """Run `work` in an environment on top of the one in force."""
        outer, self.env = self.env, env
        try:
            return work()
        finally:
            self.env = outer

    def subshell(self, work: Callable[[], bool | None]) -> bool | None:
        """Run `work` in a shell of its own: only the files that it writes remain."""
        env = Environment(self.env)
        kept = self.input, self.descriptors
        status = self._in(env, work)
        self.input, self.descriptors = kept
        self.keep_files(env)
        return status

    def join(self, env: Environment, branches: Sequence[Environment]) -> None:
        env.left = env.left or len({branch.lost for branch in branches}) > 1
        if not env.join(branches):
            self.overflowed = True

    def pipeline(self, stages: Sequence[ListItem]) -> bool | None:
        if len(stages) == 1:
            step = stages[0]
            status = self.subshell(lambda: self.node(step.node)) if step.operator == "&" else self.node(step.node)
            if step.operator == "&":
                status = True
            return (not status) if step.negated and status is not None else status
        first = stages[0].node
        if isinstance(first, RawCommand):
            return self._each_text(first, lambda: self._piped(stages))
        return self._piped(stages)

    def _piped(self, stages: Sequence[ListItem]) -> bool | None:
        outer_input, outer_output = self.input, self.output
        floor, self.floor = self.floor, self.env
        status = None
        for number, step in enumerate(stages):
            last = number == len(stages) - 1
            self.output = outer_output if last else []
            self.floor = floor if last else self.env
            here = last and (True if self._is_zsh() else self.is_set("lastpipe"))
            if here is None:
                branch = Environment(self.env)
                status = self._maybe(branch, partial(self.node, step.node))
                self.join(self.env, [branch, Environment(self.env)])
            else:
                status = self.node(step.node) if here else self.subshell(partial(self.node, step.node))
            if not last:
                self.input = Input(tuple(self.output or ()))
        self.input, self.output = outer_input, outer_output
        return (not status) if stages[0].negated and status is not None else status

    def node(self, node: RawCommand | Block) -> bool | None:
        if isinstance(node, RawCommand):
            return self.simple(node)
        if node.name:
            self._functions.setdefault(id(node), (node, self.layer))
            entry = self.env.get(f"f:{node.name}")
            exported = isinstance(entry, Functions) and entry.exported
            self.put(f"f:{node.name}", Functions(((node, self.layer),), exported))
            return True
        return self.compound(node)

    def compound(self, block: Block) -> bool | None:
        if self.depth >= _MAX_DEPTH:
            return None
        self.depth += 1
        try:
            if block.tail is None:
                return self._block(block)
            self.layer.done.add(id(block.tail))
            return self._each_text(block.tail, partial(self._redirected, block.tail, partial(self._block, block)))
        finally:
            self.depth -= 1

    def _block(self, block: Block) -> bool | None:
        kind, clauses = block.kind, block.clauses
        if kind == "{":
            return self.steps(clauses[0].steps)
        if kind == "(":
            return self.subshell(lambda: self.steps(clauses[0].steps))
        if kind == "if":
            return self._if(block)
        if kind == "case":
            return self._case(block)
        if kind == "((":
            self.compute(
                self.layer.text[block.start : block.end].strip().removeprefix("((").removesuffix("))"),
                Fragment("", self.layer.region, block.start, block.end),
            )
            return None
        if kind in ("while", "until"):
            return self._while(block)
        return self._for(block)

    def _if(self, block: Block) -> bool | None:
        outer, current = self.env, self.env
        branches: list[Environment] = []
        decided = False
        result: bool | None = None
        status: bool | None = None
        way, ways = self._way_of(block), []
        for number, clause in enumerate(block.clauses):
            work = partial(self.steps, clause.steps)
            if clause.keyword in ("if", "elif"):
                if decided:
                    self._instead(work)
                    status = False
                else:
                    status = self._in(current, work) if not branches else self._maybe(current, work)
                if status is None and way is not None:
                    status = way == number + 1
                continue
            if clause.keyword == "else":
                status = not decided
            if status is False:
                self.env = current
                self._instead(work)
                self.env = outer
                continue
            taken = current if status is True and not branches else Environment(current)
            if status is True and not branches:
                got = self._in(taken, work)
            else:
                got = self._maybe(taken, work, self._fork(block, number))
                ways.append(number)
            branches.append(taken)
            if status is True:
                decided = True
                result = got if len(branches) == 1 else None
            else:
                current = Environment(current)
        if not decided:
            branches.append(current)
        self._meet(outer, branches)
        self._note_ways(block, ways)
        return result

    def _meet(self, outer: Environment, branches: Iterable[Environment]) -> None:
        """Join branches that stand on top of each other, too."""
        flat = [branch if branch is outer else _flat(branch, outer) for branch in branches]
        if flat == [outer]:
            return
        if outer in flat:
            flat[flat.index(outer)] = Environment(outer)
        self.join(outer, flat)

    def _case(self, block: Block) -> bool | None:
        head = block.head
        subject: str | None = None
        if head is not None:
            self.layer.done.add(id(head))
            fields = self.expand(head.words[0]) if head.words else []
            if len(fields) == 1 and known(fields[0]):
                subject = text_of(fields[0])
        outer = self.env
        branches: list[Environment] = []
        decided = False
        way, ways = self._way_of(block), []
        for number, clause in enumerate(block.clauses[1:]):
            match: bool | None = False if decided else self._matches(subject, clause.patterns)
            if way is not None and match is not False:
                match = way == number
            branch = Environment(outer)
            work = partial(self.steps, clause.steps)
            last = clause.steps[-1].operator if clause.steps else ";;"
            falls = last in (";&", ";;&")
            if match is False:
                self._instead(work)
            elif match and not branches and not falls:
                self._in(branch, work)
            else:
                self._maybe(branch, work, self._fork(block, number))
                ways.append(number)
            if match is not False:
                branches.append(branch)
            decided = decided or (match is True and not falls)
        if not decided:
            branches.append(Environment(outer))
        self.join(outer, branches)
        self._note_ways(block, ways)
        return None

    def _matches(self, subject: str | None, patterns: Sequence[Word]) -> bool | None:
        if any(word.value == "*" and len(word.pieces) == 1 for word in patterns):
            return True
        if subject is None:
            return None
        result: bool | None = False
        for word in patterns:
            try:
                if self.pattern(word.pieces).matches(subject):
                    return True
            except ValueError:
                result = None
        return result

    # Loops

    def _for(self, block: Block) -> bool | None:
        head = block.head
        body = block.clauses[-1].steps if len(block.clauses) > 1 else []
        if head is None:
            first = body[0].node.start if body else block.end
            for changed in arithmetic.changed(self.layer.text[block.start : first]):
                self.forget(changed)
            self._widened(block, lambda: self.steps(body))
            return None
        self.layer.done.add(id(head))
        name = head.words[0].value if head.words else ""
        items: list[Content] = []
        self.touched = {}
        if len(head.words) > 1 and head.words[1].value == "in":
            for word in head.words[2:]:
                for value in self.expand(word):
                    bare = any(f.kind == "literal" and f.use is None and _GLOB.search(f.text) for f in value)
                    items.append(OPEN if bare or values.is_open(value) else value)
        else:
            parameters = self.content(PARAMETERS)
            items = list(parameters.values) if isinstance(parameters, Items) else [OPEN]
        touched = self.touched
        if len(self.choices) < self._most_tried and any(
            values.names_command(c) for choices in touched.values() for c in choices
        ):
            self._try_each(touched, partial(self._for, block))
            return None
        commands = any(values.names_command(item) for item in items)
        if block.kind == "select" or OPEN in items or (len(items) > _MAX_ITEMS and not commands):
            known_items: list[Content] = [item for item in items if isinstance(item, tuple)]
            choices, _ = choose([*known_items[: values.MAX_CHOICES - 1], UNKNOWN])

            def once() -> bool | None:
                self.assign(name, choices)
                return self.steps(body)

            if commands:  # each on its own
                for item in known_items:
                    self._maybe(
                        Environment(self.env), partial(self._loop_round, partial(self._round, name, item, body))
                    )
                choices = (UNKNOWN,)
            self._widened(block, once)
            return None
        with self._loop():
            for item in items:
                self._round(name, item, body)
                if self.env.lost:
                    break
        if not items:
            self._instead(partial(self._loop_round, partial(self._round, name, UNKNOWN, body)))
        return None

    def _round(self, name: str, item: Content, body: Sequence[ListItem]) -> bool | None:
        self.spend(1)
        self.assign(name, (item,))
        status = self.steps(body)
        self._next_round()
        return status

    @contextmanager
    def _loop(self) -> Iterator[None]:
        """Run a loop on top of the environment, which then gets what holds at its end, or where something left it."""
        outer = self.env
        loop = Loop(Environment(outer), [], [])
        self.env = loop.env
        self.loops.append(loop)
        try:
            yield
        finally:
            self.loops.pop()
            self.env = outer
        self._meet_ends(loop.env, loop.ends)
        outer.vars.update(loop.env.vars)
        outer.lost = outer.lost or loop.env.lost

    def _next_round(self) -> None:
        """At the end of a round: what holds there, or where something went on to the next."""
        loop = self.loops[-1]
        self._meet_ends(loop.env, loop.rounds)
        loop.rounds.clear()

    def _meet_ends(self, env: Environment, ends: Sequence[Environment]) -> None:
        """Let an environment hold what does at the end of what ran in it, or where something left that."""
        if not ends:
            return
        joined = Environment(env.parent)
        whole = Environment(env.parent)
        whole.vars, whole.lost = env.vars, env.lost
        self.join(joined, [whole, *ends])
        env.vars, env.lost = joined.vars, False

    def leave(self, name: str, levels: int = 1) -> None:
        """`exit`, `return`, `break` or `continue`, the last two out of so many loops."""
        if name in ("break", "continue"):
            if not self.loops:
                return
            loop = self.loops[-min(levels, len(self.loops))]
            base, ends = loop.env, loop.ends if name == "break" else loop.rounds
        elif name == "return" and self.calls:
            base, ends = self.calls[-1].env, self.calls[-1].ends
        else:
            self.env.lost = True
            return
        if base.parent is not None:
            ends.append(_flat(self.env, base.parent))
        self.env.lost = True

    def _while(self, block: Block) -> bool | None:
        condition = block.clauses[0].steps
        body = block.clauses[-1].steps if len(block.clauses) > 1 else []
        wanted = block.kind == "while"
        rounds = 0
        if any(source.value is not None for source in self._sources()):
            # Where each round reads a line that is known, the rounds are known, too.
            known_rounds = False
            with self._loop():
                while rounds < _MAX_ROUNDS and not self.env.lost:
                    self.spend(1)
                    before = [source.at for source in self._sources()]
                    status = self.steps(condition)
                    if status is None or (status is wanted and [s.at for s in self._sources()] == before):
                        break
                    if status is not wanted:
                        known_rounds = True
                        break
                    self.steps(body)
                    self._next_round()
                    rounds += 1
                known_rounds = known_rounds or self.env.lost
            if known_rounds:
                if not rounds:
                    self._instead(partial(self.steps, body))
                return None

        def once() -> bool | None:
            self.steps(condition)
            return self.steps(body)

        self._widened(block, once)
        return None

    def _widened(self, block: Block, work: Callable[[], bool | None]) -> None:
        """Run the body of a loop that runs nobody knows how often, with what may hold in any round."""
        base, way = self.env, self._way_of(block)
        state = Environment(base)
        changed: list[str] = []
        for _ in range(1 if self.quiet else 3):
            branch = Environment(state)
            self.quiet += 1
            self.repeats += 1
            try:
                self._maybe(branch, partial(self._loop_round, work))
            finally:
                self.quiet -= 1
                self.repeats -= 1
            following = _flat(state, base)
            self.join(following, [Environment(following), branch])
            changed = [name for name in branch.vars if not _holds_same(state.get(name), following.get(name))]
            state = following
            if not changed:
                break
        for name in changed:
            if isinstance(state.get(name), Variable):
                state.set(name, Variable((*_stable(state.get(name)), UNKNOWN), None))
        branch = Environment(state)
        if not self.quiet or way is not None:
            self._maybe(branch, partial(self._loop_round, work), self._fork(block))
        if way != -1:
            self._meet(base, [state if way is None else branch])
        base.lost = False

    def _loop_round(self, work: Callable[[], bool | None]) -> None:
        self.spend(1)
        with self._loop():
            work()
            self._next_round()

    # Simple commands

    def simple(self, raw: RawCommand) -> bool | None:
        layer = self.layer
        again = id(raw) in layer.done
        layer.done.add(id(raw))
        if again:
            self.spend(1 + len(raw.words) // 4)
        if raw.header:
            return None
        if not raw.redirects and not raw.heredocs:
            return self._command(raw)
        return self._each_text(raw, partial(self._redirected, raw, partial(self._command, raw)))

    def _redirected(self, raw: RawCommand, work: Callable[[], bool | None]) -> bool | None:
        with self.redirected(raw):
            return work()

    def _each_text(self, raw: RawCommand, work: Callable[[], bool | None]) -> bool | None:
        """Run `work` once for each of a few values that make the text which a command reads, or passes on."""
        if len(self.choices) < self._most_tried and self._varies(raw):
            outer, self.touched = self.touched, {}
            descriptors = self.descriptors
            try:
                self.fed(raw)
                if raw.words and raw.words[0].value in ("echo", "printf"):
                    for word in raw.words[1:]:
                        self.whole(word.pieces)
                touched = self.touched
            finally:
                self.touched, self.descriptors = outer, descriptors
            if self._decides(touched) and not self._pass_up(touched):
                self._try_each(touched, work)
                return None
        return work()

    def _pass_up(self, touched: dict[object, tuple[Content, ...]]) -> bool:
        """Leave it to the command that a substitution stands in, if any, to try each value of some variables."""
        if self.passed_up is None or self.output is None:
            return False
        self.passed_up.update(touched)
        return True

    def _varies(self, raw: RawCommand) -> bool:
        """True if a variable of which one of a few values is known is in the text that a command reads or prints."""
        words = [redirect.target for redirect in raw.redirects if redirect.operator[:1] == "<" and redirect.target]
        if raw.words and raw.words[0].value in ("echo", "printf"):
            words += raw.words[1:]
        pieces = [piece for word in words for piece in word.pieces]
        pieces += [piece for heredoc in raw.heredocs for piece in heredoc.pieces or ()]
        uses = (match for piece in pieces if piece.kind == "expansion" for match in _USE.finditer(piece.text))
        variables = (self.env.variable(self.aim(match[1])) for match in uses)
        return any(variable is not None and len(variable.choices) > 1 for variable in variables)

    def _decides(self, touched: dict[object, tuple[Content, ...]]) -> bool:
        """True if it matters to text for a shell which of a few values a variable has."""
        contents = [content for choices in touched.values() for content in choices]
        if self._each_value or any(map(values.names_command, contents)):
            return True
        return UNKNOWN not in contents and any(map(values.may_cut, contents))

    def _command(self, raw: RawCommand) -> bool | None:
        if raw.words and (self._alias(raw) or (self.global_aliases and self._global_alias(raw))):
            return None
        self.touched, self.refused, self.unseen = {}, [], set()
        plain = not raw.assignments and not raw.arrays and not self.layer.written and all(map(_is_plain, raw.words))
        if plain:
            fields = [[value_of(word)] for word in raw.words]
        else:
            outer, self.joins = self.joins, bool(raw.words) and raw.words[0].value == "eval"
            fields = [self.expand(word) for word in raw.words]
            self.joins = outer
        if self.refused:
            self.layer.refused.add(id(raw))
            for piece in self.refused:
                self.layer.blame(raw, Fault("substitution", self.layer.region.span(piece.start, piece.end), piece.text))
            return False
        arguments = [Argument.of(value) for found in fields for value in found]
        if raw.arrays and len(self.choices) < self._most_tried:
            for piece in (piece for array in raw.arrays for word in array.words for piece in word.pieces):
                if piece.kind == "expansion" and (match := _PLAIN_USE.fullmatch(piece.text)) is not None:
                    self.content(match[1])  # notes it, if it has one of a few values
        touched = self.touched
        if touched and len(self.choices) < self._most_tried and self._worth_trying(raw, arguments, touched):
            if not (carries_text(arguments) and self._pass_up(touched)):
                self._try_each(touched, partial(self._command, raw))
                return None
        if not arguments:
            self._assign_all(raw)
            return None if any("$(" in item.word.value or "`" in item.word.value for item in raw.assignments) else True
        if (raw.assignments or raw.arrays) and arguments[0].value not in DECLARATIONS:
            return self._with_assignments(raw, fields, arguments)
        return self._execute(raw, fields, arguments)

    def _worth_trying(
        self, raw: RawCommand, arguments: list[Argument], touched: dict[object, tuple[Content, ...]]
    ) -> bool:
        """True if it matters to a command which of a few values a variable has."""
        contents = [content for choices in touched.values() for content in choices]
        if not any(map(values.names_command, contents)):
            if self._each_value and find_nemotron(arguments) is not None:
                return True
            if any(map(values.spells_subcommand, contents)) and find_nemotron(arguments) is None:
                assigned = (word for array in raw.arrays for word in array.words)
                return any(base(word.value) == "nemotron" for words in (arguments, assigned) for word in words)
            return self._decides(touched) and bool(nested.handed(arguments))
        if not raw.words:
            return bool(raw.arrays)
        if find_nemotron(arguments) is not None:
            return False
        if not arguments or arguments[0].value == "set":
            return True
        return not (carries_text(arguments) and self.output is None and not raw.redirects)

    def _try_each(self, touched: dict[object, tuple[Content, ...]], work: Callable[[], bool | None]) -> None:
        def matters(item: tuple[object, tuple[Content, ...]]) -> tuple[bool, ...]:
            tests = (values.names_command, values.spells_subcommand, values.may_cut)
            return tuple(any(map(test, item[1])) for test in tests)

        keys = touched if self._each_value else [max(touched.items(), key=matters)[0]]
        outer, branches = self.choices, []
        for chosen in ((key, content) for key in keys for content in touched[key]):
            branch = Environment(self.env)
            self.choices = {**outer, chosen[0]: chosen[1]}
            try:
                self._maybe(branch, work)
            finally:
                self.choices = outer
            branches.append(branch)
        self.join(self.env, branches)

    def _with_assignments(self, raw: RawCommand, fields: list[list[Value]], arguments: list[Argument]) -> bool | None:
        """`X=1 command`: the command sees X, and nobody after it."""
        env = Environment(self.env)
        names = {assigned.name for assigned in raw.assignments} | {array.name for array in raw.arrays}

        def work() -> bool | None:
            self._assign_all(raw, exported=True)
            return self._execute(raw, fields, arguments)

        status = self._in(env, work)
        for name, entry in env.vars.items():
            if name not in names:
                self.put(name, entry)
            elif name not in self.asked and isinstance(entry, Variable) and not self.quiet:
                self._note_given_variable(raw, arguments, entry)
        self.env.lost = self.env.lost or env.lost
        return status

    def _alias(self, raw: RawCommand) -> bool:
        """Read a command anew whose name is an alias. False if it is none."""
        word = raw.words[0]
        if len(word.pieces) != 1 or word.pieces[0].kind != "literal" or raw.assignments or word.value in self.expanding:
            return False
        if not self._expands:
            return False
        value: list[Fragment] = []
        names: set[str] = set()
        index = 0
        while index < len(raw.words):
            word = raw.words[index]
            entry = self._alias_of(word) if len(word.pieces) == 1 and word.value not in names else None
            if not isinstance(entry, Alias) or entry.text is None:
                break
            # What stands on the line of the definition, or in one compound command with it, was read before.
            if entry.layer is self.layer and self.layer.text.find("\n", entry.end, self.layer.top(word.start)) < 0:
                break
            names.add(word.value)
            value += [fragment._replace(use=(word.start, word.end)) for fragment in entry.text]
            index += 1
            if not entry.text or not entry.text[-1].text.endswith((" ", "\t")):
                break
        if not index:
            return False
        self._read_anew(raw, value, raw.words[index - 1].end, names)
        return True

    def _global_alias(self, raw: RawCommand) -> bool:
        """Read a command anew in which a word anywhere is an alias of zsh. False if none is."""
        value: list[Fragment] = []
        names: set[str] = set()
        at = raw.words[0].start
        for word in raw.words if not raw.assignments else ():
            if len(word.pieces) != 1 or word.pieces[0].kind != "literal" or word.value not in self.global_aliases:
                continue
            entry = self._alias_of(word) if word.value not in self.expanding else None
            if not isinstance(entry, Alias) or entry.text is None:
                continue
            if entry.layer is not self.layer or self.layer.text.find("\n", entry.end, self.layer.top(word.start)) >= 0:
                names.add(word.value)
                value.append(Fragment(self.layer.text[at : word.start], self.layer.region, at, word.start))
                value += [fragment._replace(use=(word.start, word.end)) for fragment in entry.text]
                at = word.end
        if names:
            self._read_anew(raw, value, at, names)
        return bool(names)

    def _read_anew(self, raw: RawCommand, value: list[Fragment], end: int, names: set[str]) -> None:
        """Read a command that begins with `value`, and goes on as it is written behind `end`."""
        stop = max([raw.words[-1].end, *(redirect.end for redirect in raw.redirects)])
        value.append(Fragment(self.layer.text[end:stop], self.layer.region, end, stop))
        outer, self.expanding = self.expanding, self.expanding | names
        try:
            self.layer.called.add(id(raw))
            self.hand(raw, tuple(value), "same")
        finally:
            self.expanding = outer

    def print_function(self, raw: RawCommand, name: str) -> None:
        """`declare -f NAME`."""
        entry = self.env.get(f"f:{name}")
        body = entry.bodies[0] if isinstance(entry, Functions) and len(entry.bodies) == 1 else None
        if body is None or not body[0].end:
            self.print_unknown(raw)
            return
        block, layer = body
        text = Fragment(layer.text[block.start : block.end], layer.region, block.start, block.end)
        self.emit((text._replace(text=f"{name} () ", end=block.start), text, self.place("\n", text)))

    def _alias_of(self, word: Word) -> Entry | None:
        """The alias that a word is: in a function, as it was when the function was read."""
        states = self.aliases.get(word.value, ()) if self.calls else ()
        here = [alias for alias in states if alias.layer is self.layer]
        if not here:
            return self.env.get(f"a:{word.value}")
        top = self.layer.top(word.start)
        return next((alias for alias in reversed(here) if alias.end <= top), None)

    def _execute(self, raw: RawCommand, fields: list[list[Value]], arguments: list[Argument]) -> bool | None:
        if self.renames:
            fields = self._as_named(raw, fields)
            arguments = [Argument.of(value) for found in fields for value in found]
        name = arguments[0].value if known(arguments[0].parts) else ""
        function = self.env.get(f"f:{name}") if name else None
        if isinstance(function, Functions) and any(function.bodies):
            if None not in function.bodies:
                return self._call(raw, function, arguments)
            # Defined in one of the branches before.
            branch = Environment(self.env)
            self._maybe(branch, partial(self._call, raw, function, arguments))
            self.join(self.env, [branch, Environment(self.env)])
        index = effective(arguments)
        wrapped = index > 0 and name not in ("command", "builtin", "exec")
        at = next((at for at, word in enumerate(arguments[:index]) if base(word.value) == "xargs"), index)
        builtin = arguments[at].value if at < len(arguments) else name
        if wrapped and base(builtin) not in ("echo", "printf", "cat", "tee", "xargs"):
            builtin = ""
        method = self.BUILTINS.get(base(builtin))
        if base(builtin) == "ts" and len(arguments) > at + 1 and nested.handed(arguments[at + 1 :]):
            method = None  # a queue of jobs has the name, too
        if (name == "command" and arguments[1:] and arguments[1].value in ("-v", "-pv")) or (
            name == "type" and arguments[1:] and arguments[1].value in ("-p", "-P")
        ):
            method, at = self.BUILTINS["which"], 0
        if method is not None:
            status = method(self, raw, arguments[at:])
            if base(builtin) != "xargs" and find_nemotron(raw.words) is not None:
                self.record(raw, fields)
            return status
        if index < len(arguments) and not known(arguments[index].parts):
            self._note_unfollowed(raw, arguments[index].parts)
        handed = nested.handed(arguments)
        if (
            name == "eval"
            and not handed
            and any(isinstance(self.env.get(f"a:{a.value}"), Alias) for a in arguments[1:2])
        ):
            handed = [nested.Handed(1, len(arguments), "same", whole=True)]
        for item in handed:
            self._hand_words(raw, arguments, item)
        ran = bool(handed)
        ran = self._run_file(raw, arguments, index) or ran
        language = nested.read_language(arguments) if self.input is not None and not ran else None
        if language is not None and self.input is not None:
            if value := self.input.rest():
                scope = nested.scope_of(arguments, index) if language == "python" else "remote"
                self.hand(raw, value, scope, language=language)
                ran = True
        elif not ran and self.input is not None and runs_input(arguments):
            ran = self._run_input(raw, arguments)
        if (not ran or any(item.language for item in handed)) and self.output is not None:
            read = self.input.value if self.input is not None else None
            self.print_unknown(raw, (*(read or ()), *self.printed_by(arguments[index:])))
        if not handed or not nested.runs_only(handed):
            self._note_unnamed(raw, arguments, text=not handed and not ran)
            if not handed and not ran and index < len(arguments):
                self._note_given_file(raw, arguments[index:])
        if not handed or id(raw) not in self.layer.called:
            self.record(raw, fields)
        return None

    def _as_named(self, raw: RawCommand, fields: list[list[Value]]) -> list[list[Value]]:
        """The words of a command with its program in the place of another name for it."""
        index = effective([Argument.of(value) for found in fields for value in found])
        for number, found in enumerate(fields):
            if index < len(found):
                entry = self.env.variable(f"program:{path_name(found[index])}") if known(found[index]) else None
                content = entry.choices[0] if entry is not None and len(entry.choices) == 1 else None
                if not isinstance(content, tuple) or number >= len(raw.words):
                    break
                use = raw.words[number].start, raw.words[number].end
                value = tuple(fragment._replace(use=use) for fragment in content)
                return [*fields[:number], [*found[:index], value, *found[index + 1 :]], *fields[number + 1 :]]
            index -= len(found)
        return fields

    def _hand_words(self, raw: RawCommand, arguments: list[Argument], item: nested.Handed) -> None:
        parts: list[Fragment] = []
        for number, argument in enumerate(arguments[item.first : item.last]):
            if item.typed and argument.value == nested.BLANK_KEY and argument.parts:
                parts.append(argument.parts[0]._replace(text=" ", known=True))
                continue
            if number and parts and argument.parts and not item.typed:
                before, after = parts[-1], argument.parts[0]
                at = before._replace(text=" ", known=True, start=before.end, end=max(after.start, before.end))
                parts.append(at if after.region is before.region else at._replace(end=before.end))
            parts += argument.parts
        value = tuple(parts)
        if item.argv:
            value = nested.arguments_of(lambda index: arguments[index].parts, item.argv)
        if item.skip or item.until >= 0:
            value = values.cut(value, item.skip, len(text_of(value)) if item.until < 0 else item.until)
        if any(base(argument.value) == "parallel" for argument in arguments[: item.first]):
            value = nested.filled_in_by_parallel(value)
        by_find = any(base(argument.value) == "find" for argument in arguments[: item.first])
        if by_find:
            value = nested.filled_in_by_find([value], known_as="${_}")[0]
        if item.whole or (item.arguments >= 0 and known(value)):
            self.layer.called.add(id(raw))
            if item.arguments >= 0:  # the words behind the text are what it is about, if it uses them
                self.layer.replaced.add(id(raw))
        if item.late:
            self._late.append((self.layer, raw, value))
            return
        parameters: Items | None = None
        if 0 <= item.arguments < len(arguments):
            # What may be several words is `$1`, too.
            several = any(not part.known and not part.quoted for part in arguments[item.arguments].parts)
            first = item.arguments if several else item.arguments + 1
            rest = [argument.parts for argument in arguments[first:]]
            parameters = self.listed(nested.filled_in_by_find(rest) if by_find else rest)
        # What a launcher starts elsewhere has nothing of an `env` before it.
        apart = bool(item.argv) or item.language == "json"
        scope, given = (item.scope, []) if apart else _given(arguments[: item.first], item.scope)
        if 0 <= item.arguments < len(arguments):
            named = [arguments[item.arguments].parts]
            given.append(("0", (nested.filled_in_by_find(named) if by_find else named)[0]))
        self.hand(raw, value, scope, parameters=parameters, language=item.language, given=given)

    def _run_file(self, raw: RawCommand, arguments: list[Argument], index: int) -> bool:
        """Run a script that was written before, if the command runs it by its name, or the commands of its lines."""
        listed = nested.command_file(arguments)
        for at in range(listed, len(arguments)) if listed is not None else ():
            found = self.file(arguments[at].parts)
            for content in found or ():
                if isinstance(content, tuple):
                    self.hand(raw, content, "child", parameters=Items(()))
            if found is not None:
                return True
        if index >= len(arguments):
            return False
        name = arguments[index].value
        here = base(name) in ("source", ".")
        python = PYTHON.fullmatch(base(name)) is not None
        language: nested.Language = "python" if python else ""
        if here or python or names_shell(name) or base(name) in SUBMITTERS or name == "exec":
            candidates = range(index + 1, len(arguments))
        elif "/" in name or name.startswith("$"):
            candidates = range(index, index + 1)
        else:
            return False
        for at in candidates:
            found = self.file(arguments[at].parts)
            if found is not None:
                rest = arguments[at + 1 :]
                parameters = self.listed(argument.parts for argument in rest) if rest else None
                scope, given = _given(arguments[:at], "same" if here else "child")
                for content in found:
                    if isinstance(content, tuple):
                        own = None if here else parameters
                        self.hand(raw, content, scope, parameters=own, language=language, given=given)
                return True
            if here:
                break
        if here and len(arguments) > index + 1 and not _is_harmless(arguments[index + 1].value):
            self.env.read_unknown_script()
        return False

    def _run_input(self, raw: RawCommand, arguments: list[Argument]) -> bool:
        assert self.input is not None
        value = self.input.rest()
        if value is None or not value:
            return False
        start = effective(arguments)
        here = start < len(arguments) and base(arguments[start].value) in ("source", ".")
        rest = arguments[start + 1 :]
        index = next((at for at, word in enumerate(rest) if word.value in ("-s", "--", "-")), len(rest))
        given = [argument.parts for argument in rest[index + 1 :] if argument.value != "--"]
        parameters = self.listed(given) if given else None
        submitted = start < len(arguments) and base(arguments[start].value) in SUBMITTERS
        before = arguments if submitted else arguments[:start]
        scope, prefix = _given(before, "same" if here else nested.scope_of(arguments, len(arguments)))
        self.hand(raw, value, scope, parameters=None if here else parameters, given=prefix)
        return True

    def _run_words(self, raw: RawCommand, words: list[Argument]) -> None:
        """Run a command whose words were put together, as `xargs` does: no function of the script."""
        for item in nested.handed(words):
            self._hand_words(raw, words, item)
        if find_nemotron(words) is None:
            self._note_unnamed(raw, words)
        elif not self.quiet:
            call = self._anchor(fragment for word in words for fragment in word.parts)
            place = call or Call(self.layer, raw, {}, [], self.env)
            place.layer.called.add(id(place.raw))
            runs_of(place.layer, place.raw).add_call([word.parts for word in words])

    # Functions, and text for shells

    def _call(self, raw: RawCommand, function: Functions, arguments: list[Argument]) -> bool | None:
        bodies = [body for body in function.bodies if body is not None]
        if self.depth >= _MAX_DEPTH or len(self.calls) >= _MAX_CALLS:
            return None
        self.layer.called.add(id(raw))
        self.layer.replaced.add(id(raw))
        self.spend(2)
        if len(bodies) == 1 and len(function.bodies) == 1:
            return self._call_body(raw, *bodies[0], arguments)
        branches = []
        for block, layer in bodies:
            branch = Environment(self.env)
            self._maybe(branch, partial(self._call_body, raw, block, layer, arguments))
            branches.append(branch)
        self.join(self.env, branches)
        return None

    def _call_body(self, raw: RawCommand, block: Block, layer: Layer, arguments: list[Argument]) -> bool | None:
        self._called.add(id(block))
        outer, env = self.env, Environment(self.env)
        call = Call(self.layer, raw, {}, [], env)
        parameters = self.listed(self._bound(argument.parts, call) for argument in arguments[1:])
        hidden = (PARAMETERS, outer.get(PARAMETERS))
        env.set(PARAMETERS, Variable((parameters,)))
        self.calls.append(call)
        kept = self.layer, self.loops, self.passed_up
        self.layer, self.loops, self.passed_up, self.env = layer, [], None, env
        try:
            with self._untried():
                status = self.compound(block)
        finally:
            self.calls.pop()
            self.layer, self.loops, self.passed_up = kept
            self.env = outer
        self._meet_ends(env, call.ends)
        outer.vars.update(env.vars)
        outer.lost = outer.lost or env.lost
        for name, entry in (*call.hidden.items(), hidden):
            if entry is not None:
                outer.set(name, entry)
            else:
                outer.vars.pop(name, None)
        return None if call.ends else status

    @contextmanager
    def _untried(self) -> Iterator[None]:
        """Run something in which no value is being tried; one that is set there holds no longer behind it, either."""
        outer, self.choices = self.choices, {}
        before = {key: self.env.get(key) for key in outer if isinstance(key, str)}
        try:
            yield
        finally:
            changed = {key for key, entry in before.items() if self.env.get(key) is not entry}
            self.choices = {key: content for key, content in outer.items() if key not in changed} if changed else outer

    def _bound(self, value: Value, call: Call) -> Value:
        """An argument of a call: it stays at the place where the outermost call has it."""
        active = self.calls
        return tuple(
            fragment if any(fragment.call is other for other in active) else fragment._replace(call=call)
            for fragment in value
        )

    def kept_use(self, fragment: Fragment) -> bool:
        return fragment.call is not None and any(fragment.call is call for call in self.calls)

    def _anchor(self, fragments: Iterable[Fragment]) -> Call | None:
        """The outermost call of a function that some of these are arguments of."""
        if not self.calls:
            return None
        found = {id(fragment.call) for fragment in fragments if fragment.call is not None}
        return next((call for call in self.calls if id(call) in found), None)

    def record(self, raw: RawCommand, fields: list[list[Value]]) -> None:
        """Note what a command of the text became, if it is a run, or would have been one as written."""
        if self.quiet:
            return
        if self.layer.cutting:
            fields = self._cut_off(raw, fields)
        words = [Argument.of(value) for found in fields for value in found]
        written = find_nemotron(raw.words) is not None
        is_run = find_nemotron(words) is not None
        if is_run:
            self.named.add(id(raw))
        elif not written:
            return
        for word in raw.words if is_run and self.unseen else ():
            for piece in word.pieces:
                match = _PLAIN_USE.fullmatch(piece.text) if piece.kind == "expansion" else None
                if match is not None and match[1] in self.unseen:
                    self.layer.blame(raw, Fault("unseen", self.layer.region.span(piece.start, piece.end), match[1]))
        call = self._anchor(fragment for word in words for fragment in word.parts)
        if call is None:
            runs_of(self.layer, raw).add(fields)
            return
        if is_run:
            runs_of(call.layer, call.raw).add_call([word.parts for word in words])
        if written:
            own = [
                found if found and not any(f.call is not None for value in found for f in value) else [value_of(word)]
                for word, found in zip(raw.words, fields, strict=True)
            ]
            runs_of(self.layer, raw).add(own)

    def _cut_off(self, raw: RawCommand, fields: list[list[Value]]) -> list[list[Value]]:
        """The fields of a run up to what may end it: nobody knows what the shell makes of the rest."""
        before: list[Argument] = []
        for number, (word, found) in enumerate(zip(raw.words, fields, strict=True)):
            at = self.layer.cutting_in(word.start, word.end)
            if at >= 0 and find_nemotron(before) is not None:
                rest = Fragment(values.REST, self.layer.region, at, word.end, known=False, kind="expansion", cuts=True)
                stop = next((n for n, value in enumerate(found) if value and value[-1].end > at), 0)
                head = [fragment for fragment in found[stop] if fragment.end <= at] if found else []
                parts: list[Value] = [(*head, rest._replace(quoted=True)), (rest,)] if head else [(rest,)]
                return [*fields[:number], [*found[:stop], *parts], *([] for _ in fields[number + 1 :])]
            before += map(Argument.of, found)
        return fields

    def hand(
        self,
        raw: RawCommand,
        value: Value,
        scope: Scope,
        *,
        parameters: Items | None = None,
        language: nested.Language = "",
        given: Sequence[tuple[str, Value]] = (),
    ) -> bool | None:
        """Run text in a shell: this one, a child, or one elsewhere. `parameters` are its positional ones.

        `language`: what it is written in, if not shell. `given` are variables of the shell's own.
        """
        self._note_unfollowed(raw, value)
        if not value or self.depth >= _MAX_DEPTH:
            return None
        self.spend(values.cost(value))
        if not self._fits(value):
            return None
        if language and may_print(text_of(value)):
            self.print_unknown(raw, value)
        layers = self._inner(raw, value, language=language)
        if not layers:
            return None
        kept = self.layer, self.expanding, self.loops, self.passed_up
        self.passed_up = None
        if scope != "same" or not self.expanding:
            self.expanding = frozenset()
        self.depth += 1
        try:
            if scope == "same" and parameters is None:
                with self._untried():
                    return self._run_layers(layers)
            env = Environment(self.env, child=True) if scope == "child" else Environment()
            for name, content in given:
                env.set(name, Variable((content,), True))
            env.set(PARAMETERS, Variable((UNKNOWN,) if parameters is None else (parameters,)))
            self.loops = []
            with self._untried():
                status = self._in(env, partial(self._run_layers, layers))
            self.keep_files(env)
            return status
        finally:
            self.layer, self.expanding, self.loops, self.passed_up = kept
            self.depth -= 1

    def _note_unfollowed(self, raw: RawCommand, value: Value) -> None:
        """Note a command that runs text which names the command, and of which nobody knows what it became."""
        if any(fragment.names for fragment in value):
            self.unfollowed[id(raw)] = (self.layer, raw)

    def _note_unnamed(self, raw: RawCommand, words: Sequence[Argument], *, text: bool = False) -> None:
        """Note a command that may be a run, of a program with an unknown name, or one that is given as `text`."""
        given = text and nested.given_text(words) is not None
        if not self.quiet and (given or find_unnamed(words) is not None):
            self.unnamed[id(raw)] = (self.layer, raw, given)

    def _note_given_file(self, raw: RawCommand, words: Sequence[Argument]) -> None:
        """Note a command that gets a script on its standard input, or in a file that was written before."""
        found: list[Content] = []
        if raw.piped_from is not None or any(redirect.operator[:1] == "<" for redirect in raw.redirects):
            found += [self.input.value] if self.input is not None and self.input.value is not None else []
        for word in words[1:] if self.named_files else ():
            entry = self.env.variable(f"file:{path_name(word.parts)}")
            if entry is not None and nested.written_language(word.value, "") is None:  # else it is read by itself
                found += entry.choices
        if self.named_files and words[0].value == "autoload":
            wanted = {word.value for word in words[1:]}
            for name, written in self.env.vars.items():
                if name.startswith("file:") and base(name) in wanted and isinstance(written, Variable):
                    found += written.choices
        if self.quiet or not (found or not self._starts_others) or not nested.may_run_text(base(words[0].value)):
            return
        self._starts_others = True
        for content in found if not any(word.value in _KEEPS for word in words) else ():
            if isinstance(content, tuple) and self._is_script(content):
                self.unnamed[id(raw)] = (self.layer, raw, True)

    def _note_given_variable(self, raw: RawCommand, words: Sequence[Argument], entry: Variable) -> None:
        """Note a command that gets a whole command in a variable, or a script that shells run when they start."""
        program = effective(words)
        if program < len(words) and nested.may_run_text(base(words[program].value)):
            found: list[Content] = list(entry.choices)
            for value in entry.choices if self.named_files else ():
                found += self.file(value) or () if isinstance(value, tuple) else ()
            if any(isinstance(value, tuple) and self._is_script(value) for value in found):
                self.unnamed[id(raw)] = (self.layer, raw, True)

    def _is_script(self, value: Value) -> bool:
        """True if a value is a script that names the command."""
        if id(value) not in self._scripts:
            self.spend(values.cost(value))
            self._scripts[id(value)] = value, nested.runs_command(text_of(value))
        return self._scripts[id(value)][1]

    def kept(self) -> Iterator[Fragment]:
        """Where commands are written that variables hold for programs that the script starts, and for no other use."""
        for name, entry in self.env.vars.items() if self._starts_others else ():
            if name in self.asked or not isinstance(entry, Variable) or not entry.exported or not name.isidentifier():
                continue
            content = entry.choices[0] if entry.choices else None
            if isinstance(content, tuple) and content and nested.runs_command(text_of(content)):
                yield content[0]

    def _run_layers(self, layers: Sequence[Layer]) -> bool | None:
        status: bool | None = True
        for layer in layers:
            self.layer = layer
            for steps in layer.slicer.roots:
                status = self.steps(steps)
        return status

    def _inner(self, raw: RawCommand, value: Value, *, language: nested.Language = "") -> list[Layer]:
        """The layers of a text that a command hands to a shell."""
        call = self._anchor(value)
        layer = self.layer if call is None else call.layer
        if call is not None:
            raw = call.raw
        start, end = raw.start, raw.end
        name = (raw.words[0].start, raw.words[0].end) if raw.words else (max(start, 0), max(end, 0))
        if call is None and value and all(fragment.use is None for fragment in value):
            # Written in one place, a here-document or a file, say: it is read there.
            layer = self._of_region.get(id(value[0].region), layer)
        region = layer.region

        def use(fragment: Fragment) -> tuple[int, int] | None:
            inside = fragment.region is region and start <= fragment.start and fragment.end <= end
            if call is not None:
                if inside:
                    return None
                return fragment.use if fragment.call is not None and fragment.use is not None else name
            if fragment.use is not None:
                return fragment.use
            return None if fragment.region is region else name

        self.consume(value)
        place = value[0].start if use(value[0]) is None else max(start, 0)
        key = (
            id(layer), place, tuple((f.text, f.known, id(f.region), f.start, f.end, use(f)) for f in value),
        )  # fmt: skip
        heredoc = layer.heredoc_at(value[0].start) if use(value[0]) is None else None

        def script() -> nested.Script:
            text = nested.filled_in_by_shell(value) if language else value
            return nested.script_of(text, layer.text, place, use, heredoc)._replace(language=language)

        return self._read_once(key, layer, script)

    def _read_once(self, key: tuple[object, ...], layer: Layer, script: Callable[[], nested.Script]) -> list[Layer]:
        """The layers of a script inside a layer, which is read the first time that it runs."""
        if key not in self._layers:
            self._layers[key] = self.read(layer, script())
            self._of_region.update((id(found.region), found) for found in self._layers[key])
        return self._layers[key]

    # Words and assignments

    def substituted(self, at: int, text: str) -> Value | None:
        layer = self.layer
        if text.startswith(("<(", ">(")):
            steps = layer.slicer.lists.get(at)
            if steps is not None:
                output = self._captured(partial(self.steps, steps))
                place = Fragment(text, layer.region, at, at + len(text), False, True, "expansion")
                if text.startswith("<(") and output is not None:
                    self.write_file((place,), output)
                return (place,)
            return None
        steps = layer.slicer.lists.get(at)
        if steps is not None:
            if text.startswith("${"):
                output = self._captured(partial(self.steps, steps), shell=False)
            elif len(steps) == 1 and isinstance(steps[0].node, RawCommand) and steps[0].node.only_redirects:
                output = self.contents_of(steps[0].node)
            else:
                output = self._captured(partial(self.steps, steps))
        elif text.startswith("`"):
            backtick = next((item for item in layer.slicer.backticks if item.start == at + 1), None)
            if backtick is None:
                return None
            layer.done.add(id(backtick))
            output = self._captured(lambda: self._backtick(backtick))
        else:
            return None
        if output is None:
            return None
        if output and all(fragment.text == values.SPACED and not fragment.known for fragment in output):
            return output[:1]
        if output and not any(fragment.known or fragment.names for fragment in output):
            return None
        output = tuple(f._replace(text=f.text.replace("\0", "")) if "\0" in f.text else f for f in output)
        return values.without_last_lines(output)

    def _backtick(self, backtick: Backtick) -> bool | None:
        key = (id(self.layer), "`", id(backtick))
        layers = self._read_once(key, self.layer, lambda: nested.backtick_script(backtick, self.layer.text))
        if self.depth >= _MAX_DEPTH:
            return None
        kept = self.layer
        self.depth += 1
        try:
            return self._run_layers(layers)
        finally:
            self.layer = kept
            self.depth -= 1

    def _captured(self, work: Callable[[], bool | None], *, shell: bool = True) -> Value | None:
        """What `work` prints."""
        if self.depth >= _MAX_DEPTH:
            return None
        self.depth += 1
        kept = self.output, self.touched, self.refused, self.input, self.unseen
        floor, self.floor = self.floor, self.env
        outer, self.passed_up = self.passed_up, {}
        self.output, self.refused = [], []
        touched = self.choices
        try:
            if shell:
                self.subshell(work)
            else:
                work()
            return tuple(self.output)
        finally:
            self.depth -= 1
            self.output, self.touched, self.refused, self.input, self.unseen = kept
            self.floor = floor
            self.touched.update(self.passed_up)
            self.passed_up, self.choices = outer, touched

    def _assign_all(self, raw: RawCommand, *, exported: bool = False) -> None:
        for assigned in raw.assignments:
            self.assign_word(assigned.word, exported=exported)
        for array in raw.arrays:
            self.assign_array(array.name, array.words, append=array.append)

    def assign_word(self, word: Word, *, exported: bool | None = None, local: bool = False) -> None:
        """`NAME=value`, `NAME+=value` or `NAME[index]=value`."""
        found = assignment(word)
        if found is None:
            return
        name, subscript, append, pieces = found
        choices = self._value_choices(pieces)
        if local:
            self.make_local(name)
        if subscript is not None:
            self.assign_item(name, subscript, choices, append=append)
            return
        if append:
            choices = self._appended(name, choices)
        self.assign(name, choices, exported=exported)

    def _value_choices(self, pieces: Sequence[Piece]) -> tuple[Content, ...]:
        """What is assigned: one value, or a few where it is made of a variable that has one of a few."""
        outer, self.touched = self.touched, {}
        try:
            value = self.whole(pieces)
            touched = self.touched
            found: list[Content] = [value]
            several = [item for item in touched.items() if item[0] not in self.choices]
            if len(several) == 1 or (several and any(values.names_command(c) for item in several for c in item[1])):
                key, choices = next(
                    (item for item in several if any(values.names_command(c) for c in item[1])), several[0]
                )
                found = []
                fixed = self.choices
                for content in choices:
                    self.choices = {**fixed, key: content}
                    found.append(self.whole(pieces))
                self.choices = fixed
            return choose([content if self._fits(content) else UNKNOWN for content in found])[0]
        finally:
            self.touched = outer

    def _appended(self, name: str, choices: tuple[Content, ...]) -> tuple[Content, ...]:
        """`NAME+=value`."""
        name = self.aim(name)
        variable = self.env.variable(name)
        found: list[Content] = []
        for before in variable.choices if variable is not None and variable.choices else (UNKNOWN,):
            for content in choices:
                if isinstance(before, Items) and isinstance(content, tuple) and self._is_zsh():
                    found.append(Items((*before.entries, (_following(before.entries), content))))
                elif isinstance(before, Items) and isinstance(content, tuple):
                    first = before.entries[0] if before.entries else (0, ())
                    head = first[1]
                    if isinstance(head, tuple):
                        found.append(Items((((first[0]), (*head, *content)), *before.entries[1:])))
                    else:
                        found.append(UNKNOWN)
                elif isinstance(content, tuple) and (isinstance(before, tuple) or before is UNSET):
                    found.append((*before, *content) if isinstance(before, tuple) else content)
                else:
                    found.append(UNKNOWN)
        for content in found:
            self.spend(1 + len(content) // 20 if isinstance(content, tuple) else 1)
        return choose([content if self._fits(content) else UNKNOWN for content in found])[0]

    def _fits(self, content: Content) -> bool:
        """False if a value is too large to be kept, which matters if it names the command."""
        if not values.too_large(content):
            return True
        self.overflowed = self.overflowed or values.names_command(content)
        return False

    def assign_array(self, name: str, words: Sequence[Word], *, append: bool, mapping: bool = False) -> None:
        """`NAME=(…)` or `NAME+=(…)`."""
        name = self.aim(name)
        entries: list[tuple[int | str | None, Value | values.Absent]] = []
        variable = self.env.variable(name)
        mapping = mapping or (variable is not None and variable.kind == "map")
        several = False
        before: Items | None = None
        if append and variable is not None:
            content = self.content(name)
            if isinstance(content, Items):
                before = content
            elif isinstance(content, tuple):
                before = Items.of([content])
            elif content is UNKNOWN:
                before = Items.of([OPEN])
                several = len(variable.choices) > 1
        if before is not None:
            entries += before.entries
        following = _following(entries)
        for word in words:
            first = word.pieces[0] if word.pieces else None
            match = _ELEMENT.match(first.text) if first is not None and first.kind == "literal" else None
            if match is not None and first is not None:
                rest = first._replace(text=first.text[match.end() :], start=first.start + match.end())
                value = self.whole([*([rest] if rest.text else []), *word.pieces[1:]])
                key = match[1].strip("\"'")
                index = key if mapping else int(key) if key.isdecimal() and len(key) < 9 else None
                entries.append((index, value))
                following = index + 1 if isinstance(index, int) else None
                continue
            for value in self.expand(word):
                loose = values.is_open(value) or self.is_pattern(value)
                item = OPEN if loose and not values.names_command(value) else value
                entries.append((None if loose or mapping else following, item))
                following = None if loose or following is None else following + 1
        items = Items(_in_order(entries))
        added = len(before.entries) if before is not None else 0
        self.spend(1 + added // 20 + sum(values.cost(value) for _, value in entries[added:]))
        if not self._fits(items):
            self.assign(name, (UNKNOWN,))
            return
        if several and variable is not None:
            choices = [
                Items((*c.entries, *((None, v) for _, v in entries[1:]))) if isinstance(c, Items) else UNKNOWN
                for c in variable.choices
            ]
            self.assign(name, choose(choices)[0])
            return
        self.assign(name, (items,), kind="map" if mapping else "")

    def assign_item(self, name: str, subscript: str, choices: tuple[Content, ...], *, append: bool = False) -> None:
        """`NAME[index]=value`."""
        name = self.aim(name)
        variable = self.env.variable(name)
        content = self.content(name) if variable is not None else UNSET
        mapping = variable is not None and variable.kind == "map"
        if isinstance(content, tuple):
            content = Items.of([content])
        if content is UNSET or (mapping and content is UNKNOWN and variable is not None and len(variable.choices) == 0):
            content = Items(())
        if not isinstance(content, Items):
            self.assign(name, (UNKNOWN,))
            return
        if not mapping and (place := next((v[0] for v in choices if isinstance(v, tuple) and v), None)) is not None:
            if any(arithmetic.changed(subscript)):
                number = self.compute(subscript, place)
                subscript = "" if number is None else str(number)
        key = self.index(subscript, content, mapping=mapping)
        grows = subscript in (f"${{#{name}[@]}}", f"${{#{name}[*]}}") and content.complete
        found = [
            self._with_item(content, key, value, append=append, grows=grows) if isinstance(value, tuple) else UNKNOWN
            for value in choices
        ]
        self.assign(name, choose(found)[0], kind="map" if mapping else "")

    def _with_item(self, content: Items, key: int | str | None, value: Value, *, append: bool, grows: bool) -> Items:
        """An array with one item more, or in place of another; `grows`: it certainly comes behind the others."""
        entries = list(content.entries)
        if isinstance(key, int) and key < 0:
            key = content.counted(key)
        keys = list(dict(entries))
        at = keys.index(key) if key is not None and key in keys else -1
        known_key = key is not None and not (isinstance(key, str) and "$" in key)
        if grows:
            entries.append((_following(entries), value))
        elif known_key and at >= 0 and entries[at][0] == key:
            before = entries[at][1]
            entries[at] = (key, (*before, *value) if append and isinstance(before, tuple) else value)
        elif known_key and None not in keys:
            numbers = [one for one in keys if isinstance(one, int)]
            after = bisect(numbers, key) if isinstance(key, int) else len(keys)
            entries.insert(after, (key, value))
        elif entries:  # it may be put before what is there, or in its place
            # A whole command that is one of the items is run as one of several, so that it is kept.
            kept = [(None, item) for _, item in entries if isinstance(item, tuple) and MENTION.search(text_of(item))]
            entries = [(None, OPEN), *kept, (None, value), (None, OPEN)]
        else:
            entries = [(None, value)]
        self.spend(1 + len(entries) // 8)
        return Items(tuple(entries))

    # Redirections

    @contextmanager
    def redirected(self, raw: RawCommand) -> Iterator[None]:
        """Run something with the redirections of a command in force."""
        kept = self.input, self.output, self.descriptors
        fed = self.fed(raw)
        if fed is not None:
            self.input = fed
        target, append = self._target(raw)
        if target is not None:
            self.output = []
        try:
            yield
        finally:
            written = self.output
            lasting = [word.value for word in raw.words] == ["exec"]
            given = (self.input, kept[1], self.descriptors) if lasting else kept
            self.input, self.output, self.descriptors = given
            if target:
                self.written(raw, target, tuple(written or ()), append=append)

    def fed(self, raw: RawCommand) -> Input | None:
        """What a redirection of a command gives to it, None if it has none."""
        last: Input | None = None
        number = 0
        for redirect in raw.redirects:
            fed: Input | None = None
            if redirect.operator in ("<<", "<<-") and redirect.target is None:
                heredoc = raw.heredocs[number] if number < len(raw.heredocs) else None
                number += 1
                if heredoc is not None and heredoc.start >= 0:
                    fed = Input(self._heredoc(raw, heredoc))
            elif redirect.target is None:
                continue
            elif redirect.operator == "<<<":
                value = self.whole(redirect.target.pieces)
                end = value[-1] if value else values.fragment_of(redirect.target.pieces[0], redirect.target.region)
                fed = Input((*value, end._replace(text="\n", start=end.end, known=True)))
            elif redirect.operator == "<":
                fields = self.expand(redirect.target)
                fed = self.device(fields[0]) if len(fields) == 1 else None
                if fed is None:
                    fed = Input(values.only(self.file(fields[0]) if len(fields) == 1 else None))
            elif redirect.operator == "<&":
                fed = self.descriptor(redirect.target.value)
            if fed is None:
                continue
            match = _DESCRIPTOR.match(self.layer.text, redirect.start)
            if match is None or match[1] == "0":
                last = fed
            else:
                self.descriptors = {**self.descriptors, match[1]: fed}
        return last

    def _heredoc(self, raw: RawCommand, heredoc: HereDoc) -> Value:
        value = self._heredocs.get(id(heredoc))
        if value is not None and (heredoc.quoted or not heredoc.pieces):
            return value[3]
        found = self._heredoc_value(heredoc)
        self._heredocs[id(heredoc)] = (heredoc, raw, self.layer, found)
        return found

    def _heredoc_value(self, heredoc: HereDoc) -> Value:
        script = nested.heredoc_map(heredoc, self.layer.text)
        self.spend(len(script.map.text) // 40)
        region, text = self.layer.region, script.map.text
        found: list[Fragment] = []
        expansions = iter(heredoc.pieces or ())
        expansion = next(expansions, None)
        for segment in script.map.segments:
            start, stop = segment.outer_start, segment.outer_start + segment.outer_length
            if segment.kind != "verbatim":
                if segment.length and not (expansion and expansion.start <= start < expansion.end):
                    part = text[segment.start : segment.start + segment.length]
                    found.append(Fragment(part, region, start, stop))
                continue
            while start < stop:
                while expansion is not None and expansion.end <= start:
                    expansion = next(expansions, None)
                if expansion is None or expansion.start >= stop:
                    found.append(Fragment(self.layer.text[start:stop], region, start, stop))
                    break
                if start < expansion.start:
                    found.append(Fragment(self.layer.text[start : expansion.start], region, start, expansion.start))
                if expansion.start >= start:
                    found += self.whole([expansion])
                start = expansion.end
        return tuple(found)

    def _target(self, raw: RawCommand) -> tuple[Value | None, bool]:
        """Where a command writes: the name of a file, empty if it does not matter where; None if nowhere."""
        for redirect in reversed(raw.redirects):
            if ">" not in redirect.operator or redirect.target is None or redirect.operator == "<>":
                continue
            if self.layer.text[redirect.start] in "23456789":
                continue
            if redirect.operator in (">&",) and redirect.target.value in ("1", "-"):
                continue
            if redirect.target.value in ("/dev/null", "/dev/stderr") or redirect.operator == ">&":
                return (), False
            fields = self.expand(redirect.target)
            if len(fields) == 1:
                return fields[0], redirect.operator == ">>"
            return (), False
        return None, False

    def written(self, raw: RawCommand, target: Value, content: Value, *, append: bool) -> None:
        self.write_file(target, content, append=append)
        language = nested.written_language(text_of(target), text_of(content)[:200]) if content else None
        if language is not None:
            self._texts.append((content, self.layer, language))


def _given(words: Sequence[Argument], scope: Scope) -> tuple[Scope, list[tuple[str, Value]]]:
    """What `env` or a launcher before a shell makes of its environment: the scope, and the variables that it sets."""
    found: list[tuple[str, Value]] = []
    assigns = False
    for at, word in enumerate(words):
        name = base(word.value)
        if name in LAUNCHERS and LAUNCHERS[name].scope == "remote":
            found.clear()  # it starts something elsewhere
        if assigns and (match := ASSIGNMENT.match(word.value)) is not None:
            found.append((match[1], values.cut(word.parts, match.end(), len(word.value))))
        elif assigns and (word.value in ("-i", "-", "-u", "--ignore-environment") or word.value.startswith("--unset")):
            scope = "remote"
        assigns = assigns or name in ("env", "sudo")
        for variable, value, alone in _options_of(words[at + 1 :], name):
            if value is not None:
                found.append((variable, value))
            elif variable == "NONE" or (alone and variable != "ALL"):
                scope = "remote"
    return scope, found


def _options_of(words: Sequence[Argument], launcher: str) -> Iterator[tuple[str, Value | None, bool]]:
    """Each variable that options of a launcher set, with its value; True if it is the first of an `--export`."""
    options, several = ENVIRONMENT_OPTIONS.get(launcher, ()), launcher in SEVERAL_VARIABLES
    for at, word in enumerate(words):
        option, equals, _ = word.value.partition("=")
        if option not in options or (not equals and at + 1 == len(words)):
            continue
        start, given = (len(option) + 1, word) if equals else (0, words[at + 1])
        first = True
        while start <= len(given.value):
            end = given.value.find(",", start) if several else -1
            end = len(given.value) if end < 0 else end
            match = ASSIGNMENT.match(given.value[start:end])
            if match is None:
                yield given.value[start:end], None, first and option == "--export"
            else:
                if first and option == "--export":
                    yield "", None, True
                yield match[1], values.cut(given.parts, start + match.end(), end), False
            first, start = False, end + 1


def _flat(env: Environment, upto: Environment) -> Environment:
    """The environment with all that stands between it and `upto`."""
    chain: list[Environment] = []
    here: Environment | None = env
    while here is not None and here is not upto:
        chain.append(here)
        here = here.parent
    flat = Environment(upto)
    for item in reversed(chain):
        flat.vars.update(item.vars)
    flat.lost = env.lost
    return flat


def _holds_same(one: object, other: object) -> bool:
    if one is other:
        return True
    if isinstance(one, Variable) and isinstance(other, Variable):
        return len(one.choices) == len(other.choices) and all(
            values.same(a, b) for a, b in zip(one.choices, other.choices, strict=True)
        )
    return type(one) is type(other) and not isinstance(one, Variable)


def _following(entries: Sequence[tuple[int | str | None, object]]) -> int | None:
    """The index of what is put behind the last item of an array, None if nobody knows."""
    last = entries[-1][0] if entries else -1
    return last + 1 if isinstance(last, int) else None


def _in_order(
    entries: Sequence[tuple[int | str | None, Value | values.Absent]],
) -> tuple[tuple[int | str | None, Value | values.Absent], ...]:
    """The items of an array in the order of their indexes, the last one with each index, if all are known."""
    keys = [key for key, _ in entries if isinstance(key, int)]
    if len(keys) < len(entries) or all(one < other for one, other in pairwise(keys)):
        return tuple(entries)
    last = {key: value for key, (_, value) in zip(keys, entries, strict=True)}
    return tuple((key, last[key]) for key in sorted(last))


def _stable(entry: object) -> tuple[Content, ...]:
    """Of the values of a variable that changes in each round, those that hold what is certain."""
    assert isinstance(entry, Variable)
    return tuple(content for content in entry.choices if isinstance(content, Items) and not content.complete)


def _searches(node: RawCommand | Block) -> bool:
    """True for `command -v` and its like, which print the path of a command, and nothing if there is none."""
    words = [word.value for word in node.words[:2]] if isinstance(node, RawCommand) else []
    return words[:1] in (["which"], ["whence"]) or words in (
        ["command", "-v"], ["type", "-p"], ["type", "-P"], ["hash", "-t"],
    )  # fmt: skip


# What lets a script of bash expand aliases, or may: a setting, an interactive shell, a file that it reads.
_ALIASES_ON = lazily(r"(?m)expand_aliases|\bposix\b|\bbash[ \t]+-\w*i|(?:^|[;&|{(\s])(?:source|\.)[ \t]")
_BASH_SCRIPT = lazily(r"\ufeff?#![^\n]*\bbash\b")


def _expands_aliases(document: Document) -> bool:
    """False for a script of bash that never turns the expansion of aliases on: a script does not have it by itself."""
    text = document.text
    return document.kind != "shell" or _BASH_SCRIPT.match(text) is None or _ALIASES_ON.search(text) is not None


def _is_plain(word: Word) -> bool:
    return len(word.pieces) == 1 and word.pieces[0].kind == "literal" and "{" not in word.value


# What keeps what it reads, as `ssh host tee x` does.
_KEEPS = frozenset({"cat", "dd", "tee"})
_HARMLESS = ("activate", "conda.sh", "profile", "bashrc", "bash_profile", "functions", "modules.sh", "lmod.sh")


def _is_harmless(path: str) -> bool:
    """True for scripts that set up the shell, and none of the variables of the script that reads them."""
    return path.endswith(_HARMLESS) or path.startswith("/etc/")
