"""Which key of a step is meant by one that only looks like it: `optimizer.learning_rate` for `optimizer.lr`.

Where keys reach a library, nobody can list all that it reads, so that an unknown key alone says nothing. It says
something where a config holds the same thing under another name: in the same mapping under an abbreviation, with a word
of the mapping's own name left out, as one of the two that `x_or_y` offers; or under the same name in another mapping.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from nemolint.project.model import Tree
from nemolint.project.overrides import split_key
from nemolint.secrets.names import name_field, secret_key

_MAX_PARTS = 12
_MOST = 3
# Words for how many there are at most, which names of the same number have or have not: `max_iters`, `num_iters`.
_COUNTING = frozenset({"max", "num", "n", "total", "count"})
# Words that any mapping may have, so that they say nothing about which one is meant.
_LONE = frozenset({"name", "id"})


class LikelyKeys:
    """The keys that configs hold, ready to be asked which of them another one means."""

    def __init__(self, trees: Iterable[Mapping[str, Tree]]) -> None:
        self._leaves: dict[str, list[str]] = {}  # mapping -> last parts
        self._by_last: dict[str, list[str]] = {}
        self._targets: dict[str, set[str]] = {}  # mapping -> words of the code that it is handed to
        self._kinds: dict[str, set[str]] = {}  # mapping -> words for what it describes
        self._mappings: set[str] = set()
        seen: set[str] = set()
        for tree in trees:
            for key, value in _items(tree):
                above, _, last = key.rpartition(".")
                if last == "_target_":
                    words = _words_of_code(value) if isinstance(value, str) else ()
                    self._targets.setdefault(above, set()).update(words)
                elif isinstance(value, dict):
                    self._mappings.add(key)
                elif key not in seen:
                    if last == "type" and isinstance(value, str) and value.isidentifier() and value != "none":
                        self._kinds.setdefault(above, set()).update(value.lower().split("_"))
                    seen.add(key)
                    self._leaves.setdefault(above, []).append(last)
                    self._by_last.setdefault(last, []).append(key)
        self._known = seen
        self._tops = {key.partition(".")[0] for key in (*seen, *self._mappings)}
        self.meant = lru_cache(maxsize=4096)(self._meant)

    def _meant(self, key: str) -> tuple[str, ...]:
        """The keys that `key` may mean, few and sorted; none if a config holds it, or it may be one of a library."""
        parts = split_key(key)
        if key in self._known or key in self._mappings or not 1 < len(parts) <= _MAX_PARTS:
            return ()
        above, last = ".".join(parts[:-1]), parts[-1]
        if secret_key(last):
            return ()  # where a key's value does not belong, other rules say
        if above in self._mappings:
            found = self._in_mapping(above, last) or self._below(above, last)
        elif parts[0] in self._tops:
            found = []
        else:
            found = self._in_other(parts[0], above, last)
        found = sorted(set(found))
        return tuple(found) if len(found) <= _MOST else ()

    def _in_mapping(self, above: str, last: str) -> list[str]:
        """Other names of the same thing in the same mapping."""
        own = {*above.rpartition(".")[2].split("_"), *self._words(above)}
        words = last.split("_")
        return [f"{above}.{name}" for name in self._leaves.get(above, ()) if _is_other_name(words, name, own)]

    def _below(self, above: str, last: str) -> list[str]:
        """The key of that name further down: one of several words, or any below a mapping of mappings alone."""
        if "_" not in last and self._leaves.get(above):
            return []
        return [key for key in self._by_last.get(last, ()) if key.startswith(f"{above}.")]

    def _in_other(self, section: str, above: str, last: str) -> list[str]:
        """The key of that name in another section, if no config has this one."""
        if "." in above or any(section.endswith(f"_{top}") for top in self._tops):
            return []  # `teacher_model` is not `model`
        found = []
        for top in self._leaves:
            if "." in top or not top:
                continue
            alias = self._is_alias(section, top)
            for name in self._leaves[top]:
                same = name == last
                # What a mapping hands to code of its own, another may hand to other code.
                if (same and (alias or ("_" in last and top not in self._targets))) or (
                    alias
                    and _is_other_name(last.split("_"), name, {section, *top.split("_"), *self._targets.get(top, ())})
                ):
                    found.append(f"{top}.{name}")
        return found

    def _words(self, mapping: str) -> set[str]:
        """The words of the code that a mapping is handed to, and of its type: `lora` in `peft.type=lora`."""
        return self._targets.get(mapping, set()) | self._kinds.get(mapping, set())

    def _is_alias(self, section: str, top: str) -> bool:
        """True if a section that no config has is another name of one: `lora` for `peft`, `optim` for `optimizer`."""
        if section in self._words(top):
            return True
        return min(len(section), len(top)) > 3 and (section.startswith(top) or top.startswith(section))

    def renamed(self, key: str) -> Iterator[str]:
        """The key under other names: in each section that its own, which no config has, is another name of, and without
        the words of its section (`peft.lora_rank`).
        """
        section, dot, rest = key.partition(".")
        if not dot:
            return
        tops = [section]
        if section not in self._tops:
            tops = [top for top in sorted(self._tops) if "." not in top and self._is_alias(section, top)]
            yield from (f"{top}.{rest}" for top in tops)
        for top in tops:
            own = {section, top, *self._words(top)}
            words = rest.split("_")
            bare = "_".join(word for word in words if word not in own)
            if "." not in rest and bare and bare != rest:
                yield f"{top}.{bare}"


def _items(tree: Mapping[str, Tree]) -> Iterator[tuple[str, Tree]]:
    """The dotted keys of a config with their values; what stands in lists is left out."""
    stack: list[tuple[str, Tree]] = list(tree.items())
    while stack:
        key, value = stack.pop()
        yield key, value
        if isinstance(value, dict):
            stack.extend((f"{key}.{name}", item) for name, item in value.items())


def _words_of_code(path: str) -> set[str]:
    """The modules that a dotted path of code names, without its class: `nemo_automodel.components._peft.lora`."""
    return {word for part in path.split(".")[1:-1] for word in part.strip("_").split("_") if len(word) > 2}


def _is_other_name(words: list[str], name: str, own: set[str]) -> bool:
    """True if words are another name of a key in a mapping whose own words are `own`."""
    theirs = name.split("_")
    text = "_".join(words)
    # `learning_rate` for `lr`, `tensor_parallel_size` for `tp_size`, and the other way round.
    if _abbreviates(theirs, words) or _abbreviates(words, theirs):
        return True
    # `peft.lora_alpha` for `peft.alpha`, `checkpoint.dir` for `checkpoint.checkpoint_dir`.
    bare = [word for word in words if word not in own]
    counted = [word for word in bare if word not in _COUNTING]
    if len(counted) == 1 < len(words) and counted == [word for word in theirs if word not in own | _COUNTING]:
        return True
    if bare and (bare != words or len(bare) < len(theirs)) and bare == [word for word in theirs if word not in own]:
        return True
    # `model.name` and `model.path` for `model.pretrained_model_name_or_path`.
    choices = [choice.split("_") for choice in name.split("_or_")]
    if len(choices) > 1 and bare and any(choice[-len(bare) :] == bare for choice in choices):
        return True
    # `tensor_parallel_size` for `tensor_model_parallel_size`.
    if len(words) > 2 and len(theirs) == len(words) + 1:
        if any(theirs[:at] + theirs[at + 1 :] == words for at in range(1, len(words))):
            return True
    # `model` and `model_name` for `model_id`, and `api_key_env` for `api_key_name`, which both take a variable's name.
    if theirs[-1] in _LONE and theirs[:-1] in (words, words[:-1] if words[-1] in _LONE else words):
        return True
    return name_field(name) and name_field(text) and theirs[0] == words[0]


def _abbreviates(short: list[str], long: list[str]) -> bool:
    """True if words of `long` that follow each other stand in `short` as their initials, and the others as they are."""
    if len(short) >= len(long):
        return False
    for at, word in enumerate(short):
        size = len(long) - len(short) + 1
        if len(word) == size > 1 and short[:at] == long[:at] and short[at + 1 :] == long[at + size :]:
            if word == "".join(part[:1] for part in long[at : at + size]):
                return True
    return False
