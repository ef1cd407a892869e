import Domain
import Ingest
import Testing
import Wire

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A captured folder of `Tests/Fixtures`.
struct Fixture: Sendable, CustomTestStringConvertible {
  let name: String
  var testDescription: String { name }

  private var folder: String {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return parts.joined(separator: "/") + "/Fixtures/" + name
  }

  /// Inflated bodies whose file name contains `path`, in the order sent.
  func bodies(_ path: String) throws -> [[UInt8]] {
    let requests = folder + "/requests"
    let names = try FileManager.default.contentsOfDirectory(atPath: requests).sorted()
    let wanted = names.filter { $0.contains(path) && $0.hasSuffix(".body") }
    return try wanted.map { name in
      let plain = String(name.dropLast(5)) + ".plain"
      return try [UInt8](Data(contentsOf: URL(filePath: requests + "/" + (names.contains(plain) ? plain : name))))
    }
  }

  func expected() throws -> JSONValue {
    try JSON.parse([UInt8](Data(contentsOf: URL(filePath: folder + "/expected.json"))))
  }

  /// All observations by id and all traces, merged as the store would, whatever the order of requests.
  func normalised(reversed: Bool = false) throws -> (
    observations: [String: ObservationFacts], traces: [String: TraceFacts]
  ) {
    var observations: [String: ObservationFacts] = [:]
    var traces: [String: TraceFacts] = [:]
    for batch in try batches(reversed: reversed) {
      for facts in batch.observations {
        if observations[facts.id.hex]?.merge(facts) == nil { observations[facts.id.hex] = facts }
      }
      for facts in batch.traces {
        if traces[facts.id.hex]?.merge(facts) == nil { traces[facts.id.hex] = facts }
      }
    }
    return (observations, traces)
  }

  func traceBatches() throws -> [IngestBatch] {
    try bodies("v1_traces").map { OTLPNormaliser.batch(try Fixture.spans($0), Fixture.context) }
  }

  func logBatches() throws -> [IngestBatch] {
    try bodies("v1_logs").map { OTLPLogNormaliser.batch(try Fixture.logs($0), Fixture.context) }
  }

  private func batches(reversed: Bool) throws -> [IngestBatch] {
    let all = try traceBatches() + logBatches()
    return reversed ? all.reversed() : all
  }

  static let context = IngestContext(
    project: ProjectID(1), key: KeyID(1), environment: nil, receivedAt: Timestamp(seconds: 1_795_355_000))

  static func spans(_ bytes: [UInt8]) throws -> [OTLPResourceSpans] {
    try bytes.withUnsafeBytes { try OTLP.readTraces($0, .protobuf) }
  }

  static func logs(_ bytes: [UInt8]) throws -> [OTLPResourceLogs] {
    try bytes.withUnsafeBytes { try OTLP.readLogs($0, .protobuf) }
  }
}

extension ObservationFacts {
  func body(_ kind: BodyKind) -> String? { bodies.first { $0.kind == kind }?.text }
  /// Input, output and attributes as a reader assembles them.
  var content: (input: String?, output: String?, attributes: String?) {
    ChatContent.assemble(
      input: body(.input), output: body(.output), attributes: bodies.filter { $0.kind == .attributes }.map(\.text),
      responseID: responseID)
  }
}

extension JSONValue {
  var members: [JSONMember] { objectValue?.members ?? [] }
}
