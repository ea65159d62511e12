/* IP addresses as text: strict in, RFC 5952 out, and what kind they are. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "ingest/ip.h"

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

bool
ev_ip_parse(struct ev_ip *ip, const char *text, size_t len)
{
	char copy[EV_IP_TEXT];

	memset(ip, 0, sizeof(*ip));
	if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, ip->bytes) == 1) {
		ip->version = 4;
		return true;
	}
	if (inet_pton(AF_INET6, copy, ip->bytes) != 1)
		return false;
	ip->version = 6;
	if (memcmp(ip->bytes, mapped, sizeof(mapped)) == 0) {
		ip->version = 4;
		ip->mapped = true;
		memmove(ip->bytes, ip->bytes + 12, 4);
		memset(ip->bytes + 4, 0, 12);
	}
	return true;
}

static unsigned
group(const struct ev_ip *ip, int i)
{
	const unsigned char *p = ip->bytes + 2 * (size_t)i;

	return (unsigned)p[0] << 8 | p[1];
}

/* RFC 5952, 4.2: the first of the longest runs of two or more zero groups. */
static void
longest_zeros(const struct ev_ip *ip, int *from, int *count)
{
	int i, run = 0;

	*from = -1;
	*count = 1;
	for (i = 0; i < 8; i++) {
		run = group(ip, i) == 0 ? run + 1 : 0;
		if (run > *count) {
			*count = run;
			*from = i - run + 1;
		}
	}
}

void
ev_ip_print(char text[EV_IP_TEXT], const struct ev_ip *ip)
{
	int from, count, i;
	size_t at = 0;

	if (ip->version == 4) {
		snprintf(text, EV_IP_TEXT, "%u.%u.%u.%u", ip->bytes[0] + 0U,
		    ip->bytes[1] + 0U, ip->bytes[2] + 0U, ip->bytes[3] + 0U);
		return;
	}
	longest_zeros(ip, &from, &count);
	for (i = 0; i < 8; i++) {
		if (i == from) {
			text[at++] = ':';
			i += count - 1;
			if (i == 7)
				text[at++] = ':';
			continue;
		}
		at += (size_t)snprintf(text + at, EV_IP_TEXT - at,
		    i > 0 ? ":%x" : "%x", group(ip, i));
	}
	text[at] = '\0';
}

struct block {
	unsigned char bytes[6];
	int bits;
	const char *class;
};

/* RFC 6890 and its registries; the first that fits. */
static const struct block v4[] = {
	{ { 10 }, 8, "private" },
	{ { 172, 16 }, 12, "private" },
	{ { 192, 168 }, 16, "private" },
	{ { 100, 64 }, 10, "cgnat" },
	{ { 127 }, 8, "loopback" },
	{ { 169, 254 }, 16, "link-local" },
	{ { 192, 0, 2 }, 24, "documentation" },
	{ { 198, 51, 100 }, 24, "documentation" },
	{ { 203, 0, 113 }, 24, "documentation" },
	{ { 192, 88, 99 }, 24, "6to4" },
	{ { 224 }, 4, "multicast" },
	{ { 0 }, 8, "reserved" },
	{ { 192, 0, 0 }, 24, "reserved" },
	{ { 198, 18 }, 15, "reserved" },
	{ { 240 }, 4, "reserved" },
	{ { 0 }, 0, "global" },
};
static const struct block v6[] = {
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, "documentation" },
	{ { 0x3f, 0xff, 0 }, 20, "documentation" },
	{ { 0x20, 0x01, 0, 0 }, 32, "teredo" },
	{ { 0x20, 0x02 }, 16, "6to4" },
	{ { 0x20, 0x01, 0 }, 23, "reserved" },
	{ { 0x20 }, 3, "global" },
	{ { 0xfc }, 7, "ula" },
	{ { 0xfe, 0x80 }, 10, "link-local" },
	{ { 0xff }, 8, "multicast" },
	{ { 0x00, 0x64, 0xff, 0x9b, 0, 0 }, 48, "nat64" },
	{ { 0 }, 0, "reserved" },
};

static bool
fits(const struct block *block, const struct ev_ip *ip)
{
	int whole = block->bits / 8, rest = block->bits % 8;

	if (memcmp(block->bytes, ip->bytes, (size_t)whole) != 0)
		return false;
	return rest == 0 ||
	       (block->bytes[whole] ^ ip->bytes[whole]) >> (8 - rest) == 0;
}

const char *
ev_ip_class(const struct ev_ip *ip)
{
	static const unsigned char loopback[16] = { [15] = 1 };
	const struct block *block = ip->version == 4 ? v4 : v6;

	if (ip->version == 6 && memcmp(ip->bytes, loopback, 16) == 0)
		return "loopback";
	while (!fits(block, ip))
		block++;
	return block->class;
}
