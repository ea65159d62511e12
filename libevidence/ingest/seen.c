/* Digests met before, as far back as a bounded memory reaches. */
#include <stdlib.h>
#include <string.h>

#include "ingest/seen.h"

enum { FIRST_SLOTS = 256 };

void
ev_seen_init(struct ev_seen *seen, bool brief)
{
	memset(seen, 0, sizeof(*seen));
	seen->brief = brief;
}

void
ev_seen_release(struct ev_seen *seen)
{
	free(seen->now.word);
	free(seen->before.word);
	memset(seen, 0, sizeof(*seen));
}

static size_t
words(const struct ev_seen *seen)
{
	return seen->brief ? 1 : 3;
}

/* The entry of a key, or the empty one, all 0, where it belongs. */
static uint64_t *
find(const struct ev_seen *seen, const struct ev_seen_table *table,
    const uint64_t key[2])
{
	size_t n = words(seen), at = (size_t)key[0] & (table->slots - 1);
	uint64_t *entry = table->word + at * n;

	while (entry[0] != 0 &&
	       (entry[0] != key[0] || (n > 1 && entry[1] != key[1]))) {
		at = (at + 1) & (table->slots - 1);
		entry = table->word + at * n;
	}
	return entry;
}

static enum ev_rc
grow(const struct ev_seen *seen, struct ev_seen_table *table,
    struct ev_err *err)
{
	struct ev_seen_table bigger = { NULL, FIRST_SLOTS, table->used };
	size_t n = words(seen), i;

	if (table->slots > 0)
		bigger.slots = 2 * table->slots;
	bigger.word = calloc(bigger.slots, n * sizeof(*bigger.word));
	if (bigger.word == NULL)
		return ev_fail_sys(err, "cannot remember rows");
	for (i = 0; i < table->slots; i++)
		if (table->word[i * n] != 0)
			memcpy(find(seen, &bigger, &table->word[i * n]),
			    &table->word[i * n], n * sizeof(*table->word));
	free(table->word);
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
	if (old.word != NULL)
		memset(old.word, 0,
		    old.slots * words(seen) * sizeof(*old.word));
}

enum ev_rc
ev_seen_add(struct ev_seen *seen, const unsigned char *digest, int64_t offset,
    int64_t *first, struct ev_err *err)
{
	uint64_t *entry = NULL, key[2];
	enum ev_rc rc;

	*first = -1;
	memcpy(key, digest, sizeof(key));
	key[0] |= key[0] == 0;
	if (seen->before.slots > 0)
		entry = find(seen, &seen->before, key);
	if (entry == NULL || entry[0] == 0) {
		if (seen->now.used == EV_SEEN_HALF)
			turn(seen);
		if (2 * seen->now.used >= seen->now.slots) {
			rc = grow(seen, &seen->now, err);
			if (rc != EV_OK)
				return rc;
		}
		entry = find(seen, &seen->now, key);
	}
	if (entry[0] != 0) {
		*first = seen->brief ? 0 : (int64_t)entry[2];
		return EV_OK;
	}
	entry[0] = key[0];
	if (!seen->brief) {
		entry[1] = key[1];
		entry[2] = (uint64_t)offset;
	}
	seen->now.used++;
	return EV_OK;
}
