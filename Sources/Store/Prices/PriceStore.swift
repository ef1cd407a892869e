import Domain
import Postgres

/// What organisations agreed to pay: price listings, terms, aliases, and providers without the catalogue.
///
/// Every change raises the organisation's price revision and leaves an audit entry, in one transaction. Entries are
/// ended, never overwritten.
public struct PriceStore: Sendable {
  let pool: ConnectionPool

  public init(pool: ConnectionPool) { self.pool = pool }

  /// All that holds now, with its revision, as of one moment. *Errors:* `PriceStoreError.unknownOrganisation`.
  public func agreements(of organisation: OrganisationID) async throws -> PriceAgreements {
    try await pool.transaction(TransactionOptions(isolation: .repeatableRead, readOnly: true)) { c in
      try PriceAgreements.read(organisation, c)
    }
  }

  /// The catalogue revision that the organisation's calls should be decided by, and the revision of its own prices.
  /// *Errors:* `PriceStoreError.unknownOrganisation`.
  public func revisions(of organisation: OrganisationID) async throws -> DecisionRevisions {
    try await pool.run { c in
      let sql: SQL = "select catalogue_revision, price_revision from organisations where id = \(organisation)"
      guard
        let revisions = try c.first(
          sql, { DecisionRevisions(catalogue: try $0.int32(0), agreements: try $0.int32(1)) })
      else { throw PriceStoreError.unknownOrganisation }
      return revisions
    }
  }

  /// Raises every organisation's catalogue revision to this process's, where that is larger; for the start of the
  /// service. Returns the largest that any has: above `revision`, this process has an older catalogue than one before.
  public func raiseCatalogueRevision(to revision: Int32) async throws -> Int32 {
    try await pool.transaction { c in
      try c.execute(
        "update organisations set catalogue_revision = \(revision) where catalogue_revision < \(revision)")
      return try c.first("select coalesce(max(catalogue_revision), 0) from organisations") { try $0.int32(0) } ?? 0
    }
  }

  /// Listings with who made them, newest first.
  public func listings(scope: AccessScope, endedToo: Bool = false) async throws -> [AgreedRecord<PriceListing>] {
    try await records(scope, endedToo)
  }

  /// Terms with who made them, newest first.
  public func terms(scope: AccessScope, endedToo: Bool = false) async throws -> [AgreedRecord<PriceTerm>] {
    try await records(scope, endedToo)
  }

  /// Aliases with who made them, newest first.
  public func aliases(scope: AccessScope, endedToo: Bool = false) async throws -> [AgreedRecord<ModelAlias>] {
    try await records(scope, endedToo)
  }

  private func records<Entry: AgreedEntry>(_ scope: AccessScope, _ endedToo: Bool) async throws -> [AgreedRecord<Entry>] {
    let sql: SQL = """
      select \(Entry.selection), created_at, created_by, deleted_at, deleted_by from \(unescaped: Entry.table)
      where organisation_id = \(scope.organisation) and (\(endedToo) or deleted_at is null)
      order by created_at desc, id desc
      """
    return try await pool.run { c in
      try c.query(sql) { row in
        let after = row.count - 4
        return AgreedRecord(
          entry: try Entry(row: row), createdAt: try row.timestamp(after), createdBy: try row.string(after + 1),
          endedAt: try row.timestampOrNil(after + 2), endedBy: try row.stringOrNil(after + 3))
      }
    }
  }
}

/// An entry with who made it and who ended it.
public struct AgreedRecord<Entry: Sendable & Hashable>: Sendable, Hashable {
  public var entry: Entry
  public var createdAt: Timestamp
  public var createdBy: String
  /// nil: it holds (within its dates).
  public var endedAt: Timestamp?
  public var endedBy: String?
}

extension PriceAgreements {
  static func read(_ organisation: OrganisationID, _ c: Connection) throws -> PriceAgreements {
    let revision: SQL = "select price_revision from organisations where id = \(organisation)"
    guard let revision = try c.first(revision, { try $0.int32(0) }) else { throw PriceStoreError.unknownOrganisation }
    let providers: SQL = "select provider from providers_without_catalogue where organisation_id = \(organisation)"
    return PriceAgreements(
      listings: try current(organisation, c), terms: try current(organisation, c), aliases: try current(organisation, c),
      withoutCatalogue: Set(try c.query(providers) { try $0.string(0) }), revision: revision,
      costTrust: try costTrust(organisation, c))
  }

  /// Revoked keys too: their calls can be re-priced.
  private static func costTrust(_ organisation: OrganisationID, _ c: Connection) throws -> [KeyID: CostTrust] {
    let sql: SQL = """
      select k.id, k.cost_trust from api_keys k join projects p on p.id = k.project_id
      where p.organisation_id = \(organisation) and k.cost_trust is not null
      """
    var trust: [KeyID: CostTrust] = [:]
    try c.stream(sql) { row in trust[try row.id(0)] = CostTrust(code: try row.int16(1)) }
    return trust
  }

  private static func current<Entry: AgreedEntry>(_ organisation: OrganisationID, _ c: Connection) throws -> [Entry] {
    let sql: SQL = """
      select \(Entry.selection) from \(unescaped: Entry.table)
      where organisation_id = \(organisation) and deleted_at is null order by id
      """
    return try c.query(sql, Entry.init(row:))
  }
}
