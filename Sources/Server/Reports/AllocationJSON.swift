import Domain
import Exports
import Wire

/// The cost allocation report as JSON: the columns of the CSV under the same names in camel case, money and shares as decimal texts of
/// full precision, unknown values null.
enum AllocationJSON {
  static func bytes(_ report: AllocationReport) -> [UInt8] { Array(JSON.serialise(value(report)).utf8) }

  static func value(_ report: AllocationReport) -> JSONValue {
    let table = AllocationTable(report)
    let facts = table.facts.map { JSONMember(key: $0.name, value: value($0.cell)) }
    let labels = report.declared.compactMap { key in key.dimension.map { JSONMember(key: AllocationTable.name($0, report.declared), value: .string(key.label)) } }
    return .object(
      JSONObject(
        facts + [
          JSONMember(key: "declared", value: .object(JSONObject(labels))),
          JSONMember(key: "lines", value: .array(report.lines.map { line($0, table) })),
          JSONMember(key: "total", value: line(report.total, table)),
        ]))
  }

  private static func line(_ line: AllocationLine, _ table: AllocationTable) -> JSONValue {
    .object(JSONObject(table.columns.map { JSONMember(key: $0.name, value: value($0.cell(line))) }))
  }

  static func value(_ cell: Cell) -> JSONValue {
    switch cell {
    case .empty: .null
    case .integer(let number): .number(String(number))
    case .text(let text), .verbatim(let text), .decimal(let text): .string(text)
    }
  }
}

/// Months and their books as JSON.
enum StatementJSON {
  static func value(_ statement: Statement) -> JSONValue { .object(JSONObject(members(statement))) }

  static func members(_ statement: Statement) -> [JSONMember] {
    [
      JSONMember(key: "month", value: text(statement.period.month)),
      JSONMember(key: "from", value: .string(ISOTime.text(statement.period.range.from))),
      JSONMember(key: "to", value: .string(ISOTime.text(statement.period.range.to))),
      JSONMember(key: "timeZone", value: .string(statement.period.timeZone)),
      JSONMember(key: "state", value: .string(statement.state.rawValue)),
      JSONMember(key: "closableFrom", value: .string(ISOTime.text(statement.closableFrom))),
      JSONMember(key: "id", value: statement.id.map { .number($0.description) } ?? .null),
      JSONMember(key: "closedAt", value: text(statement.closedAt.map(ISOTime.text))),
      JSONMember(key: "closedBy", value: text(statement.closedBy)),
      JSONMember(key: "comment", value: text(statement.comment)),
      JSONMember(key: "sha256", value: text(statement.sha256)),
      JSONMember(key: "total", value: CostJSON.money(statement.total)),
    ]
  }

  static func bridge(_ bridge: StatementBridge) -> JSONValue {
    [
      "ledger": CostJSON.money(bridge.ledger), "frozen": CostJSON.money(bridge.frozen), "postedLater": CostJSON.money(bridge.postedLater),
      "waiting": CostJSON.money(bridge.waiting), "corrections": CostJSON.money(bridge.corrections), "shared": CostJSON.money(bridge.shared),
      "booked": CostJSON.money(bridge.booked),
    ]
  }

  private static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}
