/* A case sealed for good: a last entry, a last head, one file. */
#include <stdio.h>
#include <string.h>

#include "case/case_inside.h"
#include "case/custody.h"
#include "evidence/json.h"

enum { LINE_LIMIT = 1 << 20 };

/* What may still be entered: nothing of it changes what the case holds. */
static const char *const after_close[] = { "stamp", "verify", "transfer-out",
	"transfer-in", "refuse", "enrol", "disclose", "export", "return",
	"dispose", "migrate" };

enum ev_rc
ev_case_closed(struct ev_case *c, int64_t *entry, struct ev_err *err)
{
	return ev_db_int(c->db, entry, err,
	    "SELECT coalesce(min(seq), 0) FROM log WHERE action = 'close'", "");
}

enum ev_rc
ev_case_may_write(struct ev_case *c, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_case_closed(c, &c->closed, err);
	if (rc != EV_OK || c->closed == 0 || c->act.after_close)
		return rc;
	return ev_fail(err, EV_USE,
	    "was closed by entry %jd: it can be read, checked, stamped, "
	    "bundled and handed over, and no longer changed",
	    (intmax_t)c->closed);
}

enum ev_rc
ev_case_may_enter(const struct ev_case *c, const char *action,
    struct ev_err *err)
{
	size_t i;

	if (c->closed == 0)
		return EV_OK;
	for (i = 0; i < sizeof(after_close) / sizeof(after_close[0]); i++) {
		if (strcmp(after_close[i], action) == 0)
			return EV_OK;
	}
	return ev_fail(err, EV_USE,
	    "the case was closed by entry %jd: '%s' can no longer be entered",
	    (intmax_t)c->closed, action);
}

/* Nothing may be half done. */
static enum ev_rc
is_ready(const struct ev_case_counts *n, struct ev_err *err)
{
	if (n->unfinished > 0)
		return ev_fail(err, EV_USE,
		    "an acquisition was begun and not finished: repeat the "
		    "same ev-ingest first");
	if (n->offer > 0)
		return ev_fail(err, EV_USE,
		    "the handover of entry %jd is open: accept or refuse it "
		    "first",
		    (intmax_t)n->offer);
	return EV_OK;
}

static enum ev_rc
close_line(const struct ev_case_counts *n, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_jw w;

	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "acquisitions", n->acquisitions);
	ev_jw_key_int(&w, "artifacts", n->artifacts);
	ev_jw_key_int(&w, "bytes", n->exhibit_bytes);
	ev_jw_key_int(&w, "claims", n->claims);
	ev_jw_key_int(&w, "exhibits", n->exhibits);
	ev_jw_key_int(&w, "facts", n->facts);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

static void
no_finding(void *ctx, const struct ev_custody_finding *f)
{
	(void)ctx;
	(void)f;
}

static enum ev_rc
enter_close(struct ev_case *c, int64_t *entry, struct ev_err *err)
{
	struct ev_entry line = { .action = "close" };
	struct ev_case_counts n = { 0 };
	struct ev_buf after;
	enum ev_rc rc;

	ev_buf_init(&after, LINE_LIMIT);
	rc = ev_case_count(c, &n, err);
	if (rc == EV_OK)
		rc = is_ready(&n, err);
	if (rc == EV_OK)
		rc = ev_custody_verify(c, NULL, no_finding, NULL, err);
	if (rc == EV_OK)
		rc = close_line(&n, &after, err);
	line.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_enter(c, &line, entry, err);
	ev_buf_release(&after);
	return rc;
}

enum ev_rc
ev_case_finish(struct ev_case *c, int64_t *entry, bool *already,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	*entry = c->closed;
	*already = c->closed != 0;
	if (!*already)
		rc = enter_close(c, entry, err);
	if (rc == EV_OK)
		rc = ev_custody_seal(c, err);
	if (rc == EV_OK)
		rc = ev_db_settle(c->db, err);
	return rc;
}
