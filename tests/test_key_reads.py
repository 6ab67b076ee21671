"""Which keys a step's code reads, judged by its structure."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from nemolint.project import Project, key_reads
from nemolint.project.keys import KeyPatterns
from nemolint.project.model import Reads
from support.files import write

LOAD = "import yaml, sys, lib\ncfg = yaml.safe_load(open(sys.argv[1]))\n"


def reads_of(code: str, **modules: str) -> Reads | None:
    """What the code of a step reads; further modules by name."""
    texts = {"step.py": code, **{f"{name}.py": text for name, text in modules.items()}}
    trees = {name: ast.parse(text) for name, text in texts.items()}

    def find(_file: str, _level: int, module: str) -> str | None:
        return f"{module}.py" if f"{module}.py" in texts else None

    return key_reads.reads("step.py", trees, find)


@pytest.mark.parametrize(
    ("code", "keys", "passed_whole"),
    [
        ("int(cfg['a']['b'])", "a a.b", ""),
        ("int(cfg.get('a', {}).get('b', 1))", "a a.b", ""),
        ("a = cfg.get('a') or {}\nbool(a['b'])", "a a.b", ""),
        ("a = cfg['a'] if cfg else {}\nbool(a['b'])", "a a.b", ""),
        ("'a' in cfg", "a", ""),
        ("str(cfg.a.b)", "a a.b", ""),
        ("str(getattr(cfg, 'a', None))", "a", ""),
        ("from omegaconf import OmegaConf\nbool(OmegaConf.select(cfg, 'a.b', default=1))", "a a.b", ""),
        ("from omegaconf import OmegaConf\nc = OmegaConf.to_container(cfg, resolve=True)\nint(c['a'])", "a", ""),
        ("import copy\nc = {**copy.deepcopy(dict(cfg)), 'x': 1}\nint(c['a'])", "a", ""),
        ("def f(m, key): return m[key]\nint(f(cfg['a'], 'b'))", "a a.b", ""),
        (
            "def f(m, *, first, more=()):\n  for k in (first, *more): int(m[k])\nf(cfg, first='a', more=('b',))",
            "a b",
            "",
        ),
        ("def f(a, b=1): return int(a) + int(b)\nf(**cfg['x'])", "x x.a x.b", ""),
        ("def f(**more): return int(more['a'])\nf(**cfg)", "a", ""),
        ("def f(m): return int(m['supports_' + str(x)])\nf(cfg)", "supports_*", ""),
        ("for k in ('a', 'b'):\n  v = cfg.get(k)\n  if v: int(v['c'])", "a a.c b b.c", ""),
        ("[int(s['n']) for s in cfg['list']]", "list list.* list.*.n", ""),
        ("for k, v in cfg['m'].items(): int(v['n'])", "m m.* m.*.n", ""),
        ("lib.build(**cfg['a'])", "a", "a"),
        ("lib.build(x=cfg['a'], y=[cfg['b']])", "a b", "a b"),
        ("kwargs = {}\nkwargs['a'] = cfg['a']\nlib.build(**kwargs)", "a", "a"),
        ("lib.build(cfg)", "", "<all>"),
        ("lib.run(sys.argv[1])", "", "<all>"),
        ("c = lib.load_config(str(sys.argv[1]))\nint(c['a']['b'])\nstr(getattr(c, 'd', 0))", "a a.b d", "<all>"),
        ("from nemo_runspec.config.loader import load_config\nint(load_config(sys.argv[1]).a)", "a defaults", ""),
        ("print(cfg)\nint(cfg['a'])", "a", ""),
        ("print(yaml.safe_dump(cfg))\nint(cfg['a'])", "a", ""),
        ("yaml.safe_dump(cfg, open('x', 'w'))", "", "<all>"),
        ("k = lib.key()\nif k in ('a', 'b'): int(cfg[k])", "a b", ""),
        (
            "skip = {'a'}\nif lib.x(): skip.add('b')\nlib.f({n: cfg[n] for n in lib.names() if n not in skip})",
            "",
            "!a",
        ),
        ("skip = {'a'}\nskip.add('b')\nlib.f({n: cfg[n] for n in lib.names() if n not in skip})", "", "!a|b"),
        (
            "skip = {'a'} if 'x' in {'x', 'y'} else set()\nlib.f(*[cfg[n] for n in lib.n() if n not in skip])",
            "",
            "!a",
        ),
        ("f = lambda m: int(m['a'])\nf(cfg)", "a", ""),
        ("list(map(lambda m: int(m['a']), cfg['l']))", "l l.* l.*.a", ""),
        ("match cfg:\n  case {'a': {'b': x}}: int(x)", "a a.b", ""),
        ("def f(m):\n  return {k: f(v) for k, v in m.items()}\nf(cfg['a'])", "a a.*", "a.*.*"),
        ("try:\n  c = cfg['a']\nexcept KeyError:\n  c = cfg['b']\nint(c['x'])", "a a.x b b.x", ""),
        ("def f():\n  if lib.x(): return cfg['a']\n  return cfg['b']\nint(f()['x'])", "a a.x b b.x", ""),
        ("if False: int(cfg['a'])\nint(cfg['b'])", "b", ""),
        ("if __name__ == '__main__': int(cfg['b'])", "b", ""),
        ("async def main(m): int(m['a'])\nimport asyncio\nasyncio.run(main(cfg))", "a", ""),
        ("opts = {'s': cfg['server']}\ndef f(o): int(o['s']['url'])\nf(opts)", "server server.url", ""),
        ("a, b = cfg['a'], cfg['b']\nint(a['x'])", "a a.x b", ""),
        ("c = cfg['l'] + ['x']\nfor e in c: int(e['n'])", "l l.* l.*.n", ""),
    ],
)
def test_reads(code: str, keys: str, passed_whole: str) -> None:
    """A key is read through the mapping that the code reads it through, and what reaches a library is passed whole."""
    found = reads_of(LOAD + code)
    assert found is not None
    assert " ".join(found.keys) == keys
    assert " ".join(name or "<all>" for name in found.passed_whole) == passed_whole


CLASSES = """
from dataclasses import dataclass, fields
@dataclass
class Base:
    name: str
@dataclass
class Server(Base):
    url: str = ""
    retries: "Retry | None" = None
@dataclass
class Retry:
    count: int = 1
class Job:
    def __init__(self, cfg): self.cfg = cfg; self.part = cfg["part"]
    @classmethod
    def make(cls, cfg): return cls(cfg)
    @property
    def size(self): return int(self.part["size"])
    def run(self): return int(self.cfg["run_me"]) + self.size
"""


@pytest.mark.parametrize(
    ("code", "keys"),
    [
        ("s = Server(**cfg['server'])", "server server.name server.retries server.retries.count server.url"),
        ("int(Server(name=1, url=cfg['u']).url['deep'])", "u u.deep"),
        ("for f in fields(Server): int(cfg[f.name])", "name retries url"),
        ("Job(cfg).run()", "part part.size run_me"),
        ("Job.make(cfg['job']).run()", "job job.part job.part.size job.run_me"),
    ],
)
def test_classes(code: str, keys: str) -> None:
    """Fields of a class are keys of the mapping that fills them, and its methods read what it holds."""
    found = reads_of(CLASSES + LOAD + code)
    assert found is not None
    assert " ".join(found.keys) == keys
    assert not found.passed_whole


def test_modules() -> None:
    """What a module does with a mapping counts, and no literal of it does by itself."""
    helper = (
        "KEYS = ('a', 'b')\nUNUSED = 'zzz'\ndef use(m):\n  for k in KEYS: int(m[k])\ndef other(m): return m['never']\n"
    )
    for line in ("from helper import use\nuse(cfg['x'])", "import helper as h\nh.use(cfg['x'])"):
        found = reads_of(LOAD + line, helper=helper)
        assert found == Reads(("x", "x.a", "x.b"), ())


@pytest.mark.parametrize(
    "code",
    [
        "import lib\nlib.main()",
        LOAD.replace("sys.argv[1]", "'" + "/etc/other.yaml'") + "int(cfg['a'])",
        "import lib\nlib.go()\ndef main(cfg): return cfg['a']",
        "import typer\napp = typer.Typer()\n@app.command()\ndef main(config): ...\napp()",
        LOAD
        + "x = "
        + "(" * 90
        + "1"
        + ")" * 90
        + "\n"
        + "\n".join(f"def f{n}(m): f{n + 1}(m); f{n + 1}(dict(m))" for n in range(5)),
    ],
)
def test_what_cannot_be_followed(code: str) -> None:
    """Where no config is seen to be loaded nothing is said, and odd code ends."""
    found = reads_of(code)
    assert found is None or found.keys == ()


def test_a_step_without_code() -> None:
    """Where the step holds no code, its config is for somebody else."""
    assert reads_of("# a header\n") == Reads((), ("",))
    assert reads_of("import os\nX = 1\ndef main(cfg): return cfg.get('a')\n") == Reads((), ("",))


def test_effort_is_bounded() -> None:
    """Code that branches and calls without end is given up on, not followed."""
    calls = "\n".join(f"def f{n}(m, *a):\n  f{n + 1}(m['x'], *a, {n})\n  f{n + 1}(m['y'], *a, {n})" for n in range(40))
    assert reads_of(f"{LOAD}{calls}\nf0(cfg)") is None
    wide = LOAD + "\n".join(f"cfg['k{n}']" for n in range(key_reads.MAX_READS + 10))
    assert reads_of(wide) is None


@pytest.mark.parametrize(
    ("code", "empty", "home"),
    [
        ("m = cfg.get('m') or {}\nint(m['a'])\nint(m.get('b'))", "{}", False),
        ("m = cfg['m']\nif all(k in m for k in ('a', 'b')): int(m['a'])", "{}", False),
        ("m = cfg['m']\nint(m['a'])", "null", False),
        ("m = cfg['m']\nint(m['a'])\nlib.call(**m)", "{}", True),
        ("m = cfg['m']\nfor k, v in m.items(): int(v)", "{}", True),
        ("m = cfg['m']\nint(m['a'])\nint(m[lib.key()])", "{}", True),
        ("lib.call(cfg)", "{}", True),
    ],
)
def test_a_mapping_that_one_config_leaves_empty(tmp_path: Path, code: str, empty: str, home: bool) -> None:
    """Its keys are those that the other configs hold, where the code reads these by name and hands it to nobody."""
    step = "src/nemotron/steps/brew/tea"
    write(
        tmp_path,
        {
            "pyproject.toml": "",
            f"{step}/step.toml": '[step]\nid = "brew/tea"\nname = "x"\n',
            f"{step}/step.py": LOAD + code,
            f"{step}/config/default.yaml": "m:\n  a: 1\n  b: 2\n",
            f"{step}/config/tiny.yaml": f"m: {empty}\n",
        },
    )
    project = Project.find(tmp_path, cwd=tmp_path, environ={})
    tea = project.steps["brew/tea"]
    assert project.key_home(tea, "m.a") is True
    assert project.key_home(tea, "m.other") is home


def test_a_key_is_known_below_its_own_mapping(tmp_path: Path) -> None:
    """For a step of any checkout: nested names at the top, config keys that nothing reads, and references."""
    step = "src/nemotron/steps/brew/tea"
    code = LOAD + "p = cfg['pot']\nint(p['size'])\nlib.f(**cfg['free'])\nint(cfg['total'])\n"
    config = "pot: {size: 1, colour: red}\ntotal: ${base.sum}\nbase: {sum: 2}\nfree: {a: 1}\n"
    manifest = '[step]\nid = "brew/tea"\nname = "T"\ncategory = "brew"\n[[parameters]]\nname = "pot.lid"\n'
    write(
        tmp_path,
        {
            "pyproject.toml": "",
            f"{step}/step.toml": manifest,
            f"{step}/step.py": code,
            f"{step}/config/default.yaml": config,
        },
    )
    project = Project.find(tmp_path, cwd=tmp_path, environ={})
    tea = project.steps["brew/tea"]
    homes = {key: project.key_home(tea, key) for key in ("pot.size", "size", "pot.lid", "base.sum", "free.a", "nope")}
    assert homes == {
        "pot.size": True,
        "size": False,
        "pot.lid": True,
        "base.sum": True,
        "free.a": True,
        "nope": False,
    }
    assert project.key_beside(tea, "pot.lid") == ""
    unread = [
        key for key in ("pot.size", "pot.colour", "pot.lid", "base.sum", "free.a") if project.key_is_unread(tea, key)
    ]
    assert unread == ["pot.colour", "pot.lid"]
    assert project.passes_unlisted_keys(tea, "free.b") is True
    assert project.passes_unlisted_keys(tea, "nope") is False


class _Recording(dict[str, Any]):
    """A mapping that notes which keys are asked for, by their path."""

    def __init__(self, data: dict[str, Any], read: set[str], at: str = "") -> None:
        super().__init__({key: self._wrapped(value, read, f"{at}{key}.") for key, value in data.items()})
        self._read, self._at = read, at

    def _wrapped(self, value: Any, read: set[str], at: str) -> Any:
        if isinstance(value, list):
            return [self._wrapped(item, read, f"{at}0.") for item in value]
        return _Recording(value, read, at) if isinstance(value, dict) else value

    def __getitem__(self, key: str) -> Any:
        self._read.add(f"{self._at}{key}")
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._read.add(f"{self._at}{key}")
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        self._read.add(f"{self._at}{key}")
        return super().pop(key, *default)

    def __contains__(self, key: object) -> bool:
        self._read.add(f"{self._at}{key}")
        return super().__contains__(key)


_DATA = {"a": 1, "b": 2, "kind": "x", "m": {"x": 1, "y": 2}, "l": [{"n": 1, "w": 2}, {"n": 2}]}


@pytest.mark.parametrize(
    "code",
    [
        "class C:\n  def __init__(self, d): self.d = d\n  def __getattr__(self, k): return self.d[k]\nC(cfg).a",
        "class C:\n  def __init__(self, d): self.d = d\n  def __getattr__(self, k): return self.d[k]\n"
        "C(cfg).m.get('x')",
        "class C:\n  def __init__(self, d): self.d = d\n  def __getitem__(self, k): return self.d[k]\nC(cfg)['m']['x']",
        "class C:\n  def __init__(self, d): self.d = d\n  def __contains__(self, k): return k in self.d\n'a' in C(cfg)",
        "class C:\n  def __init__(self, d): self.d = d\n"
        "  def __iter__(self): return iter(self.d['l'])\nfor i in C(cfg): i['n']",
        "'{a}'.format_map(cfg)",
        "'{c[a]}'.format(c=cfg)",
        "'{0[m][x]}'.format(cfg)",
        "'%(a)s' % cfg",
        "('%' + '(a)s') % cfg",
        "import json\njson.loads(json.dumps(dict(cfg)))\ncfg['a']",
        "CFG = None\ndef start(c):\n  global CFG\n  CFG = c\ndef use(): return CFG['a']\nstart(cfg)\nuse()",
        "def run(c):\n  kept = None\n  def keep():\n    nonlocal kept\n    kept = c\n  keep()\n"
        "  return kept['a']\nrun(cfg)",
        "def walk(d, path): return walk(d[path[0]], path[1:]) if path else d\nwalk(cfg, ['m', 'x'])",
        "names = ['b', 'a']\nfor k in names[1:]: cfg[k]",
        "name = 'xa'\ncfg[name[1:]]",
        "list(map(cfg.__getitem__, ['a']))",
        "get = cfg.get\nget('a')",
        "import functools\nfunctools.reduce(lambda d, k: d[k], 'm.x'.split('.'), cfg)",
        "import operator\noperator.itemgetter('a')(cfg)",
        "import functools\ndef f(c, k): return c[k]\nfunctools.partial(f, cfg)('a')",
        "import functools\ndef d(f):\n  @functools.wraps(f)\n  def w(*a): return f(*a)\n  return w\n"
        "@d\ndef main(c): return c['a']\nmain(cfg)",
        "import contextlib\n@contextlib.contextmanager\ndef g(c): yield c['a']\nwith g(cfg) as x: print(x)",
        "import asyncio\nasync def main(c): return c['a']\nasyncio.run(main(cfg))",
        "class B:\n  def __init__(self, c): self.a = c['a']\nclass D(B):\n  def __init__(self, c):\n"
        "    super().__init__(c)\n    self.b = c['b']\nD(cfg)",
        "class C:\n  KEYS = ('a', 'b')\n  def __init__(self, d): self.d = d\n  def run(self):\n"
        "    return [self.d[k] for k in self.KEYS]\nC(cfg).run()",
        "class C:\n  def __init__(self, d): self.d = d\n  def child(self, k): return C(self.d[k])\n"
        "C(cfg).child('m').child('x')",
        "kinds = {}\ndef of(name):\n  def add(f):\n    kinds[name] = f\n    return f\n  return add\n"
        "@of('x')\ndef f(c): return c['a']\nkinds[cfg['kind']](cfg)",
        "class All:\n  kinds = {}\n  @classmethod\n  def of(cls, name):\n    def add(f):\n      cls.kinds[name] = f\n"
        "      return f\n    return add\n@All.of('x')\nclass X:\n  def run(self, c): return c['m']['x']\n"
        "All.kinds[cfg['kind']]().run(cfg)",
        "todo = []\ndef add(f):\n  todo.append(f)\n  return f\n@add\ndef f(c): return c['a']\n"
        "for one in todo: one(cfg)",
        "def times(n):\n  def deco(f):\n    def w(c): return [f(c) for _ in range(n)]\n    return w\n  return deco\n"
        "@times(cfg['b'])\ndef f(c): return c['a']\nf(cfg)",
        "state = {}\ndef start(c): state['cfg'] = c\ndef use(): return state['cfg']['a']\nstart(cfg)\nuse()",
        "from collections import ChainMap\nChainMap({'z': 1}, cfg)['a']",
        "def get(d, *keys):\n  for k in keys:\n    if k not in d: return None\n    d = d[k]\n  return d\n"
        "get(cfg, 'm', 'x')",
        "first, *rest = cfg['l']\nfirst['n']\n[r.get('w') for r in rest]",
    ],
)
def test_what_runs_is_read(code: str) -> None:
    """Whatever code asks its config for when it runs is among the keys that it is said to read."""
    read: set[str] = set()
    exec(compile(code, "step.py", "exec"), {"cfg": _Recording(_DATA, read), "__name__": "__main__"})
    found = reads_of(LOAD + code)
    assert read and found is not None
    patterns = KeyPatterns(found)
    assert not [key for key in read if not (patterns.read(key.split(".")) or patterns.reach_library(key.split(".")))]
