/// What of one call rules look at, beside its start and its trace.
struct CallEvidence: Equatable {
  var key: KeyID?
  var service: String?
  var environment: String
  var endpoint: String?
  var user: String?
  var group: UserGroupID?
  /// As booked and as sent, without repetition.
  var models: [String]
  var providers: [String]
  /// Effective values by place among the declared keys; empty when none was said in the whole trace.
  var declared: [String?]

  init(_ o: Observation, declared: [String?]) {
    key = o.facts.key
    service = o.facts.service
    environment = o.decision.environment
    endpoint = o.decision.endpoint
    user = o.decision.user
    models = Self.distinct(o.decision.model, o.facts.responseModel, o.facts.requestModel)
    providers = Self.distinct(o.decision.provider, o.facts.provider, nil)
    self.declared = declared
  }

  private static func distinct(_ a: String?, _ b: String?, _ c: String?) -> [String] {
    var texts: [String] = []
    if let a { texts.append(a) }
    if let b, b != a { texts.append(b) }
    if let c, c != a, c != b { texts.append(c) }
    return texts
  }
}

/// What of a trace rules look at.
struct TraceEvidence {
  let directory: AttributionDirectory
  let project: String?
  let name: String?
  let tags: [String]

  init(_ facts: TraceFacts, _ directory: AttributionDirectory) {
    self.directory = directory
    project = directory.projectSlugs[facts.project]
    name = facts.name
    tags = facts.tags
  }
}

/// Effective values of the declared keys: a row's own word, else its nearest ancestor's, else the trace's.
struct InheritedValues {
  /// By position of the row, then of the key; empty when nothing was said.
  private var values: [[String?]] = []

  /// Does nothing when no key is declared, and next to nothing when no value was said.
  init(_ snapshot: TraceSnapshot, _ keys: [DeclaredKey]) {
    if keys.isEmpty { return }
    if snapshot.facts.declared.isEmpty, snapshot.observations.allSatisfy(\.facts.declared.isEmpty) { return }
    let said = keys.map { snapshot.facts.declared[$0.key] }
    values = Array(repeating: said, count: snapshot.observations.count)
    if snapshot.observations.allSatisfy(\.facts.declared.isEmpty) { return }
    let tree = TraceTree(snapshot.observations)
    var carried = Array(repeating: [String?](repeating: nil, count: keys.count), count: tree.rows.count)
    for i in tree.topDown {
      let position = tree.rows[i].position
      let own = snapshot.observations[position].facts.declared
      if let parent = tree.parents[i] { carried[i] = carried[parent] }
      if !own.isEmpty {
        for (slot, key) in keys.enumerated() { carried[i][slot] = own[key.key] ?? carried[i][slot] }
      }
      values[position] = zip(carried[i], said).map { $0 ?? $1 }
    }
  }

  /// By place among the declared keys; empty when nothing was said in the trace.
  subscript(position: Int) -> [String?] { values.isEmpty ? [] : values[position] }
}
