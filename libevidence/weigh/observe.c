/* From what facts say to what can be compared: a function a kind. */
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "weigh/canon.h"
#include "weigh/line.h"
#include "weigh/weigh_inside.h"

struct observer {
	struct ev_weigh *w;
	const struct ev_fact *fact;
	struct ev_obs base; /* all that observations of one fact share */
};

/* What is said, before it is made canonical. */
struct said {
	enum ev_type type;
	enum ev_role role;
	enum ev_place place;
	const char *text;
	size_t len;
};

static const struct ev_fact_value *
column(const struct observer *o, const char *name)
{
	const struct ev_fact_value *value = ev_fact_get(o->fact, name);

	return value == NULL || value->null ? NULL : value;
}

static bool
is_word(const struct ev_fact_value *value, const char *word)
{
	return value != NULL && value->text_len == strlen(word) &&
	       memcmp(value->text, word, value->text_len) == 0;
}

static enum ev_rc
add_obs(struct observer *o, const struct ev_obs *obs, struct ev_err *err)
{
	struct ev_weigh *w = o->w;
	void *array = w->obs;
	enum ev_rc rc;

	rc = ev_grow(&array, &w->obs_room, w->obs_count, sizeof(*w->obs), err);
	if (rc != EV_OK)
		return rc;
	w->obs = array;
	w->obs[w->obs_count++] = *obs;
	return EV_OK;
}

static bool
is_default(const struct ev_weigh *w, enum ev_type type, const char *value)
{
	size_t i;

	for (i = 0; i < w->defaults.rows; i++) {
		if (strcmp(w->defaults.row[i].cell[0], ev_type_name(type)) ==
			0 &&
		    ev_canon_glob(w->defaults.row[i].cell[1], value))
			return true;
	}
	return false;
}

/* IPv6 links by its /64; everything else by its value. */
static enum ev_rc
set_key(struct ev_weigh *w, struct ev_obs *obs, const char *value,
    struct ev_err *err)
{
	char text[EV_ADDR_TEXT];

	obs->key_at = obs->value_at;
	if (obs->type != EV_T_IP || (obs->canon & EV_CANON_RAW) != 0)
		return EV_OK;
	if (!ev_addr_parse(&obs->addr, value))
		return ev_fail(err, EV_USE, "an address that is none: %s",
		    value);
	if (!obs->addr.v6)
		return EV_OK;
	ev_addr_link(text, &obs->addr);
	return ev_keep(w, text, strlen(text), &obs->key_at, err);
}

static enum ev_rc
note(struct observer *o, const struct said *said, struct ev_err *err)
{
	struct ev_weigh *w = o->w;
	struct ev_canon in = { .type = said->type,
		.platform = o->fact->platform,
		.raw = said->text,
		.len = said->len,
		.tracking = &w->tracking };
	struct ev_obs obs = o->base;
	const char *value;
	enum ev_rc rc;

	/* A number without a country is not guessed at. */
	if (said->type == EV_T_PHONE && said->len > 0 && *said->text != '+')
		in.type = EV_T_PHONE_NATIONAL;
	ev_buf_clear(&w->scratch);
	rc = ev_canon(&in, &w->scratch, &obs.canon, err);
	if (rc != EV_OK)
		return rc;
	value = ev_buf_text(&w->scratch);
	obs.type = in.type;
	obs.role = said->role;
	obs.place = said->place;
	obs.is_default = is_default(w, obs.type, value);
	rc = ev_keep(w, value, w->scratch.len, &obs.value_at, err);
	if (rc == EV_OK)
		rc = set_key(w, &obs, ev_str(w, obs.value_at), err);
	return rc == EV_OK ? add_obs(o, &obs, err) : rc;
}

/* The folded form of an address is an observation of its own. */
static enum ev_rc
note_alias(struct observer *o, const struct said *said, struct ev_err *err)
{
	struct said alias = *said;
	const struct ev_obs *email;
	struct ev_buf out;
	enum ev_rc rc;

	rc = note(o, said, err);
	if (rc != EV_OK || said->type != EV_T_EMAIL)
		return rc;
	email = &o->w->obs[o->w->obs_count - 1];
	if ((email->canon & (EV_CANON_RAW | EV_CANON_IDN)) != 0)
		return EV_OK;
	ev_buf_init(&out, 8192);
	rc = ev_canon_alias(ev_str(o->w, email->value_at), &out, err);
	alias.type = EV_T_EMAIL_ALIAS;
	alias.text = ev_buf_text(&out);
	alias.len = out.len;
	if (rc == EV_OK && out.len > 0)
		rc = note(o, &alias, err);
	ev_buf_release(&out);
	return rc;
}

static enum ev_rc
note_column(struct observer *o, const char *name, struct said said,
    struct ev_err *err)
{
	const struct ev_fact_value *value = column(o, name);

	if (value == NULL || value->text_len == 0)
		return EV_OK;
	said.text = value->text;
	said.len = value->text_len;
	return note_alias(o, &said, err);
}

/* A URL, and the invite or the account that it names. */
static enum ev_rc
note_url(struct observer *o, const struct said *said, struct ev_err *err)
{
	struct said target = *said;
	struct ev_buf out;
	enum ev_rc rc;

	target.type = EV_T_URL;
	rc = note(o, &target, err);
	if (rc != EV_OK)
		return rc;
	ev_buf_init(&out, 8192);
	rc = ev_canon_target(said->text, said->len, &target.type, &out, err);
	target.text = ev_buf_text(&out);
	target.len = out.len;
	if (rc == EV_OK && target.type != EV_TYPES)
		rc = note(o, &target, err);
	ev_buf_release(&out);
	return rc;
}

/* "@name" names an account of the same platform. */
static enum ev_rc
note_mention(struct observer *o, const struct said *said, struct ev_err *err)
{
	struct said mention = *said;
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, 8192);
	rc = ev_buf_printf(&out, err, "%s:", o->fact->platform);
	if (rc == EV_OK)
		rc = ev_buf_put(&out, said->text, said->len, err);
	mention.role = EV_R_MENTIONS;
	mention.text = ev_buf_text(&out);
	mention.len = out.len;
	if (rc == EV_OK)
		rc = note(o, &mention, err);
	ev_buf_release(&out);
	return rc;
}

static enum ev_rc
note_text(struct observer *o, const char *name, struct said said,
    struct ev_err *err)
{
	const struct ev_fact_value *value = column(o, name);
	struct ev_found found;
	enum ev_rc rc = EV_OK;
	size_t at = 0;

	if (value == NULL)
		return EV_OK;
	while (rc == EV_OK &&
	       ev_canon_next(value->text, value->text_len, &at, &found)) {
		said.type = found.type;
		said.text = found.text;
		said.len = found.len;
		if (found.type == EV_T_URL)
			rc = note_url(o, &said, err);
		else if (found.type == EV_T_ACCOUNT)
			rc = note_mention(o, &said, err);
		else
			rc = note_alias(o, &said, err);
	}
	return rc;
}

static void
set_time(struct ev_obs *obs, const struct ev_fact_value *value)
{
	if (value == NULL)
		return;
	obs->timed = true;
	obs->has_utc = value->time.has_utc;
	obs->utc = value->time.utc;
	obs->basis = value->time.basis;
	obs->lo = value->time.lo;
	obs->hi = value->time.hi;
}

static enum ev_rc
note_address(struct observer *o, const char *ip, const char *port, bool session,
    struct ev_err *err)
{
	const struct ev_fact_value *value = column(o, port);
	struct ev_obs before = o->base;
	struct said said = { .type = EV_T_IP, .role = o->base.role };
	enum ev_rc rc;

	if (value != NULL)
		o->base.port = (int32_t)value->number;
	o->base.session = session;
	rc = note_column(o, ip, said, err);
	o->base = before;
	return rc;
}

static enum ev_rc
observe_login(struct observer *o, struct ev_err *err)
{
	const struct ev_fact_value *action = column(o, "action");
	const struct ev_fact_value *success = column(o, "success");
	struct said said = { .role = EV_R_CONTROLS };
	enum ev_rc rc;
	bool failed;

	/* Anybody may fail to sign in. */
	failed = is_word(action, "failed") ||
		 (success != NULL && success->number == 0);
	if (failed)
		said.role = EV_R_UNKNOWN;
	o->base.role = said.role;
	rc = note_address(o, "ip", "port",
	    !failed && !is_word(action, "registration"), err);
	said.type = EV_T_DEVICE;
	if (rc == EV_OK)
		rc = note_column(o, "device_id", said, err);
	said.type = EV_T_COOKIE;
	return rc == EV_OK ? note_column(o, "cookie", said, err) : rc;
}

static const struct {
	const char *word;
	enum ev_type type;
} id_types[] = {
	{ "email", EV_T_EMAIL },
	{ "phone", EV_T_PHONE },
	{ "imei", EV_T_DEVICE },
	{ "udid", EV_T_DEVICE },
	{ "idfv", EV_T_DEVICE },
	{ "android-id", EV_T_DEVICE },
	{ "ad-id", EV_T_AD_ID },
	{ "push-token", EV_T_PUSH_TOKEN },
	{ "cookie", EV_T_COOKIE },
	{ "sso", EV_T_SSO },
	{ "wallet", EV_T_WALLET },
	{ "iban", EV_T_IBAN },
	{ "card", EV_T_CARD },
	{ "domain", EV_T_DOMAIN },
	{ "tracker", EV_T_TRACKER },
	{ "certificate", EV_T_CERTIFICATE },
	{ "favicon", EV_T_FAVICON },
	{ "invite", EV_T_INVITE },
	{ "public-key", EV_T_PUBLIC_KEY },
};

static enum ev_type
id_type(const struct ev_fact_value *word, enum ev_type otherwise)
{
	size_t i;

	for (i = 0; i < sizeof(id_types) / sizeof(id_types[0]); i++) {
		if (is_word(word, id_types[i].word))
			return id_types[i].type;
	}
	return otherwise;
}

static enum ev_rc
observe_identifier(struct observer *o, struct ev_err *err)
{
	const struct ev_fact_value *role = column(o, "role");
	const struct ev_fact_value *verified = column(o, "verified");
	struct said said = { .type = id_type(column(o, "id_type"), EV_T_OTHER),
		.role = EV_R_UNKNOWN,
		.place = EV_P_CONTACT };
	size_t i;

	for (i = 0; i < EV_ROLES; i++) {
		if (is_word(role, ev_role_name((enum ev_role)i)))
			said.role = (enum ev_role)i;
	}
	if (verified != NULL)
		o->base.verified = verified->number == 0 ? EV_NO : EV_YES;
	return note_column(o, "value", said, err);
}

static enum ev_rc
observe_device(struct observer *o, struct ev_err *err)
{
	struct said said = { .type = id_type(column(o, "id_type"), EV_T_DEVICE),
		.role = EV_R_CONTROLS };
	enum ev_rc rc;

	rc = note_column(o, "device_id", said, err);
	said.type = EV_T_AD_ID;
	return rc == EV_OK ? note_column(o, "ad_id", said, err) : rc;
}

/* "x:@name", folded, once for each account that had the name. */
static enum ev_rc
keep_handle(struct observer *o, const char *name, size_t len,
    struct ev_err *err)
{
	struct ev_weigh *w = o->w;
	struct ev_handle handle = { .account_at = o->base.account_at };
	void *array = w->handle;
	struct ev_buf out;
	enum ev_rc rc;

	if (len > 0 && *name == '@') {
		name++;
		len--;
	}
	if (len == 0 || o->base.who != EV_WHO_ID)
		return EV_OK;
	ev_buf_init(&out, 8192);
	rc = ev_buf_printf(&out, err, "%s:@", o->fact->platform);
	if (rc == EV_OK)
		rc = ev_text_fold(&out, name, len, err);
	if (rc == EV_OK)
		rc = ev_keep(w, ev_buf_text(&out), out.len, &handle.name_at,
		    err);
	if (rc == EV_OK)
		rc = ev_grow(&array, &w->handle_room, w->handle_count,
		    sizeof(*w->handle), err);
	if (rc == EV_OK) {
		w->handle = array;
		w->handle[w->handle_count++] = handle;
	}
	ev_buf_release(&out);
	return rc;
}

static enum ev_rc
keep_holder(struct observer *o, struct ev_err *err)
{
	struct ev_weigh *w = o->w;
	struct ev_holder holder = { .platform_at = o->base.platform_at,
		.account_at = o->base.account_at,
		.root_len = o->fact->root_len,
		.exhibit = o->base.exhibit,
		.acquisition = o->base.acquisition,
		.ordinal = o->base.ordinal };
	void *array = w->holder;
	enum ev_rc rc;

	rc = ev_keep(w, o->fact->root, o->fact->root_len, &holder.root_at, err);
	if (rc == EV_OK)
		rc = ev_grow(&array, &w->holder_room, w->holder_count,
		    sizeof(*w->holder), err);
	if (rc != EV_OK)
		return rc;
	w->holder = array;
	w->holder[w->holder_count++] = holder;
	return EV_OK;
}

/* A word about the account itself: a place, an offset. */
static enum ev_rc
note_word(struct observer *o, const char *key, const char *value, size_t len,
    const char *word, struct ev_err *err)
{
	struct ev_weigh *w = o->w;
	struct ev_obs obs = o->base;
	enum ev_rc rc;

	obs.type = EV_T_OTHER;
	obs.role = EV_R_UNKNOWN;
	rc = ev_keep(w, key, strlen(key), &obs.key_at, err);
	if (rc == EV_OK)
		rc = ev_keep(w, value, len, &obs.value_at, err);
	if (rc == EV_OK)
		rc = ev_keep(w, word, strlen(word), &obs.word_at, err);
	return rc == EV_OK ? add_obs(o, &obs, err) : rc;
}

static enum ev_rc
note_country(struct observer *o, const char *key,
    const struct ev_fact_value *value, struct ev_err *err)
{
	const struct ev_weigh *w = o->w;
	char text[256], cc[3];

	if (value == NULL || value->text_len >= sizeof(text))
		return EV_OK;
	memcpy(text, value->text, value->text_len);
	text[value->text_len] = '\0';
	if (!ev_canon_country(&w->countries, text, cc))
		return EV_OK;
	return note_word(o, key, text, value->text_len, cc, err);
}

static enum ev_rc
observe_account(struct observer *o, struct ev_err *err)
{
	static const struct said bio = { .role = EV_R_LISTS,
		.place = EV_P_BIO };
	const struct ev_fact_value *handle = column(o, "handle");
	const struct ev_fact_value *holder = column(o, "holder");
	const struct ev_fact_value *url = column(o, "url");
	struct said site = { .role = EV_R_LISTS, .place = EV_P_WEBSITE };
	struct said name = { .type = EV_T_USERNAME, .role = EV_R_CONTROLS };
	struct ev_obs before = o->base;
	enum ev_rc rc = EV_OK;

	if (holder != NULL && holder->number != 0 && o->base.who == EV_WHO_ID)
		rc = keep_holder(o, err);
	if (rc == EV_OK && handle != NULL)
		rc = keep_handle(o, handle->text, handle->text_len, err);
	if (rc == EV_OK)
		rc = note_column(o, "handle", name, err);
	if (rc == EV_OK)
		rc = note_text(o, "bio", bio, err);
	if (rc == EV_OK && url != NULL && url->text_len > 0) {
		site.text = url->text;
		site.len = url->text_len;
		rc = note_url(o, &site, err);
	}
	if (rc == EV_OK)
		rc = note_country(o, "location", column(o, "location_declared"),
		    err);
	/* The address of creation, at the instant of creation. */
	o->base.timed = false;
	set_time(&o->base, column(o, "created"));
	o->base.role = EV_R_CONTROLS;
	if (rc == EV_OK)
		rc = note_address(o, "created_ip", "created_port", false, err);
	o->base = before;
	return rc;
}

static enum ev_rc
observe_post(struct observer *o, struct ev_err *err)
{
	static const char *const forms[] = { "own", "reply", "quote", "repost",
		"forward" };
	const struct ev_fact_value *form = column(o, "form");
	struct said said = { .role = EV_R_POSTS, .place = EV_P_POST };
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (is_word(form, forms[i]))
			o->base.form = forms[i];
	}
	if (is_word(form, "quote"))
		said.role = EV_R_QUOTES;
	else if (is_word(form, "repost") || is_word(form, "forward"))
		said.role = EV_R_REPOSTS;
	return note_text(o, "text", said, err);
}

static enum ev_rc
observe_message(struct observer *o, struct ev_err *err)
{
	struct said said = { .role = EV_R_POSTS, .place = EV_P_POST };
	enum ev_rc rc;

	if (column(o, "fwd_name") != NULL || column(o, "fwd_id") != NULL)
		said.role = EV_R_REPOSTS;
	rc = note_text(o, "text", said, err);
	o->base.role = EV_R_CONTROLS;
	return rc == EV_OK ? note_address(o, "ip", "port", true, err) : rc;
}

static enum ev_rc
observe_activity(struct observer *o, struct ev_err *err)
{
	o->base.role = EV_R_CONTROLS;
	return note_address(o, "ip", "port", true, err);
}

static enum ev_rc
observe_media(struct observer *o, struct ev_err *err)
{
	struct said said = { .role = EV_R_POSTS, .place = EV_P_POST };
	enum ev_rc rc;

	rc = note_text(o, "caption", said, err);
	said.type = EV_T_MEDIA;
	if (rc == EV_OK && is_word(column(o, "hash_alg"), "sha256"))
		rc = note_column(o, "hash", said, err);
	return rc;
}

/* The invites of a group are known by its own observations, later. */
static enum ev_rc
observe_membership(struct observer *o, struct ev_err *err)
{
	const struct ev_fact_value *group = column(o, "group");
	const struct ev_fact_value *member = column(o, "member");
	const struct ev_fact_value *role = column(o, "role");
	struct ev_weigh *w = o->w;
	struct ev_admin admin = { .obs = w->obs_count };
	void *array = w->admin;
	struct ev_buf text;
	enum ev_rc rc;

	if (group == NULL ||
	    (!is_word(role, "owner") && !is_word(role, "admin")))
		return EV_OK;
	ev_buf_init(&text, 8192);
	rc = ev_buf_printf(&text, err, "%s:%.*s", o->fact->platform,
	    (int)group->text_len, group->text);
	if (rc == EV_OK)
		rc = ev_keep(w, ev_buf_text(&text), text.len, &admin.group_at,
		    err);
	ev_buf_clear(&text);
	if (rc == EV_OK && member != NULL) {
		o->base.who = EV_WHO_ID;
		rc = ev_buf_printf(&text, err, "%s:%.*s", o->fact->platform,
		    (int)member->text_len, member->text);
		if (rc == EV_OK)
			rc = ev_keep(w, ev_buf_text(&text), text.len,
			    &o->base.account_at, err);
	}
	ev_buf_release(&text);
	if (rc == EV_OK)
		rc = ev_grow(&array, &w->admin_room, w->admin_count,
		    sizeof(*w->admin), err);
	if (rc != EV_OK)
		return rc;
	w->admin = array;
	w->admin[w->admin_count++] = admin;
	return note_word(o, "admin", group->text, group->text_len, "", err);
}

static enum ev_rc
observe_platform_claim(struct observer *o, struct ev_err *err)
{
	const struct ev_fact_value *claim = column(o, "claim");
	const struct ev_fact_value *value = column(o, "value");

	if (is_word(claim, "based-in"))
		return note_country(o, "based-in", value, err);
	if (is_word(claim, "vpn-warning") && !is_word(value, "false") &&
	    !is_word(value, "0") && !is_word(value, "no"))
		return note_word(o, "vpn-warning", "", 0, "", err);
	return EV_OK;
}

static enum ev_rc
observe_setting(struct observer *o, struct ev_err *err)
{
	const struct ev_fact_value *key = column(o, "key");
	const struct ev_fact_value *value = column(o, "value");
	char text[32], offset[8];

	if (value == NULL || value->text_len >= sizeof(text) ||
	    (!is_word(key, "utc-offset") && !is_word(key, "timezone")))
		return EV_OK;
	memcpy(text, value->text, value->text_len);
	text[value->text_len] = '\0';
	/* The name of a zone is a choice of its user, not a clock. */
	if (!ev_canon_offset(offset, text))
		return EV_OK;
	return note_word(o, "utc-offset", text, value->text_len, offset, err);
}

static enum ev_rc
observe_rename(struct observer *o, struct ev_err *err)
{
	static const char *const columns[] = { "old", "new" };
	const struct ev_fact_value *value;
	enum ev_rc rc = EV_OK;
	size_t i;

	if (!is_word(column(o, "what"), "handle"))
		return EV_OK;
	for (i = 0; i < 2 && rc == EV_OK; i++) {
		value = column(o, columns[i]);
		if (value != NULL)
			rc = keep_handle(o, value->text, value->text_len, err);
	}
	return rc;
}

typedef enum ev_rc observe_fn(struct observer *o, struct ev_err *err);
static observe_fn *const observers[EV_KINDS] = {
	[EV_K_ACCOUNT] = observe_account,
	[EV_K_LOGIN] = observe_login,
	[EV_K_IDENTIFIER] = observe_identifier,
	[EV_K_DEVICE] = observe_device,
	[EV_K_POST] = observe_post,
	[EV_K_MESSAGE] = observe_message,
	[EV_K_MEMBERSHIP] = observe_membership,
	[EV_K_MEDIA] = observe_media,
	[EV_K_RENAME] = observe_rename,
	[EV_K_PLATFORM_CLAIM] = observe_platform_claim,
	[EV_K_ACTIVITY] = observe_activity,
	[EV_K_SETTING] = observe_setting,
};

bool
ev_weigh_reads(enum ev_kind kind)
{
	return kind < EV_KINDS && observers[kind] != NULL;
}

/* Most facts share platform and member with the one before. */
static enum ev_rc
keep_again(struct ev_weigh *w, struct ev_last *last, const void *text,
    size_t len, struct ev_err *err)
{
	if (last->at != 0 && last->len == len &&
	    (len == 0 || memcmp(ev_str(w, last->at), text, len) == 0))
		return EV_OK;
	last->len = len;
	return ev_keep(w, text, len, &last->at, err);
}

/* Whose fact it is: an id, else a name, else the holder of the archive. */
static enum ev_rc
set_subject(struct observer *o, const struct ev_fact_origin *origin,
    bool *known, struct ev_err *err)
{
	const struct ev_fact_value *account = column(o, "account");
	const struct ev_fact_value *handle = column(o, "handle");
	struct ev_weigh *w = o->w;
	enum ev_rc rc;

	*known = true;
	ev_buf_clear(&w->scratch);
	if (account != NULL && account->text_len > 0) {
		o->base.who = EV_WHO_ID;
		rc = ev_buf_printf(&w->scratch, err, "%s:%.*s",
		    o->fact->platform, (int)account->text_len, account->text);
	} else if (handle != NULL && handle->text_len > 0) {
		o->base.who = EV_WHO_HANDLE;
		rc = ev_buf_printf(&w->scratch, err, "%s:@", o->fact->platform);
		if (rc == EV_OK)
			rc = ev_text_fold(&w->scratch,
			    handle->text + (*handle->text == '@'),
			    handle->text_len - (*handle->text == '@'), err);
	} else if (o->fact->account_basis == EV_AB_HOLDER) {
		o->base.who = EV_WHO_HOLDER;
		rc = keep_again(w, &w->last_member, origin->member,
		    origin->member_len, err);
		o->base.member_at = w->last_member.at;
		o->base.member_len = w->last_member.len;
		return rc;
	} else {
		*known = false;
		return EV_OK;
	}
	if (rc != EV_OK)
		return rc;
	/* Facts of one account come in runs. */
	if (w->subject_count > 0 &&
	    strcmp(ev_str(w, w->subject[w->subject_count - 1]),
		ev_buf_text(&w->scratch)) == 0) {
		o->base.account_at = w->subject[w->subject_count - 1];
		return EV_OK;
	}
	return ev_keep(w, ev_buf_text(&w->scratch), w->scratch.len,
	    &o->base.account_at, err);
}

static enum ev_rc
keep_subject(struct ev_weigh *w, const struct ev_obs *base, struct ev_err *err)
{
	void *array = w->subject;
	enum ev_rc rc;

	if (base->who != EV_WHO_ID ||
	    (w->subject_count > 0 &&
		w->subject[w->subject_count - 1] == base->account_at))
		return EV_OK;
	rc = ev_grow(&array, &w->subject_room, w->subject_count,
	    sizeof(*w->subject), err);
	if (rc != EV_OK)
		return rc;
	w->subject = array;
	w->subject[w->subject_count++] = base->account_at;
	return EV_OK;
}

enum ev_rc
ev_observe(struct ev_weigh *w, const struct ev_fact *fact,
    const struct ev_fact_origin *origin, const struct ev_weigh_place *place,
    struct ev_err *err)
{
	struct observer o = { .w = w, .fact = fact };
	enum ev_rc rc;
	bool known;

	if (!ev_weigh_reads(fact->kind))
		return EV_OK;
	w->facts++;
	o.base = (struct ev_obs){ .kind = fact->kind,
		.role = EV_R_UNKNOWN,
		.verified = EV_MISSING,
		.port = -1,
		.fact = origin->fact,
		.artifact = origin->artifact,
		.exhibit = place->exhibit,
		.acquisition = origin->acquisition,
		.offset = fact->offset,
		.length = fact->length,
		.ordinal = place->ordinal };
	set_time(&o.base, column(&o, "t"));
	rc = set_subject(&o, origin, &known, err);
	if (rc != EV_OK || !known)
		return rc;
	rc = keep_again(w, &w->last_platform, fact->platform,
	    strlen(fact->platform), err);
	o.base.platform_at = w->last_platform.at;
	if (rc == EV_OK)
		rc = keep_subject(w, &o.base, err);
	return rc == EV_OK ? observers[fact->kind](&o, err) : rc;
}
