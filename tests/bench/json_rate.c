/* json_rate FILE ...: how fast JSON is tokenised, and made into nodes. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/jsonread.h"

static double
seconds(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static enum ev_rc
read_file(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	const int *fd = ctx;
	ssize_t n;

	n = read(*fd, data, cap);
	*got = n > 0 ? (size_t)n : 0;
	if (n < 0)
		return ev_fail_sys(err, "cannot read");
	return n == 0 ? EV_EOF : EV_OK;
}

/* The whole file, token by token. */
static int
rate(const char *path)
{
	const struct ev_jsonread_opts opts = { .many = true };
	struct ev_jsonread *r = NULL;
	struct ev_json_token token;
	struct ev_stream in = { .read = read_file };
	struct ev_err err;
	uint64_t count = 0;
	enum ev_rc rc;
	double begin;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		perror(path);
		return 1;
	}
	in.ctx = &fd;
	begin = seconds();
	rc = ev_jsonread_new(&r, &in, 0, &opts, &err);
	while (rc == EV_OK) {
		rc = ev_jsonread_next(r, &token, &err);
		count++;
	}
	begin = seconds() - begin;
	if (rc != EV_EOF)
		(void)fprintf(stderr, "%s: %s\n", path, err.msg);
	else
		(void)printf("%s: %.0f MB/s, %.1f million tokens/s\n", path,
		    (double)ev_jsonread_offset(r) / 1e6 / begin,
		    (double)count / 1e6 / begin);
	ev_jsonread_free(r);
	(void)close(fd);
	return rc == EV_EOF ? 0 : 1;
}

int
main(int argc, char *argv[])
{
	int status = 0, i;

	for (i = 1; i < argc; i++)
		status |= rate(argv[i]);
	return status;
}
