#!/usr/bin/env python3
"""review-browser.py - review's page in a browser.

Marks made by keyboard arrive in the file, stay when the page is loaded again,
can be undone, and are there again in a page made from them. No text of a
record runs or loads anything. Nothing is wider than the screen, on a desktop
and on a phone, and contrast is that of WCAG's level AA, in both themes.

SCREENSHOTS=FOLDER keeps the pictures that it takes.
"""
# labels: contract

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.environ["TOP"], "tests"))
import chromium  # noqa: E402

HOSTILE = ("</script><script>document.title='run'</script><!--"
           "<img src=x onerror=\"document.title='run'\">&amp; \u202eabc")
THREAD = [  # as of pick-answer --all-candidates: the first is chosen
    {"id": "a", "answer_id": "t1_a1", "question": "What is a trigger?",
     "answer": "An ability that begins with when, whenever or at."},
    {"id": "a", "answer_id": "t1_a2", "question": "What is a trigger?",
     "answer": "No idea."}]
RECORDS = THREAD + [
    {"id": "b", "answer_id": "t1_b1", "question": HOSTILE,
     "source_url": "https://reddit.com/r/x/comments/b/" + "long_" * 20,
     "answer": HOSTILE + " " + "word" * 100},
    {"id": "c", "answer_id": "t1_c1", "question": "Why?\n\nI wonder.",
     "answer": "Long. " * 400}]

# Contrast of each text to its ground, and what reaches over the screen.
MEASURE = r"""((width) => {
  const parse = c => (c.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
  const luminance = c => parse(c).slice(0, 3).map(v => {
    v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (c !== "rgba(0, 0, 0, 0)") return c;
    }
    return "rgb(255, 255, 255)";
  };
  const faults = [];
  for (const closed of document.querySelectorAll("details")) closed.open = true;
  if (document.documentElement.scrollWidth > width)
    faults.push("wider than the screen: " + document.documentElement.scrollWidth);
  const walker = document.createTreeWalker(document.body, 4);
  let texts = 0;
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.getClientRects().length) continue;
    if (e.closest("script, :disabled")) continue;
    ++texts;
    const pair = [getComputedStyle(e).color, ground(e)].map(luminance);
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (ratio < 4.5) faults.push("contrast " + ratio.toFixed(2) + " of " + e.outerHTML.slice(0, 60));
    const box = e.getBoundingClientRect();
    if (box.right > width + 0.5 || box.left < -0.5) faults.push("out of the screen: " + e.outerHTML.slice(0, 60));
  }
  for (const button of document.querySelectorAll("button, .button"))
    if (button.getClientRects().length && button.getBoundingClientRect().height < 44)
      faults.push("small for a finger: " + button.outerHTML.slice(0, 60));
  if (texts < 20) faults.push("few texts: " + texts);
  return faults;
})"""

faults = []


def check(what, got, wanted):
    if got != wanted:
        faults.append(f"{what}: {got!r}, not {wanted!r}")


def make_page(path, *options):
    lines = "".join(json.dumps(record) + "\n" for record in RECORDS)
    path.write_bytes(subprocess.run(["review", *options], check=True,
                                    input=lines.encode(),
                                    stdout=subprocess.PIPE).stdout)


def downloaded(path):
    for _ in range(600):
        if path.exists():
            return [json.loads(line) for line in path.read_text().splitlines()]
        time.sleep(0.1)
    raise RuntimeError("no file was saved within a minute")


def try_keys(browser, page, folder):
    browser.call("Browser.setDownloadBehavior", behavior="allow",
                 downloadPath=str(folder))
    choices = page.run("[...document.querySelectorAll('#answers .text')]"
                       ".map(e => e.textContent)")
    check("choices", sorted(choices),
          ["No idea.", "None of them.", "The answer above."])
    number = str(choices.index("No idea.") + 1)
    page.press(number, "w", *"so it is", "Enter", "g")  # a: good, but a2
    page.press("b", "u")                              # b: bad; c: unsure
    check("all marked", page.run("document.getElementById('count').textContent"),
          "3 of 3 marked: 1 good, 1 bad, 1 unsure")
    page.press("z", "b")                              # c: bad after all
    page.press("s")
    marks = downloaded(folder / "marks.jsonl")
    check("marks", marks, [
        {"id": "a", "answer_id": "t1_a1", "mark": "good",
         "preferred": "t1_a2", "why": "so it is"},
        {"id": "b", "answer_id": "t1_b1", "mark": "bad"},
        {"id": "c", "answer_id": "t1_c1", "mark": "bad"}])


def try_resuming(page, folder):
    count = "document.getElementById('count').textContent"
    page.load(folder / "page.html")
    check("after loading again", page.run(count),
          "3 of 3 marked: 1 good, 2 bad, 0 unsure")
    page.run("localStorage.clear()")
    page.load(folder / "page.html")
    check("without the browser's memory", page.run(count),
          "0 of 3 marked: 0 good, 0 bad, 0 unsure")
    (folder / "some.jsonl").write_text(
        '{"id":"a","answer_id":"t1_a1","mark":"good","why":"it is"}\n'
        '{"id":"b","answer_id":"t1_other","mark":"bad"}\n')
    make_page(folder / "resumed.html", "--marks", folder / "some.jsonl")
    page.load(folder / "resumed.html")
    check("from a file of marks", page.run(count),
          "1 of 3 marked: 1 good, 0 bad, 0 unsure")
    check("goes on", page.run("document.getElementById('place').textContent"),
          "2 of 3")


def try_hostile(page):
    check("a text as text",
          page.run("document.getElementById('question').textContent"), HOSTILE)
    check("nothing of a text ran", page.run("document.title"), "Review")


def try_looks(page, pictures):
    for theme in ("light", "dark"):
        for name, width, height in (("desktop", 1280, 900), ("phone", 390, 844),
                                    ("narrow", 320, 640)):
            page.look(theme, width, height)
            for _ in RECORDS:
                page.press("ArrowRight")
                for fault in page.run(f"{MEASURE}({width})"):
                    faults.append(f"{theme}, {name}: {fault}")
            page.press(*["ArrowLeft"] * len(RECORDS))
            page.run("document.querySelectorAll('details')"
                     ".forEach(e => e.open = false)")
            page.run("scrollTo(0, 0)")
            page.picture(pictures / f"review-{theme}-{name}.png")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        make_page(folder / "page.html")
        try:
            with chromium.Chromium(folder) as browser:
                page = browser.open(folder / "page.html")
                if page.run("document.title") != "Review":
                    raise chromium.Absent("this Chromium shows no file here")
                try_keys(browser, page, folder)
                try_resuming(page, folder)
                try_hostile(page)
                try_looks(page, pathlib.Path(os.environ.get("SCREENSHOTS",
                                                            folder)))
        except chromium.Absent as why:
            print(f"SKIPPED: {why}")
            return 77
    print("\n".join(faults[:20]) or "the page keeps what it promises")
    return 1 if faults else 0


sys.exit(main())
