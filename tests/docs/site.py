# SPDX-License-Identifier: MIT
"""site.py FOLDER - looks through a rendered site: every page is well-formed HTML with a title and a
main part, every internal link leads to a page and to an anchor that is there, no id comes twice.
Prints what is wrong, then "N passed, M failed", counting pages."""
import html.parser
import os
import sys
from urllib.parse import unquote, urldefrag

VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}
# What must not stand inside of a paragraph or a heading.
LINES = {"p", "h1", "h2", "h3", "h4"}
BLOCKS = {"p", "ul", "ol", "table", "pre", "div", "h1", "h2", "h3", "h4", "blockquote", "article"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.problems = [], set(), [], []
        self.tags = set()

    def say(self, text):
        self.problems.append("%d: %s" % (self.getpos()[0], text))

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        outer = LINES.intersection(self.open)
        if tag in BLOCKS and outer:
            self.say("<%s> inside of <%s>" % (tag, min(outer)))
        if tag not in VOID:
            self.open.append(tag)
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.say("<%s> has an attribute twice" % tag)
        for name, value in attributes:
            if name == "id":
                if value in self.ids or not value:
                    self.say("id '%s' is empty or there twice" % value)
                self.ids.add(value)
            elif name in ("href", "src"):
                self.links.append((self.getpos()[0], value or ""))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.say("</%s> closes <%s>" % (tag, self.open[-1] if self.open else ""))
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def read(path):
    page = Page()
    with open(path, encoding="utf-8") as file:
        text = file.read()
    page.feed(text)
    page.close()
    if page.open:
        page.problems.append("never closed: %s" % ", ".join(page.open))
    page.problems += ["no <%s>" % tag for tag in ("title", "main", "h1") if tag not in page.tags]
    if not text.startswith("<!doctype html>"):
        page.problems.append("no doctype")
    if "\ue000" in text or "\ue001" in text:
        page.problems.append("a placeholder is left")
    return page


def check_links(path, pages):
    for line, link in pages[path].links:
        target, anchor = urldefrag(link)
        if ":" in target.split("/")[0]:
            continue
        full = os.path.normpath(os.path.join(os.path.dirname(path), unquote(target))) if target else path
        if not os.path.isfile(full):
            yield "%d: there is no %s" % (line, link)
        elif anchor and full in pages and unquote(anchor) not in pages[full].ids:
            yield "%d: there is no anchor for %s" % (line, link)


def main():
    pages = {}
    for folder, _, names in os.walk(sys.argv[1]):
        for name in sorted(names):
            if name.endswith(".html"):
                path = os.path.normpath(os.path.join(folder, name))
                pages[path] = read(path)
    failed = 0
    for path, page in sorted(pages.items()):
        problems = page.problems + list(check_links(path, pages))
        failed += bool(problems)
        for problem in problems:
            print("%s:%s" % (path, problem))
    # Otherwise a site that is empty would be one without mistakes.
    if len(pages) < 20:
        print("only %d pages" % len(pages))
        failed += 1
    print("%d passed, %d failed" % (len(pages) - failed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
