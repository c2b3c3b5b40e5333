// style.h - the looks of dataset-report's page: light and dark, desktop
// and phone, screen and paper.
//
// Text keeps a contrast of at least 4.5 to its ground, and what a chart is
// read from at least 3, in both themes; tests/page_check.py measures it.
#pragma once

#include <string_view>

namespace mill {

inline constexpr std::string_view kReportStyle = R"css(
:root {
  color-scheme: light dark;
  --ground: #ffffff; --panel: #f5f6f8; --text: #1c2127; --quiet: #56606b;
  --line: #d4d9df; --strong-line: #7a8591; --data: #2a6fa8; --link: #0b5cad;
  --good: #1a6b35; --bad: #a8321c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181d; --panel: #1d232a; --text: #e4e8ec; --quiet: #a1abb6;
    --line: #343c46; --strong-line: #7f8a96; --data: #5aa5dd; --link: #7db8f0;
    --good: #74cf90; --bad: #ff9a84;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
header, nav, main, footer { max-width: 64rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
time { white-space: nowrap; }
h1 .version { color: var(--quiet); font-weight: 400; }
h2 {
  margin: 0 0 .75rem; padding-top: 1.25rem; font-size: 1.3rem;
  border-top: 1px solid var(--line);
}
section { margin-top: 2.25rem; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1.05rem; overflow-wrap: anywhere; }
h4 { margin: .75rem 0 .25rem; font-size: .85rem; color: var(--quiet); }
p, ul, ol { margin: .5rem 0; max-width: 46rem; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .25rem; }
.note { color: var(--quiet); font-size: .9rem; }
.hidden {
  position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
code, .mono { font-size: .875em; overflow-wrap: anywhere; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1rem 0 0; padding: 0; list-style: none; max-width: none; }

.verdicts { margin: 1rem 0 0; padding: 0; list-style: none; }
.verdicts li { margin: .25rem 0; padding-left: 1.6rem; text-indent: -1.6rem; }
.sign { display: inline-block; width: 1.6rem; text-indent: 0; font-weight: 700; }
.good .sign { color: var(--good); }
.bad .sign { color: var(--bad); }

.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .75rem; margin: 0; }
.tiles div { padding: .75rem .9rem; background: var(--panel); border-radius: .5rem; }
.tiles dt { font-size: .85rem; color: var(--quiet); }
.tiles dd { margin: 0; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tiles .note { display: block; font-size: .8rem; line-height: 1.35; }

table { border-collapse: collapse; width: 100%; font-size: .925rem; }
caption { text-align: left; font-weight: 600; padding: .25rem 0; }
th, td { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--quiet); font-weight: 600; font-size: .85rem; vertical-align: bottom; border-bottom-color: var(--strong-line); }
tbody th { font-weight: 500; overflow-wrap: anywhere; }
tbody th .note { display: block; font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bars { width: 30%; min-width: 3.5rem; }
.bar { display: block; margin-top: .3rem; }
.bar .part { fill: var(--data); }
.bar .rest { fill: none; stroke: var(--strong-line); stroke-width: 2; }

.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1.5rem 2.5rem; }
.charts > * { min-width: 0; }
figure { margin: 0; }
.charts h3 { margin: 0 0 .25rem; }
.chart { display: block; overflow: visible; width: calc(100% - 1.5rem); margin: 0 .75rem; }
.scaled .chart { width: calc(100% - 3rem); margin-left: 2.5rem; }
.column { fill: var(--data); }
.axis { stroke: var(--strong-line); stroke-width: 1; }
.grid { stroke: var(--line); stroke-width: 1; }
.tick, .count { fill: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums; }
.count { fill: var(--text); }

details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--link); }
summary h3 { display: inline; color: var(--text); }
article { margin: 1rem 0; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem; }
article h3 { margin: 0; }
summary bdi { color: var(--text); margin-left: .5rem; }
.text { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; max-width: 46rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: .75rem 0 0; padding-top: .5rem; border-top: 1px solid var(--line); font-size: .85rem; color: var(--quiet); }
.facts div { overflow-wrap: anywhere; }
.facts dt, .facts dd { display: inline; margin: 0; }
.facts dt::after { content: ": "; }
pre { margin: .5rem 0; padding: .75rem; background: var(--panel); border-radius: .5rem; font-size: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 3rem; padding-top: 1rem; padding-bottom: 3rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .9rem; }

@media (max-width: 36rem) {
  header { padding-top: 1.25rem; }
  h1 { font-size: 1.45rem; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tiles dd { font-size: 1.25rem; }
  th, td { padding-right: .5rem; }
  .wide, tbody th .wide { display: none; }
  .bars { width: 22%; }
}
@media print {
  nav, .skip { display: none; }
  section, article, figure { break-inside: avoid-page; }
}
)css";

}  // namespace mill
