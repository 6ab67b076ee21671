"""The number that a question gives for a key: `num_records` in "make me 100 chat records"."""

from __future__ import annotations

import re
from functools import lru_cache

from nemolint.base.patterns import compile_sound, lazily

NUMBER = r"\d+(?:[.,_]\d+)*(?:[eE][-+]?\d+)?[kK]?"
_LONGEST = 20_000  # characters of a question that are read
_N = rf"(?<![\d.,_])({NUMBER})"
_STEPS = frozenset({"step", "steps", "stage", "stages", "run", "runs"})  # which a catalog has, too
_OWNED = lazily(r"(?i)\b(?:have|has|got|with|habe|hat|haben|ai|tengo|ho)[ ]+(?:\w+[ ]+){0,2}\Z")  # "we have 8 GPUs"
_FILLERS = frozenset({"num", "number", "n", "max", "total", "count", "of"})
# What may stand between a noun and its number: "the rank should be set to 8", "pack size (in tokens): 8192".
_TO = (
    r"(?:(?:is|are|of|to|be|should|must|shall|set|at|as|equal|equals|exactly|about|around|value|the|a|an|in|tokens?|it|make|"
    r"from|auf|von|gleich|soll|sollte|sein|ist|mit|de|à|a|est|doit|être|es|debe|ser|sea|em|na|на|равен|равно|должен|быть)"
    r"(?:[ ]+|(?=[=:(),]))|[=:(),][ ]*){1,6}"
)
# "100 synthetic chat records": words that belong to the noun.
_ADJECTIVES = r"(?:(?!(?:of|for|in|on|with|per|and|or|from|to|at|by|is|are|the|a|an|as)\b)[A-Za-zÀ-ÿ-]{2,20}[ ]+){0,3}"
# "8 as the LoRA rank", "use 8 for the rank".
_AS = r"[ ]+(?:as|for|is|should[ ]+be|als|für|comme|pour|como|para)[ ]+(?:(?:the|a|an|my|der|die|den|le|la|el|o)[ ]+)?"
# By the last part of a key, what users call it: nouns that name nothing else, and phrases around the number.
_CALLED = {
    "dim": (r"(?:lora[ _-]*)?(?:rank|rang|rango|ранг[а-я]{0,2})", r"(?:秩|ランク|랭크|रैंक)\D{{0,6}}{n}"),
    "alpha": (r"(?:lora[ _-]*)?alpha", ""),
    "lr": (
        r"learning[ -]rate|lernrate|taux[ ]d['’]apprentissage|tasa[ ]de[ ]aprendizaje|taxa[ ]de[ ]aprendizado",
        r"(?:学习率|學習率|学習率|학습률)\D{{0,6}}{n}",
    ),
    "max_steps": (
        r"(?:training|train|optimi[sz]er)[ -]steps|iterations|iters|trainingsschritte|itérations|iteraciones|iterações"
        r"|iterazioni|iteracji|итераций",
        r"(?:训练|訓練)\s*{n}\s*步|{n}\s*(?:ステップ学習|스텝\s*학습)",
    ),
    "global_batch_size": (
        r"(?<!local )(?<!micro )(?:global[ ]+)?batch[ -]?(?:size|größe)|taille[ ]de[ ](?:batch|lot)|tamaño[ ]de[ ]lote",
        r"(?:(?<!微)批次?大小|(?<!マイクロ)バッチサイズ|(?<!마이크로 )배치\s*크기)\D{{0,6}}{n}",
    ),
    "num_records": (
        r"records|examples|samples|conversations|datensätze|beispiele|enregistrements|exemples|registros|ejemplos"
        r"|exemplos|rekordów|przykładów|записей|примеров|kayıt",
        r"{n}\s*(?:条|條|件|개|건|रिकॉर्ड)",
    ),
    "pack_size": (
        r"pack(?:ing)?[ _-](?:size|length)|packgröße|packlänge|sequence[ -]length",
        r"(?:打包(?:长度|大小)|序列长度|パックサイズ|シーケンス長|패킹\s*크기)\D{{0,6}}{n}",
    ),
}
_CALLED["train_iters"] = _CALLED["max_steps"]


@lru_cache(maxsize=1024)
def number_of(prompt: str, key: str, *synonyms: str) -> str:
    """The number that a question gives beside the words of a key (`num_records`: "100 records"); "" without one.

    `key` is the last part of it, `synonyms` are others that mean the same: `rank` for `dim`.
    """
    prompt = prompt[:_LONGEST]
    found = {one for name in (key, *synonyms) for one in _found(prompt, name)}
    if nouns := _CALLED.get(key):
        found |= set(_near(prompt, nouns[0], plain=True))
        if nouns[1]:
            found |= _matches(prompt, nouns[1].format(n=_N))
    return found.pop() if len(found) == 1 else ""


def _found(prompt: str, key: str) -> set[str]:
    """The numbers beside the words of a key."""
    words = [word for word in key.split("_") if word not in _FILLERS]
    if not words or len("".join(words)) < 4 or not all(map(str.isalpha, words)):
        return set()
    name = r"[ _-]".join(rf"{re.escape(word.rstrip('s'))}s?" for word in words)
    if len(words) == 1 and words[0] in _STEPS:  # "in three steps", "as in step 2"
        counted = rf"(?<![\w/.,-])(?:for|max|maximum|mit|pour|durante|per)[ ]+{_N}[ ]+{name}(?!\w)"
        return _matches(prompt, rf"{counted}|{_BEFORE}{name}[ ]*(?:=|:)[ ]*{_N}{_BEHIND}")
    return _near(prompt, name, plain=len(words) > 1)


_BEFORE, _BEHIND = r"(?<![\w/.,-])", r"(?![\w/-]|\.\w)"


def _near(prompt: str, name: str, *, plain: bool) -> set[str]:
    """The numbers beside a noun; `plain`: also right behind it. A word alone may number something: "GPU node 3"."""
    link = rf"[ ]*(?:{_TO})?" if plain else rf"[ ]*{_TO}"
    return _matches(
        prompt,
        rf"{_BEFORE}{_N}[ ]+{_ADJECTIVES}(?:{name})(?!\w)",
        rf"{_BEFORE}{_N}{_AS}{_ADJECTIVES}(?:{name})(?!\w)",
        rf"{_BEFORE}(?:{name}){link}{_N}{_BEHIND}",
    )


def _matches(prompt: str, *patterns: str) -> set[str]:
    return {
        match[match.lastindex or 0]
        for pattern in patterns
        for match in _compiled(pattern).finditer(prompt)
        if not (match[0][0].isdigit() and _OWNED.search(prompt, max(match.start() - 30, 0), match.start()))
    }


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return compile_sound(f"(?i:{pattern})")
