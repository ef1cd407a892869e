-- Sampling settings and holding partitions.
select 1;
