-- The planner, asked for traces by their key while the table was empty, found this index as cheap as the primary key, kept the plan, and read
-- every trace of the project for each commit. Lists ask for a range of times, which implies the condition; lookups by key don't.
drop index traces_time;
create index traces_time on traces (project_id, started_at desc, trace_id) where started_at is not null;
