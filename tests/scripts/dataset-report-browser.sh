#!/bin/bash
# dataset-report-browser.sh - the report's page in a browser: light and dark, on
# a desktop and on a phone. Nothing is wider than the screen, no label lies on
# another, charts are drawn, and contrast is that of WCAG's level AA, measured.
#
# SCREENSHOTS=FOLDER keeps the pictures that it takes.
#
# labels: contract
set -euo pipefail
chromium=
for name in ${ANSWERMILL_TEST_CHROMIUM:-} chromium chromium-browser google-chrome; do
  chromium=$(command -v "$name") && break
done
[ "$chromium" ] || {
  echo "SKIPPED: no Chromium here"
  exit 77
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
pictures=${SCREENSHOTS:-$scratch}
cd "$scratch"

# browse THEME ARGUMENT...: 0 is dark, 1 light.
browse() {
  local sandbox=
  [ "$(id -u)" = 0 ] && sandbox=--no-sandbox
  HOME=$scratch timeout 120 "$chromium" --headless=new $sandbox --disable-gpu \
    --no-first-run --disable-extensions --user-data-dir="$scratch/profile" \
    --disable-dev-shm-usage --hide-scrollbars \
    --blink-settings=preferredColorScheme="$1" "${@:2}" 2>>errors
}

# One in a sandbox of its own, as a snap, reads no file here.
echo '<p>works</p>' >probe.html
browse 1 --dump-dom "file://$scratch/probe.html" | grep -q works || {
  echo "SKIPPED: $chromium shows no page here: $(tail -n 1 errors)"
  exit 77
}
dataset-report "$TOP/tests/data/version" >page.html
python3 "$TOP/tests/page_in_frames.py" page.html >frames.html
for theme in 1 0; do
  name=$([ $theme = 1 ] && echo light || echo dark)
  browse $theme --virtual-time-budget=5000 --dump-dom "file://$scratch/frames.html" >dom.html || {
    tail -n 5 errors
    echo "the browser ended with status $?"
    exit 1
  }
  sed -n 's/.*<pre id="result">\([^<]*\)<.*/\1/p' dom.html >result
  grep -q "^$name " result || {
    echo "not in the $name theme: $(cat result)"
    exit 1
  }
  cat result
  grep -q ' 0 faults' result
  browse $theme --window-size=1280,2400 --screenshot="$pictures/$name-desktop.png" \
    "file://$scratch/page.html"
  browse $theme --window-size=500,2400 --screenshot="$pictures/$name-phone.png" \
    "file://$scratch/page.html"
done
