import Testing
import Wire

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A captured request: its body as sent (inflated), and the same message as OTLP/JSON by the Python protobuf library.
struct CapturedRequest: Sendable, CustomStringConvertible {
  var name: String
  var body: [UInt8]
  var decoded: JSONValue

  var description: String { name }
  var decodedBytes: [UInt8] { Array(JSON.serialise(decoded).utf8) }

  static func all(_ path: String) -> [CapturedRequest] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures").resolvingSymlinksInPath()
    let files = FileManager.default
    var found: [CapturedRequest] = []
    for sdk in ((try? files.contentsOfDirectory(atPath: root.path)) ?? []).sorted() {
      let folder = root.appending(path: sdk).appending(path: "requests")
      for file in ((try? files.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
      where file.hasSuffix(path + ".body") {
        let stem = file.dropLast(".body".count)
        guard let body = try? Data(contentsOf: folder.appending(path: file)),
          let json = try? Data(contentsOf: folder.appending(path: stem + ".json")),
          let record = try? JSON.parse(Array(json)), let decoded = record["decoded"]
        else { continue }
        found.append(CapturedRequest(name: "\(sdk)/\(stem)", body: inflated(Array(body)), decoded: decoded))
      }
    }
    return found
  }

  private static func inflated(_ body: [UInt8]) -> [UInt8] {
    guard body.starts(with: [0x1F, 0x8B]) else { return body }
    return (try? body.withUnsafeBytes { try Gzip.inflate($0, limitBytes: 1 << 24) }) ?? []
  }
}

func readTraces(_ body: [UInt8], _ encoding: OTLPEncoding) throws -> [OTLPResourceSpans] {
  try body.withUnsafeBytes { try OTLP.readTraces($0, encoding) }
}

func readTraces(json: String) throws -> [OTLPResourceSpans] { try readTraces(Array(json.utf8), .json) }

func readLogs(_ body: [UInt8], _ encoding: OTLPEncoding) throws -> [OTLPResourceLogs] {
  try body.withUnsafeBytes { try OTLP.readLogs($0, encoding) }
}

func countPoints(_ body: [UInt8], _ encoding: OTLPEncoding) throws -> Int {
  try body.withUnsafeBytes { try OTLP.countMetricPoints($0, encoding) }
}

func wireErrorKind(_ body: () throws -> Void) -> WireError.Kind? {
  do {
    try body()
    return nil
  } catch {
    return (error as? WireError)?.kind
  }
}

/// One span in the usual envelope, as JSON.
func spanJSON(_ members: String) -> String {
  #"{"resourceSpans":[{"scopeSpans":[{"spans":[{\#(members)}]}]}]}"#
}

func onlySpan(_ resources: [OTLPResourceSpans]) throws -> OTLPSpan {
  try #require(resources.first?.scopes.first?.spans.first)
}

/// SplitMix64: the same sequence in every run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
