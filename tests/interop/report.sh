#!/bin/sh
# The report is one page that runs nothing, fetches nothing and is well nested,
# whatever stands in the evidence.
set -eu
[ -x "$EV_BUILD/bin/ev-ingest" ] || { echo "no ev-ingest: skipped"; exit 77; }
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
tmp=$(mktemp -d)
trap 'chmod -R u+rwX "$tmp"; rm -rf "$tmp"' EXIT
PATH=$EV_BUILD/bin:$PATH
unset EV_CASE EV_ACTOR
cd "$tmp"
sh "$EV_SRC/tests/cli/lib/captured.sh" captured
ev-case init -q c.evcase --number 'N<1>&"' --title '</title><script>alert(1)</script>' \
    --actor 'A. <b>Example' --id a --role examiner --office 'Demo Lab' --self-signed
ev-ingest -q c.evcase captured >/dev/null || [ $? = 3 ]
ev-org import -q c.evcase "$EV_SRC/casefiles/demo/register.csv" >/dev/null
ev-attrib run -q c.evcase >/dev/null || [ $? = 3 ]
ev-report c.evcase -o report.html
if ev-report c.evcase -o report.html 2>/dev/null; then
	echo "FAILED: a report was overwritten"
	exit 1
fi
ev-report c.evcase | cmp - report.html
cat >check.py <<'P'
import base64, hashlib, re, sys
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "rect", "line", "img", "link", "col", "input"}
bad = []

class Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.text = [], set(), [], []
        self.policy = self.style = None

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "iframe", "object", "embed", "link", "base", "form", "img"):
            bad.append("<%s>" % tag)
        for name, value in attrs:
            if name.startswith("on") or name in ("src", "srcset", "style", "action", "xlink:href"):
                bad.append("attribute %s of <%s>" % (name, tag))
            if name == "href" and not (value or "").startswith("#"):
                bad.append("a reference to %r" % value)
            if name == "href":
                self.links.append(value[1:])
            if name == "id":
                if value in self.ids:
                    bad.append("id %r twice" % value)
                self.ids.add(value)
        if tag == "meta" and dict(attrs).get("http-equiv", "").lower() == "content-security-policy":
            self.policy = dict(attrs)["content"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            bad.append("</%s> within %s" % (tag, self.open[-3:]))
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style = (self.style or "") + data
        else:
            self.text.append(data)

raw = open(sys.argv[1], "rb").read().decode("utf-8", "strict")
page = Page()
page.feed(raw)
page.close()
if page.open:
    bad.append("never closed: %s" % page.open)
for link in page.links:
    if link not in page.ids:
        bad.append("a link to no section: #%s" % link)
policy = page.policy or ""
for want in ("default-src 'none'", "base-uri 'none'", "form-action 'none'"):
    if want not in policy:
        bad.append("policy without " + want)
digest = base64.b64encode(hashlib.sha256((page.style or "").encode()).digest()).decode()
if "style-src 'sha256-%s'" % digest not in policy:
    bad.append("the policy does not allow the page's own style")
if "script-src" in policy or "unsafe" in policy:
    bad.append("a policy that allows scripts")
if re.search(r"url\(|@import|expression", page.style or ""):
    bad.append("a style that fetches")
for c in re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]", raw):
    bad.append("character %r" % c)
text = "".join(page.text)
for want in ("</title><script>alert(1)</script>", "N<1>&\"",
             "<b onclick=x>Abu & \"Co\"</b>", "Front of Example | جبهة المثال",
             "tables/odd\\u{001B}[1m\\u{202E}txt.bin", "E000004", "S000002"):
    if want not in text:
        bad.append("not shown as text: %r" % want)
if not raw.startswith("<!DOCTYPE html>") and not raw.startswith("<!doctype html>"):
    bad.append("no doctype")
for b in bad:
    print(b)
print("%d faults in %d bytes of report" % (len(bad), len(raw)))
sys.exit(1 if bad else 0)
P
python3 check.py report.html
# The checker finds what it looks for.
for plant in '<script>1</script>' '<p onclick=x>' '<a href="http://example.org">x</a>' '</p>' \
    '<style>p{background:url(x)}</style>' '<a href="#nowhere">x</a>'; do
	sed "s|</main>|$plant</main>|; t; s|</body>|$plant</body>|" report.html >planted.html
	cmp -s report.html planted.html && { echo "FAILED: nothing planted"; exit 1; }
	if python3 check.py planted.html >/dev/null; then
		echo "FAILED: not found: $plant"
		exit 1
	fi
done
# A list that a page cannot hold says how much of it is shown.
mkdir many
i=0
while [ $i -lt 501 ]; do
	echo "note $i" >"many/$i.txt"
	i=$((i + 1))
done
grep -q 'Shown: the first' report.html && { echo "FAILED: a short list is cut"; exit 1; }
ev-case init -q m.evcase --number M-1 --title M --actor 'A. Example' --id a --role examiner \
    --office Lab --self-signed
ev-ingest -q m.evcase many >/dev/null || [ $? = 3 ]
ev-report m.evcase | grep -q 'Shown: the first 500 of 501\.' ||
	{ echo "FAILED: 501 unread artifacts, and not said that 500 are shown"; exit 1; }
