/* The frame of the report: policy, style, and what must be said to readers. */
#include <string.h>

#include "evidence/text.h"
#include "out/report_inside.h"

enum { HASH_TEXT = 128 };

static const char style[] =
    ":root{color-scheme:light dark;--line:#8886;--bad:#b3261e;--bar:#3b6ea8}"
    "body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;"
    "padding:1rem}"
    "h1{font-size:1.7rem;margin-bottom:0}"
    "h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid "
    "var(--line)}"
    "table{border-collapse:collapse;min-width:60%;font-size:.86rem}"
    "th,td{text-align:start;vertical-align:top;padding:.25rem .5rem;"
    "border-bottom:1px solid var(--line);overflow-wrap:anywhere}"
    "td.n{text-align:end;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}"
    ".tiles{display:grid;gap:.5rem;margin:1rem 0;"
    "grid-template-columns:repeat(auto-fill,minmax(8rem,1fr))}"
    ".tiles a{border:1px solid var(--line);border-radius:.4rem;"
    "padding:.5rem;text-decoration:none;color:inherit}"
    ".tiles b{display:block;font-size:1.5rem}"
    "details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;"
    "padding:.4rem .7rem}"
    "summary{cursor:pointer}"
    ".met{font-weight:600}"
    ".against{color:var(--bad)}"
    "svg{width:30rem;max-width:90vw;height:1.2rem}"
    ".bar{fill:var(--bar)}.baragainst{fill:var(--bad)}"
    ".maybe{fill:var(--bar);opacity:.45}.open{fill:var(--line)}"
    "td svg{width:12rem;height:.9rem}"
    ".axis{stroke:currentColor;stroke-width:.5}"
    "@media print{details>*{display:block}body{max-width:none}}";

static const char top[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src "
    "'sha256-";

static const char heading[] = "</style></head>\n<body><header><h1>";

static const char end[] =
    "<section id=\"challenges\"><h2>What may be challenged</h2>\n<ul>\n"
    "<li>Nothing here says what happened to the data before it was received. "
    "Unchanged since then is what the seals show.</li>\n"
    "<li>An account is not a person: the account holder of record may not "
    "have used it, and it may have been shared, sold or taken over.</li>\n"
    "<li>The country of an address is the registered country of its block at "
    "a time according to a database. It is not the place of the user: VPNs, "
    "Tor, hosting, shared addresses, roaming and border networks are "
    "alternatives.</li>\n"
    "<li>Likelihood ratios are declared by the ruleset that is part of the "
    "bundle, not measured, unless an item says so.</li>\n"
    "<li>A time without a zone is given with bounds, not guessed.</li>\n"
    "<li>What was set aside or not read may hold more, for or against.</li>\n"
    "</ul></section>\n<footer><p>Check this bundle with stock tools: "
    "VERIFY.txt. Numbers are those of the files below data/.</p></footer>\n"
    "</body></html>\n";

enum ev_rc
report_open(struct report *r, const char *title, struct ev_err *err)
{
	unsigned char hash[EV_SHA256];
	struct ev_buf text;
	enum ev_rc rc;

	ev_buf_init(&text, HASH_TEXT);
	rc = ev_sha256(hash, style, strlen(style), err);
	if (rc == EV_OK)
		rc = ev_text_base64(&text, hash, sizeof(hash), err);
	if (rc == EV_OK)
		rc = report_raw(r, top, err);
	if (rc == EV_OK)
		rc = report_raw(r, ev_buf_text(&text), err);
	if (rc == EV_OK)
		rc = report_raw(r,
		    "'\">\n<meta name=\"viewport\" content="
		    "\"width=device-width\"><title>",
		    err);
	if (rc == EV_OK)
		rc = report_escaped(r, title, err);
	if (rc == EV_OK)
		rc = report_raw(r, "</title><style>", err);
	if (rc == EV_OK)
		rc = report_raw(r, style, err);
	if (rc == EV_OK)
		rc = report_raw(r, heading, err);
	ev_buf_release(&text);
	return rc;
}

enum ev_rc
report_close(struct report *r, struct ev_err *err)
{
	return report_raw(r, end, err);
}
