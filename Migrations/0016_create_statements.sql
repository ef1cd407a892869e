-- Monthly statements and shared-cost pools.
select 1;
