import Domain
import Postgres

/// Metadata keys whose values are kept with the money. Never removed: their values stay with their calls.
public struct DeclaredKeyStore: Sendable {
  let pool: ConnectionPool
  public static let dimensionsMax = CostDimension.extras.count

  public init(pool: ConnectionPool) { self.pool = pool }

  /// In the order of their declaration.
  public func list(scope: AccessScope) async throws -> [DeclaredKey] {
    try await pool.run { c in try c.query(DeclaredKey.select(scope.organisation), DeclaredKey.init(row:)) }
  }

  /// Declares a key, or gives a declared one another label; as a dimension it takes the next free place and keeps it. Its values are
  /// kept of what arrives from now on, and seen by everybody who sees the money. *Errors:* `StructureError` (a name that senders write
  /// content under, `DeclaredKey.countMax` keys, four dimensions, a label that another key has or that holds characters that can't be seen).
  public func declare(
    _ key: String, label: String? = nil, isDimension: Bool, scope: AccessScope, by actor: String
  ) async throws -> DeclaredKey {
    let key = try StructureChecks.text(key, "key")
    let label = try StructureChecks.optionalText(label, "label", most: 100)
    guard !ContentNames.isContent(key) else {
      throw StructureError.conflict(
        "Senders write content under \"\(key)\": prompts, answers, arguments, error texts or bodies, which whoever sees the money would read. "
          + "Accepted: a key of metadata that names a thing, such as tenant or feature.")
    }
    return try await pool.transaction { c in
      let change = try StructureChange(scope, actor, c)
      let all = try c.query(DeclaredKey.select(scope.organisation), DeclaredKey.init(row:))
      let known = all.first { $0.key.utf8.elementsEqual(key.utf8) }
      guard known != nil || all.count < DeclaredKey.countMax else {
        throw StructureError.conflict("\(DeclaredKey.countMax) keys are declared, which is as many as there can be.")
      }
      let place = try known?.place ?? (isDimension ? Self.freePlace(all) : nil)
      let text = label ?? known?.label ?? key
      if let known, known.place == place, known.label == text { return known }
      try Self.check(label: text, of: key, beside: all)
      let sql: SQL = """
        insert into declared_keys (organisation_id, key, place, label, declared_by)
        values (\(scope.organisation), \(key), \(place.map(Int16.init(clamping:))), \(text), \(change.actor))
        on conflict (organisation_id, key) do update set place = excluded.place, label = excluded.label
        returning \(DeclaredKey.columns)
        """
      guard let saved = try c.first(sql, DeclaredKey.init(row:)) else { throw MissingRow() }
      let detail: SQL = "jsonb_build_object('place', \(saved.place.map(Int32.init(clamping:)))::integer, 'label', \(saved.label)::text)"
      try change.audit(known == nil ? "metadata key declared" : "declared key changed", "metadata key \(key)", detail: detail)
      try change.raise()
      return saved
    }
  }

  /// Files and menus tell dimensions apart by their labels.
  private static func check(label: String, of key: String, beside all: [DeclaredKey]) throws {
    let unseen: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]
    guard !label.unicodeScalars.contains(where: { unseen.contains($0.properties.generalCategory) }) else {
      throw StructureError.invalid(field: "label", accepted: "1 to 100 bytes of text that can be seen, without control characters")
    }
    let other = all.first { !$0.key.utf8.elementsEqual(key.utf8) && $0.label.lowercased() == label.lowercased() }
    if let other {
      throw StructureError.conflict("The key \"\(other.key)\" has the label \"\(other.label)\". Accepted: a label that no other key has.")
    }
  }

  private static func freePlace(_ keys: [DeclaredKey]) throws -> Int {
    let taken = Set(keys.compactMap(\.place))
    guard let place = (1...dimensionsMax).first(where: { !taken.contains($0) }) else {
      throw StructureError.conflict("\(dimensionsMax) keys are dimensions, which is as many as there can be.")
    }
    return place
  }
}

extension DeclaredKey {
  static let columns: SQL = "key, place, label, declared_at"

  static func select(_ organisation: OrganisationID) -> SQL {
    "select \(columns) from declared_keys where organisation_id = \(organisation) order by declared_at, key collate \"C\""
  }

  init(row: Row) throws {
    self.init(
      key: try row.string(0), place: try row.int16OrNil(1).map { Int($0) }, label: try row.string(2), declaredAt: try row.timestamp(3))
  }
}
