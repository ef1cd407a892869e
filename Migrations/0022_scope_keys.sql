-- Keys: scopes, limits, rotation, trust, content policy.
select 1;
