/* A server of fixed answers on the loopback, for tests that ask by HTTP. */
#ifndef EV_TEST_SERVING_H
#define EV_TEST_SERVING_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A path and what is answered.  No body: it hangs up; of a path that is asked
 * for more than once, the answers follow in order.  type "echo": the first
 * line of the request, behind the head of a SEQUENCE.
 */
struct answer {
	const char *path, *type;
	const void *body;
	size_t len;
	int used;
};

struct server {
	int fd;
	pid_t pid;
	unsigned port;
};

static inline void
server_bind(struct server *s)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(s->fd >= 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &len), 0);
	assert_int_equal(listen(s->fd, 8), 0);
	s->port = ntohs(at.sin_port);
}

static inline void
put_bytes(int fd, const void *data, size_t len)
{
	if (write(fd, data, len) != (ssize_t)len)
		_exit(1);
}

static inline void
server_reply(int fd, const char *type, const void *body, size_t len)
{
	char head[256];
	int n;

	n = snprintf(head, sizeof(head),
	    "HTTP/1.0 200 OK\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    type, len);
	put_bytes(fd, head, (size_t)n);
	put_bytes(fd, body, len);
}

/* The first answer for that path that was not given yet, or the last. */
static inline struct answer *
server_find(struct answer *all, size_t count, const char *path)
{
	const size_t len = strcspn(path, " ?");
	struct answer *found = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		if (strlen(all[i].path) != len ||
		    strncmp(all[i].path, path, len) != 0)
			continue;
		found = &all[i];
		if (found->used == 0)
			break;
	}
	return found;
}

static inline void
server_serve(int fd, struct answer *all, size_t count)
{
	char text[1 << 16], line[1 << 12];
	const char *end, *length;
	struct answer *one;
	size_t have = 0, want = 0;
	ssize_t n;

	do {
		n = read(fd, text + have, sizeof(text) - 1 - have);
		if (n <= 0)
			return;
		have += (size_t)n;
		text[have] = '\0';
		end = strstr(text, "\r\n\r\n");
		length = strstr(text, "Content-Length: ");
		if (end != NULL && length != NULL && length < end)
			want = strtoul(length + 16, NULL, 10);
	} while (end == NULL || have < (size_t)(end + 4 - text) + want);
	n = (ssize_t)strcspn(text, "\r");
	line[0] = 0x30;
	line[1] = (char)n;
	memcpy(line + 2, text, (size_t)n);
	one = server_find(all, count, strchr(text, ' ') + 1);
	if (one == NULL) {
		put_bytes(fd, "HTTP/1.0 404 No\r\n\r\n", 19);
		return;
	}
	one->used = 1;
	if (strcmp(one->type, "echo") == 0)
		server_reply(fd, "text/plain", line, (size_t)n + 2);
	else if (one->body != NULL)
		server_reply(fd, one->type, one->body, one->len);
}

/* In a process of its own, until server_end(). */
static inline void
server_begin(struct server *s, struct answer *all, size_t count)
{
	int fd;

	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid > 0)
		return;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(120);
	while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
		server_serve(fd, all, count);
		(void)close(fd);
	}
	_exit(0);
}

static inline void
server_end(struct server *s)
{
	(void)close(s->fd);
	if (s->pid > 0) {
		(void)kill(s->pid, SIGKILL);
		(void)waitpid(s->pid, NULL, 0);
	}
}

#endif
