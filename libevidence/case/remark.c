/* Entries by hand: what an examiner noted, returned, disposed of, set apart. */
#include <stdio.h>
#include <string.h>

#include "case/case_inside.h"
#include "case/custody.h"
#include "case/remark.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum { LINE_LIMIT = 1 << 20 };

/* What each action may be about. */
static const struct rule {
	const char *action;
	const char *kinds; /* letters of ids; '#' entries; NULL: any */
	const char *needs; /* what one of them must be; NULL: none */
	const char *about; /* the same for a message */
} rules[] = {
	{ "examine", NULL, NULL, "" },
	{ "return", "EI", "EI", "an exhibit or an acquisition" },
	{ "dispose", "EI", "EI", "an exhibit or an acquisition" },
	{ "correct", NULL, "#", "the number of the entry that it corrects" },
	{ "quarantine", "EA", "EA", "an exhibit or an artifact" },
};

static const char *const codes[] = { "PRIVILEGE", "MEDICAL", "SOURCE" };

static const struct {
	char kind;
	const char *sql;
} things[] = {
	{ 'A', "SELECT 1 FROM artifact WHERE id = ?" },
	{ 'C', "SELECT 1 FROM claim WHERE id = ?" },
	{ 'E', "SELECT 1 FROM exhibit WHERE id = ?" },
	{ 'F', "SELECT 1 FROM fact WHERE id = ?" },
	{ 'I', "SELECT 1 FROM acquisition WHERE id = ?" },
	{ 'L', "SELECT 1 FROM listing WHERE id = ?" },
	{ 'O', "SELECT 1 FROM org WHERE id = ?" },
	{ 'S', "SELECT 1 FROM set_aside WHERE id = ?" },
	{ 'W', "SELECT 1 FROM authority WHERE id = ?" },
	{ '#', "SELECT 1 FROM log WHERE seq = ?" },
};

/*
 * The newest entry quarantine of an artifact or its exhibit, unless the
 * artifact was read since under an authority that was named.
 */
static const char sql_by_hand[] =
    "SELECT q.seq FROM log q, artifact a WHERE a.id = ?1 AND q.action ="
    " 'quarantine' AND (instr(q.leaf, printf('\"A%06d\"', a.id)) > 0 OR"
    " instr(q.leaf, printf('\"E%06d\"', a.exhibit)) > 0) AND NOT EXISTS"
    " (SELECT 1 FROM reading r JOIN log l ON l.seq = r.entry WHERE"
    " r.artifact = a.id AND r.entry > q.seq AND"
    " instr(l.leaf, '\"authority\":\"W') > 0) ORDER BY q.seq DESC LIMIT 1";
/* The same for what came in under quarantine, whose first reading is none. */
static const char sql_at_once[] =
    "SELECT i.receive FROM artifact a JOIN exhibit e ON e.id = a.exhibit"
    " JOIN acquisition i ON i.id = e.acquisition WHERE a.id = ?1 AND"
    " i.quarantine <> '' AND NOT EXISTS (SELECT 1 FROM reading r JOIN log l"
    " ON l.seq = r.entry WHERE r.artifact = a.id AND"
    " r.id > (SELECT min(f.id) FROM reading f WHERE f.artifact = a.id) AND"
    " instr(l.leaf, '\"authority\":\"W') > 0)";

enum ev_rc
ev_quarantine_of(struct ev_case *c, int64_t artifact, int64_t *entry,
    struct ev_err *err)
{
	enum ev_rc rc;

	*entry = 0;
	rc = ev_db_int(c->db, entry, err, sql_by_hand, "i", artifact);
	if (rc == EV_EOF)
		rc = ev_db_int(c->db, entry, err, sql_at_once, "i", artifact);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
find_rule(const char *action, const struct rule **rule, struct ev_err *err)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		*rule = &rules[i];
		if (strcmp((*rule)->action, action) == 0)
			return EV_OK;
	}
	return ev_fail(err, EV_USE,
	    "'%.64s' is no action: examine, return, dispose and correct are",
	    action);
}

static enum ev_rc
check_thing(struct ev_case *c, char kind, int64_t number, const char *id,
    struct ev_err *err)
{
	int64_t one = 0;
	enum ev_rc rc;
	size_t i;

	for (i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		if (things[i].kind != kind)
			continue;
		rc = ev_db_int(c->db, &one, err, things[i].sql, "i", number);
		return rc == EV_EOF ? ev_fail(err, EV_USE,
					  "there is no %.64s in this case", id)
				    : rc;
	}
	return ev_fail(err, EV_USE, "'%.64s' is no id", id);
}

/* kind is '#' for an entry, '@' for a person. */
static enum ev_rc
check_id(struct ev_case *c, const char *id, char *kind, struct ev_err *err)
{
	int64_t number = 0;
	enum ev_rc rc;

	*kind = '@';
	if (id[0] == '@') {
		rc = ev_db_int(c->db, &number, err,
		    "SELECT 1 FROM actor WHERE actor = ?", "s", id);
		return rc == EV_EOF
			   ? ev_fail(err, EV_USE, "'%.64s' is not enrolled", id)
			   : rc;
	}
	if (ev_text_int(&number, id, strlen(id), 1, INT64_MAX))
		*kind = '#';
	else if (!ev_id_parse(id, kind, &number))
		return ev_fail(err, EV_USE, "'%.64s' is no id", id);
	return check_thing(c, *kind, number, id, err);
}

static enum ev_rc
check_ids(struct ev_case *c, const struct rule *rule, const char *const *ids,
    struct ev_err *err)
{
	bool met = rule->needs == NULL;
	enum ev_rc rc;
	char kind;
	size_t i;

	for (i = 0; ids[i] != NULL; i++) {
		rc = check_id(c, ids[i], &kind, err);
		if (rc != EV_OK)
			return rc;
		if (rule->kinds != NULL && strchr(rule->kinds, kind) == NULL)
			return ev_fail(err, EV_USE, "%s: '%.64s' is not %s",
			    rule->action, ids[i], rule->about);
		met = met || strchr(rule->needs, kind) != NULL;
	}
	return met ? EV_OK
		   : ev_fail(err, EV_USE, "%s needs %s", rule->action,
			 rule->about);
}

static enum ev_rc
check_reason(const struct ev_remark *what, struct ev_err *err)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (what->reason != NULL && strcmp(what->reason, codes[i]) == 0)
			return EV_OK;
	}
	return ev_fail(err, EV_USE,
	    "'%.64s' is no reason: PRIVILEGE, MEDICAL and SOURCE are",
	    what->reason == NULL ? "" : what->reason);
}

static enum ev_rc
append(struct ev_case *c, const struct ev_remark *what, int64_t *entry,
    struct ev_err *err)
{
	struct ev_entry line = { .action = what->action,
		.subject = what->ids,
		.note = what->text };
	struct ev_buf after;
	struct ev_jw w;
	enum ev_rc rc = EV_OK;

	ev_buf_init(&after, LINE_LIMIT);
	if (what->reason != NULL) {
		ev_jw_init(&w, &after);
		ev_jw_object(&w);
		ev_jw_key_text(&w, "reason", what->reason);
		ev_jw_close(&w);
		rc = ev_jw_end(&w, err);
		line.after = ev_buf_text(&after);
	}
	if (rc == EV_OK)
		rc = ev_custody_enter(c, &line, entry, err);
	ev_buf_release(&after);
	return rc;
}

enum ev_rc
ev_remark_enter(struct ev_case *c, const struct ev_remark *what, int64_t *entry,
    struct ev_err *err)
{
	const bool quarantine = strcmp(what->action, "quarantine") == 0;
	const struct rule *rule = NULL;
	enum ev_rc rc;

	*entry = 0;
	rc = find_rule(what->action, &rule, err);
	if (rc == EV_OK && quarantine)
		rc = check_reason(what, err);
	if (rc == EV_OK && !quarantine &&
	    (what->text == NULL || what->text[0] == '\0'))
		rc = ev_fail(err, EV_USE, "an entry without a text");
	if (rc == EV_OK && what->text != NULL &&
	    !ev_text_is_utf8(what->text, strlen(what->text)))
		rc = ev_fail(err, EV_USE, "the text is not UTF-8");
	if (rc == EV_OK)
		rc = check_ids(c, rule, what->ids, err);
	if (rc == EV_OK)
		rc = append(c, what, entry, err);
	return rc == EV_OK ? ev_custody_seal(c, err) : rc;
}
