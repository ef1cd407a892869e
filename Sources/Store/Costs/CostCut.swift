import Domain
import Postgres

/// The values of the first dimension that stay themselves; the others are "Other".
struct CostCut {
  var ids: [Int32] = []
  var texts: [String] = []
  var hasOther = false

  var count: Int { ids.count + texts.count }

  /// Holds for rows of these values, and of none.
  func condition(_ dimension: CostDimension, _ table: CostSource) -> SQL {
    let column = table.column(dimension)
    switch dimension {
    case .project: return "\(unescaped: column) = any(\(ids))"
    case .kind: return "\(unescaped: column) = any(\(ids.map { Int16(clamping: $0) }))"
    case .team, .userGroup, .key:
      if table == .observations { return "(\(unescaped: column) = any(\(ids)) or \(unescaped: column) is null)" }
      return "\(unescaped: column) = any(\([0] + ids))"
    default:
      if table == .observations {
        return "(\(unescaped: column) = any(\(texts)) or \(unescaped: column) is null or \(unescaped: column) = '')"
      }
      return "\(unescaped: column) = any(\([""] + texts))"
    }
  }

  fileprivate func contains(_ value: Value) -> Bool {
    switch value {
    case .id(let id): ids.contains(id)
    case .text(let text): texts.contains(text)
    }
  }

  fileprivate mutating func add(_ value: Value) {
    switch value {
    case .id(let id): ids.append(id)
    case .text(let text): texts.append(text)
    }
  }

  fileprivate enum Value: Hashable {
    case id(Int32)
    case text(String)

    /// nil is none.
    init?(_ dimension: CostDimension, _ row: Row, _ column: Int) throws {
      switch dimension {
      case .project, .team, .userGroup, .key:
        guard let id = try row.int32OrNil(column) else { return nil }
        self = .id(id)
      case .kind: self = .id(Int32(try row.int16(column)))
      default:
        guard let text = try row.stringOrNil(column) else { return nil }
        self = .text(text)
      }
    }
  }
}

extension CostRun {
  /// The largest values of this period, then of the one before. nil when all stay.
  func cut(_ now: CostPeriod, _ before: CostPeriod?) throws -> CostCut? {
    guard let top = query.top, let dimension = query.groupBy.first else { return nil }
    var cut = CostCut()
    for period in [now, before].compactMap({ $0 }) {
      // One more than stay tells whether there are others; those that are kept already don't count.
      for value in try ranked(dimension, period, count: top + cut.count + 1) where !cut.contains(value) {
        if cut.count < top { cut.add(value) } else { cut.hasOther = true }
      }
      if cut.hasOther { return cut }
    }
    return nil
  }

  private func ranked(_ dimension: CostDimension, _ period: CostPeriod, count: Int) throws -> [CostCut.Value] {
    var asked = query
    (asked.groupBy, asked.interval, asked.measures) = ([dimension], nil, [query.topBy])
    var sql = sql(asked, try source(of: asked, period), period)
    (sql.rankedBy, sql.rowsMax) = (query.topBy, count + 1)
    return try connection.query(sql.statement) { try CostCut.Value(dimension, $0, 1) }.compactMap { $0 }
  }

  /// All rows, or with a cut those of the values that stay and what is left of the total as "Other", which so adds up by
  /// its making. Both come from tables that are folded together.
  func rows(_ period: CostPeriod, _ cut: CostCut?) throws -> [CostKey: CostSums] {
    let source = try source(of: query, period)
    guard let cut, let dimension = query.groupBy.first else { return try sums(sql(query, source, period)) }
    var kept = try sums(sql(query, source, period) { cut.condition(dimension, $0) })
    var whole = query
    whole.groupBy.removeFirst()
    let together: [CostSource] = source.grain == .hour ? [.spendHour, .spendEndpointHour, .spendGroupHour] : [source]
    let totalSource = try source == .observations ? source : self.source(of: whole, period, allowed: together)
    var rest = try sums(sql(whole, totalSource, period))
    for (key, sums) in kept {
      let place = CostKey(start: key.start, values: Array(key.values.dropFirst()))
      rest[place] = (rest[place] ?? .zero(query.measures)) - sums
    }
    for (key, sums) in rest where sums.measures.calls != 0 {
      kept[CostKey(start: key.start, values: [.other] + key.values)] = sums
    }
    return kept
  }
}
