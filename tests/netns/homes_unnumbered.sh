#!/bin/bash
# SPDX-License-Identifier: ISC
# homes.sh without an address plan.
set -- unnumbered
. "$(dirname "$0")/homes.sh"
