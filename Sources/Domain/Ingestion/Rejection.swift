/// Why an item of a request was refused. Returned to the sender in its protocol's form, and counted.
public struct Rejection: Sendable, Hashable {
  /// Position in the request, from 0.
  public var index: Int
  /// The item's own id where it had one.
  public var id: String?
  public var reason: Reason
  /// For people, naming the field and the accepted form.
  public var detail: String

  public init(index: Int, id: String? = nil, reason: Reason, detail: String) {
    self.index = index
    self.id = id
    self.reason = reason
    self.detail = detail
  }

  public enum Reason: String, Sendable, Hashable, CaseIterable {
    case malformed, missingID, invalidID, invalidField, tooOld, tooNew, tooLarge, notSupported, unlinked, refusedByDatabase
  }
}

/// What a request holds after decoding: facts to store, and what was refused.
public struct IngestBatch: Sendable {
  public var observations: [ObservationFacts] = []
  public var traces: [TraceFacts] = []
  public var scores: [Score] = []
  public var rejections: [Rejection] = []
  /// Items taken and kept, rejections not included.
  public var accepted = 0
  /// Item indexes (as in `Rejection.index`) behind each entry of `observations`, `traces`, `scores`, so that a later refusal can name its event.
  public var observationItems: [Int] = []
  public var traceItems: [Int] = []
  public var scoreItems: [Int] = []

  public init() {}

  /// Scores that are there stay as they are, whatever is said here: any other message about them is later.
  public mutating func keepKnownScores() {
    for index in scores.indices { scores[index].stamp = Stamp(time: .min, rank: 0, hash: 0) }
  }
}

/// Who sent a request: fixed for every item in it.
public struct IngestContext: Sendable, Hashable {
  public var project: ProjectID
  public var key: KeyID
  /// The key's environment, which wins over what the sender says.
  public var environment: String?
  public var receivedAt: Timestamp
  /// Metadata keys and attribute names whose values are kept with the money (`DeclaredKey`); empty for most organisations. Never one that
  /// names content, whoever declared it.
  public var declaredKeys: [String] = [] {
    didSet { declaredKeys.removeAll(where: ContentNames.isContent) }
  }
  /// What the key says is kept of content.
  public var contentPolicy = APIKey.ContentPolicy.keep

  public init(project: ProjectID, key: KeyID, environment: String?, receivedAt: Timestamp) {
    self.project = project
    self.key = key
    self.environment = environment
    self.receivedAt = receivedAt
  }
}
