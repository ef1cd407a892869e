import Domain
import HTML
import Wire

@testable import Ingest
@testable import Pages

/// A decoder, with everything behind it up to the rows of the database.
enum FuzzTarget: String, CaseIterable {
  case tracesProtobuf = "traces-protobuf"
  case tracesJSON = "traces-json"
  case logsProtobuf = "logs-protobuf"
  case logsJSON = "logs-json"
  case metricsProtobuf = "metrics-protobuf"
  case metricsJSON = "metrics-json"
  case batch, scores, attributes, gzip, json, numbers, content

  enum Shape { case bytes, protobuf, json }

  /// How an input can be changed as a tree.
  var shape: Shape {
    switch self {
    case .tracesProtobuf, .logsProtobuf, .metricsProtobuf: .protobuf
    case .tracesJSON, .logsJSON, .metricsJSON, .batch, .scores, .json, .content: .json
    case .attributes, .gzip, .numbers: .bytes
    }
  }

  func run(_ input: UnsafeRawBufferPointer) {
    switch self {
    case .tracesProtobuf: Self.traces(input, .protobuf)
    case .tracesJSON: Self.traces(input, .json)
    case .logsProtobuf: Self.logs(input, .protobuf)
    case .logsJSON: Self.logs(input, .json)
    case .metricsProtobuf: _ = try? OTLP.countMetricPoints(input, .protobuf)
    case .metricsJSON: _ = try? OTLP.countMetricPoints(input, .json)
    case .batch: Self.events(try? LangfuseBatch.decode(input, Pipeline.context))
    case .scores: Self.events((try? LangfuseScores.decode(input, Pipeline.context))?.result)
    case .attributes: Self.attributes(input)
    case .gzip: Self.gzip(input)
    case .json: Self.json(input)
    case .numbers: Self.numbers(input)
    case .content: _ = ContentSection(title: "Input", text: JSONScanner.text(of: input, 0..<input.count)).html.bytes
    }
  }

  private static func traces(_ input: UnsafeRawBufferPointer, _ encoding: OTLPEncoding) {
    guard let sent = try? OTLP.readTraces(input, encoding) else { return }
    Pipeline.store(OTLPNormaliser.batch(sent, Pipeline.context))
  }

  private static func logs(_ input: UnsafeRawBufferPointer, _ encoding: OTLPEncoding) {
    guard let sent = try? OTLP.readLogs(input, encoding) else { return }
    Pipeline.store(OTLPLogNormaliser.batch(sent, Pipeline.context))
  }

  private static func events(_ result: LangfuseBatchResult?) {
    guard let result else { return }
    if !JSON.isValid(JSON.serialise(result.reply)) { Finding.report("the reply is no JSON") }
    Pipeline.store(result.batch)
  }

  private static func json(_ input: UnsafeRawBufferPointer) {
    let value = try? JSON.parse(input)
    if (value != nil) != JSON.isValid(input) { Finding.report("the parser and the skipping scanner disagree") }
    guard let value else { return }
    let written = JSON.serialise(value)
    if (try? JSON.parse(written)) != value { Finding.report("what was written reads otherwise: \(written)") }
    _ = (value.intValue, value.uintValue, value.doubleValue, value.decimalText)
  }

  private static func gzip(_ input: UnsafeRawBufferPointer) {
    let limitBytes = 1 << 20
    guard let bytes = try? Gzip.inflate(input, limitBytes: limitBytes) else { return }
    if bytes.count > limitBytes { Finding.report("inflated to \(bytes.count) bytes") }
    let again = Gzip.deflate(bytes)
    let back = try? again.withUnsafeBytes { pointer throws(WireError) in try Gzip.inflate(pointer, limitBytes: limitBytes) }
    if back != bytes { Finding.report("deflated and inflated it is another") }
  }

  private static func numbers(_ input: UnsafeRawBufferPointer) {
    let text = JSONScanner.text(of: input, 0..<input.count)
    let value = AnyValue.string(text)
    _ = (value.intValue, value.doubleValue, value.boolValue, ISOTime.parse(text))
    guard let plain = value.decimalText else { return }
    guard let amount = USD(decimal: plain) else { return }
    _ = (amount.description, USD(decimal: text))
    if AnyValue.string(plain).decimalText != plain { Finding.report("\(text) is \(plain), which is something else") }
  }

  /// Any attributes of a span that name what the conventions read: a byte for the key, one for the form, one for the length, the value.
  private static func attributes(_ input: UnsafeRawBufferPointer) {
    var rest = input[...]
    var attributes: [Attribute] = []
    while let key = rest.popFirst(), let form = rest.popFirst(), let length = rest.popFirst() {
      let keyIndex = (Int(key) << 3 | Int(form >> 5)) % keys.count
      let value = Array(rest.prefix(Int(length)))
      rest = rest.dropFirst(Int(length))
      attributes.append(Attribute(key: keys[keyIndex], value: anyValue(form & 7, value)))
    }
    for attribute in attributes {
      if !JSON.isValid(attribute.value.jsonText) { Finding.report("an attribute's JSON is none: \(attribute.value)") }
    }
    var span = OTLPSpan(
      traceID: [UInt8](repeating: 7, count: 16), spanID: [UInt8](repeating: 9, count: 8), name: "step",
      startNanoseconds: Pipeline.nowNanoseconds &- 2_000_000_000, endNanoseconds: Pipeline.nowNanoseconds, attributes: attributes)
    span.kind = Int32(attributes.count % 6)
    let scope = OTLPScopeSpans(scope: OTLPScope(name: attributes.first?.value.stringValue ?? ""), spans: [span])
    Pipeline.store(OTLPNormaliser.batch([OTLPResourceSpans(resource: attributes, scopes: [scope])], Pipeline.context))
  }

  private static let keys: [String] = {
    let table = MappingTable.shared
    let prefixes = MappingTable.conventions.flatMap { $0.prefixes.map(\.prefix) }
    let numbered = prefixes.flatMap { [$0 + "0.message.content", $0 + "x"] }
    return (Array(table.byKey.keys) + numbered).sorted()
  }()

  private static func anyValue(_ form: UInt8, _ bytes: [UInt8]) -> AnyValue {
    let number = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let text = bytes.withUnsafeBytes { JSONScanner.text(of: $0, 0..<$0.count) }.filter { $0 != "\0" }
    switch form {
    case 0: return .int(Int64(bitPattern: number))
    case 1: return .double(Double(bitPattern: number))
    case 2: return .bool(number & 1 == 1)
    case 3: return .bytes(bytes)
    case 4: return .array(text.split(separator: ",").map { .string(String($0)) })
    case 5: return .map(text.split(separator: ",").map { Attribute(key: String($0.prefix(8)), value: .string(String($0))) })
    default: return .string(text)
    }
  }
}
