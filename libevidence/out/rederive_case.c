/* What re-derivation needs of a case: mapping files, and what was read how. */
#include <inttypes.h>

#include "out/rederive.h"

enum ev_rc
rederive_case_map(struct ev_case *c, const unsigned char sha256[EV_SHA256],
    struct ev_buf *out, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const void *bytes;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(c), &st, err,
	    "SELECT bytes FROM datafile WHERE form = 'mapping' AND sha256 = ?",
	    "b", (const void *)sha256, (size_t)EV_SHA256);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_MISMATCH, "a mapping is not in the case");
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "b", &bytes, &len);
	if (rc == EV_OK)
		rc = ev_buf_put(out, bytes, len, err);
	ev_db_finish(st);
	return rc;
}

enum ev_rc
rederive_case_entry(struct ev_case *c, int64_t artifact, int64_t head,
    struct ev_buf *leaf, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *text;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(c), &st, err,
	    "SELECT l.leaf FROM reading r JOIN log l ON l.seq = r.entry WHERE"
	    " r.artifact = ?1 AND (?2 = 0 OR r.entry <= ?2) ORDER BY r.id DESC"
	    " LIMIT 1",
	    "ii", artifact, head);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE, "A%06" PRId64 " was not read",
		    artifact);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "t", &text, &len);
	if (rc == EV_OK)
		rc = ev_buf_put(leaf, text, len, err);
	ev_db_finish(st);
	return rc;
}
