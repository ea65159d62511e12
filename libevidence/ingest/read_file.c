/* reader file: the member itself, unread; only its name speaks. */
#include "ingest/pass.h"

enum ev_rc
ev_read_file(struct ev_pass *pass, struct ev_err *err)
{
	static const struct ev_json_node nothing = { .type = EV_JSON_OBJECT };
	static const unsigned char none[1] = { 0 };
	struct ev_record record = { &nothing, none, 0, 0, 0, true };
	int64_t size;
	enum ev_rc rc;

	/* One span from the first byte to the last, however many there are. */
	rc = ev_view_drain(&pass->view, &size, err);
	record.to = pass->view.out;
	if (rc == EV_OK)
		rc = ev_pass_record(pass, &record, err);
	return rc;
}
