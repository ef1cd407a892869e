import Domain
import Wire

/// Builds the spans of one demo trace: a server span, and below it what its endpoint does.
struct DemoTrace {
  let endpoint: String
  let start: Timestamp
  let id: [UInt8]
  let environment: String
  var random: DemoRandom
  private var spans: [OTLPSpan] = []
  private var clock: Timestamp

  init(endpoint: String, start: Timestamp, id: [UInt8], environment: String, random: DemoRandom) {
    self.endpoint = endpoint
    self.start = start
    self.id = id
    self.environment = environment
    self.random = random
    self.clock = start
  }

  mutating func make() -> [OTLPSpan] {
    let userIndex = random.int(0...DemoPlan.usersTotal - 1)
    let session = "session-\(userIndex)-\(start.microseconds / 43_200_000_000)"
    let root = open("POST \(endpoint)", kind: 2, parent: nil)
    wait(milliseconds: 2...12)
    let failed = steps(root)
    close(
      root,
      [
        ("http.route", .string(endpoint)), ("http.request.method", .string("POST")),
        ("http.response.status_code", .int(failed ? 502 : 200)),
        ("user.id", .string(DemoPlan.user(userIndex))), ("session.id", .string(session)),
        ("customer", .string(DemoPlan.customer(ofUser: userIndex))),
        ("tag.tags", .array([.string(endpoint.dropFirst().description), .string("demo")])),
      ], error: failed ? "upstream model failed" : nil)
    return spans
  }

  private mutating func steps(_ root: Int) -> Bool {
    switch endpoint {
    case "/search":
      embed(root)
      return generate(root, model: random.isTrue(75) ? DemoPlan.mini : DemoPlan.flash, prompt: 260...900, answer: 30...90)
    case "/recommend":
      return generate(root, model: random.isTrue(70) ? DemoPlan.flash : DemoPlan.gpt, prompt: 700...2_400, answer: 90...260)
    case "/summarise":
      return generate(root, model: random.isTrue(55) ? DemoPlan.pro : DemoPlan.mistral, prompt: 4_000...22_000, answer: 180...420)
    case "/chat": return chat(root)
    case "/draft-reply": return agent(root)
    default:
      let own = (id.first ?? 0) < 128 ? DemoPlan.own : DemoPlan.deployment
      return generate(root, model: random.isTrue(60) ? DemoPlan.haiku : own, prompt: 180...700, answer: 12...40)
    }
  }

  private mutating func chat(_ root: Int) -> Bool {
    let chain = open("answer_question", kind: 1, parent: root)
    embed(chain)
    let retriever = open("retrieval policies", kind: 1, parent: chain)
    wait(milliseconds: 8...60)
    close(retriever, [("gen_ai.operation.name", .string("retrieval")), ("gen_ai.retrieval.top_k", .int(5))])
    let failed = generate(chain, model: random.isTrue(65) ? DemoPlan.sonnet : DemoPlan.gpt, prompt: 1_800...6_500, answer: 90...380)
    close(chain, [("gen_ai.operation.name", .string("invoke_workflow")), ("gen_ai.workflow.name", .string("answer_question"))])
    return failed
  }

  /// The agent span repeats the sum of its calls, as frameworks do: it must not count twice.
  private mutating func agent(_ root: Int) -> Bool {
    let agent = open("invoke_agent reply-drafter", kind: 1, parent: root)
    var input = 0, output = 0, failed = false
    for turn in 0..<random.int(2...4) where !failed {
      let before = spans.count
      failed = generate(agent, model: DemoPlan.sonnet, prompt: (2_000 + turn * 900)...(4_200 + turn * 1_100), answer: 80...460)
      let attributes = spans[before].attributes
      input += Int(attributes["gen_ai.usage.input_tokens"]?.intValue ?? 0)
      output += Int(attributes["gen_ai.usage.output_tokens"]?.intValue ?? 0)
      if !failed { tool(agent) }
    }
    close(
      agent,
      [
        ("gen_ai.operation.name", .string("invoke_agent")), ("gen_ai.agent.name", .string("reply-drafter")),
        ("gen_ai.usage.input_tokens", .int(Int64(input))), ("gen_ai.usage.output_tokens", .int(Int64(output))),
      ])
    return failed
  }

  private mutating func tool(_ parent: Int) {
    let name = random.pick(["lookup_order", "search_policies", "check_stock"])
    let tool = open("execute_tool \(name)", kind: 1, parent: parent)
    wait(milliseconds: 15...240)
    close(
      tool,
      [
        ("gen_ai.operation.name", .string("execute_tool")), ("gen_ai.tool.name", .string(name)),
        ("gen_ai.tool.call.arguments", .string(#"{"order":\#(random.int(10_000...99_999))}"#)),
        ("gen_ai.tool.call.result", .string(#"{"status":"shipped","carrier":"post"}"#)),
      ])
  }

  private mutating func embed(_ parent: Int) {
    let span = open("embeddings \(DemoPlan.embedding.asked)", kind: 3, parent: parent)
    wait(milliseconds: 20...90)
    close(
      span,
      [
        ("gen_ai.operation.name", .string("embeddings")), ("gen_ai.provider.name", .string("openai")),
        ("gen_ai.request.model", .string(DemoPlan.embedding.asked)), ("gen_ai.response.model", .string(DemoPlan.embedding.served)),
        ("gen_ai.usage.input_tokens", .int(Int64(random.int(6...48)))),
      ])
  }

  /// One model call; true when it failed.
  private mutating func generate(_ parent: Int, model: DemoPlan.DemoModel, prompt: ClosedRange<Int>, answer: ClosedRange<Int>) -> Bool {
    let span = open("chat \(model.asked)", kind: 3, parent: parent)
    let question = DemoTexts.question(endpoint, &random)
    var attributes: [(String, AnyValue)] = [
      ("gen_ai.operation.name", .string("chat")), ("gen_ai.provider.name", .string(model.provider)),
      ("gen_ai.request.model", .string(model.asked)), ("gen_ai.request.temperature", .double(0.2)),
      ("gen_ai.input.messages", .string(messages([("system", DemoTexts.system(endpoint)), ("user", question)]))),
    ]
    if random.isTrue(2) {
      wait(milliseconds: 120...900)
      close(span, attributes + [("error.type", .string("rate_limit_exceeded"))], error: "429: rate limit reached, try again later")
      return true
    }
    let input = random.int(prompt), output = random.int(answer)
    wait(milliseconds: (200 + output * 4)...(500 + output * 14))
    attributes += usage(model, input: input, output: output)
    attributes.append(("gen_ai.response.model", .string(model.served)))
    attributes.append(("gen_ai.response.id", .string("resp-" + hex(spans[span].spanID))))
    attributes.append(("gen_ai.output.messages", .string(messages([("assistant", DemoTexts.answer(endpoint, &random))]))))
    close(span, attributes)
    return false
  }

  /// Counts as the conventions want them: input includes what was read from and written to the cache.
  private mutating func usage(_ model: DemoPlan.DemoModel, input: Int, output: Int) -> [(String, AnyValue)] {
    var counts: [(String, AnyValue)] = [
      ("gen_ai.usage.input_tokens", .int(Int64(input))), ("gen_ai.usage.output_tokens", .int(Int64(output))),
    ]
    guard input > 1_024, model.provider != "mistral_ai", model.provider != "in-house" else { return counts }
    let cached = random.isTrue(70) ? input * random.int(30...80) / 100 : 0
    if cached > 0 { counts.append(("gen_ai.usage.cache_read.input_tokens", .int(Int64(cached)))) }
    if model.provider == "anthropic", random.isTrue(30) {
      counts.append(("gen_ai.usage.cache_creation.input_tokens", .int(Int64((input - cached) / 3))))
    }
    if model.asked == DemoPlan.pro.asked { counts.append(("gen_ai.usage.reasoning.output_tokens", .int(Int64(output / 3)))) }
    return counts
  }

  private func messages(_ list: [(role: String, text: String)]) -> String {
    JSON.serialise(
      .array(
        list.map { message in
          ["role": .string(message.role), "parts": [["type": "text", "content": .string(message.text)]]]
        }))
  }

  private mutating func wait(milliseconds range: ClosedRange<Int>) {
    clock = clock.adding(microseconds: Int64(random.int(range)) * 1000 + Int64(random.int(0...999)))
  }

  private mutating func open(_ name: String, kind: Int32, parent: Int?) -> Int {
    let spanID = Array(SHA256Digest.of(id + [UInt8(truncatingIfNeeded: spans.count)]).prefix(8))
    var span = OTLPSpan()
    span.traceID = id
    span.spanID = spanID
    span.parentSpanID = parent.map { spans[$0].spanID } ?? []
    span.name = name
    span.kind = kind
    span.startNanoseconds = UInt64(clock.microseconds) * 1000
    spans.append(span)
    return spans.count - 1
  }

  private mutating func close(_ index: Int, _ attributes: [(String, AnyValue)], error: String? = nil) {
    wait(milliseconds: 1...4)
    spans[index].endNanoseconds = UInt64(clock.microseconds) * 1000
    spans[index].attributes = attributes.map { Attribute(key: $0.0, value: $0.1) }
    if let error {
      spans[index].statusCode = 2
      spans[index].statusMessage = error
    }
    spans[index].contentHash = SHA256Digest.prefix64(of: hex(spans[index].spanID))
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
