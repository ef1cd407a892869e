"""Profile `full`: what makes accounts hard. One root in five arrives one request late, one span in ten is a wrapper that repeats the
usage of the call below it, 200 endpoints, 100,000 users in 50 groups, one request in twenty is sent twice."""
import random

import facts
import templates

ENDPOINTS, GROUPS, TEAMS, USERS, SESSIONS = 200, 50, 10, 100_000, 400_000
PER_TRACE = 10
PARENTS = [None, 0, 1, 0, 0, 1, 3, 1, 1, 0]
CALLS = {2, 4, 6, 8, 9}
WRAPPER, WRAPPED = 3, 6
LATE = 4  # the trace whose root comes with the next request
ROUTE, USER, SESSION = 0, 1, 2
WIDTHS = {ROUTE: 3, USER: 6, SESSION: 7}
FORMS = {ROUTE: "/api/feature-%sx/run", USER: "user-%s", SESSION: "session-%s"}


def value(number, trace, which):
    """Which user, session and endpoint a trace has."""
    mixed = (number * 5 + trace) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    mixed ^= mixed >> 29
    if which == USER:
        return mixed % USERS
    if which == SESSION:
        return mixed // 7 % SESSIONS
    return mixed // 31 % ENDPOINTS


def digit_mark(which, place):
    """Unlikely digits, other ones for each span."""
    return "%0*d" % (WIDTHS[which], (9_973_000 + place) % 10 ** WIDTHS[which])


def span_of(rng, template, count, place, wrapped):
    within, trace = place % PER_TRACE, place // PER_TRACE
    is_late_root = within == 0 and trace == LATE
    mark = templates.MARK_BEFORE if is_late_root else templates.MARK
    owner = (template - 1) % count if is_late_root else template
    f = facts.span_facts(rng, within in CALLS)
    if within == WRAPPED and wrapped:
        f.update({k: wrapped[k] for k in ("model", "provider", "prompt_tokens", "completion_tokens", "cached", "cost")})
    f.update(kind="CHAIN" if within in (0, 1, WRAPPER) else f["kind"], after=within * templates.STEP_NS, before=is_late_root)
    f["until"] = f["after"] + int((f["duration"] + (templates.ROOT_EXTRA_SECONDS if within == 0 else 0)) * 1e9)
    f["user"], f["session"] = FORMS[USER] % digit_mark(USER, place), FORMS[SESSION] % digit_mark(SESSION, place)
    if within == WRAPPER:
        call = facts.span_facts(rng, True)
        f.update({k: call[k] for k in ("model", "provider", "prompt_tokens", "completion_tokens", "cached", "cost")}, name="chat.wrapper")
    values = facts.attributes(rng, f, {"tenant": "acme"})
    if within == 0:
        f["name"] = "POST /api/feature/run"
        values["http.route"] = FORMS[ROUTE] % digit_mark(ROUTE, place)
    parent = PARENTS[within]
    return f, {
        "trace": templates.trace_id(owner, trace, mark), "id": templates.span_id(owner, place, mark),
        "parent": None if parent is None else templates.span_id(template, place - within + parent), "name": f["name"],
        "kind": 2 if within == 0 else 3 if within in CALLS else 1, "start": templates.TIME_MARK + 2 * place,
        "end": templates.TIME_MARK + 2 * place + 1, "error": "RateLimitError: 429" if f["error"] else None, "attributes": values}


def digit_slots(raw, batch):
    """Where users, sessions and routes stand."""
    slots = {}
    for place in range(batch):
        trace, is_late_root = place // PER_TRACE, place == LATE * PER_TRACE
        for which, form in FORMS.items():
            if which == ROUTE and place % PER_TRACE:
                continue
            text = (form % digit_mark(which, place)).encode()
            at = raw.index(text)
            slots.setdefault((WIDTHS[which], which, trace, is_late_root), []).append(at + form.index("%s"))
    return list(slots.items())


def make(count=20, batch=50):
    out = []
    for t in range(count):
        rng, all_facts, spans, wrapped = random.Random(5000 + t), [], [], None
        for place in range(batch):
            f, span = span_of(rng, t, count, place, wrapped)
            wrapped = f if place % PER_TRACE == WRAPPER else wrapped
            all_facts.append(f)
            spans.append(span)
        template = templates.protobuf_template(spans, all_facts)
        template.digits = digit_slots(template.raw, batch)
        out.append(template)
    return out


def schedule(requests):
    """Request numbers in order of sending, with one in twenty sent again a few requests later. A run of 10 requests has one too."""
    order = []
    for i in range(requests):
        order.append(i)
        if i % 20 == 9:
            order.append(i - 5)
    return order


PEOPLE = f"""
insert into teams (organisation_id, name)
  select (select min(id) from organisations), 'Bench team ' || n from generate_series(1, {TEAMS}) n on conflict do nothing;
insert into user_groups (organisation_id, name, team_id)
  select t.organisation_id, 'Bench group ' || n, t.id from generate_series(1, {GROUPS}) n
  join teams t on t.name = 'Bench team ' || (n % {TEAMS} + 1) on conflict do nothing;
insert into user_group_members (organisation_id, user_id, group_id)
  select g.organisation_id, 'user-' || lpad(n::text, 6, '0'), g.id from generate_series(0, {USERS} - 1) n
  join user_groups g on g.name = 'Bench group ' || (n % {GROUPS} + 1) on conflict do nothing;
"""
