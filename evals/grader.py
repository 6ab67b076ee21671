#!/usr/bin/env python3
"""A custom grader for SkillEvaluator: scores the commands of an agent's answer with the installed nemolint.

Put this file into the `evals/` folder of a skill. Nothing beside it is needed, or staged: what is expected stands in
the entries of the data set, under `expect`. It takes no network, no model and no checkout. It always exits with 0,
since any other code is taken for a broken run: what fails is a score of 0 with the reason.
"""

from __future__ import annotations

import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

METRICS = ("cmd_safety", "cmd_contract", "cmd_fidelity", "cmd_expected")
LIMIT = 150.0  # seconds: the verifier as a whole has 180
LONGEST = 1000  # characters of a reason


def place(variable: str, default: str) -> Path:
    """A path that the evaluator sets, made absolute."""
    return Path(os.environ.get(variable) or default).absolute()


def command() -> list[str]:
    """What starts nemolint: the script beside this Python, the module in it, or what is on the path."""
    beside = Path(sys.executable).with_name("nemolint.exe" if os.name == "nt" else "nemolint")
    if beside.is_file():
        return [str(beside)]
    if importlib.util.find_spec("nemolint") is not None:
        return [sys.executable, "-P", "-m", "nemolint"]
    found = shutil.which("nemolint")
    if found is None:
        raise RuntimeError(
            "nemolint is not installed in the verifier's image: add it to the requirements of the evaluation"
        )
    return [found]


def graded(entry: Path, trajectory: Path) -> dict[str, Any]:
    """The reward as nemolint gives it. Raises RuntimeError if it gives none."""
    # In an empty folder: what an agent left behind in its own must not change the score.
    with tempfile.TemporaryDirectory() as empty:
        words = [*command(), "grade", "--format", "reward", "--entry", str(entry), "--trajectory", str(trajectory)]
        try:
            done = subprocess.run(
                words, cwd=empty, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT, check=False
            )
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"nemolint took more than {LIMIT:.0f} seconds") from None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode != 0:
        raise RuntimeError(said[0] if said else f"nemolint exited with {done.returncode}")
    reward = json.loads(done.stdout)
    if not isinstance(reward, dict):
        raise RuntimeError("nemolint printed no reward")
    return reward


def score(value: object) -> float:
    """A number between 0 and 1; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return 0.0
    return max(0.0, min(1.0, float(value)))


def checked(reward: dict[str, Any]) -> dict[str, Any]:
    """The reward with the metrics of this grader alone, whose names are not reserved, and with scores in range."""
    metrics, details = reward.get("custom_metrics"), reward.get("details")
    metrics = metrics if isinstance(metrics, dict) else {}
    details = details if isinstance(details, dict) else {}
    kept = {name: score(metrics[name]) for name in METRICS if name in metrics}
    reasons = {name: details[name].get("reason", "") if isinstance(details.get(name), dict) else "" for name in kept}
    return {
        "overall": score(reward.get("overall")),
        "custom_metrics": kept,
        "details": {name: {"score": kept[name], "reason": str(reasons[name])[:LONGEST]} for name in kept},
    }


def failed(reason: str) -> dict[str, Any]:
    """The reward of an answer that could not be graded."""
    zero = {"score": 0.0, "reason": reason[:LONGEST]}
    return {"overall": 0.0, "custom_metrics": dict.fromkeys(METRICS, 0.0), "details": dict.fromkeys(METRICS, zero)}


def main() -> None:
    """Grade, and write the reward in both forms."""
    try:
        reward = checked(
            graded(
                place("HARBOR_ENTRY_JSON", "/tests/entry.json"),
                place("HARBOR_ATIF_PATH", "/logs/agent/trajectory.json"),
            )
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the evaluation
        reward = failed(f"not graded: {error or type(error).__name__}")
    files = {
        place("HARBOR_REWARD_JSON", "/logs/verifier/reward.json"): json.dumps(reward, indent=2),
        place("HARBOR_REWARD_TXT", "/logs/verifier/reward.txt"): str(reward["overall"]),
    }
    for file, text in files.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            print(f"{file} cannot be written: {error}", file=sys.stderr)
    print(json.dumps(reward))


if __name__ == "__main__":
    main()
