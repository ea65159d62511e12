/* IP addresses: parsed strictly, printed one way, and what they are for. */
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "weigh/address.h"

bool
ev_addr_parse(struct ev_addr *addr, const char *text)
{
	static const unsigned char mapped[12] = { [10] = 0xff, 0xff };
	unsigned char b[16];

	*addr = (struct ev_addr){ 0 };
	if (inet_pton(AF_INET, text, addr->b) == 1)
		return true;
	if (inet_pton(AF_INET6, text, b) != 1)
		return false;
	if (memcmp(b, mapped, sizeof(mapped)) == 0) {
		memcpy(addr->b, b + 12, 4);
		return true;
	}
	addr->v6 = true;
	memcpy(addr->b, b, sizeof(b));
	return true;
}

void
ev_addr_print(char text[EV_ADDR_TEXT], const struct ev_addr *addr)
{
	if (inet_ntop(addr->v6 ? AF_INET6 : AF_INET, addr->b, text,
		EV_ADDR_TEXT) == NULL)
		text[0] = '\0';
}

void
ev_addr_link(char text[EV_ADDR_TEXT], const struct ev_addr *addr)
{
	struct ev_addr net = *addr;
	size_t len;

	if (net.v6)
		memset(net.b + 8, 0, 8);
	ev_addr_print(text, &net);
	len = strlen(text);
	if (net.v6)
		(void)snprintf(text + len, EV_ADDR_TEXT - len, "/64");
}

int
ev_addr_compare(const struct ev_addr *a, const struct ev_addr *b)
{
	if (a->v6 != b->v6)
		return a->v6 ? 1 : -1;
	return memcmp(a->b, b->b, a->v6 ? 16 : 4);
}

struct block {
	bool v6;
	unsigned char net[16];
	int bits;
	const char *class;
};

/* RFC 6890 and the registries it made; the longer prefix first. */
static const struct block blocks[] = {
	{ false, { 192, 0, 2 }, 24, "documentation" },
	{ false, { 198, 51, 100 }, 24, "documentation" },
	{ false, { 203, 0, 113 }, 24, "documentation" },
	{ false, { 10 }, 8, "private" },
	{ false, { 172, 16 }, 12, "private" },
	{ false, { 192, 168 }, 16, "private" },
	{ false, { 100, 64 }, 10, "cgnat" },
	{ false, { 127 }, 8, "loopback" },
	{ false, { 169, 254 }, 16, "link-local" },
	{ false, { 192, 88, 99 }, 24, "6to4" },
	{ false, { 192, 0, 0 }, 24, "reserved" },
	{ false, { 198, 18 }, 15, "reserved" },
	{ false, { 0 }, 8, "reserved" },
	{ false, { 224 }, 4, "multicast" },
	{ false, { 240 }, 4, "reserved" },
	{ true, { 0x20, 0x01, 0x0d, 0xb8 }, 32, "documentation" },
	{ true, { 0x3f, 0xff }, 20, "documentation" },
	{ true, { 0x20, 0x01, 0, 0 }, 32, "teredo" },
	{ true, { 0x20, 0x02 }, 16, "6to4" },
	{ true, { 0, 0x64, 0xff, 0x9b }, 96, "nat64" },
	{ true, { [15] = 1 }, 128, "loopback" },
	{ true, { 0xfe, 0x80 }, 10, "link-local" },
	{ true, { 0xfc }, 7, "ula" },
	{ true, { 0xff }, 8, "multicast" },
	{ true, { 0x20 }, 3, "global" },
	{ true, { 0 }, 0, "reserved" },
};

static bool
block_holds(const struct block *block, const struct ev_addr *addr)
{
	size_t whole = (size_t)block->bits / 8;
	int rest = block->bits % 8;

	if (block->v6 != addr->v6 || memcmp(block->net, addr->b, whole) != 0)
		return false;
	return rest == 0 || (block->net[whole] >> (8 - rest)) ==
				(addr->b[whole] >> (8 - rest));
}

const char *
ev_addr_class(const struct ev_addr *addr)
{
	size_t i;

	for (i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (block_holds(&blocks[i], addr))
			return blocks[i].class;
	}
	return "global";
}

bool
ev_addr_located(const struct ev_addr *addr)
{
	const char *class = ev_addr_class(addr);

	return strcmp(class, "global") == 0 ||
	       strcmp(class, "documentation") == 0;
}
