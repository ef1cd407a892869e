import Domain
import Wire

/// What became of a Langfuse batch: what to store, and what to tell the sender about each event.
public struct LangfuseBatchResult: Sendable {
  public var batch: IngestBatch
  /// In the order sent; positions are the `index` of rejections and the items of `batch`.
  public var events: [LangfuseEventResult]

  /// Notes a refusal that came after decoding (a date out of range, the database).
  public mutating func refuse(_ rejection: Rejection) {
    guard events.indices.contains(rejection.index), events[rejection.index].isAccepted else { return }
    events[rejection.index] = LangfuseEventResult(
      id: events[rejection.index].id, status: 400, message: LangfuseEventResult.invalid, error: rejection.detail)
    batch.rejections.append(rejection)
    batch.accepted -= 1
  }

  /// For a sender who showed only a public key: every event but scores is refused with 401, and scores that
  /// are there stay as they are.
  public mutating func keepScoresOnly() {
    let scores = Set(batch.scoreItems)
    for index in events.indices where events[index].isAccepted && !scores.contains(index) {
      let detail = "a public key creates scores only"
      events[index] = LangfuseEventResult(id: events[index].id, status: 401, message: "Access scope denied", error: detail)
      batch.rejections.append(Rejection(index: index, id: events[index].id, reason: .notSupported, detail: detail))
      batch.accepted -= 1
    }
    (batch.observations, batch.observationItems, batch.traces, batch.traceItems) = ([], [], [], [])
    batch.keepKnownScores()
  }

  /// The body of the 207 answer: `{"successes":[{id,status}],"errors":[{id,status,message,error}]}`.
  public var reply: JSONValue {
    let successes = events.filter(\.isAccepted).map { event -> JSONValue in
      ["id": .string(event.id), "status": .number(String(event.status))]
    }
    return ["successes": .array(successes), "errors": .array(events.filter { !$0.isAccepted }.map(\.errorJSON))]
  }
}

public struct LangfuseEventResult: Sendable, Equatable {
  /// The event's own id, "unknown" where it has none.
  public var id: String
  /// 201 taken, 400 refused, 401 not for this key, 404 for a thing that is not there.
  public var status: Int
  public var message: String?
  /// Names the field and the accepted form.
  public var error: String?

  static let invalid = "Invalid request data"
  public var isAccepted: Bool { status < 300 }

  var errorJSON: JSONValue {
    [
      "id": .string(id), "status": .number(String(status)), "message": .string(message ?? Self.invalid),
      "error": .string(error ?? ""),
    ]
  }
}

/// A body that is no batch at all, or too large a one: nothing of it was taken. HTTP status 400, or 413.
public struct BatchFailure: Error, Sendable, Equatable {
  public var errors: [String]
  public var isTooLarge = false

  public init(_ error: String) { errors = [error] }
  init(_ error: WireError) {
    errors = ["body: \(error)"]
    isTooLarge = error.kind == .tooLarge
  }

  /// `{"message":"Invalid request data","errors":[…]}`
  public var reply: JSONValue {
    ["message": .string(LangfuseEventResult.invalid), "errors": .array(errors.map { .string($0) })]
  }
}

/// Why one event is refused.
struct EventRefusal: Error {
  var reason: Rejection.Reason
  var detail: String

  static func field(_ name: String, _ expectation: String) -> EventRefusal {
    EventRefusal(reason: .invalidField, detail: "\(name): \(expectation)")
  }
}
