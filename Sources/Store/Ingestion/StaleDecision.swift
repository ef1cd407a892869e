import Domain

/// Prices or rules have changed since something was decided by them: nothing was written. Refresh them and decide again.
///
/// Where the catalogue is what is older, only a newer version of the service helps: a re-pricing by a newer catalogue
/// has begun, and rows priced by the older one must not appear behind it.
public struct StaleDecision: Error, Sendable, Hashable, CustomStringConvertible {
  public var organisation: OrganisationID
  public var decidedBy: DecisionRevisions
  public var needed: DecisionRevisions

  public var isCatalogueOld: Bool { decidedBy.catalogue < needed.catalogue }

  public var description: String {
    isCatalogueOld
      ? "This process has price catalogue \(decidedBy.catalogue), and calls were re-priced by \(needed.catalogue): update it."
      : "The organisation's prices or rules have changed since this was decided (\(decidedBy.agreements) and "
        + "\(decidedBy.attribution), now \(needed.agreements) and \(needed.attribution))."
  }
}
