-- The audit log as a chain of hashes: each entry holds the hash of the one before, and its own covers all that it says. An entry joins the
-- chain when its transaction commits: the chain has the order of commits, and only commits wait for one another.

alter table audit_entries
  add column number bigint,
  add column before jsonb,
  add column after jsonb,
  add column address text,
  add column agent text,
  add column previous_sha256 bytea,
  add column sha256 bytea;
comment on table audit_entries is 'Append-only, chained by hashes: who did what that others must be able to follow.';
comment on column audit_entries.number is 'Place in the organisation''s chain, from 1 without gaps, in order of commit. Like the hashes set at commit.';
comment on column audit_entries.previous_sha256 is 'Hash of the entry before; 32 zero bytes in the first.';
comment on column audit_entries.sha256 is 'Over all other columns but id, as audit_sha256 writes them.';
comment on column audit_entries.address is 'Of the browser or client that asked; NULL: a command or the service itself.';

create table audit_heads (
  organisation_id integer primary key references organisations (id),
  entries bigint not null,
  sha256 bytea not null,
  constraint audit_heads_sha256_is_32_bytes check (octet_length(sha256) = 32)
);
comment on table audit_heads is 'End of each chain: what the next entry follows, and how removed last entries are noticed.';

-- A length before each text, so that no two entries are written alike.
create function audit_text(value text) returns text language sql immutable as
$$ select case when value is null then '-,' else octet_length(value) || ':' || value || ',' end $$;

create function audit_sha256(entry audit_entries) returns bytea language sql stable as $$
  select sha256(convert_to('quipu-audit-1,' || audit_text(entry.organisation_id::text) || audit_text(entry.number::text)
    || audit_text((extract(epoch from entry.at) * 1000000)::bigint::text) || audit_text(entry.actor) || audit_text(entry.action)
    || audit_text(entry.subject) || audit_text(entry.detail::text) || audit_text(entry.before::text) || audit_text(entry.after::text)
    || audit_text(entry.address) || audit_text(entry.agent) || audit_text(encode(entry.previous_sha256, 'hex')), 'UTF8'))
$$;

create function chain_audit_entry(entry_id bigint) returns void language plpgsql as $$
declare
  entry audit_entries;
  head audit_heads;
begin
  select * into strict entry from audit_entries where id = entry_id;
  insert into audit_heads values (entry.organisation_id, 0, decode(repeat('00', 32), 'hex')) on conflict do nothing;
  select * into strict head from audit_heads where organisation_id = entry.organisation_id for update;
  entry.number := head.entries + 1;
  entry.previous_sha256 := head.sha256;
  entry.sha256 := audit_sha256(entry);
  update audit_entries set number = entry.number, previous_sha256 = entry.previous_sha256, sha256 = entry.sha256 where id = entry.id;
  update audit_heads set entries = entry.number, sha256 = entry.sha256 where organisation_id = entry.organisation_id;
end $$;

-- What was there before joins in its order.
do $$
declare
  entry_id bigint;
begin
  for entry_id in select id from audit_entries order by id loop
    perform chain_audit_entry(entry_id);
  end loop;
end $$;
create unique index audit_entries_number on audit_entries (organisation_id, number);
create index audit_entries_action on audit_entries (organisation_id, action, id);

create function chain_new_audit_entry() returns trigger language plpgsql as $$
begin
  perform chain_audit_entry(new.id);
  return null;
end $$;
create constraint trigger audit_entries_chained after insert on audit_entries deferrable initially deferred
  for each row execute function chain_new_audit_entry();

-- Joining the chain is the one change; whoever may drop the trigger is found by `quipu audit verify`.
create function refuse_audit_change() returns trigger language plpgsql as $$
declare
  chaining constant text[] := '{number,previous_sha256,sha256}';
begin
  if tg_op = 'UPDATE' then
    if old.sha256 is null and new.sha256 is not null and to_jsonb(old) - chaining = to_jsonb(new) - chaining then return new; end if;
  end if;
  raise exception 'the audit log is append-only' using errcode = 'restrict_violation';
end $$;
create trigger audit_entries_keep_rows before update or delete on audit_entries for each row execute function refuse_audit_change();
create trigger audit_entries_keep_table before truncate on audit_entries for each statement execute function refuse_audit_change();
