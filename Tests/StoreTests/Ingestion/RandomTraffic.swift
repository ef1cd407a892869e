import Domain

@testable import Store

/// Numbers that repeat with their seed.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Messages about some traces as senders produce them: wrappers that repeat their call's usage, siblings of another
/// instrumentation, several versions of a span, updates without creates, starts that move across days, roots that
/// come last.
struct RandomTraffic {
  enum Message {
    case observation(ObservationFacts)
    case trace(TraceFacts)
  }

  private(set) var messages: [Message] = []
  private var random: SeededNumbers
  private let project: ProjectID

  init(seed: UInt64, traces: Int, project: ProjectID) {
    self.random = SeededNumbers(seed: seed)
    self.project = project
    for i in 0..<traces { addTrace(TraceID(high: 99, low: UInt64(i))) }
  }

  private mutating func addTrace(_ id: TraceID) {
    let start = WriteFixture.noon.adding(seconds: Int64.random(in: -5 * 86_400...0, using: &random))
    var parent: ObservationID?
    for n in 0..<UInt64.random(in: 1...7, using: &random) {
      let observation = ObservationID(n + 1)
      addVersions(of: observation, trace: id, parent: parent, near: start)
      if Bool.random(using: &random) { parent = observation }
    }
    for n in 0..<UInt64.random(in: 0...2, using: &random) {
      var facts = TraceFacts(project: project, id: id)
      facts.name = ["/chat", "/search"].randomElement(using: &random)
      facts.user = Bool.random(using: &random) ? "user\(Int.random(in: 1...4, using: &random))" : nil
      facts.session = Bool.random(using: &random) ? "session" : nil
      facts.tags = ["a", "b", "c"].filter { _ in Bool.random(using: &random) }
      facts.bodies = [BodyPart(kind: .metadata, text: "{\"n\":\(n)}", stamp: Stamp(time: 0, rank: 0, hash: 0))]
      facts.stampAll(Stamp(time: Int64.random(in: 0...3, using: &random), rank: 0, hash: n))
      messages.append(.trace(facts))
    }
  }

  private mutating func addVersions(of id: ObservationID, trace: TraceID, parent: ObservationID?, near start: Timestamp)
  {
    let base = start.adding(seconds: Int64(id.rawValue) * 3)
    let tokens = Int64.random(in: 1...3, using: &random) * 100
    for version in 0..<UInt64.random(in: 1...3, using: &random) {
      var facts = ObservationFacts(project: project, trace: trace, id: id)
      facts.parent = parent
      facts.kind = [.generation, .span, .agent, nil, .embedding].randomElement(using: &random) ?? nil
      facts.name = "v\(version)"
      facts.level = [.error, .default, nil].randomElement(using: &random) ?? nil
      let shift = Int64([0, 0, 0, 86_400, -40_000].randomElement(using: &random) ?? 0)
      facts.startedAt = Int.random(in: 0..<5, using: &random) == 0 ? nil : base.adding(seconds: shift)
      facts.endedAt =
        Int.random(in: 0..<4, using: &random) == 0 ? nil : base.adding(seconds: shift + Int64(version) + 1)
      facts.requestModel = ["small", "large", nil].randomElement(using: &random) ?? nil
      facts.provider = "acme"
      facts.service = ["web", nil].randomElement(using: &random) ?? nil
      facts.environment = ["prod", "dev", nil].randomElement(using: &random) ?? nil
      facts.user = Int.random(in: 0..<4, using: &random) == 0 ? "user\(Int.random(in: 1...4, using: &random))" : nil
      facts.scope = ["sdk", "instrumentation"].randomElement(using: &random)
      facts.responseID = Int.random(in: 0..<4, using: &random) == 0 ? "resp\(tokens)" : nil
      if Int.random(in: 0..<3, using: &random) > 0 {
        facts.usage = UsageReport(usage: Usage([.input: tokens, .output: 20]), rule: "test", raw: "{}")
      }
      facts.bodies = [.input, .output, .attributes].filter { (_: BodyKind) in Bool.random(using: &random) }.map {
        BodyPart(kind: $0, text: "\($0) \(version) of \(id)", stamp: Stamp(time: 0, rank: 0, hash: 0))
      }
      facts.isArrived = version > 0 || Int.random(in: 0..<6, using: &random) > 0
      facts.stampAll(Stamp(time: Int64.random(in: 0...2, using: &random), rank: UInt8(version & 1), hash: version))
      messages.append(.observation(facts))
    }
  }
}

extension WriteFixture {
  /// A request of some messages.
  func submission(_ messages: some Collection<RandomTraffic.Message>) -> IngestSubmission {
    var observations: [ObservationFacts] = []
    var traces: [TraceFacts] = []
    for message in messages {
      switch message {
      case .observation(let facts): observations.append(facts)
      case .trace(let facts): traces.append(facts)
      }
    }
    return submission(observations, traces: traces)
  }
}
