import Domain
import Testing
import Wire

@testable import Ingest

@Suite struct ScoreTests {
  private func score(_ fields: String) throws -> Score? {
    let body = "{\"id\":\"s\",\"name\":\"n\",\"traceId\":\"t\",\(fields)}"
    return try decodeEvents([batchEvent("e", "score-create", body)]).batch.scores.first
  }

  @Test(
    arguments: [
      (#""value":0.9"#, Score.DataType.numeric, 0.9, nil), (#""value":"good""#, .categorical, nil, "good"),
      (#""value":1,"dataType":"BOOLEAN""#, .boolean, 1, "True"),
      (#""value":0.0,"dataType":"BOOLEAN""#, .boolean, 0, "False"),
      (#""value":true"#, .boolean, 1, "True"), (#""value":3,"dataType":"NUMERIC""#, .numeric, 3, nil),
      (#""value":"x","dataType":"CATEGORICAL""#, .categorical, nil, "x"),
      (#""value":"well","dataType":"TEXT""#, .text, nil, "well"),
      (#""value":"better","dataType":"CORRECTION""#, .correction, nil, "better"),
    ] as [(String, Score.DataType, Double?, String?)])
  func valuesAreReadByTheirType(fields: String, type: Score.DataType, number: Double?, text: String?) throws {
    let score = try #require(try score(fields))
    #expect(score.dataType == type && score.number == number && score.text == text)
    #expect(score.name == (type == .correction ? "output" : "n"))
  }

  @Test(arguments: [
    #""value":"1","dataType":"NUMERIC""#, #""value":2,"dataType":"BOOLEAN""#, #""value":1,"dataType":"CATEGORICAL""#,
    #""value":"","dataType":"TEXT""#, #""value":null"#, #""comment":"no value""#, #""value":1,"dataType":"MOOD""#,
    #""value":1,"sessionId":"s""#, #""value":1,"datasetRunId":"d""#, #""value":1,"source":"HEARSAY""#,
    #""value":1,"name":7"#,
    #""value":1,"name":"""#,
  ]) func aValueThatDoesNotFitIsRefused(fields: String) throws {
    #expect(try score(fields) == nil)
  }

  @Test func aScoreIsOnExactlyOneThing() throws {
    func aimed(_ fields: String) throws -> Score? {
      try decodeEvents([batchEvent("e", "score-create", "{\"name\":\"n\",\"value\":1,\(fields)}")]).batch.scores.first
    }
    let trace = try #require(try aimed(#""traceId":"t","observationId":"o""#))
    #expect(
      trace.trace == TraceID.named("t").id && trace.observation == ObservationID.named("o").id && trace.session == nil)
    let session = try #require(try aimed(#""sessionId":"s""#))
    #expect(session.session == "s" && session.trace == nil)
    #expect(try aimed(#""observationId":"o""#) == nil)
    #expect(try aimed(#""comment":"c""#) == nil)
  }

  @Test func theRestOfAScoreIsKept() throws {
    let score = try #require(
      try score(#""value":1,"comment":"c","metadata":{"by":"ann"},"source":"ANNOTATION","environment":"Dev""#))
    #expect([score.comment, score.metadata, score.environment] == ["c", #"{"by":"ann"}"#, "dev"])
    #expect(score.source == .annotation && score.id == "s" && score.createdAt == clock(0))
    #expect(try self.score(#""value":1"#)?.environment == "default")
  }

  // MARK: - POST /api/public/scores

  private func post(_ body: String) throws -> LangfuseScores.Answer {
    try Array(body.utf8).withUnsafeBytes { try LangfuseScores.decode($0, batchContext) }
  }

  @Test func oneScoreIsAnsweredWithItsId() throws {
    let answer = try post(#"{"id":"s1","traceId":"t","name":"n","value":0.5}"#)
    #expect(answer.status == 200)
    #expect(JSON.serialise(answer.reply) == #"{"id":"s1"}"#)
    #expect(answer.result.batch.scores[0].createdAt == batchContext.receivedAt)
    let refused = try post(#"{"name":"n","value":0.5}"#)
    #expect(refused.status == 400)
    #expect(refused.reply["message"]?.stringValue == "Invalid request data")
  }

  @Test func aListIsAcceptedWholeOrCounted() throws {
    let good = #"{"id":"a","sessionId":"s","name":"n","value":1}"#
    let whole = try post("[\(good),{\"id\":\"b\",\"traceId\":\"t\",\"name\":\"n\",\"value\":\"x\"}]")
    #expect(whole.status == 202)
    #expect(JSON.serialise(whole.reply) == #"{"message":"Accepted"}"#)
    #expect(whole.result.batch.scores.map(\.id) == ["a", "b"])
    let part = try post("[7,\(good),{\"name\":\"n\"}]")
    #expect(part.status == 207)
    #expect([part.reply["accepted"]?.intValue, part.reply["rejected"]?.intValue] == [1, 2])
    #expect(part.reply["errors"]?.arrayValue?.compactMap { $0["index"]?.intValue } == [0, 2])
    #expect(part.result.batch.scoreItems == [1])
  }

  @Test func aScoreWithoutIdIsTheSameScoreWhenResent() throws {
    let body = #"{"traceId":"t","name":"n","value":0.5}"#
    #expect(try post(body).result.batch.scores[0].id == post("  " + body + " ").result.batch.scores[0].id)
    #expect(
      try post(body).result.batch.scores[0].id != post(body.replacing("0.5", with: "0.6")).result.batch.scores[0].id)
  }

  @Test(arguments: ["", "7", "null", "[{]", "{} x"]) func aBodyThatIsNoScoreIsRefusedWhole(body: String) {
    #expect(throws: BatchFailure.self) { try post(body) }
  }

  @Test func aPublicKeyCreatesScoresAndNothingElseOfABatch() throws {
    var result = try decodeEvents([
      batchEvent("e1", "trace-create", #"{"id":"t","name":"n"}"#), batchEvent("e2", "score-create", #"{"id":"s","name":"n","traceId":"t","value":1}"#),
      batchEvent("e3", "generation-create", #"{"id":"g","traceId":"t"}"#), batchEvent("e4", "score-create", #"{"name":7}"#),
    ])
    result.keepScoresOnly()
    #expect(result.events.map(\.status) == [401, 201, 401, 400])
    #expect(result.batch.observations.isEmpty && result.batch.traces.isEmpty && result.batch.scores.map(\.id) == ["s"])
    #expect(result.batch.accepted == 1 && result.batch.rejections.map(\.index).sorted() == [0, 2, 3])
  }
}
