/* A small world of accounts to weigh, made by hand or by a seeded writer. */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "seal/digest.h"
#include "weigh/weigh.h"

enum { WORLD_FILES = 24, WORLD_TEXT = 1 << 16 };

struct world_file {
	const char *form, *name, *role, *source, *built;
	char *bytes;
	size_t len;
	char sha256[65];
};

struct world {
	struct ev_weigh *w;
	struct world_file file[WORLD_FILES];
	size_t files;
	char anchors[WORLD_TEXT], exams[WORLD_TEXT], orgs[WORLD_TEXT];
	const char *window; /* members of the object, or NULL */
	int64_t fact, artifact, exhibit, acquisition, offset;
};

#define WORLD_RULES "../share/evidence/rules/"

static inline void
world_file(struct world *world, const char *form, const char *name,
    const char *bytes, size_t len)
{
	struct world_file *file = &world->file[world->files++];
	unsigned char sha256[EV_SHA256];
	struct ev_err err;

	assert_true(world->files <= WORLD_FILES);
	*file = (struct world_file){ .form = form,
		.name = name,
		.role = "",
		.source = "",
		.built = "",
		.len = len };
	file->bytes = malloc(len + 1);
	assert_non_null(file->bytes);
	memcpy(file->bytes, bytes, len);
	file->bytes[len] = '\0';
	assert_int_equal(ev_sha256(sha256, bytes, len, &err), EV_OK);
	ev_text_hex(file->sha256, sha256, sizeof(sha256));
}

static inline void
world_geo(struct world *world, const char *source, const char *role,
    const char *built, const char *text)
{
	struct world_file *file = &world->file[world->files];

	world_file(world, "geo", source, text, strlen(text));
	file->source = source;
	file->role = role;
	file->built = built;
}

static inline void
world_load(struct world *world, const char *form, const char *name)
{
	static char bytes[1 << 20];
	char path[256];
	FILE *file;
	size_t len;

	(void)snprintf(path, sizeof(path), WORLD_RULES "%s", name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(bytes, 1, sizeof(bytes), file);
	assert_true(len > 0 && len < sizeof(bytes));
	(void)fclose(file);
	world_file(world, form, name, bytes, len);
}

/* The starter rules and their lists. */
static inline void
world_init(struct world *world)
{
	*world = (struct world){ .fact = 1,
		.artifact = 1,
		.exhibit = 1,
		.acquisition = 1 };
	world_load(world, "rules", "starter.rules");
	world_load(world, "scale", "enfsi-2015.scale");
	world_load(world, "list", "alternatives.list");
	world_load(world, "list", "calling-codes.list");
	world_load(world, "list", "countries.list");
	world_load(world, "list", "defaults.list");
	world_load(world, "list", "tracking.list");
	world_load(world, "list", "utc-offsets.list");
}

EV_PRINTF(2, 3)
static inline void
world_add(char list[WORLD_TEXT], const char *fmt, ...)
{
	size_t len = strlen(list);
	va_list ap;
	int n;

	if (len > 0)
		list[len++] = ',';
	va_start(ap, fmt);
	n = vsnprintf(list + len, WORLD_TEXT - len, fmt, ap);
	va_end(ap);
	assert_true(n > 0 && (size_t)n < WORLD_TEXT - len);
}

static inline void
world_anchor(struct world *world, const char *org, const char *type,
    const char *value)
{
	world_add(world->anchors,
	    "{\"basis\":\"L000001\",\"entry\":9,\"from\":\"\",\"org\":\"%s\","
	    "\"to\":\"\",\"type\":\"%s\",\"value\":\"%s\"}",
	    org, type, value);
}

static inline void
world_org(struct world *world, const char *id, const char *name)
{
	world_add(world->orgs,
	    "{\"id\":\"%s\",\"name\":\"%s\",\"registers\":[\"list\"]}", id,
	    name);
}

static inline void
world_exam(struct world *world, const char *verb, const char *subject,
    const char *value, const char *word)
{
	world_add(world->exams,
	    "{\"entry\":9,\"facts\":[],\"subject\":\"%s\",\"value\":\"%s\","
	    "\"verb\":\"%s\",\"word\":\"%s\"}",
	    subject, value, verb, word);
}

static inline void
world_order(const struct world *world, struct ev_buf *order)
{
	struct ev_err err;
	size_t i;

	assert_int_equal(ev_buf_printf(order, &err,
			     "{\"anchors\":[%s],\"asks\":[\"same-operator\","
			     "\"organisation\",\"country\"],\"exams\":[%s],"
			     "\"files\":[",
			     world->anchors, world->exams),
	    EV_OK);
	for (i = 0; i < world->files; i++) {
		const struct world_file *file = &world->file[i];

		assert_int_equal(
		    ev_buf_printf(order, &err,
			"%s{\"built\":\"%s\",\"form\":\"%s\",\"licence\":\"\","
			"\"name\":\"%s\",\"role\":\"%s\",\"sha256\":\"%s\","
			"\"source\":\"%s\"}",
			i > 0 ? "," : "", file->built, file->form, file->name,
			file->role, file->sha256, file->source),
		    EV_OK);
	}
	assert_int_equal(ev_buf_printf(order, &err,
			     "],\"mode\":\"court\",\"orgs\":[%s],"
			     "\"registers\":[{\"name\":\"list\",\"records\":3,"
			     "\"sha256\":\"%s\"}],\"ruleset\":"
			     "\"starter.rules\",\"schema\":\"order-1\","
			     "\"supersedes\":[],\"window\":{%s}}",
			     world->orgs, world->file[0].sha256,
			     world->window == NULL ? "" : world->window),
	    EV_OK);
}

static inline void
world_start(struct world *world)
{
	struct ev_buf order;
	struct ev_err err;
	size_t i;

	ev_buf_init(&order, 1 << 20);
	world_order(world, &order);
	if (ev_weigh_new(&world->w, order.data, order.len, &err) != EV_OK)
		fail_msg("%s", err.msg);
	ev_buf_release(&order);
	for (i = 0; i < world->files; i++) {
		const struct ev_weigh_file file = { world->file[i].form,
			world->file[i].name, world->file[i].bytes,
			world->file[i].len };

		if (ev_weigh_file(world->w, &file, &err) != EV_OK)
			fail_msg("%s", err.msg);
	}
}

static inline void
world_time(struct ev_fact_value *value, const char *text, enum ev_basis basis)
{
	const int64_t hours = INT64_C(3600000000);
	struct ev_fact_time *time = &value->time;

	assert_true(ev_when_parse(&time->utc, NULL, text, strlen(text)));
	time->basis = basis;
	time->prec = EV_PREC_S;
	time->has_utc = basis <= EV_BASIS_UTC_CONVENTION;
	time->lo = time->utc;
	time->hi = time->utc;
	if (basis >= EV_BASIS_UTC_CONVENTION) {
		time->lo -= 14 * hours;
		time->hi += 12 * hours;
	}
	if (time->has_utc) {
		value->text = text;
		value->text_len = strlen(text);
	}
}

/*
 * One fact: account, time (NULL: none), basis, then names and values of
 * columns, NULL behind the last.  Returns its number; each stands in a record
 * of its own.
 */
static inline int64_t
world_fact(struct world *world, enum ev_kind kind, const char *account,
    const char *t, enum ev_basis basis, ...)
{
	const struct ev_kind_info *info = ev_kind_info(kind);
	const struct ev_weigh_place place = { world->exhibit, 0 };
	struct ev_fact_origin origin = { .fact = world->fact,
		.artifact = world->artifact,
		.acquisition = world->acquisition,
		.member = "m",
		.member_len = 1 };
	struct ev_fact fact = { .kind = kind,
		.account_basis = EV_AB_RECORD,
		.offset = world->offset,
		.length = 10,
		.root = "",
		.pointer = "" };
	char platform[32];
	const char *names[EV_FACT_VALUES], *values[EV_FACT_VALUES];
	const char *colon = strchr(account, ':');
	size_t n = 0, i, k;
	struct ev_err err;
	va_list ap;

	(void)snprintf(platform, sizeof(platform), "%.*s",
	    (int)(colon - account), account);
	fact.platform = platform;
	names[n] = "account";
	values[n++] = colon + 1;
	va_start(ap, basis);
	while ((names[n] = va_arg(ap, const char *)) != NULL)
		values[n++] = va_arg(ap, const char *);
	va_end(ap);
	for (i = 0; i < info->count; i++) {
		struct ev_fact_value *value = &fact.value[fact.count];

		*value = (struct ev_fact_value){ .column = (int)i };
		if (strcmp(info->columns[i].name, "t") == 0 && t != NULL) {
			world_time(value, t, basis);
			fact.count++;
			continue;
		}
		for (k = 0; k < n; k++) {
			if (strcmp(info->columns[i].name, names[k]) != 0)
				continue;
			value->text = values[k];
			value->text_len = strlen(values[k]);
			value->number = strtoll(values[k], NULL, 10);
			fact.count++;
			break;
		}
	}
	world->offset += 20;
	if (ev_weigh_fact(world->w, &fact, &origin, &place, &err) != EV_OK)
		fail_msg("%s", err.msg);
	return world->fact++;
}

static inline void
world_end(struct world *world)
{
	struct ev_err err;
	enum ev_rc rc = ev_weigh_end(world->w, &err);

	if (rc != EV_OK && rc != EV_PARTIAL)
		fail_msg("%s", err.msg);
}

static inline void
world_release(struct world *world)
{
	size_t i;

	ev_weigh_free(world->w);
	for (i = 0; i < world->files; i++)
		free(world->file[i].bytes);
}

/* The claim about that subject and object; NULL if none is made. */
static inline const struct ev_weigh_claim *
world_claim(const struct world *world, const char *asks, const char *subject,
    const char *object)
{
	const struct ev_weigh_claim *claim;
	size_t i;

	for (i = 0; i < ev_weigh_count(world->w); i++) {
		claim = ev_weigh_claim(world->w, i);
		if (strcmp(claim->asks, asks) == 0 &&
		    strcmp(claim->subject, subject) == 0 &&
		    strcmp(claim->object, object) == 0)
			return claim;
	}
	return NULL;
}

/* The same where one must be made. */
static inline const struct ev_weigh_claim *
world_must(const struct world *world, const char *asks, const char *subject,
    const char *object)
{
	const struct ev_weigh_claim *claim =
	    world_claim(world, asks, subject, object);

	if (claim == NULL) {
		fail_msg("no claim %s about %s", asks, subject);
		abort(); /* never reached, as the compiler cannot know */
	}
	return claim;
}

#endif
