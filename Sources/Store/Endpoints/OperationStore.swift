import Domain
import Postgres

/// Operation types of an organisation, and which endpoints are of which type.
public struct OperationStore: Sendable {
  let pool: ConnectionPool
  /// Types, and endpoints with a type, of one organisation.
  public static let typesMax = 100, endpointsMax = 10_000

  public init(pool: ConnectionPool) { self.pool = pool }

  /// The standard types and the organisation's own, by name; one of its own takes the place of the standard one of its name.
  public func types(scope: AccessScope) async throws -> [OperationType] {
    try await pool.run { c in try Self.types(scope.organisation, c) }
  }

  /// Type by endpoint.
  public func assignments(scope: AccessScope) async throws -> [String: String] {
    let sql: SQL = "select endpoint, type from endpoint_operations where organisation_id = \(scope.organisation)"
    return try await pool.run { c in
      try c.query(sql) { (try $0.string(0), try $0.string(1)) }.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  /// Sets the band of a type, new or known; `isNew`: it must not be known. *Errors:* `OperationError`.
  public func save(_ type: OperationType, isNew: Bool = false, scope: AccessScope, by actor: String) async throws {
    let type = try type.checked
    guard let low = Int64(exactly: type.low.pico), let high = Int64(exactly: type.high.pico) else { throw OperationError.band }
    try await pool.transaction { c in
      let known = try Self.types(scope.organisation, c)
      if isNew, known.contains(where: { $0.name == type.name }) { throw OperationError.exists(type.name) }
      guard known.count < Self.typesMax || known.contains(where: { $0.name == type.name }) else { throw OperationError.tooMany(Self.typesMax) }
      try c.execute(
        """
        insert into operation_types (organisation_id, name, low_pico, high_pico) values (\(scope.organisation), \(type.name), \(low), \(high))
        on conflict (organisation_id, name) do update set low_pico = excluded.low_pico, high_pico = excluded.high_pico, removed = false
        """)
      let was = known.first { $0.name == type.name }
      try AuditEntry.append(
        scope.organisation, actor, was == nil ? "operation type added" : "operation band changed", "operation type \(type.name)",
        detail: """
          jsonb_build_object('low', \(type.low.decimal)::text, 'high', \(type.high.decimal)::text, 'lowBefore', \(was?.low.decimal)::text,
            'highBefore', \(was?.high.decimal)::text)
          """, c)
    }
  }

  /// Ends a type; its endpoints have none then. *Errors:* `OperationError.unknown`.
  public func remove(_ name: String, scope: AccessScope, by actor: String) async throws {
    try await pool.transaction { c in
      guard let type = try Self.types(scope.organisation, c).first(where: { $0.name == name }) else { throw OperationError.unknown(name) }
      let isStandard = OperationType.standard.contains { $0.name == name }
      let (low, high) = (Int64(clamping: type.low.pico), Int64(clamping: type.high.pico))
      try c.execute(
        isStandard
          ? """
            insert into operation_types (organisation_id, name, low_pico, high_pico, removed)
            values (\(scope.organisation), \(name), \(low), \(high), true)
            on conflict (organisation_id, name) do update set removed = true
            """ : "delete from operation_types where organisation_id = \(scope.organisation) and name = \(name)")
      let freed = try c.execute("delete from endpoint_operations where organisation_id = \(scope.organisation) and type = \(name)")
      try AuditEntry.append(
        scope.organisation, actor, "operation type removed", "operation type \(name)",
        detail: "jsonb_build_object('endpoints', \(freed)::bigint)", c)
    }
  }

  /// Gives an endpoint a type, or takes it away with nil. *Errors:* `OperationError`.
  public func assign(_ type: String?, to endpoint: String, scope: AccessScope, by actor: String) async throws {
    guard !endpoint.isEmpty, endpoint.utf8.count <= 1000, endpoint.isStorable else { throw OperationError.endpoint }
    try await pool.transaction { c in
      if let type {
        guard try Self.types(scope.organisation, c).contains(where: { $0.name == type }) else { throw OperationError.unknown(type) }
        let count = try c.first("select count(*) from endpoint_operations where organisation_id = \(scope.organisation)") { try $0.int64(0) }
        guard count ?? 0 < Self.endpointsMax else { throw OperationError.tooMany(Self.endpointsMax) }
        try c.execute(
          """
          insert into endpoint_operations (organisation_id, endpoint, type) values (\(scope.organisation), \(endpoint), \(type))
          on conflict (organisation_id, endpoint) do update set type = excluded.type
          """)
      } else {
        try c.execute("delete from endpoint_operations where organisation_id = \(scope.organisation) and endpoint = \(endpoint)")
      }
      try AuditEntry.append(
        scope.organisation, actor, "endpoint typed", "endpoint \(endpoint)", detail: "jsonb_build_object('type', \(type)::text)", c)
    }
  }

  private static func types(_ organisation: OrganisationID, _ c: Connection) throws -> [OperationType] {
    let sql: SQL = "select name, low_pico, high_pico, removed from operation_types where organisation_id = \(organisation)"
    var types = Dictionary(uniqueKeysWithValues: OperationType.standard.map { ($0.name, $0) })
    try c.stream(sql) { row in
      let name = try row.string(0)
      let own = OperationType(name: name, low: USD(pico: Int128(try row.int64(1))), high: USD(pico: Int128(try row.int64(2))))
      types[name] = try row.bool(3) ? nil : own
    }
    return types.values.sorted { ($0.low, $0.high, $0.name) < ($1.low, $1.high, $1.name) }
  }
}

/// What a type or an endpoint can't be, as a sentence.
public enum OperationError: Error, Sendable, Hashable, CustomStringConvertible {
  case name, band, endpoint
  case unknown(String)
  case exists(String)
  case tooMany(Int)

  public var description: String {
    switch self {
    case .name: "a type needs a name of up to \(OperationType.nameBytesMax) bytes"
    case .band: "a band goes from zero or more to more than that, in US dollars per request"
    case .endpoint: "an endpoint needs a name"
    case .unknown(let name): "there is no operation type \(name)"
    case .exists(let name): "there is an operation type \(name) already; change its band in the table"
    case .tooMany(let most): "there may be \(most) at most"
    }
  }
}

extension OperationType {
  /// With blanks around the name taken away.
  fileprivate var checked: OperationType {
    get throws(OperationError) {
      var type = self
      while type.name.first?.isWhitespace == true { type.name.removeFirst() }
      while type.name.last?.isWhitespace == true { type.name.removeLast() }
      guard !type.name.isEmpty, type.name.utf8.count <= Self.nameBytesMax, type.name.isStorable else { throw .name }
      guard low.pico >= 0, low < high else { throw .band }
      return type
    }
  }
}
