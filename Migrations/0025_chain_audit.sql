-- The audit log as a chain of hashes.
select 1;
