"""OTLP trace requests as protobuf and as JSON, from plain dictionaries; just enough of the format, so that no package is needed."""
import json
import struct


def varint(value):
    out = bytearray()
    value &= (1 << 64) - 1
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def chunk(number, data):
    """A field of wire type 2."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def number_field(number, value):
    return varint(number << 3) + varint(value)


def any_value(value):
    if isinstance(value, str):
        return chunk(1, value.encode())
    if isinstance(value, bool):
        return number_field(2, int(value))
    if isinstance(value, int):
        return number_field(3, value)
    if isinstance(value, float):
        return varint(4 << 3 | 1) + struct.pack("<d", value)
    return chunk(5, b"".join(chunk(1, any_value(v)) for v in value))


def key_values(number, values):
    return b"".join(chunk(number, chunk(1, k.encode()) + chunk(2, any_value(v))) for k, v in values.items())


def span_message(span):
    out = chunk(1, span["trace"]) + chunk(2, span["id"])
    if span.get("parent"):
        out += chunk(4, span["parent"])
    out += chunk(5, span["name"].encode()) + number_field(6, span["kind"])
    out += varint(7 << 3 | 1) + struct.pack("<Q", span["start"]) + varint(8 << 3 | 1) + struct.pack("<Q", span["end"])
    out += key_values(9, span["attributes"])
    if span.get("error"):
        out += chunk(15, chunk(2, span["error"].encode()) + number_field(3, 2))
    return out


def protobuf(resource, scope, spans):
    """An ExportTraceServiceRequest."""
    scope_spans = chunk(1, chunk(1, scope[0].encode()) + chunk(2, scope[1].encode()))
    scope_spans += b"".join(chunk(2, span_message(s)) for s in spans)
    return chunk(1, chunk(1, key_values(1, resource)) + chunk(2, scope_spans))


def json_value(value):
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"arrayValue": {"values": [json_value(v) for v in value]}}


def json_key_values(values):
    return [{"key": k, "value": json_value(v)} for k, v in values.items()]


def json_span(span):
    out = {
        "traceId": span["trace"].hex(), "spanId": span["id"].hex(), "name": span["name"], "kind": span["kind"],
        "startTimeUnixNano": str(span["start"]), "endTimeUnixNano": str(span["end"]), "attributes": json_key_values(span["attributes"])}
    if span.get("parent"):
        out["parentSpanId"] = span["parent"].hex()
    if span.get("error"):
        out["status"] = {"code": 2, "message": span["error"]}
    return out


def json_request(resource, scope, spans):
    scope_spans = {"scope": {"name": scope[0], "version": scope[1]}, "spans": [json_span(s) for s in spans]}
    body = {"resourceSpans": [{"resource": {"attributes": json_key_values(resource)}, "scopeSpans": [scope_spans]}]}
    return json.dumps(body, separators=(",", ":")).encode()
