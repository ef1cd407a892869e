/// Database identifiers of small reference tables. One newtype each, so that a team can't stand where a project is meant.
public protocol RowID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  var rawValue: Int32 { get }
  init(_ rawValue: Int32)
}

extension RowID {
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  public var description: String { String(rawValue) }
}

public struct OrganisationID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
public struct TeamID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
public struct ProjectID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// An API key, the pair of a public and a secret part.
public struct KeyID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// A person who logs in.
public struct MemberID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// A group of end users of the traced application.
public struct UserGroupID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// A price row, a term or an alias of an organisation.
public struct PriceEntryID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// A run of re-pricing.
public struct RepricingID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// An attribution rule.
public struct RuleID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// A run of re-attribution.
public struct ReattributionID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// A set of unit prices that calls were charged at.
public struct RateID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// A month's statement.
public struct StatementID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// A shared-cost pool.
public struct PoolID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// A large export.
public struct ExportID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// The erasure of an end user.
public struct ErasureID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
/// Older payload blocks of a project brought to another class.
public struct PayloadMoveID: RowID {
  public let rawValue: Int32
  public init(_ rawValue: Int32) { self.rawValue = rawValue }
}
