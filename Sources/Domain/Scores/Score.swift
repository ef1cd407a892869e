/// A judgement on a trace, an observation or a session. Identity is (project, id).
public struct Score: Sendable, Hashable {
  public enum DataType: String, Sendable, Hashable, CaseIterable { case numeric, categorical, boolean, text, correction }
  public enum Source: String, Sendable, Hashable, CaseIterable { case api, eval, annotation }

  public var project: ProjectID
  public var id: String
  public var stamp: Stamp
  public var trace: TraceID?
  public var observation: ObservationID?
  public var session: String?
  public var name: String
  public var dataType: DataType
  /// Numeric and boolean (0 or 1); categorical may have one.
  public var number: Double?
  /// Categorical, text and correction; "True" or "False" for boolean.
  public var text: String?
  public var source: Source
  public var comment: String?
  /// JSON.
  public var metadata: String?
  public var environment: String
  public var createdAt: Timestamp

  public init(
    project: ProjectID, id: String, stamp: Stamp, name: String, dataType: DataType, source: Source, environment: String,
    createdAt: Timestamp
  ) {
    self.project = project
    self.id = id
    self.stamp = stamp
    self.name = name
    self.dataType = dataType
    self.source = source
    self.environment = environment
    self.createdAt = createdAt
  }
}
