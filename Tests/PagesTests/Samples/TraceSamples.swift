import Domain

@testable import Pages

extension TraceListPage {
  static let sample = TraceSamples.list(PageAddress(path: "/traces", query: "model=gpt-4o-mini&costAbove=0.001"))
  static let emptySample = TraceListPage(
    frame: Sample.frame, bar: Sample.bar(PageAddress(path: "/traces")), traces: [], next: nil, hasAnyData: false)
}

extension TraceDetailPage {
  static let sample = TraceSamples.detailPage(query: "observation=0000000000000005")
  static let emptySample = TraceDetailPage(
    frame: Sample.frame, address: PageAddress(path: "/project/support/traces/t1"), projectName: "Support desk",
    detail: TraceDetail(
      item: TraceSamples.item(0), observations: [], scores: [], teams: [:], hasInput: false, hasOutput: false),
    pane: .trace(.visible(Bodies())))
}

enum TraceSamples {
  static let project = ProjectID(1)
  static let trace = TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736)

  static func list(_ address: PageAddress) -> TraceListPage {
    let items = (0..<24).map(item)
    return TraceListPage(
      frame: Sample.frame, bar: Sample.bar(address), traces: items, next: "c2",
      total: items.reduce(Measures()) { $0 + $1.measures }, models: ["gpt-4o-mini", "claude-sonnet-4-5"],
      endpoints: ["/answer"],
      hasAnyData: true)
  }

  static func item(_ i: Int) -> TraceItem {
    let names = [
      "answer ticket", "summarise thread", "review contract", "answer ticket", nil, "nightly evaluation <v2>",
    ]
    var m = Measures()
    m.calls = Int64(i % 4 + (i == 4 ? 0 : 1))
    m.errors = i % 7 == 3 ? 2 : 0
    m.unpricedCalls = i % 9 == 5 ? 1 : 0
    m.usage = Usage([.input: Int64(840 * (i * i % 19 + 1)), .output: Int64(90 * (i % 5 + 1))])
    m.cost = i == 5 ? nil : USD(pico: Int128(342_000_000) * Int128(i * i * i % 101 + 1))
    return TraceItem(
      id: TraceID(high: trace.high, low: trace.low &+ UInt64(i)), externalID: i == 2 ? "ticket-8841/retry 1" : nil,
      project: project,
      projectSlug: "support", name: names[i % names.count], environment: i % 5 == 1 ? "staging" : "production",
      user: i % 6 == 4 ? nil : "user-\(1000 + i * 37 % 91)@customer.example", session: "s-\(i / 3)",
      release: "2026.11.3",
      tags: i % 8 == 0 ? ["vip"] : [], startedAt: Sample.ago(Int64(i * 517 + 40)),
      durationMicroseconds: i == 7 ? nil : Int64(840_000 * (i * 7 % 23 + 1)), observations: 9, measures: m)
  }

  static func detailPage(query: String, theme: Theme = .system, content: ContentState? = nil) -> TraceDetailPage {
    let item = item(0)
    let address = PageAddress(path: Route.trace(project: "support", trace: item.displayID), query: query)
    var frame = Sample.frame
    frame.theme = theme
    let detail = detail
    var pane = TraceDetailPage.Pane.trace(
      .visible(
        Bodies(input: #"{"question":"Where is my parcel?","ticket":8841}"#, output: #""It left Hamburg this morning.""#)
      ))
    if let id = address.observation.map({ ObservationID.named($0).id }),
      let found = ObservationPane(
        zone: Sample.zone, detail: detail, id: id, content: content ?? .visible(bodies(id)),
        explanation: explanation(id))
    {
      pane = .observation(found)
    }
    return TraceDetailPage(frame: frame, address: address, projectName: "Support desk", detail: detail, pane: pane)
  }

  static var detail: TraceDetail {
    var traceItem = item(0)
    traceItem.measures.calls = 4
    traceItem.measures.errors = 1
    traceItem.measures.unpricedCalls = 1
    traceItem.measures.cost = Sample.usd("0.0290562")
    traceItem.measures.usage = Usage([.input: 10_052, .cacheRead: 5632, .output: 1183])
    traceItem.durationMicroseconds = 12_400_000
    traceItem.observations = 12
    return TraceDetail(
      item: traceItem, observations: observations, scores: scores,
      teams: [TeamID(1): Team(id: TeamID(1), name: "Support", colour: 0)], hasInput: true, hasOutput: true)
  }

  static let observations: [Observation] = [
    make(1, nil, .span, "POST /answer", 0, 12_400_000),
    make(2, 1, .agent, "support agent", 40_000, 12_200_000),
    make(3, 2, .retriever, "find articles", 60_000, 700_000),
    make(
      4, 3, .embedding, "embed question", 70_000, 310_000, usage: Usage([.input: 412]), cost: "0.0000536",
      model: "text-embedding-3-large"),
    make(
      5, 2, .generation, "plan the answer", 720_000, 4_100_000,
      usage: Usage([.input: 3788, .cacheRead: 5632, .output: 512, .reasoning: 128]), cost: "0.0226536",
      model: "claude-sonnet-4-5"),
    make(
      6, 5, .generation, "anthropic.chat", 730_000, 4_080_000,
      usage: Usage([.input: 3788, .cacheRead: 5632, .output: 512, .reasoning: 128]), shadowedBy: 5,
      model: "claude-sonnet-4-5"),
    make(7, 2, .tool, "track_parcel", 4_200_000, 5_900_000, error: "carrier API answered 504 after 1.7 s"),
    make(8, 2, .tool, "track_parcel", 6_000_000, 6_900_000),
    make(
      9, 2, .generation, "write the answer", 7_000_000, 11_700_000, usage: Usage([.input: 5212, .output: 542]),
      cost: "0.006349", model: "gpt-4o-2024-08-06"),
    make(10, 9, .event, "first token", 7_800_000, 7_800_000),
    make(11, 2, .guardrail, "no personal data", 11_800_000, 12_000_000),
    make(
      12, 11, .generation, "classify with a rather long name that cannot fit into the column", 11_810_000, 11_990_000,
      usage: Usage([.input: 640, .output: 1]),
      unpriced: "No price for model house-guard-2 of provider vllm on 22 Nov 2026.", model: "house-guard-2"),
  ]

  static func make(
    _ id: UInt64, _ parent: UInt64?, _ kind: ObservationKind, _ name: String, _ from: Int64, _ to: Int64,
    usage: Usage? = nil,
    cost: String? = nil, shadowedBy: UInt64? = nil, unpriced: String? = nil, model: String? = nil, error: String? = nil
  ) -> Observation {
    let start = Sample.ago(40)
    var facts = ObservationFacts(project: project, trace: trace, id: ObservationID(id))
    facts.parent = parent.map(ObservationID.init)
    facts.kind = kind
    facts.name = name
    facts.endedAt = start.adding(microseconds: to)
    facts.requestModel = model
    facts.level = error == nil ? nil : .error
    facts.statusMessage = error
    facts.scope = kind == .generation ? "opentelemetry.instrumentation.anthropic" : "langfuse-sdk"
    facts.responseID = kind == .generation ? "msg_01XFDUDYJgAACzvnptvVoYEL" : nil
    facts.firstTokenAt = kind == .generation ? start.adding(microseconds: from + 412_000) : nil
    if let usage {
      facts.usage = UsageReport(
        usage: usage, rule: "anthropic-exclusive", flags: id == 12 ? .estimatedBySender : [],
        raw: #"{"input_tokens":3788,"cache_read_input_tokens":5632,"output_tokens":640}"#)
    }
    var decision = Decision()
    decision.user = "user-1000@customer.example"
    decision.session = "s-0"
    decision.environment = "production"
    decision.endpoint = "/answer"
    decision.isCall = kind.isAlwaysCall && shadowedBy == nil
    decision.shadowedBy = shadowedBy.map(ObservationID.init)
    decision.shadowReason = shadowedBy == nil ? nil : .responseID
    decision.model = model
    decision.provider = model == nil ? nil : "anthropic"
    decision.team = TeamID(1)
    decision.ownerStep = .fixedKey
    if let cost {
      decision.cost = CostOutcome(
        status: .priced, cost: Sample.usd(cost), computed: Sample.usd(cost),
        price: "anthropic/claude-sonnet-4-5@2025-09-29", revision: 7)
    }
    if let unpriced { decision.cost = CostOutcome(status: .unpriced, reason: unpriced) }
    if shadowedBy != nil { decision.cost = CostOutcome(status: .shadowed) }
    return Observation(
      facts: facts, startedAt: start.adding(microseconds: from), isStartAssumed: false, receivedAt: Sample.ago(20),
      decision: decision)
  }

  static let chat = #"""
    {"model":"claude-sonnet-4-5","system":"You answer tickets of a parcel service. Be brief. Never promise a delivery time that the carrier has not confirmed.","messages":[
    {"role":"user","content":"Hello, parcel 00340434161094021501 was due on Friday. Where is it? My address has changed, too."},
    {"role":"assistant","content":[{"type":"thinking","thinking":"I need the tracking state first."},{"type":"text","text":"Let me look."},{"type":"tool_use","id":"toolu_1","name":"track_parcel","input":{"number":"00340434161094021501","carrier":"dhl","options":{"history":true,"language":"en"}}}]},
    {"role":"tool","tool_call_id":"toolu_1","content":"{\"state\":\"in transit\",\"last\":{\"place\":\"Hamburg\",\"time\":\"2026-11-22T06:12:00+01:00\"},\"attempts\":0}"}]}
    """#

  static func bodies(_ id: ObservationID) -> Bodies {
    switch id.rawValue {
    case 5, 6:
      Bodies(
        input: chat,
        output:
          #"{"role":"assistant","content":"It left Hamburg this morning at 06:12. I have not changed the address yet: please confirm the new one."}"#,
        metadata: [#"{"ticket":8841,"priority":"normal","feature":"answer"}"#],
        attributes: [
          #"{"gen_ai.request.temperature":0.2,"gen_ai.request.max_tokens":"Infinity","server.address":"api.anthropic.com","events":[{"name":"gen_ai.choice","index":0}]}"#
        ])
    case 7:
      Bodies(
        input: #"{"number":"00340434161094021501","carrier":"dhl"}"#,
        output: #"{"error":{"status":504,"retry":true,"trace":[1,2,3,null,false]}}"#)
    case 10: Bodies()
    default:
      Bodies(
        input: "Plain text\nwith two lines & <markup>",
        output: #"{"ok":true,"items":[{"id":1,"title":"Parcels"},{"id":2,"title":"Addresses"}]}"#)
    }
  }

  static func explanation(_ id: ObservationID) -> CostExplanationView? {
    guard id.rawValue == 5 else { return nil }
    return CostExplanationView(
      lines: [
        .init(bucket: "Uncached input", quantity: 3788, unitPrice: "$3 per 1 M", amount: Sample.usd("0.011364")),
        .init(bucket: "Cache read", quantity: 5632, unitPrice: "$0.30 per 1 M", amount: Sample.usd("0.0016896")),
        .init(bucket: "Output", quantity: 512, unitPrice: "$15 per 1 M", amount: Sample.usd("0.00768")),
        .init(bucket: "Reasoning", quantity: 128, unitPrice: "$15 per 1 M", amount: Sample.usd("0.00192")),
      ],
      sentences: [
        "Model claude-sonnet-4-5 matched the catalogue’s anthropic/claude-sonnet-4-5 exactly.",
        "Standard tier; the prompt is below the step at 200,000 tokens.",
      ],
      source: "Price row anthropic/claude-sonnet-4-5 from 29 Sep 2025, source genai-prices, checked 14 Nov 2026.")
  }

  static var scores: [Score] {
    var score = Score(
      project: project, id: "s1", stamp: Stamp(time: 1, rank: 0, hash: 1), name: "helpful", dataType: .numeric,
      source: .eval, environment: "production", createdAt: Sample.now)
    score.trace = trace
    score.observation = ObservationID(5)
    score.number = 0.82
    score.comment = "asks for the one thing that is missing"
    var whole = score
    whole.id = "s2"
    whole.observation = nil
    whole.name = "thumbs"
    whole.number = nil
    whole.text = "up"
    return [score, whole]
  }

  /// A trace of `count` observations, for measuring.
  static func large(_ count: Int) -> TraceDetailPage {
    var page = detailPage(query: "")
    page.detail.observations = (0..<count).map { i in
      let isCall = i % 3 == 2
      return make(
        UInt64(i + 1), i == 0 ? nil : UInt64(isCall ? i : max(1, i - i % 50)), isCall ? .generation : .span,
        isCall ? "chat gpt-4o-mini" : "step \(i)",
        Int64(i) * 1000, Int64(i) * 1000 + 900, usage: isCall ? Usage([.input: 840, .output: 120]) : nil,
        cost: isCall ? "0.000198" : nil, model: isCall ? "gpt-4o-mini" : nil)
    }
    return page
  }
}
