/* SPDX-License-Identifier: ISC */
#include "wg/key.h"

bool
wg_key_from_base64(uint8_t ret[WG_KEY], struct bytes text)
{
	return crypto_from_base64(ret, WG_KEY, text);
}

void
wg_key_to_base64(char ret[WG_KEY_BASE64], const uint8_t key[WG_KEY])
{
	crypto_to_base64(ret, WG_KEY_BASE64, bytes_of(key, WG_KEY));
}

bool
wg_key_from_hex(uint8_t ret[WG_KEY], struct bytes text)
{
	return crypto_from_hex(ret, WG_KEY, text);
}

void
wg_key_to_hex(char ret[WG_KEY_HEX], const uint8_t key[WG_KEY])
{
	crypto_to_hex(ret, WG_KEY_HEX, bytes_of(key, WG_KEY));
}

void
wg_key_private(uint8_t key[WG_KEY])
{
	crypto_x25519_clamp(key);
}

bool
wg_key_public(uint8_t ret[WG_KEY], const uint8_t private_key[WG_KEY])
{
	return crypto_x25519_public(ret, private_key);
}

struct ip
wg_link_local(const uint8_t public_key[WG_KEY])
{
	struct ip ip = { .b = { 0xfe, 0x80 } };
	uint8_t hash[CRYPTO_HASH];
	struct crypto *c = crypto_new();
	bool ok = c && crypto_mac(c, hash, sizeof(hash),
	    bytes_str("warren link local"), bytes_of(public_key, WG_KEY));

	crypto_free(c);
	if (!ok)
		return IP_NONE;
	hash[0] &= (uint8_t)~0x02;
	memcpy(ip.b + 8, hash, 8);
	if (ip.q[1] == 0)
		ip.b[15] = 1;
	return ip;
}
