/* One typed statement read from a record: the kinds table. */
#include <string.h>

#include "ingest/fact.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const login_action[] = { "login", "logout", "session",
	"refresh", "registration", "failed", "activity", "token", NULL };
static const char *const id_type[] = { "email", "phone", "imei", "udid", "idfv",
	"android-id", "ad-id", "push-token", "cookie", "sso", "wallet", "iban",
	"card", "domain", "tracker", "certificate", "favicon", "invite",
	"public-key", "other", NULL };
static const char *const identifier_role[] = { "controls", "claims",
	"lists-as-contact", "posts", "quotes", "reposts", "mentions",
	"denounces", "unknown", NULL };
static const char *const edge_type[] = { "follow", "followed-by", "friend",
	"block", "mute", "mention", "like", "list", "contact", "linked-cookie",
	"linked-phone", "affiliate", NULL };
static const char *const membership_action[] = { "create", "join", "invite",
	"remove", "leave", "migrate", "listed", NULL };
static const char *const membership_role[] = { "owner", "admin", "moderator",
	"member", NULL };
static const char *const availability[] = { "present", "not-included",
	"too-large", "unavailable", "missing", NULL };
static const char *const claim[] = { "based-in", "created-in", "admin-country",
	"event-country", "location-accurate", "created-country-accurate",
	"rename-count", "vpn-warning", "label", "other", NULL };
static const char *const status_word[] = { "suspended", "withheld", "deleted",
	"deactivated", "protected", "unavailable", "scrub-geo", "restored",
	NULL };
static const char *const status_scope[] = { "account", "post", NULL };
static const char *const rename_what[] = { "handle", "name", "email", "phone",
	"vanity", "title", NULL };
static const char *const setting_key[] = { "utc-offset", "timezone", "language",
	"other", NULL };
static const char *const post_form[] = { "own", "reply", "quote", "repost",
	"forward", NULL };

/* clang-format off */
#define COMMON \
	{ "account", EV_C_ID, NULL }, \
	{ "handle", EV_C_TEXT, NULL }, \
	{ "name", EV_C_TEXT, NULL }, \
	{ "t", EV_C_TIME, NULL }, \
	{ "t_local", EV_C_TIME, NULL }

static const struct ev_column account_columns[] = {
	COMMON,
	{ "holder", EV_C_BOOL, NULL },
	{ "email", EV_C_TEXT, NULL },
	{ "phone", EV_C_TEXT, NULL },
	{ "created", EV_C_TIME, NULL },
	{ "created_ip", EV_C_IP, NULL },
	{ "created_port", EV_C_PORT, NULL },
	{ "created_via", EV_C_TEXT, NULL },
	{ "bio", EV_C_TEXT, NULL },
	{ "url", EV_C_URL, NULL },
	{ "location_declared", EV_C_TEXT, NULL },
	{ "language", EV_C_TEXT, NULL },
	{ "tz_declared", EV_C_TEXT, NULL },
	{ "protected", EV_C_BOOL, NULL },
};

static const struct ev_column login_columns[] = {
	COMMON,
	{ "action", EV_C_WORD, login_action },
	{ "ip", EV_C_IP, NULL },
	{ "port", EV_C_PORT, NULL },
	{ "ua", EV_C_TEXT, NULL },
	{ "device_id", EV_C_ID, NULL },
	{ "device_model", EV_C_TEXT, NULL },
	{ "os", EV_C_TEXT, NULL },
	{ "app", EV_C_TEXT, NULL },
	{ "cookie", EV_C_TEXT, NULL },
	{ "network", EV_C_TEXT, NULL },
	{ "carrier", EV_C_TEXT, NULL },
	{ "t_end", EV_C_TIME, NULL },
	{ "success", EV_C_BOOL, NULL },
	{ "country_said", EV_C_COUNTRY, NULL },
	{ "region_said", EV_C_TEXT, NULL },
	{ "city_said", EV_C_TEXT, NULL },
};

static const struct ev_column identifier_columns[] = {
	COMMON,
	{ "id_type", EV_C_WORD, id_type },
	{ "value", EV_C_TEXT, NULL },
	{ "role", EV_C_WORD, identifier_role },
	{ "verified", EV_C_BOOL, NULL },
	{ "verified_at", EV_C_TIME, NULL },
	{ "t_last", EV_C_TIME, NULL },
	{ "carrier", EV_C_TEXT, NULL },
	{ "label", EV_C_TEXT, NULL },
};

static const struct ev_column device_columns[] = {
	COMMON,
	{ "device_id", EV_C_ID, NULL },
	{ "id_type", EV_C_WORD, id_type },
	{ "model", EV_C_TEXT, NULL },
	{ "os", EV_C_TEXT, NULL },
	{ "os_version", EV_C_TEXT, NULL },
	{ "app", EV_C_TEXT, NULL },
	{ "app_version", EV_C_TEXT, NULL },
	{ "carrier", EV_C_TEXT, NULL },
	{ "ua", EV_C_TEXT, NULL },
	{ "ad_id", EV_C_ID, NULL },
	{ "locale", EV_C_TEXT, NULL },
	{ "t_last", EV_C_TIME, NULL },
};

static const struct ev_column post_columns[] = {
	COMMON,
	{ "post_id", EV_C_ID, NULL },
	{ "text", EV_C_TEXT, NULL },
	{ "lang", EV_C_TEXT, NULL },
	{ "client", EV_C_TEXT, NULL },
	{ "conversation", EV_C_ID, NULL },
	{ "reply_to", EV_C_ID, NULL },
	{ "reply_account", EV_C_TEXT, NULL },
	{ "repost_of", EV_C_ID, NULL },
	{ "quote_of", EV_C_ID, NULL },
	{ "audience", EV_C_TEXT, NULL },
	{ "place", EV_C_TEXT, NULL },
	{ "lat", EV_C_INT, NULL },
	{ "lon", EV_C_INT, NULL },
	{ "form", EV_C_WORD, post_form },
	{ "pinned", EV_C_BOOL, NULL },
	{ "t_edit", EV_C_TIME, NULL },
	{ "t_deleted", EV_C_TIME, NULL },
	{ "url", EV_C_URL, NULL },
};

static const struct ev_column message_columns[] = {
	COMMON,
	{ "message_id", EV_C_ID, NULL },
	{ "conversation", EV_C_ID, NULL },
	{ "conv_name", EV_C_TEXT, NULL },
	{ "conv_type", EV_C_TEXT, NULL },
	{ "recipient", EV_C_TEXT, NULL },
	{ "text", EV_C_TEXT, NULL },
	{ "reply_to", EV_C_ID, NULL },
	{ "fwd_name", EV_C_TEXT, NULL },
	{ "fwd_id", EV_C_ID, NULL },
	{ "client", EV_C_TEXT, NULL },
	{ "ip", EV_C_IP, NULL },
	{ "port", EV_C_PORT, NULL },
	{ "device", EV_C_TEXT, NULL },
	{ "t_edit", EV_C_TIME, NULL },
	{ "media", EV_C_TEXT, NULL },
};

static const struct ev_column membership_columns[] = {
	COMMON,
	{ "group", EV_C_ID, NULL },
	{ "group_name", EV_C_TEXT, NULL },
	{ "group_type", EV_C_TEXT, NULL },
	{ "member", EV_C_ID, NULL },
	{ "member_name", EV_C_TEXT, NULL },
	{ "role", EV_C_WORD, membership_role },
	{ "action", EV_C_WORD, membership_action },
	{ "by", EV_C_ID, NULL },
};

static const struct ev_column edge_columns[] = {
	COMMON,
	{ "edge_type", EV_C_WORD, edge_type },
	{ "other", EV_C_ID, NULL },
	{ "other_handle", EV_C_TEXT, NULL },
	{ "other_name", EV_C_TEXT, NULL },
	{ "post", EV_C_ID, NULL },
};

static const struct ev_column media_columns[] = {
	COMMON,
	{ "owner_id", EV_C_ID, NULL },
	{ "ref", EV_C_TEXT, NULL },
	{ "declared_path", EV_C_TEXT, NULL },
	{ "resolved", EV_C_TEXT, NULL },
	{ "availability", EV_C_WORD, availability },
	{ "type", EV_C_TEXT, NULL },
	{ "url", EV_C_URL, NULL },
	{ "caption", EV_C_TEXT, NULL },
	{ "hash", EV_C_TEXT, NULL },
	{ "hash_alg", EV_C_TEXT, NULL },
	{ "size", EV_C_INT, NULL },
};

static const struct ev_column rename_columns[] = {
	COMMON,
	{ "what", EV_C_WORD, rename_what },
	{ "old", EV_C_TEXT, NULL },
	{ "new", EV_C_TEXT, NULL },
};

static const struct ev_column claim_columns[] = {
	COMMON,
	{ "claim", EV_C_WORD, claim },
	{ "value", EV_C_TEXT, NULL },
	{ "accuracy", EV_C_TEXT, NULL },
	{ "method", EV_C_TEXT, NULL },
};

static const struct ev_column status_columns[] = {
	COMMON,
	{ "status", EV_C_WORD, status_word },
	{ "scope", EV_C_WORD, status_scope },
	{ "object", EV_C_TEXT, NULL },
	{ "country", EV_C_COUNTRY, NULL },
	{ "reason", EV_C_TEXT, NULL },
	{ "t_redacted", EV_C_TIME, NULL },
};

static const struct ev_column place_columns[] = {
	COMMON,
	{ "lat", EV_C_INT, NULL },
	{ "lon", EV_C_INT, NULL },
	{ "accuracy", EV_C_TEXT, NULL },
	{ "source", EV_C_TEXT, NULL },
	{ "device_id", EV_C_ID, NULL },
	{ "label", EV_C_TEXT, NULL },
};

static const struct ev_column activity_columns[] = {
	COMMON,
	{ "action", EV_C_TEXT, NULL },
	{ "object", EV_C_TEXT, NULL },
	{ "url", EV_C_URL, NULL },
	{ "text", EV_C_TEXT, NULL },
	{ "ip", EV_C_IP, NULL },
	{ "port", EV_C_PORT, NULL },
};

static const struct ev_column setting_columns[] = {
	COMMON,
	{ "key", EV_C_WORD, setting_key },
	{ "value", EV_C_TEXT, NULL },
};

static const struct ev_column hop_columns[] = {
	COMMON,
	{ "message_id", EV_C_ID, NULL },
	{ "ordinal", EV_C_INT, NULL },
	{ "from_host", EV_C_TEXT, NULL },
	{ "by_host", EV_C_TEXT, NULL },
	{ "ip", EV_C_IP, NULL },
};

static const struct ev_column capture_columns[] = {
	COMMON,
	{ "tool", EV_C_TEXT, NULL },
	{ "tool_version", EV_C_TEXT, NULL },
	{ "url", EV_C_URL, NULL },
	{ "query", EV_C_TEXT, NULL },
	{ "server_ip", EV_C_IP, NULL },
	{ "record_id", EV_C_ID, NULL },
	{ "digest", EV_C_TEXT, NULL },
	{ "digest_ok", EV_C_BOOL, NULL },
	{ "service", EV_C_TEXT, NULL },
	{ "target", EV_C_TEXT, NULL },
	{ "identifier", EV_C_TEXT, NULL },
	{ "t_from", EV_C_TIME, NULL },
	{ "t_to", EV_C_TIME, NULL },
	{ "generated", EV_C_TIME, NULL },
	{ "signed", EV_C_BOOL, NULL },
};

static const struct ev_column declared_columns[] = {
	COMMON,
	{ "label", EV_C_TEXT, NULL },
	{ "member", EV_C_TEXT, NULL },
	{ "count", EV_C_INT, NULL },
	{ "bytes", EV_C_INT, NULL },
};

#define KIND(name, columns) { name, columns, COUNT(columns) }

static const struct ev_kind_info kinds[EV_KINDS] = {
	[EV_K_ACCOUNT] = KIND("account", account_columns),
	[EV_K_LOGIN] = KIND("login", login_columns),
	[EV_K_IDENTIFIER] = KIND("identifier", identifier_columns),
	[EV_K_DEVICE] = KIND("device", device_columns),
	[EV_K_POST] = KIND("post", post_columns),
	[EV_K_MESSAGE] = KIND("message", message_columns),
	[EV_K_MEMBERSHIP] = KIND("membership", membership_columns),
	[EV_K_EDGE] = KIND("edge", edge_columns),
	[EV_K_MEDIA] = KIND("media", media_columns),
	[EV_K_RENAME] = KIND("rename", rename_columns),
	[EV_K_PLATFORM_CLAIM] = KIND("platform_claim", claim_columns),
	[EV_K_STATUS] = KIND("status", status_columns),
	[EV_K_PLACE] = KIND("place", place_columns),
	[EV_K_ACTIVITY] = KIND("activity", activity_columns),
	[EV_K_SETTING] = KIND("setting", setting_columns),
	[EV_K_HOP] = KIND("hop", hop_columns),
	[EV_K_CAPTURE] = KIND("capture", capture_columns),
	[EV_K_DECLARED] = KIND("declared", declared_columns),
};
/* clang-format on */

static const char *const basis_names[] = {
	[EV_BASIS_UTC_EXPLICIT] = "utc-explicit",
	[EV_BASIS_OFFSET_EXPLICIT] = "offset-explicit",
	[EV_BASIS_EPOCH] = "epoch",
	[EV_BASIS_UTC_DECLARED] = "utc-declared",
	[EV_BASIS_UTC_CONVENTION] = "utc-convention",
	[EV_BASIS_EXPORTER_LOCAL] = "exporter-local",
	[EV_BASIS_ABBREV] = "abbrev",
	[EV_BASIS_NAIVE] = "naive",
	[EV_BASIS_AMBIGUOUS] = "ambiguous",
};

static const char *const prec_names[] = {
	[EV_PREC_US] = "us",
	[EV_PREC_MS] = "ms",
	[EV_PREC_S] = "s",
	[EV_PREC_MIN] = "min",
	[EV_PREC_DAY] = "day",
	[EV_PREC_MONTH] = "month",
	[EV_PREC_YEAR] = "year",
};

static const char *const account_basis_names[] = {
	[EV_AB_RECORD] = "record",
	[EV_AB_DOCUMENT] = "document",
	[EV_AB_HOLDER] = "holder",
	[EV_AB_PATH] = "path",
	[EV_AB_NONE] = "none",
};

const struct ev_kind_info *
ev_kind_info(enum ev_kind kind)
{
	return &kinds[kind];
}

enum ev_kind
ev_kind_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < EV_KINDS; i++)
		if (strlen(kinds[i].name) == len &&
		    memcmp(kinds[i].name, name, len) == 0)
			return (enum ev_kind)i;
	return EV_KINDS;
}

int
ev_kind_column(enum ev_kind kind, const char *name, size_t len)
{
	const struct ev_kind_info *info = &kinds[kind];
	size_t i;

	for (i = 0; i < info->count; i++)
		if (strlen(info->columns[i].name) == len &&
		    memcmp(info->columns[i].name, name, len) == 0)
			return (int)i;
	return -1;
}

const char *
ev_basis_name(enum ev_basis basis)
{
	return basis_names[basis];
}

const char *
ev_prec_name(enum ev_when_prec prec)
{
	return prec_names[prec];
}

const char *
ev_account_basis_name(enum ev_account_basis basis)
{
	return account_basis_names[basis];
}

const struct ev_fact_value *
ev_fact_get(const struct ev_fact *fact, const char *column)
{
	int wanted;
	size_t i;

	wanted = ev_kind_column(fact->kind, column, strlen(column));
	for (i = 0; wanted >= 0 && i < fact->count; i++)
		if (fact->value[i].column == wanted)
			return &fact->value[i];
	return NULL;
}

static bool
same(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

static bool
same_time(const struct ev_fact_time *a, const struct ev_fact_time *b)
{
	return a->has_utc == b->has_utc && (!a->has_utc || a->utc == b->utc) &&
	       a->basis == b->basis && a->prec == b->prec && a->lo == b->lo &&
	       a->hi == b->hi && a->has_alt == b->has_alt &&
	       (!a->has_alt || a->alt == b->alt);
}

static bool
same_value(enum ev_column_type type, const struct ev_fact_value *a,
    const struct ev_fact_value *b)
{
	if (a->column != b->column || a->null != b->null ||
	    a->has_raw != b->has_raw)
		return false;
	if (a->has_raw && !same(a->raw, a->raw_len, b->raw, b->raw_len))
		return false;
	if (a->null)
		return true;
	if (type == EV_C_TIME)
		return same_time(&a->time, &b->time);
	if (type == EV_C_INT || type == EV_C_BOOL || type == EV_C_PORT)
		return a->number == b->number;
	return same(a->text, a->text_len, b->text, b->text_len);
}

bool
ev_fact_equal(const struct ev_fact *a, const struct ev_fact *b)
{
	const struct ev_column *columns;
	size_t i;

	if (a->kind != b->kind || a->account_basis != b->account_basis ||
	    a->offset != b->offset || a->length != b->length ||
	    a->count != b->count || strcmp(a->platform, b->platform) != 0 ||
	    !same(a->pointer, a->pointer_len, b->pointer, b->pointer_len) ||
	    !same(a->root, a->root_len, b->root, b->root_len) ||
	    !same(a->notes, a->notes_len, b->notes, b->notes_len))
		return false;
	columns = kinds[a->kind].columns;
	for (i = 0; i < a->count; i++)
		if (!same_value(columns[a->value[i].column].type, &a->value[i],
			&b->value[i]))
			return false;
	return true;
}
