-- Without trace_id: with it the planner, asked for traces by their key while the table was empty, took this index, kept the plan, and read
-- every trace of the project for each commit. Lists still come in order of time; equal times are sorted as they are met.
drop index traces_time;
create index traces_time on traces (project_id, started_at desc);
