import HTML
import Testing

@testable import Pages

@Suite struct ContentTests {
  @Test func jsonKeepsOrderAndDigits() {
    let value = JSONValue(#" {"b": 1.50e2, "a": [true, null, "x\u00e9\ud83e\udea2\n"], "b": 2} "#)
    #expect(
      value
        == .object([
          .init(key: "b", value: .number("1.50e2")),
          .init(key: "a", value: .array([.bool(true), .null, .string("xé🪢\n")])), .init(key: "b", value: .number("2")),
        ]))
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\"}", "tru", "\"a", "1 2", "\"\\x\"", "-", String(repeating: "[", count: 5000), "{\"a\":1,}",
    "\"\\u12\"",
  ])
  func whatIsNoJSONIsRefused(text: String) { #expect(JSONValue(text) == nil) }

  @Test func loneSurrogatesBecomeAReplacement() { #expect(JSONValue(#""\ud83e x""#) == .string("\u{FFFD} x")) }

  @Test func laterObjectsReplaceKeysOfEarlierOnes() {
    let members = JSONValue.merged([#"{"a":1,"b":2}"#, "no object", #"{"b":3,"c":4}"#])
    #expect(members.map(\.key) == ["a", "b", "c"] && members[1].value == .number("3"))
  }

  @Test(arguments: [
    #"[{"role":"user","content":"hi"}]"#, #"{"messages":[{"role":"user","content":"hi"}]}"#,
    #"{"role":"user","content":"hi"}"#,
    #"{"choices":[{"message":{"role":"user","content":"hi"}}]}"#,
    #"[{"role":"user","content":[{"type":"text","text":"hi"}]}]"#,
    #"[{"role":"user","parts":[{"type":"text","content":"hi"}]}]"#,
    #"{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}"#,
    #"{"input":[{"role":"user","content":[{"type":"input_text","text":"hi"}]}]}"#,
  ])
  func conversationsAreReadFromEveryShape(text: String) throws {
    let value = try #require(JSONValue(text))
    #expect(ChatMessage.conversation(in: value) == [ChatMessage(role: "user", parts: [.text("hi")])])
  }

  @Test(arguments: [#"{"a":1}"#, "[]", #"[{"role":"user","content":"x"},3]"#, "7", #"{"messages":[]}"#, #"[{"id":1}]"#])
  func otherJSONIsNoConversation(text: String) throws {
    let value = try #require(JSONValue(text))
    #expect(ChatMessage.conversation(in: value) == nil)
  }

  @Test func toolCallsShowTheirArgumentsAsJSON() throws {
    let text =
      #"[{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},{"role":"tool","content":"[2]"}]"#
    let value = try #require(JSONValue(text))
    let messages = try #require(ChatMessage.conversation(in: value))
    #expect(messages[0].parts == [.toolCall(name: "f", arguments: .object([.init(key: "x", value: .number("1"))]))])
    #expect(messages[1].parts == [.toolResult(.array([.number("2")]))])
  }

  @Test func imagesAreNamedAndNotCopied() throws {
    let text = #"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]"#
    let html = ContentSection(title: "Input", text: text).html.string
    #expect(html.contains("image_url, not shown"))
  }

  @Test func contentIsEscapedEverywhere() {
    let evil = "<img src=x onerror=alert(1)>"
    for text in [evil, "\"\(evil)\"", "{\"\(evil)\":\"\(evil)\"}", "[{\"role\":\"\(evil)\",\"content\":\"\(evil)\"}]"] {
      #expect(!ContentSection(title: "Input", text: text).html.string.contains("<img"))
    }
  }

  @Test func rawTextIsAlwaysBesideJSON() {
    let html = ContentSection(title: "Output", text: #"{"a":1}"#).html.string
    #expect(html.contains("<details class=\"raw\">") && html.contains("{&quot;a&quot;:1}"))
  }

  @Test func hugeTreesAreCutWithTheirCount() throws {
    let list = "[" + Array(repeating: "1", count: 6000).joined(separator: ",") + "]"
    let value = try #require(JSONValue(list))
    let html = JSONTree.render(value).string
    #expect(html.contains("2000 more in the raw text"))
  }
}
