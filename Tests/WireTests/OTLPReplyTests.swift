import Testing
import Wire

@Suite struct OTLPReplyTests {
  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func fullSuccessIsTheEmptyMessage() {
    #expect(OTLP.reply(.traces, .protobuf, rejected: 0, message: nil).isEmpty)
    #expect(text(OTLP.reply(.traces, .json, rejected: 0, message: "")) == "{}")
  }

  @Test func partialSuccessNamesTheSignal() {
    #expect(
      text(OTLP.reply(.traces, .json, rejected: 3, message: "no id"))
        == #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"no id"}}"#)
    #expect(text(OTLP.reply(.logs, .json, rejected: 1, message: nil)).contains(#""rejectedLogRecords":"1""#))
    #expect(text(OTLP.reply(.metrics, .json, rejected: 1, message: nil)).contains(#""rejectedDataPoints":"1""#))
    let expected = Message.of { $0.message(1) { $0.varint(1, 300); $0.string(2, "no id") } }.bytes
    #expect(OTLP.reply(.traces, .protobuf, rejected: 300, message: "no id") == expected)
  }

  @Test func warningRejectsNothing() {
    let expected = Message.of { $0.message(1) { $0.string(2, "look") } }.bytes
    #expect(OTLP.reply(.logs, .protobuf, rejected: 0, message: "look") == expected)
    #expect(text(OTLP.reply(.logs, .json, rejected: 0, message: "look")).contains(#""rejectedLogRecords":"0""#))
  }

  @Test func statusHoldsCodeAndMessage() {
    #expect(OTLP.status(.protobuf, code: 3, message: "bad") == [0x08, 0x03, 0x12, 0x03, 0x62, 0x61, 0x64])
    #expect(text(OTLP.status(.json, code: 3, message: "b\"d")) == #"{"code":3,"message":"b\"d"}"#)
  }

  @Test func messagesAreCut() {
    let long = String(repeating: "x", count: 100_000)
    #expect(OTLP.reply(.traces, .protobuf, rejected: 1, message: long).count < 5_000)
  }
}
