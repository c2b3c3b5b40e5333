#!/bin/bash
# packaging.sh - what can be told of the release without making one: it lists the
# dependencies of scripts/setup, the version is one, the SBOM is SPDX.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
control=$TOP/packaging/debian/control
"$TOP/scripts/setup" --list >packages
[ "$(wc -l <packages)" -gt 20 ] || fail "scripts/setup lists few packages"
while read -r package; do
  case $package in
    *-dev) grep -qw -- "$package" "$control" || fail "debian/control lacks $package" ;;
  esac
done <packages
# What is read and not run is no program in the package either.
for script in $(sed -n '/^install(FILES scripts/s/ DESTINATION.*//p' \
  "$TOP/packaging/install.cmake" | grep -o 'scripts/[a-z-]*'); do
  grep -q "chmod -x.* $script\b" "$TOP/packaging/debian/rules" ||
    fail "debian/rules leaves $script executable"
done
version=$(answermill --version)
version=${version##* }
has "answermill $version" "$TOP/man/man1/answermill.1"
grep -q "^## \[$version\]" "$TOP/CHANGELOG.md" || fail "CHANGELOG.md lacks $version"
expect 64 "$TOP/scripts/release"
expect 64 "$TOP/scripts/release released no-such-part"

if git -C "$TOP" rev-parse HEAD >/dev/null 2>&1; then
  mkdir -p release
  echo x >release/file
  printf ' libssl-dev (= 3.0.1-1),\n' >release/a.buildinfo
  expect 0 "$TOP/packaging/make-sbom release"
  python3 - release/answermill-"$version".spdx.json <<'END' || fail "no SBOM"
import json, sys
sbom = json.load(open(sys.argv[1]))
assert sbom["spdxVersion"] == "SPDX-2.3"
ids = {"SPDXRef-DOCUMENT"} | {
    part["SPDXID"] for part in sbom["packages"] + sbom["files"]}
for relation in sbom["relationships"]:
    assert relation["spdxElementId"] in ids and relation["relatedSpdxElement"] in ids
assert ("libssl-dev", "3.0.1-1") in {
    (p["name"], p["versionInfo"]) for p in sbom["packages"]}
sums = {f["fileName"]: f["checksums"][1]["checksumValue"] for f in sbom["files"]}
assert sums["./file"].startswith("73cb3858a687a8494ca3323053016282"), sums
END

  touch release/a~b # which GitHub makes a.b of
  expect 65 "$TOP/scripts/release release sbom"
  has "'a~b' is no name" err
  rm release/a~b

  # Signed by whoever has a key, with gpg's own words to verify it.
  if command -v gpg >/dev/null; then
    export GNUPGHOME=$PWD/gnupg
    mkdir -m 700 gnupg
    gpg --batch --quiet --passphrase '' --quick-generate-key 'A signer <a@example.org>' \
      ed25519 sign 2>log || fail "gpg makes no key: $(cat log)"
    expect 0 "$TOP/scripts/release release sbom"
    expect 0 "SIGNING_KEY=a@example.org $TOP/scripts/release release sign"
    expect 0 "gpg --batch --verify release/SHA256SUMS.asc release/SHA256SUMS"
    expect 0 "$TOP/scripts/release release sbom"
    [ ! -e release/SHA256SUMS.asc ] || fail "a signature of other sums is left"
    expect 2 "SIGNING_KEY=nobody@example.org $TOP/scripts/release release sign"
    gpgconf --kill gpg-agent
  fi
fi

# The notes of a release, by the words of its workflow.
cat >CHANGELOG.md <<'END'
## [Unreleased]
not yet
## [1.2.0]
### Added
- this
## [1.1.0]
that
END
sed -n '/ awk -v head=/,/notes.md/p' "$TOP/.github/workflows/release.yml" >notes.sh
for version in 1.2.0 1.1.0; do
  VERSION=$version bash -eu notes.sh || fail "no notes"
  case $version in
    1.2.0) printf '### Added\n- this\n' ;;
    1.1.0) echo that ;;
  esac | cmp - notes.md || fail "the notes of $version: $(cat notes.md)"
done
finish "what a release is made of"
