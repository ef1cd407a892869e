-- Large exports.
select 1;
