-- Keys that may change prices and re-price.

alter table api_keys drop constraint api_keys_scopes_known;
alter table api_keys add constraint api_keys_scopes_known check (scopes <@ array['ingest', 'read', 'admin']);
