-- Sums of a month from its first day to each of its days: any range of days is then whole months, the end's sums to date less those before
-- the beginning, whatever its length (thirty days of 200 endpoints: 5,400 rows for 54,000). Made in the background from sums by day.

create table spend_to_date (like spend_day including defaults);
alter table spend_to_date add primary key (project_id, day, team_id, environment, service, provider, model, kind);
create table spend_endpoint_to_date (like spend_endpoint_day including defaults);
alter table spend_endpoint_to_date add primary key (project_id, day, team_id, environment, endpoint, model);
create table spend_group_to_date (like spend_group_day including defaults);
alter table spend_group_to_date add primary key (project_id, day, team_id, user_group_id, key_id, model);
comment on table spend_to_date is 'Sums of spend_day from the first of the month to the day, both included; only days that hold in sums_to_date do. So are the other spend_…_to_date.';

create table sums_to_date (
  project_id integer not null,
  day date not null,
  holds boolean not null,
  constraint sums_to_date_pkey primary key (project_id, day)
);
create index sums_to_date_waiting on sums_to_date (day, project_id) where not holds;
comment on table sums_to_date is 'Days that have been summed. holds: so were the sums to date from then on, and no day of the month up to it is in days_to_sum.';

-- By triggers, so that marks of a release before this one count too. Marks come and go under the lock of the fold.
create function mark_sums_to_date() returns trigger language plpgsql as $$
begin
  update sums_to_date set holds = false
  where project_id = new.project_id and day >= new.day and day < date_trunc('month', new.day::timestamp) + interval '1 month' and holds;
  return null;
end $$;
create trigger mark_sums_to_date after insert on days_to_sum for each row execute function mark_sums_to_date();

create function queue_sums_to_date() returns trigger language plpgsql as $$
begin
  insert into sums_to_date (project_id, day, holds) values (old.project_id, old.day, false)
  on conflict (project_id, day) do update set holds = false;
  return null;
end $$;
create trigger queue_sums_to_date after delete on days_to_sum for each row execute function queue_sums_to_date();

insert into sums_to_date (project_id, day, holds)
select distinct project_id, day, false from spend_day s
where not exists (select from days_to_sum d where d.project_id = s.project_id and d.day = s.day);

-- The largest endpoints and groups by day of a long range, without the table.
drop index spend_endpoint_day_endpoint;
create index spend_endpoint_day_endpoint on spend_endpoint_day (endpoint, day)
  include (project_id, team_id, environment, model, calls, errors, unpriced, costed, cost_pico);
create index spend_group_day_group on spend_group_day (user_group_id, day)
  include (project_id, team_id, key_id, model, calls, errors, unpriced, costed, cost_pico);
