/* The report of a bundle that withholds: what, why, and who authorised it. */
#include <string.h>

#include "out/report_inside.h"
#include "out/withheld.h"

static const char top[] =
    "<section id=\"withheld\"><h2>What is withheld</h2>\n<p>This page shows "
    "neither exhibits nor accounts nor claims, since their tables could tell "
    "of what is withheld. What is not withheld stands in the files below "
    "data/, and each line there still has its place under the roots that the "
    "custody log holds. A line that is withheld is replaced by its salted "
    "leaf, from which it cannot be found by trying.</p>\n"
    "<table><thead><tr><th scope=\"col\">withheld</th><th scope=\"col\">"
    "reason</th><th scope=\"col\">authorised by</th></tr></thead><tbody>\n";

enum ev_rc
report_withheld(struct report *r, struct ev_err *err)
{
	const struct ev_withheld *order;
	enum ev_rc rc;
	size_t i;

	rc = report_raw(r, top, err);
	for (i = 0; rc == EV_OK && i < r->how->withheld_count; i++) {
		order = &r->how->withheld[i];
		rc = report_printf(r, err, "<tr><td>%s</td><td>%s</td><td>",
		    order->id, order->reason);
		if (rc == EV_OK)
			rc = report_text(r, order->authoriser,
			    strlen(order->authoriser), err);
		if (rc == EV_OK)
			rc = report_raw(r, "</td></tr>\n", err);
	}
	return rc == EV_OK ? report_raw(r, "</tbody></table></section>\n", err)
			   : rc;
}
