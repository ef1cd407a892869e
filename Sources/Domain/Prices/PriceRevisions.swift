/// What a cost was decided by: larger is later.
public struct PriceRevisions: Sendable, Hashable, Codable {
  /// Of the catalogue and the rules.
  public var catalogue: Int32
  /// Of the organisation's own prices (`PriceAgreements.revision`).
  public var agreements: Int32

  public init(catalogue: Int32, agreements: Int32) {
    self.catalogue = catalogue
    self.agreements = agreements
  }

  /// Neither is older than in `other`.
  public func reaches(_ other: PriceRevisions) -> Bool { catalogue >= other.catalogue && agreements >= other.agreements }
}
