#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""usage: summary.py ROUTES FILE: lines "WHO WHAT NANOSECONDS" to a table."""
import statistics
import sys

NAMES = ['f_dn42', 'f_sets', 'f_roas', 'f_paths', 'f_communities',
         'f_preferred']


def main():
    routes = int(sys.argv[1])
    seen = {}
    with open(sys.argv[2], encoding='utf-8') as f:
        for line in f:
            who, what, n = line.split()
            seen.setdefault((who, what), []).append(int(n))

    def per_route(who, what, less):
        """Nanoseconds a route, without what there is without a filter."""
        ns = statistics.median(seen[who, what]) - \
            statistics.median(seen[who, less])
        return ns / routes

    print('| ns a route | BIRD | warrend | BIRD / warrend |')
    print('|---|---:|---:|---:|')
    rows = [(n[2:], n, 'where') for n in NAMES]
    rows.append(('import of dn42', 'import-dn42', 'import-all'))
    for name, what, less in rows:
        a, b = per_route('bird', what, less), per_route('warren', what, less)
        print('| %s | %.0f | %.0f | %.2f |' % (name, a, b, a / b))
    for what in ['import-all', 'import-dn42']:
        a, b = [statistics.median(seen[w, what]) / 1e9
                for w in ('bird', 'warren')]
        print('| %s, CPU s | %.2f | %.2f | %.2f |' % (what, a, b, a / b))
    same = True
    for who, what in sorted(seen):
        if what.startswith('count') and who == 'bird':
            same = same and seen[who, what] == seen.get(('warren', what))
            print('%s: %s routes in BIRD, %s in warrend' % (
                what, seen[who, what][0],
                seen.get(('warren', what), ['?'])[0]))
    if not same:
        print('not the same routes!')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
