"""Hostile requests against the running service: each is refused with its reason or stored, and nothing else happens.

The slow ones (bombs of gigabytes, hundreds of slow connections, floods) are in Tests/Torture/parts/hostile.py.
"""
import pytest

import hostile_bodies
import hostile_http
import hostile_values
from hostile_wire import check_health, check_serves

SLOW = {hostile_bodies.gzip_bombs_stop_at_the_limit, hostile_bodies.chunks_without_end_are_cut_off, hostile_bodies.slow_senders_hold_nobody_up,
        hostile_bodies.many_small_things_claim_no_great_memory, hostile_bodies.bodies_at_the_limit_are_taken_and_over_it_refused,
        hostile_values.a_span_of_100_000_attributes_is_stored, hostile_values.thousands_of_models_are_told_apart}
CASES = [case for cases in (hostile_http.CASES, hostile_bodies.CASES, hostile_values.CASES) for case in cases if case not in SLOW]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_hostile(case, quipu):
    case(quipu)
    check_health(quipu)
    check_serves(quipu)
