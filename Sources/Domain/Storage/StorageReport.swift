/// What lies on the disk: tables, projects, growth.
public struct StorageReport: Sendable {
  public struct Table: Sendable, Hashable {
    /// "observations", "payloads, 90 days".
    public var name: String
    /// Partitions; 1 for a table without.
    public var parts: Int32
    public var tableBytes: Int64
    public var indexBytes: Int64
    public var bytes: Int64 { tableBytes &+ indexBytes }

    public init(
      name: String, parts: Int32, tableBytes: Int64, indexBytes: Int64
    ) {
      self.name = name
      self.parts = parts
      self.tableBytes = tableBytes
      self.indexBytes = indexBytes
    }
  }

  public struct ProjectShare: Sendable, Hashable {
    public var project: Project
    public var observations: Int64
    public var observationBytes: Int64
    public var blocks: Int64
    public var payloadBytes: Int64
    /// Class that new payloads are kept in, and whether it was chosen for the project.
    public var retentionDays: Int16
    public var isChosen: Bool
    public var bytes: Int64 { observationBytes &+ payloadBytes }

    public init(
      project: Project, observations: Int64, observationBytes: Int64, blocks: Int64, payloadBytes: Int64, retentionDays: Int16, isChosen: Bool
    ) {
      self.project = project
      self.observations = observations
      self.observationBytes = observationBytes
      self.blocks = blocks
      self.payloadBytes = payloadBytes
      self.retentionDays = retentionDays
      self.isChosen = isChosen
    }
  }

  public var databaseBytes: Int64
  /// Largest first.
  public var tables: [Table]
  /// Up to yesterday; largest first.
  public var projects: [ProjectShare]
  /// Of the last days that were looked at, newest first.
  public var samples: [Sample]

  public struct Sample: Sendable, Hashable {
    public var day: String
    public var databaseBytes: Int64

    public init(
      day: String, databaseBytes: Int64
    ) {
      self.day = day
      self.databaseBytes = databaseBytes
    }
  }

  public init(databaseBytes: Int64, tables: [Table], projects: [ProjectShare], samples: [Sample]) {
    self.databaseBytes = databaseBytes
    self.tables = tables
    self.projects = projects
    self.samples = samples
  }

  /// Bytes a day over the samples; nil with fewer than two.
  public var growthBytesPerDay: Int64? {
    guard let last = samples.first, let first = samples.last, samples.count > 1 else { return nil }
    return (last.databaseBytes - first.databaseBytes) / Int64(samples.count - 1)
  }
}

/// A move of a project's older blocks to another class.
public struct PayloadMove: Sendable, Hashable {
  public var id: PayloadMoveID
  public var project: Project
  public var toDays: Int16
  public var createdBy: String
  public var createdAt: Timestamp
  public var blocksMoved: Int64
  public var blocksRemoved: Int64
  public var finishedAt: Timestamp?

  public init(
    id: PayloadMoveID, project: Project, toDays: Int16, createdBy: String, createdAt: Timestamp, blocksMoved: Int64, blocksRemoved: Int64, finishedAt: Timestamp?
  ) {
    self.id = id
    self.project = project
    self.toDays = toDays
    self.createdBy = createdBy
    self.createdAt = createdAt
    self.blocksMoved = blocksMoved
    self.blocksRemoved = blocksRemoved
    self.finishedAt = finishedAt
  }
}
