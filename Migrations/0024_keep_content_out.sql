-- Content levels, masks, media.
select 1;
