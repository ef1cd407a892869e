import Domain
import Wire

/// A score as Langfuse's SDKs send it, in a batch event or alone.
enum ScoreBody {
  /// - Parameter ownID: the score's id when the body has none.
  static func read(
    _ fields: EventFields, ownID: String, stamp: Stamp, at time: Timestamp, _ context: IngestContext
  ) throws(EventRefusal) -> Score {
    let (type, number, text) = try value(fields)
    let sentName = try fields.text("name", max: 1000)
    guard let name = type == .correction ? "output" : sentName else {
      throw .field("name", "must be a string that is not empty")
    }
    var score = Score(
      project: context.project, id: try fields.id("id") ?? ownID, stamp: stamp, name: name, dataType: type,
      source: try source(fields), environment: try fields.environment(context) ?? "default", createdAt: time)
    score.number = number
    score.text = text
    score.comment = try fields.text("comment", max: 100_000)
    score.metadata = fields.metadata?.text
    try aim(&score, fields)
    return score
  }

  /// Exactly one subject: a trace (and an observation in it), or a session.
  private static func aim(_ score: inout Score, _ fields: EventFields) throws(EventRefusal) {
    let trace = try fields.id("traceId"), observation = try fields.id("observationId")
    let session = try fields.text("sessionId", max: 1000)
    if fields["datasetRunId"] != nil {
      throw EventRefusal(reason: .notSupported, detail: "datasetRunId: scores of dataset runs are not kept")
    }
    guard (trace == nil) != (session == nil) else {
      throw .field("traceId", "exactly one of traceId and sessionId is needed")
    }
    if observation != nil, trace == nil { throw .field("observationId", "needs the traceId beside it") }
    if session != nil, score.dataType == .correction { throw .field("dataType", "CORRECTION is not for sessions") }
    score.trace = trace.map { TraceID.named($0).id }
    score.observation = observation.map { ObservationID.named($0).id }
    score.session = session
  }

  private static func source(_ fields: EventFields) throws(EventRefusal) -> Score.Source {
    guard let text = try fields.text("source") else { return .api }
    guard let source = Score.Source(rawValue: text.lowercased()) else {
      throw .field("source", "must be API, EVAL or ANNOTATION")
    }
    return source
  }

  private static func value(_ fields: EventFields) throws(EventRefusal) -> (Score.DataType, Double?, String?) {
    guard let value = fields["value"] else { throw .field("value", "is needed") }
    let number = value.stringValue == nil ? value.doubleValue : nil
    switch try dataType(fields, value) {
    case .numeric:
      guard let number else { throw .field("value", "must be a number for NUMERIC") }
      return (.numeric, number, nil)
    case .boolean:
      guard let truth = value.boolValue ?? (number == 1 ? true : number == 0 ? false : nil) else {
        throw .field("value", "must be 0 or 1 for BOOLEAN")
      }
      return (.boolean, truth ? 1 : 0, truth ? "True" : "False")
    case .categorical: return (.categorical, nil, try text(value, "CATEGORICAL", 1...1000))
    case .text: return (.text, nil, try text(value, "TEXT", 1...500))
    case .correction: return (.correction, nil, try text(value, "CORRECTION", 0...1_000_000))
    }
  }

  private static func text(_ value: JSONValue, _ type: String, _ length: ClosedRange<Int>) throws(EventRefusal)
    -> String
  {
    guard let text = value.stringValue, length.contains(text.count) else {
      throw .field("value", "must be a string of \(length.lowerBound) to \(length.upperBound) characters for \(type)")
    }
    return text
  }

  private static func dataType(_ fields: EventFields, _ value: JSONValue) throws(EventRefusal) -> Score.DataType {
    if let text = try fields.text("dataType") {
      guard let type = Score.DataType(rawValue: text.lowercased()) else {
        throw .field("dataType", "must be NUMERIC, CATEGORICAL, BOOLEAN, TEXT or CORRECTION")
      }
      return type
    }
    if value.stringValue != nil { return .categorical }
    return value.boolValue == nil ? .numeric : .boolean
  }
}
