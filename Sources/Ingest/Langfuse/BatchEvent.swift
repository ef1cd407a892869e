import Domain
import Wire

/// One event of a Langfuse batch: the envelope, and the body's fields.
struct BatchEvent {
  let id: String
  let time: Timestamp
  let type: EventType
  let fields: EventFields

  /// What an event type says about its subject.
  enum EventType: Equatable {
    case trace
    /// `nil` where the body's own `type` says it.
    case observation(ObservationKind?, isUpdate: Bool)
    case score
    case log

    /// nil for a type that is not known.
    init?(_ name: String) {
      switch name {
      case "trace-create": self = .trace
      case "score-create": self = .score
      case "sdk-log": self = .log
      case "observation-create": self = .observation(nil, isUpdate: false)
      case "observation-update": self = .observation(nil, isUpdate: true)
      case "span-update": self = .observation(.span, isUpdate: true)
      case "generation-update": self = .observation(.generation, isUpdate: true)
      default:
        guard name.hasSuffix("-create"), let kind = ObservationKind(rawValue: String(name.dropLast("-create".count)))
        else { return nil }
        self = .observation(kind, isUpdate: false)
      }
    }
  }

  /// Orders this event among all that speak of the same subject.
  var stamp: Stamp {
    let isUpdate = if case .observation(_, let isUpdate) = type { isUpdate } else { false }
    return Stamp(time: time.microseconds, rank: isUpdate ? 1 : 0, hash: SHA256Digest.prefix64(of: id))
  }

  /// For a value taken in default of a sent one: older than any sent, and among defaults the earliest wins.
  static func defaultStamp(_ time: Timestamp) -> Stamp {
    Stamp(time: .min, rank: 0, hash: ~UInt64(bitPattern: time.microseconds))
  }
}

/// An event as read, before its envelope is checked: nothing in it has been refused yet.
struct SentEvent {
  private var id: JSONValue?
  private var time: JSONValue?
  private var type: JSONValue?
  private var fields: EventFields?

  /// Reads the value that comes next. An element that is no object yields an event without any field.
  init(_ scanner: inout JSONScanner) throws(WireError) {
    guard try scanner.kind() == .object else {
      _ = try scanner.skipValue()
      return
    }
    try scanner.enterObject()
    while let key = try scanner.nextKey() {
      switch key {
      case "id": id = try scanner.value()
      case "timestamp": time = try scanner.value()
      case "type": type = try scanner.value()
      case "body":
        if try scanner.kind() == .object { fields = try EventFields(&scanner) } else { _ = try scanner.skipValue() }
      default: _ = try scanner.skipValue()
      }
    }
  }

  /// For the answer: the sender matches by it.
  var idForReply: String {
    guard let id = id?.stringValue, !id.isEmpty else { return "unknown" }
    return String(id.prefix(800))
  }

  func checked() throws(EventRefusal) -> BatchEvent {
    guard let id = id?.stringValue, !id.isEmpty, id.utf8.count <= 800, !id.utf8.contains(13) else {
      throw EventRefusal(
        reason: .missingID, detail: "id: must be a string of 1 to 800 characters without carriage return")
    }
    guard let time = time?.stringValue.flatMap(ISOTime.parse) else {
      throw .field("timestamp", "must be an ISO 8601 date and time with offset")
    }
    guard let name = type?.stringValue else { throw .field("type", "must be a string") }
    guard name != "dataset-run-item-create" else {
      throw EventRefusal(reason: .notSupported, detail: "type: dataset-run-item-create is not taken from outside")
    }
    guard let type = BatchEvent.EventType(name) else {
      throw EventRefusal(reason: .notSupported, detail: "type: \(String(name.prefix(50))) is not known")
    }
    guard let fields else { throw .field("body", "must be an object") }
    return BatchEvent(id: id, time: time, type: type, fields: fields)
  }
}
