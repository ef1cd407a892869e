import Domain

/// Prices have changed since something was decided by them: nothing was written. Refresh the prices and decide again.
///
/// Where the catalogue is what is older, only a newer version of the service helps: a re-pricing by a newer catalogue
/// has begun, and rows priced by the older one must not appear behind it.
public struct StalePrices: Error, Sendable, Hashable, CustomStringConvertible {
  public var organisation: OrganisationID
  public var decidedBy: PriceRevisions
  public var needed: PriceRevisions

  public var isCatalogueOld: Bool { decidedBy.catalogue < needed.catalogue }

  public var description: String {
    isCatalogueOld
      ? "This process has price catalogue \(decidedBy.catalogue), and calls were re-priced by \(needed.catalogue): update it."
      : "The organisation's prices have changed since this was decided (\(decidedBy.agreements), now \(needed.agreements))."
  }
}
