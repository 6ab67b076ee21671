#!/usr/bin/env bash
# The GitHub action: installs nemolint beside the job, checks, and leaves a summary and a SARIF report. See action.yml.
set -euo pipefail

temporary=${RUNNER_TEMP:-$(mktemp -d)}
report=$temporary/nemolint.sarif
summary=$temporary/nemolint.md

# Prints the lines of $1 that are not blank, without blanks at their ends.
lines() {
    sed -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/^$/d' <<<"$1"
}

# In isolated mode Python imports nothing of the folder that is checked, which is the working directory.
install() {
    local home=$temporary/nemolint-venv
    "$NEMOLINT_PYTHON" -I -m venv "$home"
    bin=$home/bin
    [[ -d $bin ]] || bin=$home/Scripts # Windows
    "$bin/python" -I -m pip install --quiet --disable-pip-version-check "$NEMOLINT_SOURCE"
}

# Fetches the commit to compare with and prints its name; fails where there is none.
base() {
    local fetch=(git fetch --quiet --no-tags --no-recurse-submodules)
    # In a whole clone a depth would cut history off.
    if [[ $(git rev-parse --is-shallow-repository) == true ]]; then fetch+=(--depth=1); fi
    if [[ -n ${NEMOLINT_BRANCH:-} ]]; then
        local name=refs/remotes/origin/$NEMOLINT_BRANCH
        # A whole clone has it; without credentials nothing newer can be had.
        "${fetch[@]}" origin "+refs/heads/$NEMOLINT_BRANCH:$name" >&2 ||
            git rev-parse --quiet --verify "$name^{commit}" >/dev/null || return 1
        printf '%s\n' "$name"
    elif [[ ${NEMOLINT_COMMIT:-} =~ ^[0-9a-f]{40,64}$ && ! $NEMOLINT_COMMIT =~ ^0+$ ]]; then
        git cat-file -e "$NEMOLINT_COMMIT^{commit}" 2>/dev/null || "${fetch[@]}" origin "$NEMOLINT_COMMIT" >&2 || return 1
        printf '%s\n' "$NEMOLINT_COMMIT"
    else
        return 1
    fi
}

main() {
    local arguments=(check --output-format "sarif=$report" --output-format "markdown=$summary")
    if [[ ${NEMOLINT_ANNOTATE:-true} == true ]]; then
        arguments+=(--output-format github)
    else
        arguments+=(--output-format text)
    fi
    if [[ ${NEMOLINT_CHANGED_ONLY:-false} == true ]]; then
        local since
        if since=$(base); then
            arguments+=(--since "$since")
        else
            echo "::warning title=nemolint::there is no commit to compare with, so all lines are checked"
        fi
    fi
    local line
    while IFS= read -r line; do arguments+=("$line"); done < <(lines "${NEMOLINT_ARGUMENTS:-}")
    arguments+=(--)
    while IFS= read -r line; do arguments+=("$line"); done < <(lines "${NEMOLINT_PATHS:-.}")

    rm -f "$report" "$summary" # of an earlier step
    install
    local code=0
    "$bin/nemolint" "${arguments[@]}" || code=$?
    local output=${GITHUB_OUTPUT:-/dev/null}
    echo "exit-code=$code" >>"$output"
    if [[ -s $report ]]; then echo "sarif-file=$report" >>"$output"; fi
    if [[ -s $summary ]]; then
        echo "summary-file=$summary" >>"$output"
        if [[ ${NEMOLINT_SUMMARY:-true} == true ]]; then cat "$summary" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"; fi
    fi
    return "$code"
}

main
