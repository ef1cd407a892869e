-- Invitations, second factors, resets, sessions that are told apart.
select 1;
