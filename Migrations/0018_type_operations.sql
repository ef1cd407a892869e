-- What endpoints do, and what a request of each kind usually costs: endpoints outside their band are listed with what drives it.

create table operation_types (
  organisation_id integer not null references organisations (id),
  name text not null,
  low_pico bigint not null,
  high_pico bigint not null,
  removed boolean not null default false,
  constraint operation_types_pkey primary key (organisation_id, name),
  constraint operation_types_name_filled check (name <> '' and octet_length(name) <= 80),
  constraint operation_types_band_forward check (0 <= low_pico and low_pico < high_pico)
);
comment on table operation_types is 'Bands that an organisation set itself; others are the standard ones of Domain OperationType, until a row of their name takes their place.';
comment on column operation_types.low_pico is 'Cost per request, pico-USD; both bounds belong to the band.';
comment on column operation_types.removed is 'A standard type that the organisation does without.';

create table endpoint_operations (
  organisation_id integer not null references organisations (id),
  endpoint text not null,
  type text not null,
  constraint endpoint_operations_pkey primary key (organisation_id, endpoint),
  constraint endpoint_operations_endpoint_filled check (endpoint <> '')
);
comment on table endpoint_operations is 'Type of an endpoint by name, of any project; endpoints without a row have none.';
