/// What a cost and its owner were decided by: larger is later.
public struct DecisionRevisions: Sendable, Hashable, Codable {
  /// Of the catalogue and the rules of pricing.
  public var catalogue: Int32
  /// Of the organisation's own prices (`PriceAgreements.revision`).
  public var agreements: Int32
  /// Of its attribution rules, teams and declared keys (`AttributionDirectory.revision`).
  public var attribution: Int32

  public init(catalogue: Int32, agreements: Int32, attribution: Int32 = 0) {
    self.catalogue = catalogue
    self.agreements = agreements
    self.attribution = attribution
  }

  /// None is older than in `other`.
  public func reaches(_ other: DecisionRevisions) -> Bool {
    catalogue >= other.catalogue && agreements >= other.agreements && attribution >= other.attribution
  }
}
