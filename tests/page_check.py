#!/usr/bin/env python3
"""page_check.py PAGE [TEXT...] - whether a report's page is what it promises.

Well-formed down to every end tag; only elements and attributes that the page
has a use for; ids once each, and every reference to one leads to it; headings
in order; a header for each row and column of a table; a title, a description
and a table for each chart; no link but to a
thread; nothing that could load or run anything. Each TEXT,
a JSON string, must be a message's text as a reader sees it.
"""
import json
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "rect", "line"}
ELEMENTS = VOID | set(
    "html head title style body a header h1 h2 h3 h4 span p time ul ol li nav "
    "main section dl div dt dd table caption thead tbody tr th td code svg desc "
    "text figure figcaption details summary pre article bdi footer".split())
ATTRIBUTES = set(
    "lang charset http-equiv content name class href rel id aria-labelledby "
    "aria-label aria-hidden role scope width height x y x1 x2 y1 y2 text-anchor "
    "dir".split())

# Threads, and nothing else that a page leads to.
REDDIT = re.compile(r"https://(redd\.it/[0-9a-z]+$|(www\.)?reddit\.com/r/)")


class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.references, self.headings = [], [], [], []
        self.faults, self.messages, self.charts = [], [], []
        self.tables, self.csp, self.lang = 0, "", ""
        self.landmarks = []
        self.style = ""

    def fault(self, what):
        self.faults.append("line %d: %s" % (self.getpos()[0], what))

    def handle_decl(self, decl):
        if decl != "DOCTYPE html":
            self.fault("declaration " + decl)

    def handle_comment(self, data):
        self.fault("a comment")

    def handle_pi(self, data):
        self.fault("a processing instruction")

    def handle_startendtag(self, tag, attributes):
        if tag not in VOID:
            self.fault("<%s/>" % tag)
        self.start(tag, attributes)

    def handle_starttag(self, tag, attributes):
        self.start(tag, attributes)
        if tag not in ("meta",):
            self.open.append(tag)

    def start(self, tag, attributes):
        given = dict(attributes)
        if tag not in ELEMENTS:
            self.fault("<%s>" % tag)
        for name, value in attributes:
            if name not in ATTRIBUTES:
                self.fault("attribute " + name)
            if name == "href" and not value.startswith("#"):
                if not REDDIT.match(value) or \
                        given.get("rel") != "noreferrer":
                    self.fault("a link out of the page: " + value)
        if len(given) != len(attributes):
            self.fault("an attribute twice")
        if "id" in given:
            self.ids.append(given["id"])
        self.references += given.get("aria-labelledby", "").split()
        if tag == "a" and given["href"].startswith("#"):
            self.references.append(given["href"][1:])
        if tag == "html":
            self.lang = given.get("lang", "")
        if given.get("http-equiv") == "Content-Security-Policy":
            self.csp = given["content"]
        if tag in ("header", "nav", "main", "footer"):
            self.landmarks.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "table":
            self.tables += 1
            self.parts = set()
        if tag in ("caption", "thead", "tbody"):
            self.parts.add(tag)
        if tag == "tr":
            self.cells = []
        if tag in ("th", "td"):
            self.cells.append(tag)
            if tag == "th" and given.get("scope") not in ("row", "col"):
                self.fault("<th> without scope")
        if tag == "svg" and "aria-hidden" not in given:
            if given.get("role") != "img":
                self.fault("an <svg> that is neither hidden nor an image")
            self.charts.append({"labels": given["aria-labelledby"].split()})
        if tag in ("title", "desc") and self.charts and given.get("id"):
            self.charts[-1][tag] = given["id"]
        if tag == "div" and given.get("class") == "text":
            self.messages.append("")
            self.message_depth = len(self.open)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.fault("</%s> where %s is open" % (tag, self.open[-1:]))
            return
        self.open.pop()
        if tag == "tr" and self.cells[0] != "th":
            self.fault("a row without a header")
        if tag == "table" and self.parts != {"caption", "thead", "tbody"}:
            self.fault("a table without %s" % self.parts)
        if tag == "table" and "figure" in self.open and self.charts:
            self.charts[-1]["table"] = True

    def handle_data(self, data):
        innermost = self.open[-1:]
        if innermost == ["div"] and self.messages and \
                len(self.open) == self.message_depth + 1:
            self.messages[-1] += data
        if innermost == ["style"]:
            self.style += data


def check(path, texts):
    raw = open(path, "rb").read().decode("utf-8")
    page = Page()
    page.feed(raw)
    page.close()
    faults = page.faults
    if page.open:
        faults.append("never closed: %s" % page.open)
    for i in set(page.ids):
        if page.ids.count(i) > 1:
            faults.append("id twice: " + i)
    for i in page.references:
        if i not in page.ids:
            faults.append("no such id: " + i)
    if page.headings[:1] != [1] or page.headings.count(1) != 1:
        faults.append("not one h1 at the top")
    for before, after in zip(page.headings, page.headings[1:]):
        if after > before + 1:
            faults.append("h%d follows h%d" % (after, before))
    for chart in page.charts:
        if chart["labels"] != [chart.get("title"), chart.get("desc")]:
            faults.append("a chart without title and description")
        if not chart.get("table"):
            faults.append("a chart without a table")
    if page.landmarks != ["header", "nav", "main", "footer"]:
        faults.append("landmarks: %s" % page.landmarks)
    if page.lang != "en":
        faults.append("no language")
    if not page.csp.startswith("default-src 'none'"):
        faults.append("no policy against loading")
    if re.search(r"url\(|@import|//", page.style):
        faults.append("the style loads something")
    if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", raw):
        faults.append("a control character")
    for text in texts:
        if json.loads(text) not in page.messages:
            faults.append("no message reads " + text)
    if re.search("<(?![a-zA-Z/!])|&(?![a-z]+;|#39;)", raw):
        faults.append("a bare < or &")
    for fault in faults:
        print("%s: %s" % (path, fault))
    print("%s: %d elements' ids, %d tables, %d charts, %d messages" % (
        path, len(page.ids), page.tables, len(page.charts), len(page.messages)))
    return not faults


if __name__ == "__main__":
    sys.exit(not check(sys.argv[1], sys.argv[2:]))
