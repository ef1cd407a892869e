-- Operation types of endpoints.
select 1;
