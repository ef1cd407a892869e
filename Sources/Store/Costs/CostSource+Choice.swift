import Domain

extension CostSource {
  /// The smallest table that answers the query exactly, of those that are in `allowed`. Errors: `CostQueryRefusal` that
  /// says why none does and what would be accepted.
  static func choose(
    for query: CostQuery, organisation: Organisation, frame: CostFrame, allowed: [CostSource] = rollups
  ) throws -> CostSource {
    let dimensions = Set(query.groupBy).union(query.filter.keys)
    let covering = rollups.filter { $0.dimensions.isSuperset(of: dimensions) && $0.hasColumns(of: query.measures) }
    let fitting = covering.filter { $0.hasSteps(of: query, organisation, frame) && allowed.contains($0) }
    // Sums of the release before that have still to be made again lack what only charges and calls have.
    if let rollup = fitting.first(where: { !frame.isRebuilding || $0 == .chargesDay || !query.needsRebuiltSums }) {
      return rollup
    }
    let longest = observationDaysMax * 86_400_000_000 + 3_600_000_000
    if query.range.durationMicroseconds <= longest { return .observations }
    guard fitting.isEmpty else {
      throw CostQueryRefusal(
        message:
          "Sums that an earlier release made are being made again with list and own prices, groups and keys. Accepted "
          + "until that is done: a range of up to \(observationDaysMax) days, or cost, calls and usage by other dimensions.")
    }
    throw refusal(query, dimensions: dimensions, organisation, isCovered: !covering.isEmpty, hoursAgree: frame.hoursAgree)
  }

  /// Whether every time step asked for is a union of the table's own.
  private func hasSteps(of query: CostQuery, _ organisation: Organisation, _ frame: CostFrame) -> Bool {
    guard let interval = query.interval else { return true }
    if grain == .day { return interval != .hour && query.timeZone == organisation.timeZone }
    return frame.hoursAgree
  }

  private static func refusal(
    _ query: CostQuery, dimensions: Set<CostDimension>, _ organisation: Organisation, isCovered: Bool,
    hoursAgree: Bool
  ) -> CostQueryRefusal {
    let days = (query.range.durationMicroseconds + 86_399_999_999) / 86_400_000_000
    let names = CostDimension.allCases.filter(dimensions.contains).map(\.rawValue).joined(separator: ", ")
    let what = query.measures.contains(.latency) ? "latencies" : "sums"
    let reason =
      isCovered
      ? "Sums are kept by hours and days of \(organisation.timeZone), which don't make up the "
        + "\(query.interval?.rawValue ?? "")s asked for in \(query.timeZone)"
      : "No \(what) are kept by \(names) together"
    let combinations = rollups.filter { $0.hasColumns(of: query.measures) }.map { rollup in
      let kept = CostDimension.allCases.filter(rollup.dimensions.contains).map(\.rawValue).joined(separator: ", ")
      if rollup.grain == .day { return "by day or month in \(organisation.timeZone), any of \(kept)" }
      return query.interval == nil || hoursAgree ? "any of \(kept)" : "in \(organisation.timeZone), any of \(kept)"
    }
    return CostQueryRefusal(
      message:
        "\(reason); single calls are read for up to \(observationDaysMax) days, and this range has \(days). Accepted: a range "
        + "of up to \(observationDaysMax) days; or a longer one with \(combinations.joined(separator: "; or ")).")
  }
}

extension CostQuery {
  /// Asks for what sums of releases before 0015 don't have.
  var needsRebuiltSums: Bool {
    let dimensions = Set(groupBy).union(filter.keys)
    return !dimensions.isDisjoint(with: [.userGroup, .key])
      || !measures.isDisjoint(with: [.listCost, .contractedCost, .avoidedCost])
  }
}
