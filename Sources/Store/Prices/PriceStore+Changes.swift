import Domain
import Postgres

extension PriceStore {
  /// Adds a price row; its id is given here. It counts for calls from then on; what is booked changes only by a
  /// re-pricing. *Errors:* `PriceStoreError`. `actor` is who the audit log names.
  public func add(_ listing: PriceListing, scope: AccessScope, by actor: String) async throws -> PriceListing {
    try await addEntry(listing, scope, actor)
  }

  /// Adds a negotiated term, likewise.
  public func add(_ term: PriceTerm, scope: AccessScope, by actor: String) async throws -> PriceTerm {
    try await addEntry(term, scope, actor)
  }

  /// Adds a name for a model, likewise.
  public func add(_ alias: ModelAlias, scope: AccessScope, by actor: String) async throws -> ModelAlias {
    try await addEntry(alias, scope, actor)
  }

  /// Ends a price row: as of `time` it no longer holds (it is replaced by a copy with that end, which is returned);
  /// without a time it is taken away altogether. *Errors:* `PriceStoreError`.
  @discardableResult
  public func endListing(_ id: PriceEntryID, at time: Timestamp? = nil, scope: AccessScope, by actor: String)
    async throws -> PriceListing?
  {
    try await endEntry(PriceListing.self, id, time, scope, actor)
  }

  /// Ends a term, likewise.
  @discardableResult
  public func endTerm(_ id: PriceEntryID, at time: Timestamp? = nil, scope: AccessScope, by actor: String)
    async throws -> PriceTerm?
  {
    try await endEntry(PriceTerm.self, id, time, scope, actor)
  }

  /// Ends an alias, likewise.
  @discardableResult
  public func endAlias(_ id: PriceEntryID, at time: Timestamp? = nil, scope: AccessScope, by actor: String)
    async throws -> ModelAlias?
  {
    try await endEntry(ModelAlias.self, id, time, scope, actor)
  }

  /// Says whether the catalogue's prices hold for a provider. False when it was so already.
  @discardableResult
  public func setCatalogue(_ holds: Bool, provider: String, scope: AccessScope, by actor: String) async throws -> Bool {
    guard let provider = try PriceEntryChecks.provider(provider) else {
      throw PriceStoreError.invalid(field: "provider", accepted: "the catalogue's id of one, such as openai")
    }
    return try await pool.transaction { c in
      var change = try PriceChange(scope.organisation, actor, c)
      guard try change.setCatalogue(holds, provider) else { return false }
      _ = try change.raise()
      return true
    }
  }

  /// Sets what a cost that comes with calls of this key is worth; nil: the default of its source. False when it was so
  /// already. *Errors:* `PriceStoreError.unknownEntry` for a key out of reach.
  @discardableResult
  public func setCostTrust(_ trust: CostTrust?, key: KeyID, scope: AccessScope, by actor: String) async throws -> Bool {
    try await pool.transaction { c in
      let change = try PriceChange(scope.organisation, actor, c)
      guard try change.setCostTrust(trust, key, scope) else { return false }
      _ = try change.raise()
      return true
    }
  }

  private func addEntry<Entry: AgreedEntry>(_ entry: Entry, _ scope: AccessScope, _ actor: String) async throws -> Entry {
    let entry = try entry.checked()
    return try await pool.transaction { c in
      var change = try PriceChange(scope.organisation, actor, c)
      let added = try change.add(entry)
      _ = try change.raise()
      return added
    }
  }

  private func endEntry<Entry: AgreedEntry>(
    _ type: Entry.Type, _ id: PriceEntryID, _ time: Timestamp?, _ scope: AccessScope, _ actor: String
  ) async throws -> Entry? {
    try await pool.transaction { c in
      var change = try PriceChange(scope.organisation, actor, c)
      var copy = try change.end(type, id)
      guard let time else {
        _ = try change.raise()
        return nil
      }
      copy.dates.to = min(copy.dates.to ?? time, time)
      copy = try change.add(copy.checked())
      _ = try change.raise()
      return copy
    }
  }
}

/// Changes of one organisation's agreements in one transaction. Alone: no other change, and no write that was decided
/// without it, commits until this one has.
struct PriceChange {
  private let organisation: OrganisationID
  private let actor: String
  private let c: Connection

  init(_ organisation: OrganisationID, _ actor: String, _ c: Connection) throws {
    self.organisation = organisation
    self.actor = try PriceEntryChecks.text(actor, "actor")
    self.c = c
    try PriceLock.takeAlone(organisation, c)
  }

  mutating func add<Entry: AgreedEntry>(_ entry: Entry) throws -> Entry {
    let sql: SQL = """
      insert into \(unescaped: Entry.table) (organisation_id, created_by, \(unescaped: Entry.names))
      values (\(organisation), \(actor), \(entry.values.joined(by: ", ")))
      returning \(Entry.selection)
      """
    guard let added = try c.first(sql.uncached(), Entry.init(row:)) else { throw MissingRow() }
    try audit("\(Entry.word) added", Entry.self, added.id)
    return added
  }

  mutating func end<Entry: AgreedEntry>(_ type: Entry.Type, _ id: PriceEntryID) throws -> Entry {
    let sql: SQL = """
      update \(unescaped: Entry.table) set deleted_at = now(), deleted_by = \(actor)
      where id = \(id) and organisation_id = \(organisation) and deleted_at is null
      returning \(Entry.selection)
      """
    guard let ended = try c.first(sql, Entry.init(row:)) else { throw PriceStoreError.unknownEntry(Entry.word) }
    try audit("\(Entry.word) ended", Entry.self, id)
    return ended
  }

  mutating func setCatalogue(_ holds: Bool, _ provider: String) throws -> Bool {
    let sql: SQL =
      holds
      ? "delete from providers_without_catalogue where organisation_id = \(organisation) and provider = \(provider)"
      : """
      insert into providers_without_catalogue (organisation_id, provider, created_by)
      values (\(organisation), \(provider), \(actor)) on conflict do nothing
      """
    guard try c.execute(sql) > 0 else { return false }
    try AuditEntry.append(
      organisation, actor, "catalogue switched \(holds ? "on" : "off")", "provider \(provider)", c)
    return true
  }

  func setCostTrust(_ trust: CostTrust?, _ key: KeyID, _ scope: AccessScope) throws -> Bool {
    let known: SQL = """
      select k.cost_trust from api_keys k join projects p on p.id = k.project_id
      where k.id = \(key) and p.organisation_id = \(organisation) and \(scope.projectCondition("p.id"))
      """
    guard let old = try c.first(known, { try $0.int16OrNil(0) }) else { throw PriceStoreError.unknownEntry("key") }
    if old == trust?.code { return false }
    try c.execute("update api_keys set cost_trust = \(trust?.code) where id = \(key)")
    try AuditEntry.append(
      organisation, actor, "trust in sent costs set", "key \(key)",
      detail: "jsonb_build_object('trust', \(trust?.rawValue)::text)", c)
    return true
  }

  /// The new revision. Once a transaction, when something changed.
  func raise() throws -> Int32 {
    let sql: SQL = """
      update organisations set price_revision = price_revision + 1 where id = \(organisation) returning price_revision
      """
    guard let revision = try c.first(sql, { try $0.int32(0) }) else { throw PriceStoreError.unknownOrganisation }
    return revision
  }

  private func audit<Entry: AgreedEntry>(_ action: String, _ type: Entry.Type, _ id: PriceEntryID) throws {
    let detail: SQL = """
      (select jsonb_strip_nulls(to_jsonb(t) - '{organisation_id,created_at,created_by,deleted_at,deleted_by}'::text[])
      from \(unescaped: Entry.table) t where t.id = \(id))
      """
    try AuditEntry.append(organisation, actor, action, "\(Entry.word) \(id)", detail: detail, c)
  }
}

/// The lock between those who write what was decided by prices and those who change them.
enum PriceLock {
  /// As in `hold_price_revisions` (Migrations/0010).
  static let lockClass: Int32 = 1_903_521_906

  /// Waits until every write that was decided before is committed, and keeps new ones waiting.
  static func takeAlone(_ organisation: OrganisationID, _ c: Connection) throws {
    try c.execute("select pg_advisory_xact_lock(\(lockClass), \(organisation))")
    if try c.first("select 1 from organisations where id = \(organisation)", { _ in true }) == nil {
      throw PriceStoreError.unknownOrganisation
    }
  }
}
