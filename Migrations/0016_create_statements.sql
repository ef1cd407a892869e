-- Monthly statements that nobody can change once they are closed, and costs that are shared among teams.

alter table organisations
  add column late_data_hours integer not null default 72,
  add constraint organisations_late_data_hours_known check (late_data_hours between 0 and 744);
comment on column organisations.late_data_hours is 'Hours after a month''s end that late calls are waited for before it can be closed.';

create table cost_pools (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  name text not null,
  monthly_pico numeric,
  hourly_pico numeric,
  hours numeric,
  purchase text,
  method text not null,
  month_from date not null,
  month_to date,
  created_at timestamptz not null default now(),
  created_by text not null,
  ended_at timestamptz,
  ended_by text,
  constraint cost_pools_name_filled check (name <> ''),
  constraint cost_pools_one_amount check (num_nonnulls(monthly_pico, hourly_pico) = 1 and (hourly_pico is null) = (hours is null)),
  constraint cost_pools_method_known check (method in ('PROPORTIONAL_COST', 'EVEN', 'FIXED_PCT')),
  constraint cost_pools_months check (extract(day from month_from) = 1 and (month_to is null or extract(day from month_to) = 1)),
  constraint cost_pools_range_forward check (month_to is null or month_from <= month_to)
);
comment on table cost_pools is 'Costs that are not one team''s. Charged in each month from month_from to before month_to; ended, never overwritten: a change is a new row.';
comment on column cost_pools.monthly_pico is 'Pico-USD a month; or hourly_pico times hours, whose product is whole pico-USD.';
create index cost_pools_organisation on cost_pools (organisation_id, month_from);

create table cost_pool_shares (
  pool_id integer not null references cost_pools (id),
  team_id integer not null references teams (id),
  millionths bigint not null,
  constraint cost_pool_shares_pkey primary key (pool_id, team_id),
  constraint cost_pool_shares_positive check (millionths between 1 and 100000000)
);
comment on table cost_pool_shares is 'Of FIXED_PCT pools: millionths of a percent by team; they add up to 100,000,000.';

create table statements (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  month date not null,
  time_zone text not null,
  price_set text not null,
  active_users bigint,
  effective_pico numeric,
  sha256 bytea,
  comment text,
  closed_at timestamptz,
  closed_by text,
  constraint statements_month_key unique (organisation_id, month),
  constraint statements_month_begins check (extract(day from month) = 1),
  constraint statements_closed_whole check (num_nulls(closed_at, closed_by, sha256, effective_pico) in (0, 4))
);
comment on table statements is 'Closed months. A row is made, filled and closed in one transaction; from then on triggers refuse every change of it and of what belongs to it.';
comment on column statements.sha256 is 'Of the canonical text of its names, lines and charges (Store/Reports/StatementText.swift).';
comment on column statements.effective_pico is 'Total of its lines: own calls, shared costs and corrections of earlier months.';

create table statement_names (
  statement_id integer not null references statements (id),
  dimension text not null,
  id integer not null,
  value text not null,
  label text not null,
  cost_centre text,
  gl_account text,
  owner text,
  constraint statement_names_pkey primary key (statement_id, dimension, id),
  constraint statement_names_dimension_known check (dimension in ('team', 'project', 'userGroup', 'key', 'extra1', 'extra2', 'extra3', 'extra4'))
);
comment on table statement_names is 'What teams, projects, groups, keys and declared dimensions (id: place, value: key) were called when the month was closed.';

create table statement_lines (
  statement_id integer not null references statements (id),
  position integer not null,
  kind text not null,
  team_id integer,
  name text not null,
  cost_centre text,
  gl_account text,
  owner text,
  calls bigint not null,
  errors bigint not null,
  unpriced bigint not null,
  usage bigint[] not null,
  active_users bigint,
  list_pico numeric not null,
  contracted_pico numeric not null,
  effective_pico numeric not null,
  avoided_pico numeric not null,
  list_rounded_pico numeric not null,
  contracted_rounded_pico numeric not null,
  effective_rounded_pico numeric not null,
  avoided_rounded_pico numeric not null,
  pool_id integer,
  pool_name text,
  method text,
  driver numeric,
  driver_total numeric,
  correction_of date,
  constraint statement_lines_pkey primary key (statement_id, position),
  constraint statement_lines_kind_known check (kind in ('team', 'shared', 'unallocated', 'adjustment'))
);
comment on table statement_lines is 'The cost allocation report of a closed month, in its order, exact and in whole cents.';
comment on column statement_lines.usage is 'By place of the bucket among charges_day.usage_… (from 1).';

create table statement_charges (
  statement_id integer not null references statements (id),
  month date not null,
  like charges_day,
  constraint statement_charges_pkey primary key (statement_id, month, project_id, day, set_id, rate_id)
);
comment on table statement_charges is 'Charges of a closed month as they were, and corrections of earlier months, which it posted: ledger then − booked before.';
comment on column statement_charges.month is 'The month that the calls are of. Earlier than the statement''s: a correction; its day is the first of that month.';

create table months_to_correct (
  organisation_id integer not null references organisations (id),
  month date not null,
  marked_at timestamptz not null default now(),
  constraint months_to_correct_pkey primary key (organisation_id, month)
);
comment on table months_to_correct is 'Months up to the last closed one with calls that changed since: what they differ by waits for the next close. Marked with the days whose charges changed.';

create table statement_closes (is_only boolean primary key default true check (is_only), closes bigint not null default 0);
insert into statement_closes default values;
comment on table statement_closes is 'Rises with every close: a transaction that marks days as of an earlier moment fails and is run again.';

create function mark_months_to_correct() returns trigger language plpgsql as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    perform 1 from statement_closes for share;
  end if;
  insert into months_to_correct (organisation_id, month)
  select distinct p.organisation_id, date_trunc('month', a.day)::date
  from added a join projects p on p.id = a.project_id
  join (select organisation_id, max(month) as month from statements group by 1) s on s.organisation_id = p.organisation_id
  where a.day < s.month + interval '1 month'
  order by 1, 2
  on conflict do nothing;
  return null;
end $$;
create trigger mark_months_inserted after insert on charge_days_to_sum
  referencing new table as added for each statement execute function mark_months_to_correct();
create trigger mark_months_updated after update on charge_days_to_sum
  referencing new table as added for each statement execute function mark_months_to_correct();

create function refuse_statement_change() returns trigger language plpgsql as $$
declare
  changed integer;
begin
  if tg_op = 'TRUNCATE' then
    if exists (select from statements where closed_at is not null) then
      raise exception 'closed statements cannot be removed' using errcode = '23001';
    end if;
    return null;
  end if;
  if tg_op = 'INSERT' then
    select a.statement_id into changed
    from (select distinct statement_id from added) a join statements s on s.id = a.statement_id and s.closed_at is not null limit 1;
  elsif tg_table_name = 'statements' then
    if old.closed_at is not null then changed := old.id; end if;
  else
    select s.id into changed from statements s where s.id = old.statement_id and s.closed_at is not null;
    if changed is null and tg_op = 'UPDATE' then
      select s.id into changed from statements s where s.id = new.statement_id and s.closed_at is not null;
    end if;
  end if;
  if changed is not null then
    raise exception 'statement % is closed and cannot be changed', changed using errcode = '23001',
      hint = 'A change of its month becomes a correction in the next statement.';
  end if;
  return case tg_op when 'INSERT' then null when 'DELETE' then old else new end;
end $$;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed or removed', tg_table_name using errcode = '23001',
    hint = 'Statements and charges refer to them.';
end $$;
create trigger dimension_sets_kept before update or delete or truncate on dimension_sets for each statement execute function refuse_change();
create trigger rates_kept before update or delete or truncate on rates for each statement execute function refuse_change();

create trigger statements_closed before update or delete on statements for each row execute function refuse_statement_change();
create trigger statements_kept before truncate on statements for each statement execute function refuse_statement_change();
do $$
declare name text;
begin
  foreach name in array array['statement_names', 'statement_lines', 'statement_charges'] loop
    execute format('create trigger %1$s_closed before update or delete on %1$I for each row execute function refuse_statement_change()', name);
    execute format('create trigger %1$s_complete after insert on %1$I referencing new table as added for each statement execute function refuse_statement_change()', name);
    execute format('create trigger %1$s_kept before truncate on %1$I for each statement execute function refuse_statement_change()', name);
  end loop;
end $$;
