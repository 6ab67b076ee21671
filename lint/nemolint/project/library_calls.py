"""What is known of functions, methods and classes that the code of steps takes from Python and from libraries.

`key_reads.py` does not follow them: these tables say what they do with the values that they get.
"""

from __future__ import annotations

VALUE_METHODS = frozenset({*dir(str), *dir(list), *dir(set), *dir(bytes), *dir(int)}) - {"pop", "copy", "update"}
PURE = (
    "argparse.",
    "collections.abc.",
    "datetime.",
    "glob.",
    "logging.",
    "loguru.",
    "math.",
    "os.access",
    "os.environ.get",
    "os.fspath",
    "os.getenv",
    "os.listdir",
    "os.makedirs",
    "os.path.",
    "pathlib.",
    "pprint.",
    "re.",
    "rich.",
    "shlex.",
    "time.",
    "typing.",
    "warnings.",
)
"""Libraries that take a value for what it is, and look up no key in it."""
KEYED = ("argparse.", "logging.config.")
"""Those among them that do look up keys, where a mapping is given."""
RETURN_MAPPING = frozenset(
    {
        "OmegaConf.create",
        "OmegaConf.masked_copy",
        "OmegaConf.merge",
        "OmegaConf.to_container",
        "OmegaConf.to_object",
        "OmegaConf.to_yaml",
        "OmegaConf.unsafe_merge",
        "argparse.Namespace",
        "collections.OrderedDict",
        "collections.ChainMap",
        "copy.copy",
        "copy.deepcopy",
        "json.dumps",
        "train_script.apply_hydra_overrides",
        "types.MappingProxyType",
        "types.SimpleNamespace",
        "yaml.dump",
        "yaml.safe_dump",
    }
)
"""Functions that give back the mapping that they are given, in some form; a text of it that is printed is harmless."""
SILENT = frozenset(
    {
        "OmegaConf.has_resolver",
        "OmegaConf.is_config",
        "OmegaConf.is_dict",
        "OmegaConf.is_list",
        "OmegaConf.register_new_resolver",
        "OmegaConf.resolve",
        "OmegaConf.set_readonly",
        "OmegaConf.set_struct",
        "OmegaConf.update",
        "config.register_resolvers_from_config",
        "resolvers.register_resolvers_from_config",
    }
)
LOADERS = frozenset(
    {
        "OmegaConf.load",
        "json.load",
        "json.loads",
        "loader.load_config",
        "tomllib.load",
        "tomllib.loads",
        "train_script.load_omegaconf_yaml",
        "yaml.full_load",
        "yaml.load",
        "yaml.safe_load",
        "yaml.unsafe_load",
    }
)
YAML_LOADERS = frozenset({"OmegaConf.load", "loader.load_config", "train_script.load_omegaconf_yaml"})
FILE_METHODS = frozenset({"absolute", "as_posix", "expanduser", "open", "read", "read_bytes", "read_text", "resolve"})
MAPPING_METHODS = frozenset(
    {"get", "pop", "setdefault", "items", "keys", "values", "copy", "update", "__getitem__", "__contains__"}
)
MODEL_METHODS = frozenset({"model_validate", "parse_obj"})
PROPERTIES = frozenset({"property", "cached_property"})
MODEL_BASES = frozenset({"BaseModel", "BaseSettings", "NamedTuple", "TypedDict"})
PLAIN_BASES = frozenset({"ABC", "Generic", "Protocol", "object"})
