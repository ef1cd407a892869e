-- Money columns of the rollups, sums by user group and by charge.
select 1;
