import Domain
import Wire

/// What a case expects, held against what came out: one line per difference.
struct Comparison {
  let observations: [Observation]
  let expected: JSONObject

  var differences: [String] {
    var lines: [String] = []
    let calls = observations.filter(\.decision.isCall)
    if let count = expected["calls"]?.intValue, count != calls.count {
      lines.append("calls: expected \(count), got \(calls.count)")
    }
    if let total = expected["total"]?.stringValue {
      let sum = calls.compactMap(\.decision.cost.cost).reduce(.zero, +)
      if sum.decimal != total { lines.append("total: expected \(total), got \(sum.decimal)") }
    }
    if let tokens = expected["totalTokens"]?.intValue {
      let sum = calls.reduce(Int64(0)) { $0 + ($1.facts.usage?.usage.totalTokens ?? 0) }
      if sum != tokens { lines.append("total tokens: expected \(tokens), got \(sum)") }
    }
    if let rows = expected["rows"]?.objectValue {
      for row in rows.members { lines += named(row.key, row.value.objectValue ?? JSONObject()) }
    } else if expected["total"] == nil {
      guard calls.count == 1, let call = calls.first else {
        return lines + ["calls: expected one, got \(calls.count)"]
      }
      lines += RowComparison(row: call, expected: expected).differences
    }
    return lines
  }

  private func named(_ name: String, _ expected: JSONObject) -> [String] {
    guard let row = observations.first(where: { $0.facts.name == name }) else { return ["row \(name): missing"] }
    return RowComparison(row: row, expected: expected).differences.map { "row \(name): \($0)" }
  }

  /// All that was decided, for the message of a failure.
  var story: String {
    observations.map { row in
      let cost = row.decision.cost
      return """
          \(row.facts.name ?? "-") [\(row.kind.rawValue)\(row.decision.isCall ? ", call" : "")]: \
        \(RowComparison.buckets(row)) read by \(row.facts.usage?.rule ?? "-"), flags \(RowComparison.flags(row)); \
        \(row.decision.provider ?? "-")/\(row.decision.model ?? "-"); \
        \(cost.status.rawValue) \(cost.cost?.decimal ?? "null"), \(cost.reason)\
        \(row.decision.shadowReason.map { "; shadowed by \($0.rawValue)" } ?? "")
        """
    }.joined(separator: "\n")
  }
}

struct RowComparison {
  let row: Observation
  let expected: JSONObject

  var differences: [String] {
    let cost = row.decision.cost
    var lines: [String] = []
    func check(_ key: String, _ got: String?) {
      guard let wanted = expected[key] else { return }
      let text = wanted.isNull ? nil : wanted.stringValue ?? JSON.serialise(wanted)
      if text != got { lines.append("\(key): expected \(text ?? "null"), got \(got ?? "null")") }
    }
    check("status", cost.status.rawValue)
    check("cost", cost.cost?.decimal)
    check("computed", cost.computed?.decimal)
    check("list", (cost.list ?? cost.computed)?.decimal)
    check("provider", row.decision.provider)
    check("model", row.decision.model)
    check("shadow", row.decision.shadowReason?.rawValue)
    check("reported", row.facts.reportedCost?.amount.decimal)
    contains("reason", cost.reason, &lines)
    contains("price", cost.price ?? "", &lines)
    contains("rule", row.facts.usage?.rule ?? "", &lines)
    if let buckets = expected["buckets"] {
      let wanted = buckets.objectValue?.members.map { "\($0.key) \(JSON.serialise($0.value))" }.sorted() ?? []
      let got = Self.buckets(row)
      if wanted != got { lines.append("buckets: expected \(wanted), got \(got)") }
    }
    // A doubt is part of the answer: none unless the case says so.
    if expected["flags"]?.stringValue == "any" { return lines }
    let flags = expected["flags"]?.arrayValue?.compactMap(\.stringValue).sorted() ?? []
    if flags != Self.flags(row) { lines.append("flags: expected \(flags), got \(Self.flags(row))") }
    return lines
  }

  private func contains(_ key: String, _ text: String, _ lines: inout [String]) {
    for wanted in expected[key]?.arrayValue ?? expected[key].map({ [$0] }) ?? [] {
      guard let part = wanted.stringValue else { continue }
      if !text.contains(part) { lines.append("\(key): expected to contain \"\(part)\", got \"\(text)\"") }
    }
  }

  static func buckets(_ row: Observation) -> [String] {
    row.facts.usage?.usage.entries.map { "\($0.bucket.rawValue) \($0.count)" }.sorted() ?? []
  }

  static func flags(_ row: Observation) -> [String] {
    guard let flags = row.facts.usage?.flags else { return [] }
    let names: [(UsageFlags, String)] = [
      (.contradiction, "contradiction"), (.negativeRemainder, "negativeRemainder"), (.unexplained, "unexplained"),
      (.estimatedBySender, "estimatedBySender"), (.unreadable, "unreadable"),
      (.servedFromCache, "servedFromCache"),
    ]
    return names.filter { flags.contains($0.0) }.map(\.1).sorted()
  }
}
