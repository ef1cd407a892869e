import Domain
import Postgres

enum RequestLogTable {
  static func insert(_ records: [RequestRecord], _ c: Connection) throws {
    let columns = [
      "received_at", "project_id", "public_key", "path", "sender", "status", "accepted", "refused", "reasons", "bytes",
    ]
    try c.copyIn(table: "request_log", columns: columns) { w in
      for record in records {
        try w.row {
          $0.timestamp(microseconds: record.receivedAt.microseconds)
          $0.int32(record.project?.rawValue)
          $0.text(record.publicKey.map { storable($0, most: 100) })
          $0.text(storable(record.path, most: 200))
          $0.text(storable(record.sender, most: 120))
          $0.int16(record.status)
          $0.int32(record.accepted)
          $0.int32(record.refused)
          $0.jsonb(json(record.reasons))
          $0.int32(record.bytes)
        }
      }
    }
  }

  /// Texts that come from outside: no NUL, which no PostgreSQL text can hold, and not longer than a line shows.
  private static func storable(_ text: String, most: Int) -> String {
    String(
      text.unicodeScalars.lazy.filter { $0 != "\0" }.prefix(most).reduce(into: String.UnicodeScalarView()) {
        $0.append($1)
      })
  }

  private static func json(_ reasons: [String: Int32]) -> String {
    let members = reasons.sorted { $0.key < $1.key }.map {
      "\"" + escaped(storable($0.key, most: 100)) + "\":\($0.value)"
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case _ where scalar.value < 32: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
