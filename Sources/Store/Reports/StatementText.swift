import Domain
import Postgres

/// The canonical text of a closed statement, which its SHA-256 is of. UTF-8, comma-separated, every line ended by CR LF; a field with a
/// comma, quote, CR or LF stands in quotes, with quotes in it doubled; NULL is empty. Money is in USD, exact, without trailing zeros.
///
/// 1. `statement`, version (1), organisation id, month, time zone, price set, active users
/// 2. `name`, dimension, id, value, label, cost centre, GL account, owner: by dimension, id
/// 3. `line`, position, kind, team id, name, cost centre, GL account, owner, calls, errors, unpriced calls, active users, the 18 buckets
///    of usage in the order of `UsageBucket`, list, contracted, effective and avoided cost exact, the same rounded, pool id, pool name,
///    method, driver, driver total, corrected month: by position
/// 4. `charge`, month, day, project id, team id, kind, user group id, key id, environment, service, provider, model, endpoint, service
///    tier, region, declared dimensions 1 to 4 ("" and 0 are none), price row, variant, context threshold, calls, errors, unpriced
///    calls, priced calls, the 18 buckets, requests charged, list, contracted, effective and avoided cost: by month, project, day, set and rate of the database
enum StatementText {
  /// The parts in their order: a statement and what makes a line of its row.
  static func parts(_ statement: StatementID) -> [(sql: SQL, line: @Sendable (Row) throws -> [UInt8])] {
    [(head(statement), headLine), (names(statement), nameLine), (FrozenLines.select(statement), lineLine), (charges(statement), chargeLine)]
  }

  /// Reads row by row.
  static func hash(_ statement: StatementID, _ c: Connection) throws -> [UInt8] {
    let hash = try StatementHash()
    for part in parts(statement) { try c.stream(part.sql) { try hash.add(try part.line($0)) } }
    return try hash.finish()
  }

  private static func head(_ id: StatementID) -> SQL {
    "select organisation_id, to_char(month, 'YYYY-MM'), time_zone, price_set, active_users from statements where id = \(id)"
  }

  private static let headLine: @Sendable (Row) throws -> [UInt8] = { row in
    csv([
      "statement", "1", String(try row.int32(0)), try row.string(1), try row.string(2), try row.string(3),
      try row.int64OrNil(4).map { String($0) } ?? "",
    ])
  }

  private static func names(_ id: StatementID) -> SQL {
    """
    select dimension, id::text, value, label, cost_centre, gl_account, owner from statement_names where statement_id = \(id)
    order by dimension collate "C", statement_names.id
    """
  }

  private static let nameLine: @Sendable (Row) throws -> [UInt8] = { row in
    csv(["name"] + (try (0..<7).map { try row.stringOrNil($0) ?? "" }))
  }

  private static let lineLine: @Sendable (Row) throws -> [UInt8] = { row in
    let line = try FrozenLines.line(row)
    var fields = ["line", String(try row.int32(0)), line.kind.rawValue, line.team?.description ?? "", line.name]
    fields += [line.costCentre ?? "", line.glAccount ?? "", line.owner ?? ""]
    fields += [line.calls, line.errors, line.unpricedCalls].map { String($0) }
    fields.append(line.activeUsers.map { String($0) } ?? "")
    fields += UsageBucket.allCases.map { String(line.usage[$0]) }
    fields += Amounts.columns.map { line.exact[keyPath: $0].decimal } + Amounts.columns.map { line.rounded[keyPath: $0].decimal }
    let shared = line.shared
    fields += [shared?.pool.description ?? "", shared?.poolName ?? "", shared?.method.rawValue ?? ""]
    fields += [shared.map { String($0.driver) } ?? "", shared.map { String($0.driverTotal) } ?? "", line.correctionOf ?? ""]
    return csv(fields)
  }

  private static let texts =
    ["to_char(f.month, 'YYYY-MM')", "f.day", "f.project_id"] + ChargeColumns.dimensions.map { "s.\($0)" }
    + ["r.price", "r.variant", "r.context_over"] + ["calls", "errors", "unpriced", "costed"].map { "f.\($0)" }
    + (MeasureColumns.usage + [ChargeColumns.requestsCharged]).map { "f.\($0)" }
  private static let money = ["list_cost_pico", "contracted_cost_pico", "cost_pico", "avoided_cost_pico"]

  private static func charges(_ id: StatementID) -> SQL {
    """
    select \(unescaped: (texts.map { "\($0)::text" } + money.map { "f.\($0)" }).joined(separator: ", "))
    from statement_charges f join dimension_sets s on s.id = f.set_id left join rates r on r.id = f.rate_id
    where f.statement_id = \(id) order by f.month, f.project_id, f.day, f.set_id, f.rate_id
    """
  }

  private static let chargeLine: @Sendable (Row) throws -> [UInt8] = { row in
    let count = texts.count
    let amounts = try money.indices.map { USD(pico: try row.numericInteger(count + $0)).decimal }
    return csv(["charge"] + (try (0..<count).map { try row.stringOrNil($0) ?? "" }) + amounts)
  }

  private static func csv(_ fields: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (i, field) in fields.enumerated() {
      if i > 0 { bytes.append(UInt8(ascii: ",")) }
      let needsQuotes = field.utf8.contains { [0x22, 0x2C, 0x0D, 0x0A].contains($0) }
      guard needsQuotes else {
        bytes += field.utf8
        continue
      }
      bytes.append(0x22)
      for byte in field.utf8 { bytes += byte == 0x22 ? [0x22, 0x22] : [byte] }
      bytes.append(0x22)
    }
    return bytes + [0x0D, 0x0A]
  }
}
