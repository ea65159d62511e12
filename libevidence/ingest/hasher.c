/* A second thread that hashes exhibits while the first reads and writes. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "ingest/hasher.h"

/* Jobs that come together before the thread is woken for them. */
enum { BURST = 4, LONG = 1 << 18 };

struct ev_hasher {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t given, done;
	struct ev_hash_job *first, **last; /* not begun */
	size_t count;                      /* of these */
	bool waiting; /* the thread sleeps until something is given */
	const struct ev_hash_job *watched; /* the other one sleeps for it */
	bool ending;
	struct ev_digest digest;
};

static void
hash_one(struct ev_hasher *h, struct ev_hash_job *job)
{
	job->rc = ev_digest_update(&h->digest, job->data, job->len, &job->err);
	if (job->rc == EV_OK)
		job->rc = ev_digest_final(&h->digest, &job->digests, &job->err);
}

static void *
hash_all(void *arg)
{
	struct ev_hasher *h = arg;
	struct ev_hash_job *job;

	(void)pthread_mutex_lock(&h->lock);
	for (;;) {
		while (h->first == NULL && !h->ending) {
			h->waiting = true;
			(void)pthread_cond_wait(&h->given, &h->lock);
			h->waiting = false;
		}
		job = h->first;
		if (job == NULL)
			break;
		h->first = job->next;
		h->count--;
		if (h->first == NULL)
			h->last = &h->first;
		(void)pthread_mutex_unlock(&h->lock);
		hash_one(h, job);
		(void)pthread_mutex_lock(&h->lock);
		job->done = true;
		if (h->watched == job)
			(void)pthread_cond_signal(&h->done);
	}
	(void)pthread_mutex_unlock(&h->lock);
	return NULL;
}

enum ev_rc
ev_hasher_new(struct ev_hasher **out, unsigned want, struct ev_err *err)
{
	struct ev_hasher *h;
	enum ev_rc rc;

	*out = NULL;
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return ev_fail_sys(err, "cannot start to hash");
	h->last = &h->first;
	rc = ev_digest_init(&h->digest, want, err);
	if (rc != EV_OK) {
		free(h);
		return rc;
	}
	(void)pthread_mutex_init(&h->lock, NULL);
	(void)pthread_cond_init(&h->given, NULL);
	(void)pthread_cond_init(&h->done, NULL);
	errno = pthread_create(&h->thread, NULL, hash_all, h);
	if (errno != 0) {
		rc = ev_fail_sys(err, "cannot start a thread");
		ev_digest_release(&h->digest);
		free(h);
		return rc;
	}
	*out = h;
	return EV_OK;
}

void
ev_hasher_free(struct ev_hasher *h)
{
	if (h == NULL)
		return;
	(void)pthread_mutex_lock(&h->lock);
	h->ending = true;
	(void)pthread_cond_signal(&h->given);
	(void)pthread_mutex_unlock(&h->lock);
	(void)pthread_join(h->thread, NULL);
	(void)pthread_cond_destroy(&h->given);
	(void)pthread_cond_destroy(&h->done);
	(void)pthread_mutex_destroy(&h->lock);
	ev_digest_release(&h->digest);
	free(h);
}

void
ev_hasher_give(struct ev_hasher *h, struct ev_hash_job *job)
{
	job->done = false;
	job->next = NULL;
	(void)pthread_mutex_lock(&h->lock);
	*h->last = job;
	h->last = &job->next;
	h->count++;
	if (h->waiting && (h->count >= BURST || job->len >= LONG))
		(void)pthread_cond_signal(&h->given);
	(void)pthread_mutex_unlock(&h->lock);
}

bool
ev_hasher_poll(struct ev_hasher *h, struct ev_hash_job *job)
{
	bool done;

	(void)pthread_mutex_lock(&h->lock);
	done = job->done;
	(void)pthread_mutex_unlock(&h->lock);
	return done;
}

enum ev_rc
ev_hasher_wait(struct ev_hasher *h, struct ev_hash_job *job, struct ev_err *err)
{
	(void)pthread_mutex_lock(&h->lock);
	h->watched = job;
	if (!job->done && h->waiting)
		(void)pthread_cond_signal(&h->given);
	while (!job->done)
		(void)pthread_cond_wait(&h->done, &h->lock);
	h->watched = NULL;
	(void)pthread_mutex_unlock(&h->lock);
	if (job->rc != EV_OK)
		*err = job->err;
	return job->rc;
}
