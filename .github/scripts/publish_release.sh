#!/bin/sh
# Make the release of the tag that was pushed, with its part of the changelog and the files at hand.
set -eu
tag="${GITHUB_REF_NAME:?run this in the release workflow: it takes the tag from GITHUB_REF_NAME}"
notes="$(mktemp)"
trap 'rm -f "$notes"' EXIT
awk -v head="## ${tag#v}" 'index($0, head) == 1 { found = 1; next } found && /^## / { exit } found' \
    CHANGELOG.md > "$notes"
if [ ! -s "$notes" ]; then
    echo "CHANGELOG.md has no part that begins with '## ${tag#v}': write it before you tag." >&2
    exit 1
fi
gh release create "$tag" --verify-tag --title "$tag" --notes-file "$notes" _build/release/*
