/// Where a search found a trace.
public struct TraceMatch: Sendable, Hashable {
  public enum Place: Sendable, Hashable {
    /// The text is its id, its session's or its user's.
    case traceID, session, user
    /// A body of the trace itself or of one of its observations.
    case body(BodyKind, of: Step?)
  }

  /// The observation a text was found in.
  public struct Step: Sendable, Hashable {
    /// As its sender wrote it.
    public var id: String
    public var name: String
    public init(id: String, name: String) {
      self.id = id
      self.name = name
    }
  }

  public var place: Place
  /// Text around the first hit, hits marked; empty for ids. As people read it: escapes written out, blanks joined.
  public var excerpt: [Piece]

  public struct Piece: Sendable, Hashable {
    public var text: String
    public var isHit: Bool
    public init(text: String, isHit: Bool) {
      self.text = text
      self.isHit = isHit
    }
  }

  public init(place: Place, excerpt: [Piece] = []) {
    self.place = place
    self.excerpt = excerpt
  }
}

/// A page of a search: traces that are named by the text first, then traces whose bodies hold it, latest block first.
public struct TraceSearchPage: Sendable {
  public var found: [(trace: TraceItem, match: TraceMatch)]
  /// Continues where this page ended; nil when the whole range has been searched.
  public var next: String?
  /// All bodies of observations that started later have been searched; nil before any was, and at the end.
  public var searchedBackTo: Timestamp?
  /// False without the grant for content: then only ids were compared.
  public var searchedBodies: Bool
  /// Parts of the text that are too short for signatures: every block has to be read for them.
  public var isSlow: Bool

  public init(
    found: [(trace: TraceItem, match: TraceMatch)] = [], next: String? = nil, searchedBackTo: Timestamp? = nil,
    searchedBodies: Bool = true, isSlow: Bool = false
  ) {
    self.found = found
    self.next = next
    self.searchedBackTo = searchedBackTo
    self.searchedBodies = searchedBodies
    self.isSlow = isSlow
  }
}
