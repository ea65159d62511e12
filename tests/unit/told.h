/* Readers' samples, and all that is told of them. */
#ifndef TOLD_H
#define TOLD_H

#include "transcript.h"

/* All that is told of a sample, however it is fed, is the text wanted. */
static inline void
told_bytes(const char *map, const char *data, size_t len, const char *want)
{
	static const size_t chunks[] = { 0, 1, 3 };
	struct transcript t = { .data = data, .len = len };
	struct ev_mapset *set = NULL;
	struct ev_err err = { 0 };
	size_t i;

	assert_int_equal(ev_mapset_new(&set, &err), EV_OK);
	if (ev_mapset_add(set, "test.map", map, strlen(map), &err) != EV_OK)
		fail_msg("%s", err.msg);
	for (i = 0; i < 3; i++) {
		memset(t.rows, 0, sizeof(t.rows));
		t.totals = 0;
		t.chunk = chunks[i];
		if (transcript_run(&t, set, "d/x", &err) != EV_OK)
			fail_msg("%s", err.msg);
		assert_string_equal(ev_buf_text(&t.out), want);
		assert_true(transcript_adds_up(&t));
	}
	ev_buf_release(&t.out);
	ev_mapset_free(set);
}

static inline void
told(const char *map, const char *data, const char *want)
{
	told_bytes(map, data, strlen(data), want);
}

#define MAP(reader, rest)                                  \
	"mapping a.b\nversion 1\nplatform x\nmatch **/x\n" \
	"reader " reader "\n" rest

#define LOGIN(reader)                                              \
	MAP(reader, "kind login\nfield account User id required\n" \
		    "field ip IP ip\nfield ua Agent text\n")

#endif
