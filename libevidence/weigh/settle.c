/* Observations put in order: whose they are, in which role, how common. */
#include <stdlib.h>
#include <string.h>

#include "weigh/canon.h"
#include "weigh/line.h"
#include "weigh/weigh_inside.h"

static int
compare_handles(const void *a, const void *b)
{
	const struct ev_handle *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : strcmp(x->account, y->account);
}

static void
settle_handles(struct ev_weigh *w)
{
	size_t i;

	for (i = 0; i < w->handle_count; i++) {
		w->handle[i].name = ev_str(w, w->handle[i].name_at);
		w->handle[i].account = ev_str(w, w->handle[i].account_at);
	}
	if (w->handle_count > 1)
		qsort(w->handle, w->handle_count, sizeof(*w->handle),
		    compare_handles);
}

const char *
ev_handle_account(const struct ev_weigh *w, const char *name)
{
	size_t low = 0, high = w->handle_count, middle, i;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (strcmp(w->handle[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == w->handle_count || strcmp(w->handle[low].name, name) != 0)
		return name;
	for (i = low + 1;
	     i < w->handle_count && strcmp(w->handle[i].name, name) == 0; i++) {
		/* Two accounts had it: nobody is meant for sure. */
		if (strcmp(w->handle[i].account, w->handle[low].account) != 0)
			return name;
	}
	return w->handle[low].account;
}

/* Does the root of holder begin the path of what obs was read from? */
static bool
holds(const struct ev_weigh *w, const struct ev_holder *holder,
    const struct ev_obs *obs)
{
	return holder->acquisition == obs->acquisition &&
	       (holder->exhibit == obs->exhibit ||
		   (holder->ordinal == 0 && obs->ordinal == 0)) &&
	       holder->root_len <= obs->member_len &&
	       memcmp(ev_str(w, holder->root_at), ev_str(w, obs->member_at),
		   holder->root_len) == 0 &&
	       strcmp(ev_str(w, holder->platform_at),
		   ev_str(w, obs->platform_at)) == 0;
}

/* The account of the longest root; NULL for none, or two that differ. */
static const char *
find_holder(const struct ev_weigh *w, const struct ev_obs *obs)
{
	const struct ev_holder *best = NULL, *holder;
	bool differ = false;
	size_t i;

	for (i = 0; i < w->holder_count; i++) {
		holder = &w->holder[i];
		if (!holds(w, holder, obs))
			continue;
		/* The own exhibit goes before the folder around it. */
		if (best == NULL ||
		    (holder->exhibit == obs->exhibit &&
			best->exhibit != obs->exhibit) ||
		    ((holder->exhibit == obs->exhibit) ==
			    (best->exhibit == obs->exhibit) &&
			holder->root_len > best->root_len)) {
			best = holder;
			differ = false;
		} else if ((holder->exhibit == obs->exhibit) ==
			       (best->exhibit == obs->exhibit) &&
			   holder->root_len == best->root_len &&
			   strcmp(ev_str(w, holder->account_at),
			       ev_str(w, best->account_at)) != 0) {
			differ = true;
		}
	}
	return best == NULL || differ ? NULL : ev_str(w, best->account_at);
}

/* Names of all subjects; what nobody can be named for is dropped. */
static void
settle_subjects(struct ev_weigh *w)
{
	const struct ev_obs *last = NULL;
	const char *holder = NULL;
	size_t i, kept = 0;

	for (i = 0; i < w->obs_count; i++) {
		struct ev_obs *obs = &w->obs[i];

		obs->value = ev_str(w, obs->value_at);
		obs->key = ev_str(w, obs->key_at);
		obs->word = ev_str(w, obs->word_at);
		if (obs->type == EV_T_ACCOUNT)
			obs->key = ev_handle_account(w, obs->key);
		obs->name = ev_str(w, obs->account_at);
		if (obs->who == EV_WHO_HANDLE)
			obs->name = ev_handle_account(w, obs->name);
		if (obs->who == EV_WHO_HOLDER) {
			if (last == NULL || last->member_at != obs->member_at ||
			    last->exhibit != obs->exhibit ||
			    last->platform_at != obs->platform_at)
				holder = find_holder(w, obs);
			last = obs;
			obs->name = holder;
		}
	}
	/* Numbers in w->admin point at places before this. */
	for (i = 0; i < w->admin_count; i++) {
		if (w->admin[i].obs < w->obs_count &&
		    w->obs[w->admin[i].obs].name == NULL)
			w->admin[i].obs = SIZE_MAX;
	}
	for (i = 0; i < w->obs_count; i++) {
		size_t k;

		if (w->obs[i].name == NULL)
			continue;
		for (k = 0; k < w->admin_count && kept != i; k++) {
			if (w->admin[k].obs == i)
				w->admin[k].obs = kept;
		}
		w->obs[kept++] = w->obs[i];
	}
	w->obs_count = kept;
}

/* An owner controls the invites that are seen on the group itself. */
static enum ev_rc
settle_admins(struct ev_weigh *w, struct ev_err *err)
{
	const size_t before = w->obs_count;
	size_t i, k;
	enum ev_rc rc;

	for (k = 0; k < w->admin_count; k++) {
		const char *group = ev_str(w, w->admin[k].group_at);

		for (i = 0; i < before && w->admin[k].obs != SIZE_MAX; i++) {
			void *array = w->obs;
			struct ev_obs *made;

			if (w->obs[i].type != EV_T_INVITE ||
			    strcmp(w->obs[i].name, group) != 0)
				continue;
			rc = ev_grow(&array, &w->obs_room, w->obs_count,
			    sizeof(*w->obs), err);
			if (rc != EV_OK)
				return rc;
			w->obs = array;
			made = &w->obs[w->obs_count++];
			*made = w->obs[w->admin[k].obs];
			made->type = EV_T_INVITE;
			made->role = EV_R_CONTROLS;
			made->value = made->key = w->obs[i].key;
		}
	}
	return EV_OK;
}

static bool
in_window(const struct ev_weigh *w, const struct ev_obs *obs)
{
	/* What bears no date is a state, not an event. */
	if (!w->order.windowed || !obs->timed)
		return true;
	return obs->lo >= w->order.from_us && obs->hi < w->order.to_us;
}

static void
settle_window(struct ev_weigh *w)
{
	size_t i, kept = 0;

	for (i = 0; i < w->obs_count; i++) {
		if (in_window(w, &w->obs[i]))
			w->obs[kept++] = w->obs[i];
	}
	w->obs_count = kept;
}

static int
compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

uint32_t
ev_account_find(const struct ev_weigh *w, const char *name)
{
	const char **found = NULL;

	if (w->account_count > 0)
		found = bsearch(&name, w->account, w->account_count,
		    sizeof(*w->account), compare_names);
	return found == NULL ? UINT32_MAX : (uint32_t)(found - w->account);
}

static enum ev_rc
settle_accounts(struct ev_weigh *w, struct ev_err *err)
{
	size_t total = w->obs_count + w->subject_count, i, n = 0;

	if (total >= UINT32_MAX)
		return ev_fail(err, EV_LIMIT, "more than 2^32 observations");
	w->account = calloc(total + 1, sizeof(*w->account));
	if (w->account == NULL)
		return ev_fail_sys(err, "cannot hold the accounts");
	for (i = 0; i < w->obs_count; i++)
		w->account[i] = w->obs[i].name;
	for (i = 0; i < w->subject_count; i++)
		w->account[w->obs_count + i] = ev_str(w, w->subject[i]);
	if (total > 1)
		qsort(w->account, total, sizeof(*w->account), compare_names);
	for (i = 0; i < total; i++) {
		if (n == 0 || strcmp(w->account[n - 1], w->account[i]) != 0)
			w->account[n++] = w->account[i];
	}
	w->account_count = n;
	for (i = 0; i < w->obs_count; i++)
		w->obs[i].account = ev_account_find(w, w->obs[i].name);
	return EV_OK;
}

static void
apply_exam(struct ev_obs *obs, const struct ev_exam *exam)
{
	enum ev_role role;
	int64_t fact;
	char letter;

	if (strcmp(exam->verb, "role") == 0 &&
	    ev_id_parse(exam->subject, &letter, &fact) && letter == 'F' &&
	    fact == obs->fact) {
		role = ev_role_find(exam->word);
		if (role != EV_ROLES)
			obs->role = role;
	}
	if (strcmp(exam->verb, "flag") == 0 &&
	    strcmp(exam->subject, ev_type_name(obs->type)) == 0 &&
	    strcmp(exam->word, "household") == 0 &&
	    (strcmp(exam->value, obs->key) == 0 ||
		strcmp(exam->value, obs->value) == 0))
		obs->household = true;
}

static void
settle_exams(struct ev_weigh *w)
{
	size_t i, k;

	/* Later entries override earlier ones: they come in order. */
	for (k = 0; k < w->order.exams; k++) {
		for (i = 0; i < w->obs_count; i++)
			apply_exam(&w->obs[i], &w->order.exam[k]);
	}
}

static int
compare_number(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_records(const void *a, const void *b)
{
	const struct ev_obs *x = a, *y = b;
	int order = compare_number(x->artifact, y->artifact);

	if (order == 0)
		order = compare_number(x->offset, y->offset);
	return order != 0 ? order : compare_number(x->length, y->length);
}

static int
compare_obs(const void *a, const void *b)
{
	const struct ev_obs *x = a, *y = b;
	int order;

	if (x->account != y->account)
		return x->account < y->account ? -1 : 1;
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	order = strcmp(x->key, y->key);
	if (order == 0)
		order = compare_number(x->fact, y->fact);
	if (order == 0)
		order = strcmp(x->value, y->value);
	if (order == 0)
		order = strcmp(x->word, y->word);
	if (order == 0)
		order = (int)x->role - (int)y->role;
	if (order == 0)
		order = (int)x->place - (int)y->place;
	return order;
}

static int
compare_values(const void *a, const void *b)
{
	const struct ev_obs *const *x = a, *const *y = b;
	int order;

	if ((*x)->type != (*y)->type)
		return (*x)->type < (*y)->type ? -1 : 1;
	order = strcmp((*x)->key, (*y)->key);
	if (order != 0)
		return order;
	return *x < *y ? -1 : *x > *y;
}

/* Two observations alike of one fact (a name twice in a text) are one. */
static void
settle_order(struct ev_weigh *w)
{
	uint32_t record = 0;
	size_t i, kept = 0;

	if (w->obs_count > 1)
		qsort(w->obs, w->obs_count, sizeof(*w->obs), compare_records);
	for (i = 0; i < w->obs_count; i++) {
		if (i > 0 && compare_records(&w->obs[i - 1], &w->obs[i]) != 0)
			record++;
		w->obs[i].record = record;
	}
	if (w->obs_count > 1)
		qsort(w->obs, w->obs_count, sizeof(*w->obs), compare_obs);
	for (i = 0; i < w->obs_count; i++) {
		if (kept == 0 ||
		    compare_obs(&w->obs[kept - 1], &w->obs[i]) != 0)
			w->obs[kept++] = w->obs[i];
	}
	w->obs_count = kept;
}

static void
settle_degrees(struct ev_weigh *w)
{
	size_t from, to, i;
	uint32_t degree;

	for (from = 0; from < w->obs_count; from = to) {
		const struct ev_obs *first = w->by_value[from];

		degree = 1;
		for (to = from + 1;
		     to < w->obs_count &&
		     w->by_value[to]->type == first->type &&
		     strcmp(w->by_value[to]->key, first->key) == 0;
		     to++)
			degree += w->by_value[to]->account !=
				  w->by_value[to - 1]->account;
		for (i = from; i < to; i++)
			w->obs[w->by_value[i] - w->obs].degree = degree;
		if (degree > w->rules.fanout)
			w->public_values++;
	}
}

static enum ev_rc
settle_index(struct ev_weigh *w, struct ev_err *err)
{
	size_t i, account = 0;

	w->by_value = calloc(w->obs_count + 1, sizeof(*w->by_value));
	w->first = calloc(w->account_count + 1, sizeof(*w->first));
	if (w->by_value == NULL || w->first == NULL)
		return ev_fail_sys(err, "cannot hold the observations");
	for (i = 0; i < w->obs_count; i++) {
		w->by_value[i] = &w->obs[i];
		while (account <= w->obs[i].account)
			w->first[account++] = i;
	}
	while (account <= w->account_count)
		w->first[account++] = w->obs_count;
	if (w->obs_count > 1)
		qsort(w->by_value, w->obs_count, sizeof(*w->by_value),
		    compare_values);
	settle_degrees(w);
	return EV_OK;
}

/* Anchors are written as the observations are. */
static enum ev_rc
settle_anchors(struct ev_weigh *w, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	unsigned flags;
	size_t i;
	ev_at at;

	for (i = 0; i < w->order.anchors && rc == EV_OK; i++) {
		struct ev_anchor *anchor = &w->order.anchor[i];
		struct ev_canon in = { .type = anchor->type,
			.platform = "",
			.raw = anchor->value,
			.len = strlen(anchor->value),
			.tracking = &w->tracking };

		ev_buf_clear(&w->scratch);
		rc = ev_canon(&in, &w->scratch, &flags, err);
		if (rc == EV_OK)
			rc = ev_keep(w, ev_buf_text(&w->scratch),
			    w->scratch.len, &at, err);
		if (rc == EV_OK)
			anchor->value_at = at;
	}
	return rc;
}

static void
point_anchors(struct ev_weigh *w)
{
	size_t i;

	for (i = 0; i < w->order.anchors; i++) {
		struct ev_anchor *anchor = &w->order.anchor[i];

		anchor->value = ev_str(w, anchor->value_at);
		anchor->account = UINT32_MAX;
		if (anchor->type != EV_T_ACCOUNT)
			continue;
		anchor->value = ev_handle_account(w, anchor->value);
		anchor->account = ev_account_find(w, anchor->value);
	}
}

/* Pairs of sessions ask for the network of each address many times. */
static void
settle_networks(struct ev_weigh *w)
{
	size_t i;

	for (i = 0; i < w->obs_count; i++) {
		struct ev_obs *obs = &w->obs[i];

		if (obs->type != EV_T_IP || (obs->canon & EV_CANON_RAW) != 0)
			continue;
		ev_locate(w, obs, &ev_filter_none, w->answer);
		obs->net_class = w->answer->class;
		obs->net_flags = w->answer->flags;
		obs->net_known = w->answer->flags_known;
	}
}

enum ev_rc
ev_settle(struct ev_weigh *w, struct ev_err *err)
{
	enum ev_rc rc;

	/* From here on no string moves. */
	rc = settle_anchors(w, err);
	if (rc != EV_OK)
		return rc;
	settle_handles(w);
	settle_subjects(w);
	rc = settle_admins(w, err);
	if (rc != EV_OK)
		return rc;
	settle_window(w);
	settle_exams(w);
	rc = settle_accounts(w, err);
	if (rc != EV_OK)
		return rc;
	settle_order(w);
	rc = settle_index(w, err);
	if (rc != EV_OK)
		return rc;
	point_anchors(w);
	settle_networks(w);
	w->settled = true;
	return EV_OK;
}
