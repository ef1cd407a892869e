/// What senders said about a trace as a whole: the context its calls inherit. Merged like observations.
public struct TraceFacts: Sendable, Hashable {
  public var project: ProjectID
  public var id: TraceID
  /// The sender's id when it is not 32 hex digits.
  public var externalID: String?
  public var stamps = TraceStamps()

  public var name: String?
  public var user: String?
  public var session: String?
  public var environment: String?
  public var release: String?
  public var version: String?
  public var isPublic: Bool?
  /// The trace's own time (batch protocol); lists use the first observation's start when there is one.
  public var timestamp: Timestamp?
  /// `http.route` of a SERVER root span.
  public var serverRoute: String?
  /// `endpoint` or `feature` in the trace's metadata.
  public var endpointHint: String?
  /// Union of all tags ever said, sorted.
  public var tags: [String] = []
  /// Values of the organisation's declared keys said about the trace.
  public var declared = DeclaredValues()

  public var bodies: [BodyPart] = []
  public var parts: [StoredPart] = []
  /// What content rules did to them.
  public var notes = ContentNotes()

  public init(project: ProjectID, id: TraceID) {
    self.project = project
    self.id = id
  }
}

/// Fields of a trace that are merged one by one; raw values are stored bit positions. `input` and `output` share `Field`'s places.
public enum TraceField: UInt8, Sendable, CaseIterable {
  case name, user, session, environment, release, version, isPublic, timestamp, serverRoute, endpointHint
  case input = 26
  case output = 27
}

/// `Stamps` by trace field.
public struct TraceStamps: Sendable, Hashable {
  var stamps: Stamps
  public init() { stamps = Stamps() }
  public init?(bytes: [UInt8]) {
    guard let stamps = Stamps(bytes: bytes) else { return nil }
    self.stamps = stamps
  }
  public var bytes: [UInt8] { stamps.bytes }
  public subscript(field: TraceField) -> Stamp? {
    get { Field(rawValue: field.rawValue).flatMap { stamps[$0] } }
    set { if let place = Field(rawValue: field.rawValue) { stamps[place] = newValue } }
  }
}

extension TraceFacts {
  /// Stamps every field that is set, and the bodies, with one message's stamp.
  public mutating func stampAll(_ stamp: Stamp) {
    var bits: UInt32 = 0
    for field in TraceField.allCases where isSet(field) { bits |= field.bit }
    stamps.stamps.set(stamp, fields: bits)
    for i in bodies.indices { bodies[i].stamp = stamp }
  }

  private func isSet(_ field: TraceField) -> Bool {
    switch field {
    case .name: name != nil
    case .user: user != nil
    case .session: session != nil
    case .environment: environment != nil
    case .release: release != nil
    case .version: version != nil
    case .isPublic: isPublic != nil
    case .timestamp: timestamp != nil
    case .serverRoute: serverRoute != nil
    case .endpointHint: endpointHint != nil
    case .input: bodies.contains { $0.kind == .input }
    case .output: bodies.contains { $0.kind == .output }
    }
  }

  /// As for observations: newest non-null wins per field, tags are united, metadata parts are all kept.
  public mutating func merge(_ other: TraceFacts) {
    externalID = externalID ?? other.externalID
    let newer = stamps.stamps.older(than: other.stamps.stamps) & ~Field.bodies
    if newer != 0 { take(newer, other) }
    declared.merge(other.declared)
    if !other.tags.isEmpty, tags != other.tags { tags = Set(tags).union(other.tags).sorted() }
    let changed = MergedBodies.notes(notes, bodies, parts, stamps.stamps, other.notes, other.bodies, other.parts, other.stamps.stamps)
    MergedBodies.merge(
      &bodies, &parts, &stamps.stamps, other.bodies, other.parts, other.stamps.stamps)
    if let changed { notes = changed.pruned(bodies, parts, stamps.stamps) }
  }

  private mutating func take(_ fields: UInt32, _ other: TraceFacts) {
    func takes(_ field: TraceField) -> Bool { fields & field.bit != 0 }
    if takes(.name) { name = other.name }
    if takes(.user) { user = other.user }
    if takes(.session) { session = other.session }
    if takes(.environment) { environment = other.environment }
    if takes(.release) { release = other.release }
    if takes(.version) { version = other.version }
    if takes(.isPublic) { isPublic = other.isPublic }
    if takes(.timestamp) { timestamp = other.timestamp }
    if takes(.serverRoute) { serverRoute = other.serverRoute }
    if takes(.endpointHint) { endpointHint = other.endpointHint }
    stamps.stamps.take(fields, from: other.stamps.stamps)
  }
}

extension TraceField {
  fileprivate var bit: UInt32 { 1 << UInt32(rawValue) }
}
