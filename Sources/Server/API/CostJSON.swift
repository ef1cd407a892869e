import Domain
import Wire

/// Cost reports as JSON: money as decimal text of full precision, unknown cost null.
enum CostJSON {
  static func report(_ report: CostReport, _ figures: [CostFigure]) -> JSONValue {
    let names = CostNames(report.declared)
    var members = [
      JSONMember(key: "currency", value: "USD"),
      JSONMember(key: "from", value: .string(ISOTime.text(report.query.range.from))),
      JSONMember(key: "to", value: .string(ISOTime.text(report.query.range.to))),
      JSONMember(key: "timeZone", value: .string(report.query.timeZone)),
      JSONMember(key: "source", value: .string(report.source)),
      JSONMember(key: "rows", value: .array(report.rows.map { row($0, report, names, figures) })),
      JSONMember(key: "total", value: .object(JSONObject(measures(report.total, figures)))),
    ]
    if let range = report.previousRange {
      members.append(
        JSONMember(
          key: "previous",
          value: [
            "from": .string(ISOTime.text(range.from)), "to": .string(ISOTime.text(range.to)),
            "total": previous(report.previousTotal, figures),
          ]))
    }
    return .object(JSONObject(members))
  }

  private static func row(_ row: CostRow, _ report: CostReport, _ names: CostNames, _ figures: [CostFigure]) -> JSONValue {
    var members = zip(report.query.groupBy, row.values).map { dimension, value in
      JSONMember(key: names.name(dimension), value: value.value.map(JSONValue.string) ?? .null)
    }
    // Null is "none"; the values beyond the top say so.
    if row.values.contains(where: \.isOther) { members.append(JSONMember(key: "isOther", value: .bool(true))) }
    if let start = row.start { members.append(JSONMember(key: "start", value: .string(ISOTime.text(start)))) }
    members += measures(row.measures, figures)
    if report.previousRange != nil { members.append(JSONMember(key: "previous", value: previous(row.previous, figures))) }
    return .object(JSONObject(members))
  }

  private static func previous(_ sums: Measures?, _ figures: [CostFigure]) -> JSONValue {
    sums.map { .object(JSONObject(measures($0, figures))) } ?? .null
  }

  static func measures(_ measures: Measures, _ figures: [CostFigure] = CostFigure.standard) -> [JSONMember] {
    figures.map { JSONMember(key: $0.rawValue, value: value($0, measures)) }
  }

  private static func value(_ figure: CostFigure, _ measures: Measures) -> JSONValue {
    switch CostCells.value(figure, measures) {
    case .count(let count): count.map { .number(String($0)) } ?? .null
    case .money(let amount): money(amount)
    case .share(let share): share.map { .number($0.description) } ?? .null
    case .usage(let usage): tokens(usage)
    }
  }

  /// The main token buckets always, others when they count something.
  static func tokens(_ usage: Usage) -> JSONValue {
    let always: Set<UsageBucket> = [.input, .cacheRead, .cacheWrite, .output, .reasoning]
    return .object(
      JSONObject(
        UsageBucket.allCases.filter { always.contains($0) || usage[$0] != 0 }.map { bucket in
          JSONMember(key: bucket.rawValue, value: .number(String(usage[bucket])))
        }))
  }

  static func money(_ amount: USD?) -> JSONValue { amount.map { .string($0.decimal) } ?? .null }
}

/// What is printed for a figure, in whatever form.
enum CostCells {
  enum Value {
    case count(Int64?)
    case money(USD?)
    /// 0…1.
    case share(Double?)
    case usage(Usage)
  }

  static func value(_ figure: CostFigure, _ measures: Measures) -> Value {
    switch figure {
    case .calls: .count(measures.calls)
    case .errors: .count(measures.errors)
    case .unpricedCalls: .count(measures.unpricedCalls)
    case .cost: .money(measures.cost)
    case .listCost: .money(measures.listCost)
    case .contractedCost: .money(measures.contractedCost)
    case .avoidedCost: .money(measures.avoidedCost)
    case .tokens: .usage(measures.usage)
    case .inputTokens: .count(measures.usage.inputTokens)
    case .outputTokens: .count(measures.usage.outputTokens)
    case .totalTokens: .count(measures.usage.totalTokens)
    case .costPerRequest: .money(measures.costPerRequest)
    case .costPerThousandOutputTokens: .money(measures.costPerThousandOutputTokens)
    case .costPerUser: .money(measures.costPerUser)
    case .costPerActiveUser: .money(measures.costPerActiveUser)
    case .cacheHitRate: .share(measures.cacheHitRate)
    case .unpricedShare: .share(measures.unpricedShare)
    case .latencyP50: .count(measures.latency?.percentileWholeMilliseconds(0.5))
    case .latencyP95: .count(measures.latency?.percentileWholeMilliseconds(0.95))
    case .latencyP99: .count(measures.latency?.percentileWholeMilliseconds(0.99))
    case .users: .count(measures.users)
    case .activeUsers: .count(measures.activeUsers)
    }
  }
}
