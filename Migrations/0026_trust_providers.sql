-- Sign-in by an identity provider.
select 1;
