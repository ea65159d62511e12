/* make_files FOLDER COUNT: files of 1 to 64 KiB, the same ones every time. */
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEAST = 1024, MOST = 65536, A_FOLDER = 250 };

static uint64_t state = 88172645463325252u;

static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Small ones are common, as in an account's export: a mean of 15 KiB. */
static size_t
size(void)
{
	const double share = (double)(next() >> 11) / 9007199254740992.0;

	return (size_t)(LEAST * pow((double)MOST / LEAST, share));
}

/* Every second one is records of text, the others are like pictures. */
static void
fill(unsigned char *data, size_t len, int n)
{
	char line[160];
	size_t at, i;
	int k = 0;

	if (n % 2 == 0) {
		for (i = 0; i < len; i++)
			data[i] = (unsigned char)(next() >> 24);
		memcpy(data, "\xff\xd8\xff\xe0\0\x10JFIF", 10);
		return;
	}
	for (at = 0; at < len; at += i) {
		(void)snprintf(line, sizeof(line),
		    "{\"id\":\"%016llx\",\"n\":%d,\"text\":\"%s %u\"}\n",
		    (unsigned long long)next(), k++, "words of a record",
		    (unsigned)(next() >> 40));
		i = strlen(line);
		if (i > len - at)
			i = len - at;
		memcpy(data + at, line, i);
	}
}

int
main(int argc, char *argv[])
{
	static unsigned char data[MOST + 1];
	char path[4096];
	size_t len;
	int n, count, fd;

	if (argc != 3)
		return 2;
	count = (int)strtol(argv[2], NULL, 10);
	for (n = 0; n < count; n++) {
		(void)snprintf(path, sizeof(path), "%s/%03d", argv[1],
		    n / A_FOLDER);
		if (n % A_FOLDER == 0 && mkdir(path, 0755) != 0)
			return 1;
		(void)snprintf(path, sizeof(path), "%s/%03d/%06d.%s", argv[1],
		    n / A_FOLDER, n, n % 2 == 0 ? "jpg" : "jsonl");
		len = size();
		fill(data, len, n);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
		if (fd < 0 || write(fd, data, len) != (ssize_t)len ||
		    close(fd) != 0)
			return 1;
	}
	return 0;
}
