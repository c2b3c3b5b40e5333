#!/bin/bash
# trainer-mutations.sh - jsonl-validate takes nothing that LLaMA-Factory's
# converter or mistral-common's validator refuses, of files changed at random, and
# refuses more than they for named reasons only: tests/oracle/trainers.py has them.
# TRAINER_FILES says how many files (300). Needs a PYTHON that has one of the
# packages mistral-common and llamafactory.
#
# labels: contract
python=${PYTHON:-python3}
ran=0
for oracle in mistral sharegpt alpaca; do
  "$python" "$TOP/tests/oracle/trainers.py" $oracle "${TRAINER_FILES:-300}" 2>&1
  case $? in
    0) ran=1 ;;
    77) ;;
    *) exit 1 ;;
  esac
done
[ $ran = 1 ] && exit 0
echo "SKIPPED: $python has neither mistral-common nor llamafactory"
exit 77
