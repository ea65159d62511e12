/* Asking an authority over HTTP (RFC 3161, 3.4). */
#include <openssl/http.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "seal/fetch.h"
#include "seal/ossl.h"
#include "seal/stamp.h"

enum {
	SECONDS = 10,
	TRIES = 3,
	TRIES_MAX = 10,
	URL_LIMIT = 2048,
	PATH_LIMIT = 4096
};

/* The parts of a URL; NULL where there is none. */
struct url {
	char *host, *port, *path, *query;
};

static void
url_release(struct url *u)
{
	OPENSSL_free(u->host);
	OPENSSL_free(u->port);
	OPENSSL_free(u->path);
	OPENSSL_free(u->query);
}

static enum ev_rc
url_parse(struct url *u, const char *text, struct ev_err *err)
{
	memset(u, 0, sizeof(*u));
	if (strncmp(text, "https:", 6) == 0)
		return ev_fail(err, EV_USE,
		    "'%.200s': only http is spoken; a token is signed and needs"
		    " no TLS",
		    text);
	if (strncmp(text, "http://", 7) != 0 || strlen(text) > URL_LIMIT ||
	    OSSL_HTTP_parse_url(text, NULL, NULL, &u->host, &u->port, NULL,
		&u->path, &u->query, NULL) != 1 ||
	    u->host == NULL || u->host[0] == '\0')
		return ev_fail_ossl(err, EV_USE, "'%.200s' is no URL", text);
	return EV_OK;
}

/*
 * A server that hangs up early must not end the program: SIGPIPE is held
 * back in this thread, and taken away if it came.
 */
struct pipe_guard {
	sigset_t set, before;
	bool pending;
};

static void
guard_begin(struct pipe_guard *g)
{
	sigset_t pending;

	(void)sigemptyset(&g->set);
	(void)sigaddset(&g->set, SIGPIPE);
	g->pending =
	    sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
	(void)pthread_sigmask(SIG_BLOCK, &g->set, &g->before);
}

static void
guard_end(struct pipe_guard *g)
{
	const struct timespec now = { 0, 0 };

	if (!g->pending)
		(void)sigtimedwait(&g->set, NULL, &now);
	(void)pthread_sigmask(SIG_SETMASK, &g->before, NULL);
}

static enum ev_rc
fetch_once(const struct url *u, const struct ev_fetch *what,
    struct ev_buf *reply, struct ev_err *err)
{
	const bool post = what->request.data != NULL;
	struct ev_buf path;
	struct pipe_guard guard;
	BIO *req = NULL, *got = NULL;
	enum ev_rc rc;

	ev_buf_init(&path, PATH_LIMIT);
	rc = ev_buf_puts(&path, u->path, err);
	if (rc == EV_OK && u->query != NULL && u->query[0] != '\0')
		rc = ev_buf_printf(&path, err, "?%s", u->query);
	if (rc == EV_OK && post)
		req = ev_bio_bytes(what->request);
	if (rc == EV_OK && (req != NULL || !post)) {
		guard_begin(&guard);
		got = OSSL_HTTP_transfer(NULL, u->host, u->port,
		    ev_buf_text(&path), 0, NULL, NULL, NULL, NULL, NULL, NULL,
		    0, NULL, what->type, req, what->expect, 1, what->limit,
		    what->seconds > 0 ? what->seconds : SECONDS, 0);
		guard_end(&guard);
	}
	if (rc == EV_OK && got == NULL)
		rc = ev_fail_ossl(err, EV_SYS, "no answer from '%.100s:%.10s'",
		    u->host, u->port);
	if (rc == EV_OK)
		rc = ev_bio_take(got, reply, err);
	BIO_free_all(got);
	BIO_free_all(req);
	ev_buf_release(&path);
	return rc;
}

static void
wait_seconds(int seconds)
{
	const struct timespec pause = { seconds, 0 };

	(void)nanosleep(&pause, NULL);
}

enum ev_rc
ev_fetch(const struct ev_fetch *what, struct ev_buf *reply, struct ev_err *err)
{
	int tries = what->tries > 0 ? what->tries : TRIES;
	struct url u;
	enum ev_rc rc;
	int n;

	if (tries > TRIES_MAX)
		tries = TRIES_MAX;
	rc = url_parse(&u, what->url, err);
	for (n = 0; n < tries && (n == 0 ? rc == EV_OK : rc == EV_SYS); n++) {
		if (n > 0)
			wait_seconds(1 << (n - 1));
		rc = fetch_once(&u, what, reply, err);
	}
	url_release(&u);
	return rc;
}

enum ev_rc
ev_stamp_fetch(const struct ev_stamp_place *place, struct ev_bytes request,
    struct ev_buf *reply, struct ev_err *err)
{
	const struct ev_fetch what = {
		.url = place->url,
		.seconds = place->seconds,
		.tries = place->tries,
		.request = request,
		.type = "application/timestamp-query",
		.expect = "application/timestamp-reply",
		.limit = EV_STAMP_LIMIT,
	};

	return ev_fetch(&what, reply, err);
}
