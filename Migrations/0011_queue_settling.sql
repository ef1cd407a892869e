-- A trace of thousands of rows is not read and decided again for each request into it: new rows count as calls of their own at first, and the
-- trace is marked here to be settled as a whole within a minute. Small traces never have the mark.

alter table traces add column settle_due_at timestamptz;
create index traces_settle_due on traces (settle_due_at) where settle_due_at is not null;

comment on column traces.settle_due_at is 'Rows were counted provisionally; from this time on the background service settles the whole trace. NULL: settled.';
