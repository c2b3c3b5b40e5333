#!/bin/bash
# cloud-setup-contract.sh - what is installed of gcloud and Terraform judges
# cloud-setup and share/terraform: every command is one of gcloud's, with options
# that it has; the files are Terraform's, with the indexes and readers that they
# should have, and valid where the provider for Google can be had.
#
# labels: contract
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
found=

if gcloud meta lint-gcloud-commands --help >/dev/null 2>&1; then
  found+=' gcloud'
  "$TOP/scripts/cloud-setup" --dry-run --project my-project --bucket b-1 \
    --retain-days 90 --keep-days 1 --github owner/repo --subreddit mtgrules \
    --subreddit askjudge --collector r.example/p/collector:1 |
    sed -n 's/ <<<.*//; s/^openssl.* | //; s/^# \(gcloud\)/\1/; /^gcloud/p' >commands
  while IFS= read -r line; do
    gcloud meta lint-gcloud-commands --command-string="$line" >lint 2>&1
    grep -q '"success": true' lint ||
      fail "$line: $(grep -o '"error_message": .*' lint)"
  done <commands
  [ "$(wc -l <commands)" -gt 30 ] || fail "$(wc -l <commands) commands"
fi
if command -v terraform >/dev/null; then
  found+=' terraform'
  terraform fmt -check "$TOP/share/terraform" >fmt 2>&1 || fail "$(cat fmt)"
  mkdir -p t/terraform
  cp "$TOP/share/firestore.indexes.json" t/
  cp "$TOP/share/terraform/variables.tf" t/terraform/
  sed -n '/^locals {/,/^}/p' "$TOP/share/terraform/main.tf" >t/terraform/main.tf
  # console EXPRESSION [OPTION]...: what it is.
  console() {
    local expression=$1
    shift
    (cd t/terraform && terraform console -var project=p -var bucket=b "$@" \
      <<<"jsonencode($expression)" 2>../../err) | sed 's/^"//; s/"$//; s/\\"/"/g'
  }
  [ "$(console 'length(local.indexes) + length(local.exempt)')" = \
    "$(grep -c -e collectionGroup "$TOP/share/firestore.indexes.json")" ] || fail "Terraform's indexes: $(cat err)"
  [ "$(console 'length(local.readers)')" = 2 ] || fail "readers: $(cat err)"
  [ "$(console 'length(local.readers)' -var collector_image=i:1)" = 6 ] ||
    fail "readers, with a collector: $(cat err)"
  if (cp "$TOP"/share/terraform/*.tf t/terraform && cd t/terraform &&
    timeout 60 terraform init -backend=false >init.log 2>&1); then
    (cd t/terraform && terraform validate) >validate 2>&1 ||
      fail "$(cat validate)"
    found+=' terraform-validate'
  fi
fi
[ -n "$found" ] || {
  echo "SKIPPED: neither gcloud nor terraform"
  exit 77
}
finish "judged by:$found"
