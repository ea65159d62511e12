/* Files that say how captured data become facts: checked, and tried out. */
#ifndef EVIDENCE_MAPPING_H
#define EVIDENCE_MAPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/err.h"

/* One .map file in memory; name is for messages. */
struct ev_mapping_file {
	const char *name;
	const void *text;
	size_t len;
};

/* Takes one line of UTF-8, without its line feed. */
struct ev_mapping_print {
	void *ctx;
	enum ev_rc (*line)(void *ctx, const char *line, struct ev_err *err);
};

/*
 * Check files against evidence-mapping(5), and their mappings against each
 * other.  Each fault is a line "name:line:column: what was expected".
 * EV_OK: none; EV_MISMATCH: there were some.
 */
EV_CHECK
enum ev_rc ev_mapping_lint(const struct ev_mapping_file *files, size_t count,
    const struct ev_mapping_print *print, struct ev_err *err);

struct ev_mapping_sample {
	const void *path; /* where it would stand in an exhibit */
	size_t path_len;
	const void *data;
	size_t len;
	const char *media; /* media type, NULL if not known */
};

/*
 * What these files would read from a sample: a JSON line for each fact (as
 * evidence-facts(5), numbers of a case left at 0), each row that is there
 * twice, each span set aside, note, unknown key, mapping and the whole.
 * EV_PARTIAL: something was set aside, or no mapping reads the sample;
 * EV_INPUT: a file is at fault.
 */
EV_CHECK
enum ev_rc ev_mapping_try(const struct ev_mapping_file *files, size_t count,
    const struct ev_mapping_sample *sample,
    const struct ev_mapping_print *print, struct ev_err *err);

#endif
