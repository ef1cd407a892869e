import Domain

extension FocusFile {
  struct Column: Sendable {
    var name: String
    var cell: @Sendable (FocusRow) -> Cell
    init(_ name: String, _ cell: @escaping @Sendable (FocusRow) -> Cell) {
      self.name = name
      self.cell = cell
    }
  }

  static let columns: [Column] = costs + periods + charges + skus + prices + places + commitments + ours

  /// Nothing is prepaid here and no invoice is known: what counts is what is billed.
  private static let costs: [Column] = [
    Column("BilledCost") { .exact($0.charge.amounts.effective) },
    Column("EffectiveCost") { .exact($0.charge.amounts.effective) },
    Column("ListCost") { .exact($0.charge.amounts.list) },
    Column("ContractedCost") { .exact($0.charge.amounts.contracted) },
    Column("BillingCurrency") { _ in .text("USD") },
    Column("BillingAccountId") { .text("organisation-\($0.source.organisation)") },
    Column("BillingAccountName") { .text(orEmpty: $0.source.organisationName) },
    Column("BillingAccountType") { _ in .text("Organization") },
  ]

  private static let periods: [Column] = [
    Column("BillingPeriodStart") { .text(UTCText.seconds($0.billingPeriod.from)) },
    Column("BillingPeriodEnd") { .text(UTCText.seconds($0.billingPeriod.to)) },
    Column("ChargePeriodStart") { .text(UTCText.seconds($0.charge.range.from)) },
    Column("ChargePeriodEnd") { .text(UTCText.seconds($0.charge.range.to)) },
  ]

  private static let charges: [Column] = [
    Column("ChargeCategory") { .text($0.category.rawValue) },
    Column("ChargeClass") { $0.isCorrection ? .text("Correction") : .empty },
    Column("ChargeDescription") { .text($0.words.description) },
    Column("ChargeFrequency") { row in
      switch row.charge.meter {
      case .usage, .stated: .text("Usage-Based")
      case .shared: .text("Recurring")
      case .rounding: .text("One-Time")
      }
    },
    // Known once an invoice is reconciled.
    Column("InvoiceId") { _ in .empty },
    Column("InvoiceIssuerName") { .text($0.words.provider) },
    Column("ProviderName") { .text($0.words.provider) },
    Column("PublisherName") { .text($0.words.publisher) },
    Column("ServiceCategory") { $0.words.isModel ? .text("AI and Machine Learning") : .text("Other") },
    Column("ServiceSubcategory") { $0.words.isModel ? .text("Generative AI") : .text("Other (Other)") },
    Column("ServiceName") { .text($0.words.service) },
  ]

  private static let skus: [Column] = [
    Column("SkuId") { .text(orEmpty: $0.words.sku) },
    Column("SkuPriceId") { .text(orEmpty: $0.words.skuPrice) },
    Column("SkuMeter") { .text(orEmpty: $0.words.meter) },
    Column("SkuPriceDetails") { $0.words.sku == nil ? .empty : FlatJSON.cell($0.words.skuDetails) },
  ]

  private static let prices: [Column] = [
    Column("PricingQuantity") { .ratio($0.pricing.quantity) },
    Column("PricingUnit") { .text(orEmpty: $0.pricing.unit) },
    Column("PricingCategory") { $0.category == .adjustment ? .empty : .text("Standard") },
    Column("ListUnitPrice") { .ratio($0.pricing.listUnit) },
    Column("ContractedUnitPrice") { .ratio($0.pricing.contractedUnit) },
    Column("ConsumedQuantity") { .ratio($0.pricing.consumed) },
    Column("ConsumedUnit") { .text(orEmpty: $0.pricing.consumedUnit) },
  ]

  private static let places: [Column] = [
    Column("ResourceId") { .text(orEmpty: $0.charge.project?.value) },
    Column("ResourceName") { .text(orEmpty: $0.charge.project.flatMap { $0.value == nil ? nil : $0.label }) },
    Column("ResourceType") { $0.charge.project?.value == nil ? .empty : .text("Project") },
    Column("RegionId") { .text(orEmpty: $0.charge.region) },
    Column("RegionName") { .text(orEmpty: $0.charge.region) },
    Column("SubAccountId") { .text(orEmpty: $0.charge.team.team.map { "team-\($0)" }) },
    Column("SubAccountName") { $0.charge.team.team == nil ? .empty : .text(orEmpty: $0.charge.team.name) },
    Column("SubAccountType") { $0.charge.team.team == nil ? .empty : .text("Team") },
    Column("Tags") { FlatJSON.cell($0.tags) },
  ]

  /// Nothing is bought in advance here.
  private static let commitments: [Column] = ["Category", "Id", "Name", "Quantity", "Status", "Type", "Unit"].map { name in
    Column("CommitmentDiscount" + name) { _ in .empty }
  }

  private static let ours: [Column] = [
    Column("x_AllocationLine") { .text($0.charge.team.kind.rawValue) },
    Column("x_Team") { .text(orEmpty: $0.charge.team.name) },
    Column("x_CostCenter") { .text(orEmpty: $0.charge.team.costCentre) },
    Column("x_GLAccount") { .text(orEmpty: $0.charge.team.glAccount) },
    Column("x_Model") { .text(orEmpty: $0.charge.model) },
    Column("x_Environment") { .text(orEmpty: $0.charge.environment) },
    Column("x_Service") { .text(orEmpty: $0.charge.service) },
    Column("x_Endpoint") { .text(orEmpty: $0.charge.endpoint) },
    Column("x_UserGroup") { .text(orEmpty: $0.charge.userGroup) },
    Column("x_RequestCount") { .integer($0.charge.calls) },
    Column("x_ErrorCount") { .integer($0.charge.errors) },
    Column("x_UnpricedRequestCount") { .integer($0.charge.unpricedCalls) },
    Column("x_AvoidedCost") { .exact($0.charge.amounts.avoided) },
    Column("x_PriceVersion") { .text(orEmpty: $0.charge.rates?.price) },
    Column("x_CostStatus") { .text($0.costStatus) },
    Column("x_AllocationMethod") { .text(orEmpty: $0.charge.origin?.method.rawValue) },
    Column("x_AllocationDriver") { .driver($0.charge.origin, \.driver) },
    Column("x_AllocationDriverTotal") { .driver($0.charge.origin, \.driverTotal) },
    Column("x_AllocatedFrom") { .text(orEmpty: $0.charge.origin?.poolName) },
    Column("x_CorrectedMonth") { .text(orEmpty: $0.charge.correctionOf) },
    Column("x_StatementId") { .integer(orEmpty: $0.source.statement?.id.map { Int64($0.rawValue) }) },
    Column("x_StatementState") { .text(orEmpty: $0.source.statement?.state.rawValue) },
    Column("x_StatementHash") { .text(orEmpty: $0.source.statement?.sha256) },
    Column("x_View") { .text($0.source.view.rawValue) },
    Column("x_TimeZone") { .text($0.source.timeZone) },
    Column("x_Filter") { row in
      let filter = AllocationTable.filter(row.source.filter, row.source.declared)
      let parts = [row.source.part.map { "seen by the reader: " + $0 }, filter.isEmpty ? nil : filter].compactMap { $0 }
      return .text(orEmpty: parts.isEmpty ? nil : parts.joined(separator: "; "))
    },
    Column("x_PriceSet") { .text(orEmpty: $0.source.priceSet) },
    Column("x_GeneratedAt") { .text(UTCText.seconds($0.source.generatedAt)) },
  ]
}

extension Charge {
  var origin: SharedOrigin? {
    if case .shared(let origin) = meter { origin } else { nil }
  }
}

extension FocusRow {
  /// How the cost is known. FOCUS wants a unit price on every row of usage; where none is known it is zero, and this says that it is none.
  var costStatus: String {
    switch charge.meter {
    case .usage:
      if charge.listUnitPico != nil || charge.contractedUnitPico != nil { return "priced" }
      return charge.amounts.avoided == .zero ? "unpriced" : "avoided"
    case .stated: return "stated"
    case .shared: return "allocated"
    case .rounding: return "rounding"
    }
  }

  /// What finance groups by; a declared dimension under its label, see `FocusSource.extraTags`.
  var tags: [(String, String?)] {
    let extras = source.extraTags.compactMap { tag -> (String, String?)? in
      charge.extras.indices.contains(tag.place - 1) ? (tag.name, charge.extras[tag.place - 1]) : nil
    }
    return [
      ("cost_center", charge.team.costCentre), ("env", charge.environment), ("service", charge.service),
      ("endpoint", charge.endpoint), ("user_group", charge.userGroup), ("llm:project", charge.project?.value),
    ] + extras
  }
}

extension FocusSource {
  /// As `FocusRow.tags` names what is always there, and what a dimension is called as a last resort.
  private static let fixedTags = ["cost_center", "env", "service", "endpoint", "user_group", "llm:project"] + CostDimension.extras.map(\.rawValue)

  /// Names of the tags of declared dimensions: the label; where another tag has it the key, else "extra1" … "extra4".
  static func extraTags(_ declared: [DeclaredKey]) -> [(name: String, place: Int)] {
    var taken = Set(fixedTags)
    return declared.compactMap { key in
      guard let dimension = key.dimension, let place = dimension.place else { return nil }
      let name = [key.label, key.key].first { !$0.isEmpty && taken.insert($0.lowercased()).inserted }
      return (name ?? dimension.rawValue, place)
    }
  }
}
