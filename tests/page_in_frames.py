#!/usr/bin/env python3
"""page_in_frames.py PAGE > HTML - a page that looks at PAGE in a browser.

PAGE is shown in frames as wide as a desktop and a phone, measured, and what is
wrong with it is written into an element "result": the theme, the number of
faults, and each fault.
"""
import html
import sys

MEASURE = r"""
const faults = [];
const parse = c => (c.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
const luminance = c => parse(c).slice(0, 3).map(v => {
  v /= 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => {
  const [x, y] = [luminance(a), luminance(b)].sort((m, n) => n - m);
  return (x + 0.05) / (y + 0.05);
};
const ground = (view, e) => {
  for (; e; e = e.parentElement) {
    const c = view.getComputedStyle(e).backgroundColor;
    if (c !== "rgba(0, 0, 0, 0)") return c;
  }
  return "rgb(255, 255, 255)";
};
let checked = 0, columns = 0;

function measure(frame) {
  const doc = frame.contentDocument, view = frame.contentWindow;
  const width = frame.clientWidth;
  const fault = what => faults.push(width + " px: " + what);
  for (const closed of doc.querySelectorAll("details")) closed.open = true;
  if (doc.documentElement.scrollWidth > width)
    fault("wider than the screen: " + doc.documentElement.scrollWidth);

  const walker = doc.createTreeWalker(doc.body, 4);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || e.closest("style, title, desc, .hidden, .skip")) continue;
    const style = view.getComputedStyle(e);
    if (!e.getClientRects().length) continue;
    const ratio = contrast(e.tagName === "text" ? style.fill : style.color, ground(view, e));
    ++checked;
    if (ratio < 4.5) fault("contrast " + ratio.toFixed(2) + " of <" + e.tagName + " " + e.className + ">");
    const box = e.getBoundingClientRect();
    if (box.right > width + 0.5 || box.left < -0.5)
      fault("out of the screen: <" + e.tagName + "> " + walker.currentNode.data.slice(0, 20));
    if (parseFloat(style.fontSize) < 11) fault("small text: " + style.fontSize);
  }
  for (const [selector, property] of [[".column", "fill"], [".part", "fill"], [".rest", "stroke"], [".axis", "stroke"]]) {
    const shape = doc.querySelector(selector);
    if (!shape) { fault("no " + selector); continue; }
    const ratio = contrast(view.getComputedStyle(shape)[property], ground(view, shape.closest("svg")));
    if (ratio < 3) fault("contrast " + ratio.toFixed(2) + " of " + selector);
  }
  for (const chart of doc.querySelectorAll(".chart")) {
    const drawn = [...chart.querySelectorAll(".column")];
    columns += drawn.length;
    if (!drawn.some(c => c.getBoundingClientRect().height > 50)) fault("an empty chart");
    const ticks = [...chart.querySelectorAll("text")].map(t => [t, t.getBoundingClientRect()]);
    for (const [a, x] of ticks) for (const [b, y] of ticks)
      if (a !== b && x.left < y.right && y.left < x.right && x.top < y.bottom - 2 && y.top < x.bottom - 2)
        fault("a label on another: " + a.textContent + ", " + b.textContent);
  }
}

onload = () => {
  for (const frame of document.querySelectorAll("iframe")) measure(frame);
  const theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.getElementById("result").textContent =
    theme + " " + faults.length + " faults, " + checked + " texts, " + columns +
    " columns " + faults.slice(0, 20).join("; ");
};
"""

with open(sys.argv[1], encoding="utf-8") as page:
    text = html.escape(page.read())
print("<!DOCTYPE html><meta charset=utf-8><style>:root{color-scheme:light dark}"
      "iframe{border:0}</style><pre id=\"result\"></pre>")
for width in (1280, 390, 320):
    print('<iframe width=%d height=800 srcdoc="%s"></iframe>' % (width, text))
print("<script>%s</script>" % MEASURE)
