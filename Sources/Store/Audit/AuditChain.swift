import Domain
import Postgres

/// What reading a whole chain of audit entries found.
public struct AuditVerdict: Sendable, Hashable {
  /// The first entry that is not as it was written.
  public struct Fault: Sendable, Hashable {
    /// nil: the entry is gone.
    public var id: Int64?
    /// Its place in the chain.
    public var number: Int64
    public var reason: String
  }

  /// Read and found in order.
  public var entries: Int64
  /// Hash of the last of them, to be kept elsewhere: a chain that was written anew from some entry on has another one.
  public var head: [UInt8]
  public var fault: Fault?
}

/// A place of a chain that was noted before: "1234:9f86d0…".
public struct AuditMark: Sendable, Hashable, CustomStringConvertible {
  public var number: Int64
  public var sha256: [UInt8]

  public init(number: Int64, sha256: [UInt8]) {
    self.number = number
    self.sha256 = sha256
  }

  /// nil when it is not a number, ":" and 64 hexadecimal digits.
  public init?(_ text: String) {
    let halves = text.split(separator: ":")
    guard halves.count == 2, let number = Int64(halves[0]), number > 0, let bytes = AuditHex.bytes(halves[1]), bytes.count == 32
    else { return nil }
    self.init(number: number, sha256: bytes)
  }

  public var description: String { "\(number):\(sha256Text)" }
  public var sha256Text: String { AuditHex.text(sha256) }

  /// Every mark that stands in a text, such as kept lines of the service's log.
  public static func all(in text: String) -> [AuditMark] {
    text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == ":")) }.compactMap { AuditMark(String($0)) }
  }
}

extension AuditLog {
  /// Reads the organisation's entries in their order and computes every hash again. *Errors:* `DatabaseError`. *Cost:* reads the whole log, in
  /// pieces, in one snapshot.
  public func verify(_ organisation: OrganisationID, marks: [AuditMark] = []) async throws -> AuditVerdict {
    // Read before the entries: those that join meanwhile follow it.
    let headQuery: SQL = "select entries, sha256 from audit_heads where organisation_id = \(organisation)"
    let head = try await pool.run { c in try c.first(headQuery) { AuditMark(number: try $0.int64(0), sha256: try $0.bytes(1)) } }
    let sql: SQL = """
      select \(AuditEntry.columns) from audit_entries where organisation_id = \(organisation) order by number nulls first, id
      """
    var chain = AuditChain(organisation, marks: marks + [head].compactMap { $0 }.filter { $0.number > 0 })
    try await pool.cursor(sql, statementTimeoutMilliseconds: 0, decode: AuditEntry.init(row:)) { entries in
      for entry in entries where chain.fault == nil { chain.take(entry) }
    }
    return chain.finish()
  }
}

/// Follows a chain from its first entry.
struct AuditChain {
  private let organisation: OrganisationID
  private let marks: [AuditMark]
  private var number: Int64 = 0
  private var last = [UInt8](repeating: 0, count: 32)
  private(set) var fault: AuditVerdict.Fault?

  init(_ organisation: OrganisationID, marks: [AuditMark]) {
    self.organisation = organisation
    self.marks = marks
  }

  mutating func take(_ entry: AuditEntry) {
    let expected = number + 1
    if entry.number != expected {
      fault = entry.number > expected
        ? .init(id: nil, number: expected, reason: "it is gone: entry \(entry.number) follows \(number)")
        : .init(id: entry.id, number: entry.number, reason: "it stands where another does, or in no place of the chain")
    } else if entry.previousSHA256 != last {
      fault = .init(id: entry.id, number: expected, reason: "it does not follow the entry before")
    } else if SHA256Digest.of(entry.canonical(organisation).utf8) != entry.sha256 {
      fault = .init(id: entry.id, number: expected, reason: "it was changed: its hash is another")
    } else if let mark = marks.first(where: { $0.number == expected }), mark.sha256 != entry.sha256 {
      fault = .init(id: entry.id, number: expected, reason: "it, or one before it, was written anew: its noted hash is another")
    } else {
      (number, last) = (expected, entry.sha256)
    }
  }

  func finish() -> AuditVerdict {
    var fault = fault
    if fault == nil, let missing = marks.map(\.number).filter({ $0 > number }).min() {
      fault = .init(id: nil, number: number + 1, reason: "it is gone: the chain had \(missing) entries")
    }
    return AuditVerdict(entries: number, head: last, fault: fault)
  }
}

extension AuditEntry {
  /// What the hash covers. *Source:* `audit_sha256` in Migrations/0025.
  func canonical(_ organisation: OrganisationID) -> String {
    let texts: [String?] = [
      "\(organisation)", String(number), String(at.microseconds), actor, action, subject, detail, before, after, address, agent,
      AuditHex.text(previousSHA256),
    ]
    return texts.reduce(into: "quipu-audit-1,") { text, value in text += value.map { "\($0.utf8.count):\($0)," } ?? "-," }
  }
}

enum AuditHex {
  static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// nil unless it is pairs of hexadecimal digits.
  static func bytes(_ text: Substring) -> [UInt8]? {
    let values = text.compactMap(\.hexDigitValue)
    guard values.count == text.utf8.count, values.count % 2 == 0 else { return nil }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
  }
}

extension AuditEntry {
  /// The hash in hexadecimal.
  public var sha256Text: String { AuditHex.text(sha256) }
  public var previousSHA256Text: String { AuditHex.text(previousSHA256) }
}
