"""A year of sums without the calls: rollups filled by SQL as 1 M calls a day leave them, for reads that never look at single calls.

200 endpoints of 10 projects, 10 teams, 50 user groups, 30 keys, 6 models. Each endpoint is called by three teams with three models, each
group calls three projects; 5,000 users a day of 100,000. Hours are there for the last days only, as years are read by days and months."""
import time

ENDPOINTS, PROJECTS, TEAMS, GROUPS, MODELS, USERS = 200, 10, 10, 50, 6, 100_000
CALLS_A_DAY, HOURS_OF_DAYS, USERS_A_DAY = 1_000_000, 4, 5_000

NAMES = f"""
insert into teams (organisation_id, name, colour) select 1, 'sums team ' || t, (t % 8)::smallint from generate_series(1, {TEAMS}) t
  on conflict do nothing;
insert into projects (organisation_id, slug, name, team_id)
  select 1, 'sums-' || p, 'Sums ' || p, (select min(id) from teams where organisation_id = 1) from generate_series(1, {PROJECTS}) p
  on conflict do nothing;
insert into user_groups (organisation_id, name) select 1, 'sums group ' || g from generate_series(1, {GROUPS}) g on conflict do nothing;
create temporary table team_at as select id, row_number() over (order by id) - 1 as n from teams where name like 'sums team %';
create temporary table project_at as select id, row_number() over (order by id) - 1 as n from projects where slug like 'sums-%';
create temporary table group_at as select id, row_number() over (order by id) - 1 as n from user_groups where name like 'sums group %';
"""

# Shared by every table: counts, tokens and money of so many calls.
MEASURES = (
    "calls, errors, unpriced, costed, usage_input, usage_cache_read, usage_output, usage_reasoning, cost_pico, list_cost_pico, "
    "contracted_cost_pico, avoided_cost_pico")
VALUES = (
    "c.calls, c.calls / 100, 0, c.calls, c.calls * 900, c.calls * 300, c.calls * 250, c.calls * 40, c.calls * 1834567891::numeric, "
    "c.calls * 2034567891::numeric, c.calls * 1834567891::numeric, 0")
LATENCY = ", latency_le_500, latency_le_2000, latency_le_10000"
LATENCIES = ", c.calls / 2, c.calls / 3, c.calls - c.calls / 2 - c.calls / 3"
DAYS = "generate_series(current_date - {days}, current_date - 1, interval '1 day') d(day)"
HOURS = "generate_series(date_trunc('day', now()) - interval '{hours} days', date_trunc('hour', now()), interval '1 hour') d(hour)"


def model(place):
    return f"'model-' || (({place}) % {MODELS})"


def endpoint_rows(per):
    """(project, team, endpoint, model) and how many calls each has in a step."""
    return f"""(select p.id as project, t.id as team, '/api/feature-' || lpad(e::text, 3, '0') || '/run' as endpoint, {model('e + 2 * m')} as model,
      greatest(1, ({per} / (1.0 + e % 40) / 40)::bigint) as calls
      from generate_series(0, {ENDPOINTS - 1}) e, generate_series(0, 2) u, generate_series(0, 2) m, project_at p, team_at t
      where p.n = e % {PROJECTS} and t.n = (e + u * 3) % {TEAMS}) c"""


def plain_rows(per):
    return f"""(select p.id as project, t.id as team, (array['production', 'staging'])[1 + v] as environment, {model('p.n + m')} as model,
      greatest(1, ({per} / 240)::bigint) as calls
      from project_at p, team_at t, generate_series(0, 1) v, generate_series(0, 2) m
      where (t.n - p.n + {TEAMS}) % {TEAMS} in (0, 3, 6, 9)) c"""


def group_rows(per):
    return f"""(select p.id as project, t.id as team, g.id as grp, p.n * 3 + k as key, {model('p.n + m')} as model,
      greatest(1, ({per} / 900)::bigint) as calls
      from group_at g, project_at p, team_at t, generate_series(0, 1) k, generate_series(0, 2) m
      where t.n = g.n % {TEAMS} and (p.n - g.n % {PROJECTS} + {PROJECTS}) % {PROJECTS} in (0, 3, 6)) c"""


def statements(days):
    steps, hours = DAYS.format(days=days), HOURS.format(hours=HOURS_OF_DAYS)
    for step, source, per in (("day", steps, CALLS_A_DAY), ("hour", hours, CALLS_A_DAY // 24)):
        when = "d.day::date" if step == "day" else "d.hour"
        yield (
            f"insert into spend_endpoint_{step} (project_id, {step}, team_id, environment, endpoint, model, {MEASURES}) "
            f"select c.project, {when}, c.team, 'production', c.endpoint, c.model, {VALUES} from {source}, {endpoint_rows(per)} "
            "order by 1, 2, 3, 4, 5, 6")
        yield (
            f"insert into spend_{step} (project_id, {step}, team_id, kind, environment, service, provider, model, {MEASURES}{LATENCY}) "
            f"select c.project, {when}, c.team, 1, c.environment, 'api', 'openai', c.model, {VALUES}{LATENCIES} "
            f"from {source}, {plain_rows(per)} order by 1, 2, 3, 5, 8")
        yield (
            f"insert into spend_group_{step} (project_id, {step}, team_id, user_group_id, key_id, model, {MEASURES}) "
            f"select c.project, {when}, c.team, c.grp, c.key, c.model, {VALUES} from {source}, {group_rows(per)} order by 1, 2, 3, 4, 5, 6")
    yield (
        "insert into spend_user_day (project_id, day, day_start, team_id, user_group_id, user_id, model, " + MEASURES + ") "
        f"select p.id, d.day::date, d.day, t.id, g.id, 'user-' || lpad(((x * 7919 + extract(doy from d.day)::integer * 104729) % {USERS})::text, 6, '0'), "
        f"{model('p.n')}, {VALUES} from {steps}, generate_series(1, {USERS_A_DAY}) x, group_at g, project_at p, team_at t, "
        f"lateral (select {CALLS_A_DAY // USERS_A_DAY}::bigint as calls) c "
        f"where g.n = x % {GROUPS} and p.n = x % {PROJECTS} and t.n = x % {TEAMS} on conflict do nothing")
    for name, keys in (
            ("", "team_id, kind, environment, service, provider, model"), ("endpoint_", "team_id, environment, endpoint, model"),
            ("group_", "team_id, user_group_id, key_id, model"), ("user_", "team_id, user_group_id, user_id, model")):
        sums = [column.strip() for column in (MEASURES + (LATENCY if not name else "")).split(",")]
        keyed = f"project_id, {keys}"
        yield (
            f"insert into spend_{name}month ({keyed}, month, {', '.join(sums)}) "
            f"select {keyed}, date_trunc('month', day)::date, {', '.join(f'sum({column})' for column in sums)} from spend_{name}day "
            f"where day >= date_trunc('month', current_date - {days - 1} + interval '1 month - 1 day') and day < date_trunc('month', current_date) "
            f"group by {keyed}, date_trunc('month', day)::date order by 1, {keyed.count(',') + 2}")
    # The service sums them to date when it starts (`wait`).
    yield "insert into sums_to_date (project_id, day, holds) select distinct project_id, day, false from spend_day"
    yield f"insert into days_to_sum (project_id, day) select id, current_date from project_at on conflict do nothing"
    yield (
        "insert into months_to_sum (project_id, month) select id, m::date from project_at, unnest(array[date_trunc('month', current_date), "
        f"date_trunc('month', current_date - {days - 1})]) m on conflict do nothing")


TABLES = [f"spend_{name}{step}" for name in ("", "endpoint_", "group_") for step in ("hour", "day", "month")] + [
    "spend_user_day", "spend_user_month"]


def fill(connection, days=365):
    """Rows by table. The database has organisation 1 and no such sums yet."""
    connection.run(NAMES)
    for statement in statements(days):
        connection.run(statement)
    for table in TABLES + ["days_to_sum", "months_to_sum"]:
        connection.run(f"vacuum (analyze) {table}")
    return {table: int(connection.value(f"select count(*) from {table}")) for table in TABLES}


def wait(service, seconds=3600):
    """Until the running service has summed every day to date."""
    connection = service.connect()
    deadline = time.time() + seconds
    while connection.value("select count(*) from sums_to_date where not holds") != "0":
        if time.time() > deadline:
            raise RuntimeError("the sums to date are not made")
        time.sleep(1)
    for name in ("", "endpoint_", "group_"):
        connection.run(f"vacuum (analyze) spend_{name}to_date")
    connection.run("vacuum (analyze) sums_to_date")
    connection.close()
