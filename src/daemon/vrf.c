/* SPDX-License-Identifier: ISC */
#include "daemon/vrf.h"

static const struct iface *
device(const struct proto *p)
{
	const struct iface *i = iface_by_name(&p->d->ifaces, p->cf->vrf);

	return i != NULL && !(i->flags & IFACE_GONE) ? i : NULL;
}

bool
vrf_missing(struct proto *p)
{
	if (p->cf->vrf == NULL || device(p) != NULL)
		return false;
	proto_note(p, "No VRF device '%s': \"ip link add %s type vrf table "
	    "N\" makes it", p->cf->vrf, p->cf->vrf);
	return true;
}

bool
vrf_has(const struct proto *p, const struct iface *i)
{
	const struct iface *vrf;

	if (p->cf->vrf == NULL)
		return true;
	vrf = device(p);
	return vrf != NULL && (i == vrf || i->master == vrf->index);
}

const struct iface *
vrf_iface_to(const struct proto *p, struct ip ip, uint32_t ifindex,
    struct ip *ret_local)
{
	const struct iface *vrf = NULL;

	if (p->cf->vrf != NULL) {
		vrf = device(p);
		if (vrf == NULL)
			return NULL;
	}
	return iface_of_neighbour_in(&p->d->ifaces, ip, ifindex,
	    vrf ? vrf->index : 0, ret_local);
}
