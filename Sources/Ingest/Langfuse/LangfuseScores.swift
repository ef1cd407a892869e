import Domain
import Wire

/// `POST /api/public/scores`: one score (older SDKs), or a list of them (Python SDK 5).
public enum LangfuseScores {
  public struct Answer: Sendable {
    public var result: LangfuseBatchResult
    /// A list was sent: answered with 202 or 207 instead of the score's id.
    public var isList: Bool

    /// 200 or 400 for one score, 202 for a list that was taken whole, else 207.
    public var status: Int {
      let isWhole = result.events.allSatisfy(\.isAccepted)
      if isList { return isWhole ? 202 : 207 }
      return isWhole ? 200 : 400
    }

    /// `{"id"}` or `{"message","error"}` for one score; `{"message":"Accepted"}` or `{accepted,rejected,errors}` for a
    /// list.
    public var reply: JSONValue {
      let refused = result.events.enumerated().filter { !$0.element.isAccepted }
      if isList {
        if refused.isEmpty { return ["message": "Accepted"] }
        let errors = refused.map { index, event -> JSONValue in
          guard case .object(var error) = event.errorJSON else { return event.errorJSON }
          error.members.insert(JSONMember(key: "index", value: .number(String(index))), at: 0)
          return .object(error)
        }
        return [
          "accepted": .number(String(result.events.count - refused.count)), "rejected": .number(String(refused.count)),
          "errors": .array(errors),
        ]
      }
      guard let event = result.events.first, !event.isAccepted else {
        return ["id": .string(result.events.first?.id ?? "")]
      }
      return ["message": .string(event.message ?? ""), "error": .string(event.error ?? "")]
    }
  }

  /// A score without an id gets one from its content, so that a resend is no second score.
  /// - Throws: when the body is neither an object nor a list.
  public static func decode(_ body: UnsafeRawBufferPointer, _ context: IngestContext) throws(BatchFailure) -> Answer {
    var scanner = JSONScanner(body)
    var answer = Answer(result: LangfuseBatchResult(batch: IngestBatch(), events: []), isList: false)
    do {
      switch try scanner.kind() {
      case .object: try add(&scanner, body, context, &answer.result)
      case .array:
        answer.isList = true
        try scanner.enterArray()
        while try scanner.nextElement() {
          try LangfuseBatch.checkCount(answer.result.events.count)
          try add(&scanner, body, context, &answer.result)
        }
      default: throw BatchFailure("body: must be a score or a list of scores")
      }
      try scanner.finish()
      return answer
    } catch let failure as BatchFailure {
      throw failure
    } catch let error as WireError {
      throw BatchFailure(error)
    } catch {
      throw BatchFailure("body: \(error)")
    }
  }

  private static func add(
    _ scanner: inout JSONScanner, _ body: UnsafeRawBufferPointer, _ context: IngestContext,
    _ result: inout LangfuseBatchResult
  ) throws(WireError) {
    let index = result.events.count
    let start = scanner.offset
    let read = try scanner.recovering { scanner throws(WireError) in
      try scanner.kind() == .object ? try EventFields(&scanner) : nil
    }
    if case .success(nil) = read { _ = try scanner.skipValue() }
    let ownID = "score-" + hex(SHA256Digest.of(body[start..<scanner.offset]).prefix(16))
    var id = ownID
    do throws(EventRefusal) {
      guard let fields = try read.mapError({ EventRefusal(reason: .malformed, detail: $0.message) }).get() else {
        throw EventRefusal(reason: .malformed, detail: "score: must be an object")
      }
      id = try fields.id("id") ?? ownID
      let time = try fields.time("timestamp") ?? context.receivedAt
      let stamp = Stamp(time: time.microseconds, rank: 0, hash: SHA256Digest.prefix64(of: id))
      let score = try ScoreBody.read(fields, ownID: ownID, stamp: stamp, at: time, context)
      result.batch.scores.append(score)
      result.batch.scoreItems.append(index)
      result.batch.accepted += 1
      result.events.append(LangfuseEventResult(id: id, status: 201))
    } catch {
      result.batch.rejections.append(Rejection(index: index, id: id, reason: error.reason, detail: error.detail))
      result.events.append(
        LangfuseEventResult(id: id, status: 400, message: LangfuseEventResult.invalid, error: error.detail))
    }
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
