-- Keys answer to their makers whenever they are used; grants that nobody could give today end.

-- A key that was made by another answers to that one's maker.
with recursive answering as (
  select child.id, child.public_key, parent.made_by_member as maker
  from api_keys child join api_keys parent on child.made_by = 'key ' || parent.public_key
  where child.made_by_member is null and parent.made_by_member is not null
  union
  select child.id, child.public_key, a.maker
  from answering a join api_keys child on child.made_by = 'key ' || a.public_key
  where child.made_by_member is null
)
update api_keys k set made_by_member = a.maker from answering a where a.id = k.id;

-- Auditors read with a reason and for a day at most.
update content_grants g set withdrawn_at = now(), withdrawn_by = 'upgrade'
from members m
where m.id = g.member_id and m.role = 'auditor' and g.withdrawn_at is null
  and (g.reason = '' or g.expires_at is null or g.expires_at > g.given_at + interval '24 hours');

comment on column api_keys.made_by_member is 'Whose rights bound what the key opens: who made it, or whose key did, or who rotated it last. NULL: no member, or gone.';
comment on column api_keys.names_users is 'Whether money by end user may be read: no more than its maker may.';
comment on column api_keys.money_team_ids is 'Teams whose money may be read: no more than those of its maker. NULL: all of the project.';
comment on column content_grants.expires_at is 'NULL: until withdrawn. An auditor''s without, or longer than a day, counts for nothing.';
