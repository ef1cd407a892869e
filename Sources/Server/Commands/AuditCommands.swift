import Domain
import Exports
import Foundation
import Store

/// The audit log from the command line, beside a running service or alone.
extension Commands {
  /// Every organisation's chain, from its first entry to its last. Ends with an error when an entry is not as it was written.
  /// - Parameters: a mark that an earlier run printed; a file with any number of them.
  public static func verifyAudit(mark: String?, file: String? = nil) async throws {
    let noted = try file.map { try kept(in: $0) } ?? []
    let marks = try mark.map { text in
      guard let mark = AuditMark(text) else { throw Stop("--since is \"\(text)\": expected what an earlier run printed, such as 120:9f86d081…") }
      return [mark]
    }
    let all = noted + (marks ?? [])
    try await withDatabase(migrates: true) { database, _, _ in
      let log = AuditLog(pool: database.pool)
      for organisation in try await AccountStore(pool: database.pool).organisations() {
        let verdict = try await log.verify(organisation.id, marks: all)
        if let fault = verdict.fault {
          let name = fault.id.map { "entry \(fault.number) (row \($0))" } ?? "entry \(fault.number)"
          throw Stop("\(organisation.name): \(name) of the audit log is not as it was written: \(fault.reason). \(verdict.entries) entries before it are in order")
        }
        let head = verdict.entries > 0 ? "; the last is \(AuditMark(number: verdict.entries, sha256: verdict.head))" : ""
        Terminal.say("\(organisation.name): \(verdict.entries) entries are as they were written\(head)")
      }
    }
  }

  /// Marks of a file of any text: what the service logged, what the API answered.
  private static func kept(in path: String) throws -> [AuditMark] {
    guard let bytes = FileManager.default.contents(atPath: path) else { throw Stop("--marks is \"\(path)\": expected a file that can be read") }
    let marks = AuditMark.all(in: String(decoding: bytes, as: UTF8.self))
    guard !marks.isEmpty else { throw Stop("--marks is \"\(path)\": expected a file with marks such as 120:9f86d081…, and there are none") }
    return marks
  }

  /// Oldest first, to standard output.
  public static func exportAudit(json: Bool) async throws {
    try await withDatabase(migrates: true) { database, _, _ in
      let scope = try await everything(AccountStore(pool: database.pool))
      var csv = CSVWriter()
      if !json { csv.header(AuditFile.columns) }
      try await AuditLog(pool: database.pool).each(scope: scope) { entries in
        if json {
          for entry in entries { Terminal.say(AuditFile.json(entry)) }
        } else {
          for entry in entries { csv.row(AuditFile.cells(entry)) }
          Terminal.say(String(decoding: csv.take(), as: UTF8.self), terminator: "")
        }
      }
      if !json { Terminal.say(String(decoding: csv.take(), as: UTF8.self), terminator: "") }
    }
  }
}
