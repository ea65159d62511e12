/* Hashes of bytes on their way, each in a thread of its own. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "seal/hashing.h"

struct lane {
	struct ev_hashing *h;
	pthread_t thread;
	bool started;
	unsigned bit;
	uint64_t done; /* pieces */
	struct ev_digest digest;
	struct ev_err err;
	enum ev_rc rc;
};

struct ev_hashing {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	unsigned char *piece[EV_HASHING_PIECES];
	size_t len[EV_HASHING_PIECES];
	unsigned meant[EV_HASHING_PIECES];
	uint64_t filled; /* pieces */
	bool ended, failed;
	size_t lanes;
	struct lane lane[EV_HASHING_LANES];
};

/* The next piece, or NULL at the end. */
static const unsigned char *
take(struct lane *l, size_t *len, bool *mine)
{
	const unsigned char *piece = NULL;
	struct ev_hashing *h = l->h;
	size_t n;

	(void)pthread_mutex_lock(&h->lock);
	while (l->done == h->filled && !h->ended)
		(void)pthread_cond_wait(&h->moved, &h->lock);
	if (!h->ended) {
		n = (size_t)(l->done % EV_HASHING_PIECES);
		piece = h->piece[n];
		*len = h->len[n];
		*mine = (h->meant[n] & l->bit) != 0;
	}
	(void)pthread_mutex_unlock(&h->lock);
	return piece;
}

static void
taken(struct lane *l)
{
	struct ev_hashing *h = l->h;

	(void)pthread_mutex_lock(&h->lock);
	l->done++;
	h->failed = h->failed || l->rc != EV_OK;
	(void)pthread_cond_broadcast(&h->moved);
	(void)pthread_mutex_unlock(&h->lock);
}

static void *
hash_pieces(void *arg)
{
	const unsigned char *piece;
	struct lane *l = arg;
	size_t len = 0;
	bool mine = false;

	while ((piece = take(l, &len, &mine)) != NULL) {
		if (mine && l->rc == EV_OK)
			l->rc =
			    ev_digest_update(&l->digest, piece, len, &l->err);
		taken(l);
	}
	return NULL;
}

static enum ev_rc
start_lane(struct ev_hashing *h, struct lane *l, unsigned want,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_digest_init(&l->digest, want, err);
	if (rc != EV_OK)
		return rc;
	l->h = h;
	l->bit = 1U << h->lanes++;
	errno = pthread_create(&l->thread, NULL, hash_pieces, l);
	if (errno != 0)
		return ev_fail_sys(err, "cannot start a thread");
	l->started = true;
	return EV_OK;
}

enum ev_rc
ev_hashing_start(struct ev_hashing **out, const unsigned *want, size_t lanes,
    struct ev_err *err)
{
	struct ev_hashing *h;
	enum ev_rc rc = EV_OK;
	size_t n;

	*out = NULL;
	if (lanes > EV_HASHING_LANES)
		return ev_fail(err, EV_USE, "too many lanes");
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return ev_fail_sys(err, "cannot hash");
	(void)pthread_mutex_init(&h->lock, NULL);
	(void)pthread_cond_init(&h->moved, NULL);
	for (n = 0; rc == EV_OK && n < EV_HASHING_PIECES; n++) {
		h->piece[n] = malloc(EV_HASHING_PIECE);
		if (h->piece[n] == NULL)
			rc = ev_fail_sys(err, "cannot hash");
	}
	for (n = 0; rc == EV_OK && n < lanes; n++)
		rc = start_lane(h, &h->lane[n], want[n], err);
	if (rc != EV_OK) {
		ev_hashing_stop(h);
		return rc;
	}
	*out = h;
	return EV_OK;
}

void
ev_hashing_stop(struct ev_hashing *h)
{
	size_t n;

	if (h == NULL)
		return;
	(void)pthread_mutex_lock(&h->lock);
	h->ended = true;
	(void)pthread_cond_broadcast(&h->moved);
	(void)pthread_mutex_unlock(&h->lock);
	for (n = 0; n < h->lanes; n++) {
		if (h->lane[n].started)
			(void)pthread_join(h->lane[n].thread, NULL);
		ev_digest_release(&h->lane[n].digest);
	}
	for (n = 0; n < EV_HASHING_PIECES; n++)
		free(h->piece[n]);
	(void)pthread_cond_destroy(&h->moved);
	(void)pthread_mutex_destroy(&h->lock);
	free(h);
}

static uint64_t
slowest(const struct ev_hashing *h)
{
	uint64_t least = h->filled;
	size_t n;

	for (n = 0; n < h->lanes; n++) {
		if (h->lane[n].done < least)
			least = h->lane[n].done;
	}
	return least;
}

unsigned char *
ev_hashing_room(struct ev_hashing *h)
{
	unsigned char *piece;

	(void)pthread_mutex_lock(&h->lock);
	while (!h->failed && h->filled - slowest(h) >= EV_HASHING_PIECES)
		(void)pthread_cond_wait(&h->moved, &h->lock);
	piece = h->failed ? NULL
			  : h->piece[(size_t)(h->filled % EV_HASHING_PIECES)];
	(void)pthread_mutex_unlock(&h->lock);
	return piece;
}

void
ev_hashing_publish(struct ev_hashing *h, size_t len, unsigned lanes)
{
	size_t n;

	(void)pthread_mutex_lock(&h->lock);
	n = (size_t)(h->filled % EV_HASHING_PIECES);
	h->len[n] = len;
	h->meant[n] = lanes;
	h->filled++;
	(void)pthread_cond_broadcast(&h->moved);
	(void)pthread_mutex_unlock(&h->lock);
}

enum ev_rc
ev_hashing_result(struct ev_hashing *h, size_t lane, struct ev_digests *digests,
    struct ev_err *err)
{
	struct lane *l = &h->lane[lane];
	enum ev_rc rc;

	(void)pthread_mutex_lock(&h->lock);
	while (l->done < h->filled)
		(void)pthread_cond_wait(&h->moved, &h->lock);
	rc = l->rc;
	(void)pthread_mutex_unlock(&h->lock);
	if (rc != EV_OK) {
		*err = l->err;
		return rc;
	}
	return ev_digest_final(&l->digest, digests, err);
}
