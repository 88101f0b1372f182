#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""One net's paths in what a speaker prints, made alike for all speakers.

usage: view.py bird|frr|openbgpd|gobgp|exabgp PREFIX < OUTPUT

A line for each path, of words "name=value " that stand in this order, and
only where there is something: path (AS numbers with commas, a confederation's
in parentheses, a set's in braces), hop, from, med, lp, origin, comm, large,
orig, cluster, otc, aigp.  The value of a list is joined by commas; a
community is 1:2, a large one 1:2:3.  "stale" is a word of its own.
"""
import json
import re
import sys

ORDER = ('path', 'hop', 'from', 'med', 'lp', 'origin', 'comm', 'large',
         'orig', 'cluster', 'otc', 'aigp')


def line(path, stale=False):
    words = [f'{k}={path[k]} ' for k in ORDER if path.get(k) not in
             (None, '', [])]
    return ''.join(words) + ('stale ' if stale else '')


def as_path(text):
    text = re.sub(r'\{\s*(.*?)\s*\}',
                  lambda m: '{' + re.sub(r'[\s,]+', ',', m[1]) + '}', text)
    text = re.sub(r'\(\s*(.*?)\s*\)',
                  lambda m: '(' + re.sub(r'[\s,]+', ',', m[1]) + ')', text)
    return ','.join(text.split())


BIRD = {'as_path': ('path', as_path), 'next_hop': ('hop', str),
        'med': ('med', str), 'local_pref': ('lp', str),
        'origin': ('origin', str), 'originator_id': ('orig', str),
        'cluster_list': ('cluster', lambda v: ','.join(v.split())),
        'otc': ('otc', str), 'aigp': ('aigp', str)}


def community_list(text):
    groups = re.findall(r'\(([^)]*)\)', text)
    return ','.join(':'.join(re.findall(r'\w+', g)) for g in groups)


def bird(text, prefix):
    """Paths of a prefix; lines without one belong to the last."""
    path, at = None, None
    # A long list goes on in the next line.
    for row in re.sub(r'\n\t\t', ' ', text).splitlines():
        m = re.match(r'(\S+)?\s+(unicast|blackhole|unreachable|prohibit) \[',
                     row)
        if m:
            if path is not None:
                yield line(path, path.get('stale'))
            at = m[1] or at
            path = {} if at == prefix else None
            if path is not None and re.search(r'\(\d+s\)|\[.*STALE', row):
                path['stale'] = True
        elif path is not None:
            m = re.match(r'\s+BGP\.(\w+): ?(.*)', row)
            if m and m[1] in BIRD:
                name, make = BIRD[m[1]]
                path[name] = make(m[2].strip())
                if m[1] == 'next_hop':
                    path[name] = ','.join(m[2].split())
            elif m and m[1] == 'community':
                path['comm'] = community_list(m[2])
            elif m and m[1] == 'large_community':
                path['large'] = community_list(m[2])
    if path is not None:
        yield line(path, path.get('stale'))


def frr(text, prefix):
    for p in json.loads(text or '{}').get('paths', []):
        hops = [h['ip'] for h in p.get('nexthops', [])]
        cluster = p.get('clusterList', {})
        yield line({
            'path': as_path(p.get('aspath', {}).get('string', '')
                            .replace('Local', '')),
            'hop': ','.join(hops), 'from': p.get('peer', {}).get('peerId'),
            'med': p.get('metric'), 'lp': p.get('locPrf'),
            'origin': p.get('origin'),
            'comm': ','.join(p.get('community', {}).get('list', [])),
            'large': ','.join(p.get('largeCommunity', {}).get('list', [])),
            'orig': p.get('originatorId'),
            'cluster': ','.join(cluster.get('list', [])),
            'otc': p.get('otc')}, bool(p.get('stale')))


def openbgpd(text, prefix):
    for p in json.loads(text or '{}').get('rib', []):
        if p.get('prefix') != prefix:
            continue
        at = {}
        for a in p.get('attributes', []):
            short = {'Originator Id': 'orig', 'OTC': 'otc',
                     'Cluster Id List': 'cluster'}.get(a['type'])
            value = [v for k, v in a.items()
                     if k not in ('type', 'length', 'flags')]
            if short and value:
                at[short] = ','.join(value[0]) if isinstance(
                    value[0], list) else value[0]
        yield line({
            'path': as_path(str(p.get('aspath', ''))),
            'hop': p.get('exit_nexthop'),
            'from': p.get('neighbor', {}).get('remote_addr'),
            'med': p.get('metric'), 'lp': p.get('localpref'),
            'origin': p.get('origin'),
            'comm': ','.join(p.get('communities', [])),
            'large': ','.join(p.get('large_communities', [])), **at},
            p.get('stale', False))


SEGMENT = {1: '{%s}', 2: '%s', 3: '(%s)', 4: '{(%s)}'}
ORIGIN = {0: 'IGP', 1: 'EGP', 2: 'incomplete'}


def gobgp_path(p):
    at = {'from': p.get('source-id'), 'hop': p.get('nexthop')}
    for a in p.get('attrs', []):
        t, v = a['type'], a.get('value')
        if t == 2:
            at['path'] = ','.join(
                SEGMENT[s['segment_type']] % ','.join(map(str, s['asns']))
                for s in a['as_paths'])
        elif t == 1:
            at['origin'] = ORIGIN[v]
        elif t == 3:
            at['hop'] = a['nexthop']
        elif t == 14:
            at['hop'] = a['nexthop']
        elif t == 4:
            at['med'] = a.get('metric')
        elif t == 5:
            at['lp'] = v
        elif t == 8:
            at['comm'] = ','.join(f'{c >> 16}:{c & 65535}'
                                  for c in a['communities'])
        elif t == 32:
            at['large'] = ','.join(
                ':'.join(map(str, (c['ASN'], c['LocalData1'],
                                   c['LocalData2']))) for c in v)
        elif t == 9:
            at['orig'] = v
        elif t == 10:
            at['cluster'] = ','.join(v)
        elif t == 26:
            at['aigp'] = next((x.get('metric') for x in v
                               if 'metric' in x), None)
    return at


def gobgp(text, prefix):
    found = json.loads(text or '{}') or {}
    paths = found.get(prefix, []) if isinstance(found, dict) else found
    for p in paths:
        yield line(gobgp_path(p), p.get('stale', False))


def exabgp_attributes(a):
    def joined(name):
        return ','.join(':'.join(map(str, c)) if isinstance(c, list)
                        else str(c) for c in a.get(name, []))
    segments = a.get('as-path', [])
    if isinstance(segments, dict):
        kinds = {'as-sequence': '%s', 'as-set': '{%s}',
                 'confed-sequence': '(%s)'}
        path = ','.join(kinds.get(s['element'], '%s') %
                        ','.join(map(str, s['value']))
                        for _, s in sorted(segments.items()))
    else:
        path = ','.join(map(str, segments))
    return {'path': path, 'med': a.get('med'), 'lp': a.get(
        'local-preference'), 'origin': str(a.get('origin', '')).upper(),
        'comm': joined('community'), 'large': joined('large-community'),
        'orig': a.get('originator-id'), 'cluster': ','.join(
            a.get('cluster-list', [])), 'aigp': a.get('aigp')}


def exabgp(text, prefix):
    """Of events, the last word on each (neighbour, path id)."""
    known = {}
    for row in text.splitlines():
        try:
            e = json.loads(row)
        except ValueError:
            continue
        n = e.get('neighbor', {})
        who = n.get('address', {}).get('peer')
        if e.get('type') == 'state' and n.get('state') == 'down':
            known = {k: v for k, v in known.items() if k[0] != who}
        u = n.get('message', {}).get('update', {})
        at = exabgp_attributes(u.get('attribute', {}))
        for hops in u.get('announce', {}).values():
            for hop, nlri in hops.items():
                for x in nlri:
                    if isinstance(x, dict) and x['nlri'] == prefix:
                        known[who, x.get('path-information')] = line(
                            {**at, 'hop': hop, 'from': who})
        for nlri in u.get('withdraw', {}).values():
            for x in nlri:
                if isinstance(x, dict) and x['nlri'] == prefix:
                    known.pop((who, x.get('path-information')), None)
    yield from known.values()


def main():
    for row in globals()[sys.argv[1]](sys.stdin.read(), sys.argv[2]):
        print(row)


if __name__ == '__main__':
    main()
