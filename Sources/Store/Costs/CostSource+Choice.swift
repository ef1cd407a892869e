import Domain

extension CostSource {
  /// The smallest table that answers the query exactly. Errors: `CostQueryRefusal` that says why none does and what
  /// would be accepted.
  static func choose(for query: CostQuery, organisation: Organisation, frame: CostFrame) throws -> CostSource {
    let dimensions = Set(query.groupBy).union(query.filter.keys)
    let covering = rollups.filter { $0.dimensions.isSuperset(of: dimensions) }
    if let rollup = covering.first(where: { $0.hasSteps(of: query, organisation, frame) }) { return rollup }
    let longest = observationDaysMax * 86_400_000_000 + 3_600_000_000
    if query.range.durationMicroseconds <= longest { return .observations }
    throw refusal(query, dimensions: dimensions, organisation, isCovered: !covering.isEmpty)
  }

  /// Whether every time step asked for is a union of the table's own.
  private func hasSteps(of query: CostQuery, _ organisation: Organisation, _ frame: CostFrame) -> Bool {
    guard let interval = query.interval else { return true }
    if self == .spendUserDay { return interval != .hour && query.timeZone == organisation.timeZone }
    return frame.hoursAgree
  }

  private static func refusal(
    _ query: CostQuery, dimensions: Set<CostDimension>, _ organisation: Organisation, isCovered: Bool
  ) -> CostQueryRefusal {
    let days = (query.range.durationMicroseconds + 86_399_999_999) / 86_400_000_000
    let names = CostDimension.allCases.filter(dimensions.contains).map(\.rawValue).joined(separator: ", ")
    let reason =
      isCovered
      ? "Sums are kept by hours and days of \(organisation.timeZone), which don't make up the "
        + "\(query.interval?.rawValue ?? "")s asked for in \(query.timeZone)"
      : "No sums are kept by \(names) together"
    let combinations = rollups.map { rollup in
      let kept = CostDimension.allCases.filter(rollup.dimensions.contains).map(\.rawValue).joined(separator: ", ")
      return rollup == .spendUserDay ? "by day or month in \(organisation.timeZone), any of \(kept)" : "any of \(kept)"
    }
    return CostQueryRefusal(
      message:
        "\(reason); single calls are read for up to \(observationDaysMax) days, and this range has \(days). Accepted: a range "
        + "of up to \(observationDaysMax) days; or a longer one with \(combinations.joined(separator: "; or ")).")
  }
}
