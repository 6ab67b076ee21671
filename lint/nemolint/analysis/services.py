"""Which hosted service a field for a credential belongs to, and the variable that its own tools read."""

from __future__ import annotations

from collections.abc import Mapping

from nemolint.base.patterns import lazily
from nemolint.secrets import VARIABLES, is_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.invocation import StepRun
    from nemolint.project import Project

# Fields that say where the service is, beside the one for its credential.
URL_FIELDS = ("url", "base_url", "api_base", "endpoint", "endpoint_url")
_HOSTS = {
    "anthropic.com": "ANTHROPIC_API_KEY",
    "api.deepseek.com": "DEEPSEEK_API_KEY",
    "api.fireworks.ai": "FIREWORKS_API_KEY",
    "api.groq.com": "GROQ_API_KEY",
    "api.mistral.ai": "MISTRAL_API_KEY",
    "api.nvidia.com": "NVIDIA_API_KEY",
    "api.openai.com": "OPENAI_API_KEY",
    "api.perplexity.ai": "PERPLEXITY_API_KEY",
    "api.together.ai": "TOGETHER_API_KEY",
    "api.together.xyz": "TOGETHER_API_KEY",
    "api.x.ai": "XAI_API_KEY",
    "huggingface.co": "HF_TOKEN",
    "openai.azure.com": "AZURE_OPENAI_API_KEY",
    "openrouter.ai": "OPENROUTER_API_KEY",
}
_HOST = lazily(r"[A-Za-z][A-Za-z0-9+.\-]*://(?:[^/@\s]*@)?(?P<host>[A-Za-z0-9.\-]+)")
# NGC gives out keys that either name holds.
_NVIDIA = frozenset({"NGC_API_KEY", "NVIDIA_API_KEY"})


def variable_of_url(url: str) -> str:
    """The variable by which the tools of the service at `url` take its credential; "" for a service not known."""
    match = _HOST.match(url)
    host = match["host"].lower() if match is not None else ""
    return next((name for known, name in _HOSTS.items() if host == known or host.endswith(f".{known}")), "")


def variable_of(label: str, url: str | None) -> str:
    """The variable for a credential of the format `label`, to be used at `url` (None where that is not said).

    "" where the service is not known, or the two are of different services.
    """
    by_format = VARIABLES.get(label, "")
    if url is None:
        return by_format
    by_url = variable_of_url(url)
    if not by_format or by_format == by_url or {by_format, by_url} <= _NVIDIA:
        return by_url
    return "" if by_url else by_format


def variable_of_field(run: StepRun, key: str, project: Project, label: str = "") -> str:
    """The variable that holds the credential for the field `key` of a run, or for the name of it.

    That of the service behind the URL which the run gives beside it, else that of the format `label`, else the one that
    the config names in `key`, `key_env` or `key_name`. "" where the service is not known.
    """
    around = key.rpartition(".")[0]
    beside = {f"{around}.{name}" if around else name for name in URL_FIELDS}
    given = next((item for item in reversed(run.overrides) if item.key in beside), None)
    if given is not None:
        return variable_of(label, given.value.text) if given.value.known else VARIABLES.get(label, "")
    config = project.config_of(run)
    tree = config.tree if config is not None else None
    if label in VARIABLES:
        url = next((found for name in sorted(beside) if isinstance(found := _at(tree, name), str)), None)
        return variable_of(label, url)
    if label:  # the key of a service of its own, whichever that is
        return ""
    names = (_at(tree, name) for name in (f"{key}_env", f"{key}_name", key))
    return next((name for name in names if isinstance(name, str) and is_name(name)), "")


def name_field_of(run: StepRun, key: str, project: Project) -> str:
    """The field that takes the name of the variable for `key`: `server.api_key_env` for `server.api_key`.

    "" where the run's step has none, or the run sets it already.
    """
    step = project.step_of(run)
    if step is None:
        return ""
    keys = frozenset(project.known_keys(step, project.config_of(run)))
    field = next((name for name in (f"{key}_env", f"{key}_name") if name in keys), "")
    return field if all(item.key != field for item in run.overrides) else ""


def _at(tree: object, key: str) -> object:
    for part in key.split("."):
        tree = tree.get(part) if isinstance(tree, Mapping) else None
    return tree
