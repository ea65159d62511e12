/* Check digits of identifiers that carry them. */
#include <stdint.h>
#include <string.h>

#include "seal/digest.h"
#include "weigh/canon_sum.h"

bool
ev_sum_luhn(const char *digits, size_t len)
{
	unsigned sum = 0, digit;
	size_t i;

	for (i = 0; i < len; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return false;
		digit = (unsigned)(digits[i] - '0');
		if ((len - i) % 2 == 0)
			digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return len > 0 && sum % 10 == 0;
}

bool
ev_sum_iban(const char *iban, size_t len)
{
	unsigned rest = 0;
	size_t i;
	char c;

	if (len < 15 || len > 34)
		return false;
	/* The first four characters are read last. */
	for (i = 0; i < len; i++) {
		c = iban[(i + 4) % len];
		if (c >= '0' && c <= '9')
			rest = (rest * 10 + (unsigned)(c - '0')) % 97;
		else if (c >= 'A' && c <= 'Z')
			rest = (rest * 100 + (unsigned)(c - 'A') + 10) % 97;
		else
			return false;
	}
	return iban[0] >= 'A' && iban[1] >= 'A' && iban[2] <= '9' &&
	       iban[3] <= '9' && rest == 1;
}

bool
ev_sum_base58(const char *text, size_t len)
{
	static const char letters[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
				      "abcdefghijkmnopqrstuvwxyz";
	unsigned char bytes[25] = { 0 }, once[EV_SHA256], twice[EV_SHA256];
	struct ev_err err;
	const char *at;
	unsigned carry;
	size_t i, k;

	if (len < 26 || len > 35)
		return false;
	for (i = 0; i < len; i++) {
		at = text[i] == '\0' ? NULL : strchr(letters, text[i]);
		if (at == NULL)
			return false;
		carry = (unsigned)(at - letters);
		for (k = sizeof(bytes); k-- > 0;) {
			carry += 58U * bytes[k];
			bytes[k] = (unsigned char)carry;
			carry >>= 8;
		}
		if (carry != 0)
			return false;
	}
	return ev_sha256(once, bytes, 21, &err) == EV_OK &&
	       ev_sha256(twice, once, sizeof(once), &err) == EV_OK &&
	       memcmp(twice, bytes + 21, 4) == 0;
}

static uint32_t
bech32_step(uint32_t sum, unsigned value)
{
	static const uint32_t generator[5] = { 0x3b6a57b2, 0x26508e6d,
		0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;
	size_t i;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (i = 0; i < 5; i++) {
		if ((top >> i & 1) != 0)
			sum ^= generator[i];
	}
	return sum;
}

bool
ev_sum_bech32(const char *text, size_t len)
{
	static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
	const char *at;
	uint32_t sum = 1;
	size_t i, human = 0;

	if (len < 14 || len > 90)
		return false;
	for (i = 0; i < len; i++) {
		if (text[i] == '1')
			human = i;
	}
	if (human == 0 || human + 7 > len)
		return false;
	for (i = 0; i < human; i++)
		sum = bech32_step(sum, (unsigned char)text[i] >> 5);
	sum = bech32_step(sum, 0);
	for (i = 0; i < human; i++)
		sum = bech32_step(sum, (unsigned char)text[i] & 31U);
	for (i = human + 1; i < len; i++) {
		at = text[i] == '\0' ? NULL : strchr(letters, text[i]);
		if (at == NULL)
			return false;
		sum = bech32_step(sum, (unsigned)(at - letters));
	}
	return sum == 1 || sum == 0x2bc830a3;
}
