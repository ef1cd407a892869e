/// What a trace list can be asked, so that every number of a cost report leads to its traces.
///
/// Dimensions and `unpricedOnly` are asked of one and the same call, which starts in the range. User and environment also find
/// traces without calls.
public struct TraceQuery: Sendable, Hashable {
  /// Of calls, when anything is asked that calls have. Else traces that start in it, and those with a call in it that
  /// began up to a week before.
  public var range: TimeRange
  public var filter: CostFilter = [:]
  public var session: String?
  /// Words and "phrases" that one observation's bodies all hold, any case; or the exact id of traces, of a session or a
  /// user, whatever the range. Asked by `TraceSearch`, not by lists.
  public var text: String?
  /// Part of the trace's name, any case.
  public var name: String?
  /// With a failed step; with a failed call that matches, when anything is asked that only calls have.
  public var errorsOnly = false
  /// With a call whose cost is not fully known.
  public var unpricedOnly = false
  /// With a call whose usage has one of these doubts; empty asks nothing.
  public var usageFlags: UsageFlags = []
  /// Of the whole trace.
  public var costAbove: USD?
  public var sort: TraceSort = .time
  public var ascending = false
  public var limit = 50
  /// As given by the page before.
  public var cursor: String?

  public init(range: TimeRange) { self.range = range }

  /// Asks no more than a cost report can be asked.
  public var isOfCosts: Bool {
    text == nil && session == nil && name == nil && costAbove == nil && !errorsOnly && !unpricedOnly
      && usageFlags.isEmpty
  }
}

public enum TraceSort: String, Sendable, Hashable, CaseIterable { case time, cost, duration, tokens }

/// One trace in a list: no bodies.
public struct TraceItem: Sendable, Hashable {
  public var id: TraceID
  /// The sender's id when it is not 32 hex digits.
  public var externalID: String?
  public var project: ProjectID
  public var projectSlug: String
  public var name: String?
  public var environment: String
  public var user: String?
  public var session: String?
  public var release: String?
  public var tags: [String]
  public var startedAt: Timestamp
  /// First start to last end; nil while nothing ended.
  public var durationMicroseconds: Int64?
  public var observations: Int32
  public var measures: Measures
  /// Some rows were counted as calls of their own until the whole trace is settled, which takes up to a minute: a large
  /// trace that was sent to a moment ago.
  public var isCountingPending: Bool

  public init(
    id: TraceID, externalID: String?, project: ProjectID, projectSlug: String, name: String?, environment: String,
    user: String?, session: String?, release: String?, tags: [String], startedAt: Timestamp, durationMicroseconds: Int64?,
    observations: Int32, measures: Measures, isCountingPending: Bool = false
  ) {
    self.id = id
    self.externalID = externalID
    self.project = project
    self.projectSlug = projectSlug
    self.name = name
    self.environment = environment
    self.user = user
    self.session = session
    self.release = release
    self.tags = tags
    self.startedAt = startedAt
    self.durationMicroseconds = durationMicroseconds
    self.observations = observations
    self.measures = measures
    self.isCountingPending = isCountingPending
  }

  /// The id as the sender wrote it.
  public var displayID: String { externalID ?? id.hex }
}

/// A page of a trace list; `next` is the cursor of the page after, nil at the end.
public struct TracePage: Sendable {
  public var traces: [TraceItem]
  public var next: String?
  public init(traces: [TraceItem], next: String?) {
    self.traces = traces
    self.next = next
  }
}

/// One trace with all its observations (arrived ones, by start), no bodies.
public struct TraceDetail: Sendable {
  public var item: TraceItem
  public var observations: [Observation]
  public var scores: [Score]
  /// Names of the teams that own calls of it.
  public var teams: [TeamID: Team]
  public var hasInput: Bool
  public var hasOutput: Bool
  /// Spans that are not among the observations.
  public var omitted = OmittedCounts()
  /// What content rules did to the trace's own input, output and metadata.
  public var notes = ContentNotes()
  public init(item: TraceItem, observations: [Observation], scores: [Score], teams: [TeamID: Team], hasInput: Bool, hasOutput: Bool) {
    self.item = item
    self.observations = observations
    self.scores = scores
    self.teams = teams
    self.hasInput = hasInput
    self.hasOutput = hasOutput
  }
}

/// The bodies of one observation or trace, as stored, oldest first.
public struct Bodies: Sendable, Hashable {
  public var input: String?
  public var output: String?
  /// JSON objects to be merged key by key in this order.
  public var metadata: [String]
  public var attributes: [String]
  /// Why some or all are not there although they were sent.
  public var sampled: SampledPayload?
  public init(input: String? = nil, output: String? = nil, metadata: [String] = [], attributes: [String] = []) {
    self.input = input
    self.output = output
    self.metadata = metadata
    self.attributes = attributes
  }
}
