/// What senders said about one observation: evidence only, nothing derived. Every field is optional; nil means "not said".
public struct ObservationFacts: Sendable, Hashable {
  public var project: ProjectID
  public var trace: TraceID
  public var id: ObservationID
  /// The sender's id when it is not 16 hex digits.
  public var externalID: String?
  /// Which message set each field.
  public var stamps = Stamps()
  /// False for content that arrived before its observation: kept, hidden from lists and counts.
  public var isArrived = true

  public var parent: ObservationID?
  public var kind: ObservationKind?
  public var name: String?
  public var level: ObservationLevel?
  public var statusMessage: String?
  public var startedAt: Timestamp?
  public var endedAt: Timestamp?
  /// First output token of a stream.
  public var firstTokenAt: Timestamp?
  public var requestModel: String?
  public var responseModel: String?
  public var provider: String?
  public var serviceTier: String?
  /// Where the provider served it, as sent: "eu-west-1", "us".
  public var region: String?
  /// The provider's own id of the response.
  public var responseID: String?
  public var usage: UsageReport?
  public var reportedCost: ReportedCost?
  /// "name" or "name@version".
  public var prompt: String?
  public var environment: String?
  public var service: String?
  public var release: String?
  public var version: String?
  /// End user and session said on this observation itself.
  public var user: String?
  public var session: String?
  /// `endpoint` or `feature` from metadata.
  public var endpointHint: String?
  /// `http.route` or `url.path` of a span of OpenTelemetry kind SERVER.
  public var serverRoute: String?
  /// Instrumentation scope, or the protocol's name where there is none.
  public var scope: String?
  /// The key it came with.
  public var key: KeyID?
  /// Values of the organisation's declared keys; merged key by key, each with its own stamp.
  public var declared = DeclaredValues()

  /// Parts on their way in; empty once stored.
  public var bodies: [BodyPart] = []
  /// Parts already stored.
  public var parts: [StoredPart] = []
  /// What content rules did to them.
  public var notes = ContentNotes()

  public init(project: ProjectID, trace: TraceID, id: ObservationID) {
    self.project = project
    self.trace = trace
    self.id = id
  }
}

extension ObservationFacts {
  /// Stamps every field that is set (and the input and output bodies) with one message's stamp. Call once, after filling the fields.
  public mutating func stampAll(_ stamp: Stamp) {
    var bits: UInt32 = 0
    for field in Field.allCases where isSet(field) { bits |= field.bit }
    stamps = Stamps(stamp, fields: bits)
    for i in bodies.indices { bodies[i].stamp = stamp }
  }

  private func isSet(_ field: Field) -> Bool {
    switch field {
    case .parent: parent != nil
    case .kind: kind != nil
    case .name: name != nil
    case .level: level != nil
    case .statusMessage: statusMessage != nil
    case .startedAt: startedAt != nil
    case .endedAt: endedAt != nil
    case .firstTokenAt: firstTokenAt != nil
    case .requestModel: requestModel != nil
    case .responseModel: responseModel != nil
    case .provider: provider != nil
    case .serviceTier: serviceTier != nil
    case .responseID: responseID != nil
    case .usage: usage != nil
    case .reportedCost: reportedCost != nil
    case .prompt: prompt != nil
    case .environment: environment != nil
    case .service: service != nil
    case .release: release != nil
    case .version: version != nil
    case .user: user != nil
    case .session: session != nil
    case .endpointHint: endpointHint != nil
    case .serverRoute: serverRoute != nil
    case .scope: scope != nil
    case .key: key != nil
    case .input: bodies.contains { $0.kind == .input }
    case .output: bodies.contains { $0.kind == .output }
    case .region: region != nil
    }
  }
}
