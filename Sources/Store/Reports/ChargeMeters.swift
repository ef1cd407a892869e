import Domain

/// One row of charges as read: calls that share a day, their dimensions and unit prices.
struct ChargeRow: Sendable {
  /// A charge that has everything but the meter, the money and the counts.
  var charge: Charge
  /// Whether it is a correction, and of what.
  var team: TeamID?
  /// Values of the report's breakdown.
  var values: [DimensionValue]
  var measures: ChargeMeasures

  /// One charge a bucket with a count, and one for what was stated or has no unit price. Together they are the row's money and calls, exactly.
  var charges: [Charge] {
    var list: [Charge] = []
    var rest = measures.amounts
    rest.avoided = .zero
    var usage = measures.usage
    usage[.requests] = measures.requestsCharged
    for (bucket, quantity) in usage.entries {
      var meter = charge
      meter.meter = .usage(bucket)
      meter.quantity = quantity
      if let rates = charge.rates { price(&meter, rates, bucket.position) }
      rest = rest - meter.amounts
      list.append(meter)
    }
    if rest != Amounts() || (list.isEmpty && measures != ChargeMeasures()) {
      var stated = charge
      stated.meter = .stated
      stated.amounts = rest
      list.append(stated)
    }
    if !list.isEmpty {
      list[0].calls = measures.calls
      list[0].errors = measures.errors
      list[0].unpricedCalls = measures.unpriced
      list[0].amounts.avoided = measures.amounts.avoided
    }
    return list
  }

  /// Quantity × unit price in full width: a count and a price of 64 bits fit 128.
  private func price(_ meter: inout Charge, _ rates: CallRates, _ place: Int) {
    let contracted = rates.contracted.indices.contains(place) ? rates.contracted[place] : nil
    let list = rates.list.indices.contains(place) ? rates.list[place] : nil
    meter.contractedUnitPico = contracted
    meter.listUnitPico = list
    let cost = contracted.map { USD(pico: Int128($0) * Int128(meter.quantity)) } ?? .zero
    meter.amounts = Amounts(
      list: list.map { USD(pico: Int128($0) * Int128(meter.quantity)) } ?? .zero, contracted: cost, effective: cost)
  }
}

/// The lines of a report, added up from charges as they pass by.
struct ChargeLines {
  private struct Key: Hashable {
    var team: TeamID?
    var correctionOf: String?
    var values: [String?]
  }

  private var direct: [Key: AllocationLine] = [:]
  mutating func add(_ row: ChargeRow) {
    let correctionOf = row.charge.correctionOf
    let values = correctionOf == nil ? row.values : []
    let key = Key(team: row.team, correctionOf: correctionOf, values: values.map(\.value))
    if direct[key] == nil {
      var line = row.charge.team
      line.values = values
      line.correctionOf = correctionOf
      direct[key] = line
    }
    direct[key]?.add(row.measures)
  }

  var own: [AllocationLine] { direct.values.filter { $0.kind != .adjustment } }
  var adjustments: [AllocationLine] { direct.values.filter { $0.kind == .adjustment } }
}

extension AllocationLine {
  private struct Account: Hashable {
    var kind: Kind
    var team: TeamID?
  }

  /// What rounding added to the lines of a kind and team, as charges; none where nothing was added.
  static func rounding(_ lines: [AllocationLine], day: String, range: TimeRange) -> [Charge] {
    var charges: [Charge] = []
    var places: [Account: Int] = [:]
    for line in lines {
      let key = Account(kind: line.kind, team: line.team)
      let place = places[key] ?? charges.count
      if place == charges.count {
        places[key] = place
        var team = AllocationLine(kind: line.kind, team: line.team, name: line.name)
        (team.costCentre, team.glAccount, team.owner) = (line.costCentre, line.glAccount, line.owner)
        charges.append(Charge(day: day, range: range, team: team, meter: .rounding))
      }
      charges[place].amounts = charges[place].amounts + (line.rounded - line.exact)
    }
    return charges.filter { $0.amounts != Amounts() }
  }
}
