/* Digests met before, as far back as a bounded memory reaches. */
#include <stdlib.h>
#include <string.h>

#include "ingest/seen.h"

enum { FIRST_SLOTS = 1024 };

void
ev_seen_release(struct ev_seen *seen)
{
	free(seen->now.entry);
	free(seen->before.entry);
	memset(seen, 0, sizeof(*seen));
}

/* The entry of a digest, or the empty one where it belongs. */
static struct ev_seen_entry *
find(const struct ev_seen_table *table, const uint64_t digest[2])
{
	size_t at = (size_t)digest[0] & (table->slots - 1);
	struct ev_seen_entry *entry = &table->entry[at];

	while (
	    (entry->digest[0] | entry->digest[1]) != 0 &&
	    (entry->digest[0] != digest[0] || entry->digest[1] != digest[1])) {
		at = (at + 1) & (table->slots - 1);
		entry = &table->entry[at];
	}
	return entry;
}

static enum ev_rc
grow(struct ev_seen_table *table, struct ev_err *err)
{
	struct ev_seen_table bigger = { NULL, FIRST_SLOTS, table->used };
	size_t i;

	if (table->slots > 0)
		bigger.slots = 2 * table->slots;
	bigger.entry = calloc(bigger.slots, sizeof(*bigger.entry));
	if (bigger.entry == NULL)
		return ev_fail_sys(err, "cannot remember rows");
	for (i = 0; i < table->slots; i++)
		if ((table->entry[i].digest[0] | table->entry[i].digest[1]) !=
		    0)
			*find(&bigger, table->entry[i].digest) =
			    table->entry[i];
	free(table->entry);
	*table = bigger;
	return EV_OK;
}

/* The newer half becomes the older one. */
static void
turn(struct ev_seen *seen)
{
	struct ev_seen_table old = seen->before;

	seen->forgot = seen->forgot || old.used > 0;
	seen->before = seen->now;
	seen->now = old;
	seen->now.used = 0;
	if (old.entry != NULL)
		memset(old.entry, 0, old.slots * sizeof(*old.entry));
}

enum ev_rc
ev_seen_add(struct ev_seen *seen, const unsigned char *digest, int64_t offset,
    int64_t *first, struct ev_err *err)
{
	struct ev_seen_entry *entry;
	uint64_t key[2];
	enum ev_rc rc;

	*first = -1;
	memcpy(key, digest, sizeof(key));
	key[1] |= (key[0] | key[1]) == 0;
	if (seen->before.slots > 0) {
		entry = find(&seen->before, key);
		if ((entry->digest[0] | entry->digest[1]) != 0) {
			*first = entry->offset;
			return EV_OK;
		}
	}
	if (seen->now.used == EV_SEEN_HALF)
		turn(seen);
	if (seen->now.used + seen->now.used / 2 >= seen->now.slots) {
		rc = grow(&seen->now, err);
		if (rc != EV_OK)
			return rc;
	}
	entry = find(&seen->now, key);
	if ((entry->digest[0] | entry->digest[1]) != 0) {
		*first = entry->offset;
		return EV_OK;
	}
	memcpy(entry->digest, key, sizeof(key));
	entry->offset = offset;
	seen->now.used++;
	return EV_OK;
}
