import Domain
import Postgres

/// What writing needs to know of a project.
public struct ProjectLimits: Sendable, Hashable {
  /// Earlier starts are refused and rows of that time are never changed.
  public var frozenBefore: Timestamp
  /// For payloads written from now on.
  public var retention: RetentionClass
  /// Whose prices hold.
  public var organisation: OrganisationID
  /// nil: everything is kept.
  public var sampling: ProjectSampling?

  public init(frozenBefore: Timestamp, retention: RetentionClass, organisation: OrganisationID, sampling: ProjectSampling? = nil) {
    self.frozenBefore = frozenBefore
    self.retention = retention
    self.organisation = organisation
    self.sampling = sampling
  }
}

/// The project of a request has been removed since its key was checked.
public struct UnknownProject: Error, Sendable, Hashable {
  public var project: ProjectID
}

/// Limits by project, remembered for `rememberedFor`; whoever moves `frozen_before` waits longer than that before
/// removing rows.
actor ProjectLimitsCache {
  static let rememberedFor = Duration.seconds(10)
  private let pool: ConnectionPool
  private var known: [ProjectID: (limits: ProjectLimits, until: ContinuousClock.Instant)] = [:]

  init(pool: ConnectionPool) { self.pool = pool }

  func limits(of projects: Set<ProjectID>) async throws -> [ProjectID: ProjectLimits] {
    let now = ContinuousClock.now
    let missing = projects.filter { known[$0].map { $0.until < now } ?? true }
    if !missing.isEmpty {
      for (project, limits) in try await load(missing) { known[project] = (limits, now + Self.rememberedFor) }
    }
    return try projects.reduce(into: [:]) { result, project in
      guard let entry = known[project], entry.until >= now else { throw UnknownProject(project: project) }
      result[project] = entry.limits
    }
  }

  func forget(_ project: ProjectID) { known[project] = nil }

  private func load(_ projects: Set<ProjectID>) async throws -> [(ProjectID, ProjectLimits)] {
    try await pool.run { connection in
      let sampling = try SettingsInForce.read(Array(projects), connection)
      return try connection.query(
        "select id, frozen_before, retention_days, organisation_id from projects where id = any(\(projects.map(\.rawValue)))"
      ) { row in
        let retention = RetentionClass(rawValue: try row.int16(2)) ?? .days90
        let id: ProjectID = try row.id(0)
        let limits = ProjectLimits(
          frozenBefore: try row.timestamp(1), retention: retention, organisation: try row.id(3), sampling: sampling[id])
        return (id, limits)
      }
    }
  }
}
