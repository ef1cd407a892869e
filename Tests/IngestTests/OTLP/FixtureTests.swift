import Domain
import Ingest
import Testing
import Wire

/// The normaliser against what was read off the captured bytes by hand (Tests/Fixtures/README.md).
@Suite struct FixtureTests {
  static let fixtures = [
    Fixture(name: "otel-openai-v2-2.4b0"), Fixture(name: "openlit-1.45.0"),
    Fixture(name: "openinference-openai-0.1.66"),
    Fixture(name: "langfuse-4.18.0"), Fixture(name: "litellm-1.106.2-langfuse"),
  ]

  @Test(arguments: fixtures) func everyCallReadsAsSent(_ fixture: Fixture) throws {
    let (observations, _) = try fixture.normalised()
    let calls = try fixture.expected()["calls"]?.arrayValue ?? []
    #expect(calls.count >= 6)
    for call in calls {
      for expected in call["observations"]?.arrayValue ?? [] {
        let id = expected["id"]?.stringValue ?? ""
        let facts = try #require(observations[id], "\(call["call"]?.stringValue ?? "") \(id)")
        check(
          facts, expected, "\(fixture.name) \(call["call"]?.stringValue ?? "") \(expected["scope"]?.stringValue ?? "")")
      }
    }
  }

  private func check(_ facts: ObservationFacts, _ expected: JSONValue, _ what: String) {
    #expect(facts.isArrived, "\(what)")
    let texts: [(String, String?)] = [
      ("name", facts.name), ("kind", facts.kind?.rawValue), ("scope", facts.scope),
      ("requestModel", facts.requestModel),
      ("responseModel", facts.responseModel), ("provider", facts.provider), ("responseID", facts.responseID),
      ("serviceTier", facts.serviceTier), ("rule", facts.usage?.rule), ("user", facts.user), ("session", facts.session),
      ("level", facts.level?.rawValue), ("prompt", facts.prompt), ("endpointHint", facts.endpointHint),
    ]
    for (key, actual) in texts {
      if let text = expected[key]?.stringValue { #expect(actual == text, "\(what) \(key)") }
    }
    if let part = expected["statusMessage"]?.stringValue {
      #expect(facts.statusMessage?.contains(part) == true, "\(what)")
    }
    if let has = expected["hasFirstToken"]?.boolValue {
      #expect((facts.firstTokenAt != nil) == has, "\(what) first token")
    }
    checkMoney(facts, expected, what)
    let content = facts.content
    for (key, actual) in [("input", content.input), ("output", content.output)] {
      if let part = expected[key]?.stringValue {
        #expect(actual?.contains(part) == true, "\(what) \(key): \(actual ?? "nil")")
      }
    }
  }

  private func checkMoney(_ facts: ObservationFacts, _ expected: JSONValue, _ what: String) {
    let usage = facts.usage.map {
      Dictionary(uniqueKeysWithValues: $0.usage.entries.map { ($0.bucket.rawValue, $0.count) })
    }
    let expectedUsage = expected["usage"]?.objectValue.map { object in
      Dictionary(uniqueKeysWithValues: object.members.map { ($0.key, $0.value.intValue ?? -1) })
    }
    #expect(usage == expectedUsage, "\(what) usage")
    let flags = (expected["flags"]?.arrayValue ?? []).compactMap(\.stringValue)
    #expect(flagNames(facts.usage?.flags ?? []) == flags, "\(what) flags")
    #expect(facts.reportedCost?.amount.decimal == expected["reportedCost"]?.stringValue, "\(what) cost")
    let source: String? = facts.reportedCost.map {
      switch $0.source {
      case .provider: "provider"
      case .sender: "sender"
      case .instrumentation: "instrumentation"
      }
    }
    #expect(source == expected["costSource"]?.stringValue, "\(what) cost source")
  }

  private func flagNames(_ flags: UsageFlags) -> [String] {
    let names: [(UsageFlags, String)] = [
      (.contradiction, "contradiction"), (.negativeRemainder, "negativeRemainder"), (.unexplained, "unexplained"),
      (.estimatedBySender, "estimatedBySender"), (.unreadable, "unreadable"),
    ]
    return names.filter { flags.contains($0.0) }.map(\.1)
  }

  @Test(arguments: fixtures) func tracesHoldTheContext(_ fixture: Fixture) throws {
    let (observations, traces) = try fixture.normalised()
    let expected = try fixture.expected()["traces"]?.arrayValue ?? []
    #expect(traces.count == expected.count)
    for wanted in expected {
      let id = wanted["id"]?.stringValue ?? ""
      let trace = try #require(traces[id])
      let mine = observations.values.filter { $0.trace.hex == id && $0.isArrived }
      #expect(mine.count == wanted["observations"]?.intValue.map { Int($0) })
      #expect(mine.filter { $0.parent == nil }.count == wanted["roots"]?.intValue.map { Int($0) })
      #expect(trace.name == wanted["name"]?.stringValue)
      #expect(trace.user == wanted["user"]?.stringValue)
      #expect(trace.session == wanted["session"]?.stringValue)
      #expect(trace.environment == wanted["environment"]?.stringValue)
      #expect(trace.release == wanted["release"]?.stringValue)
      #expect(trace.version == wanted["version"]?.stringValue)
      #expect(trace.tags == (wanted["tags"]?.arrayValue ?? []).compactMap(\.stringValue))
      #expect(trace.isPublic == wanted["isPublic"]?.boolValue)
      #expect(trace.serverRoute == nil, "no capture holds a SERVER span")
    }
  }

  @Test(arguments: fixtures) func treeIsAsSent(_ fixture: Fixture) throws {
    let (observations, _) = try fixture.normalised()
    let pairs = observations.values.compactMap { child -> [String]? in
      guard let parent = child.parent.flatMap({ observations[$0.hex] }), let a = child.name, let b = parent.name else {
        return nil
      }
      return [a, b]
    }
    let expected = (try fixture.expected()["tree"]?.arrayValue ?? []).map {
      ($0.arrayValue ?? []).compactMap(\.stringValue)
    }
    #expect(
      pairs.sorted { $0.joined(separator: "\t") < $1.joined(separator: "\t") }
        == expected.sorted { $0.joined(separator: "\t") < $1.joined(separator: "\t") })
  }

  @Test(arguments: fixtures) func orderAndRepetitionOfRequestsDoNotMatter(_ fixture: Fixture) throws {
    let forward = try fixture.normalised()
    let backward = try fixture.normalised(reversed: true)
    #expect(forward.observations == backward.observations)
    #expect(forward.traces == backward.traces)
  }

  @Test(arguments: fixtures) func nothingIsRejected(_ fixture: Fixture) throws {
    for batch in try fixture.traceBatches() {
      #expect(batch.rejections.isEmpty)
      #expect(batch.accepted == batch.observations.count && batch.observationItems.count == batch.observations.count)
      #expect(batch.traceItems.count == batch.traces.count)
    }
    let logs = try fixture.logBatches()
    let expected = try fixture.expected()["logs"]
    #expect(logs.reduce(0) { $0 + $1.accepted } == Int(expected?["accepted"]?.intValue ?? 0))
    #expect(logs.reduce(0) { $0 + $1.rejections.count } == Int(expected?["rejected"]?.intValue ?? 0))
  }

  /// Every attribute is either read or kept: none is lost.
  @Test(arguments: fixtures) func everySentTextIsKeptSomewhere(_ fixture: Fixture) throws {
    for body in try fixture.bodies("v1_traces") {
      let resources = try Fixture.spans(body)
      let batch = OTLPNormaliser.batch(resources, Fixture.context)
      let spans = resources.flatMap(\.scopes).flatMap(\.spans)
      for (facts, span) in zip(batch.observations, spans) {
        let kept = facts.bodies.map(\.text).joined() + String(describing: facts) + String(describing: batch.traces)
        for attribute in span.attributes where !attribute.key.hasSuffix(".vector") {
          guard case .string(let text) = attribute.value, !text.isEmpty, text.utf8.first != UInt8(ascii: "{"),
            text.utf8.first != UInt8(ascii: "[")
          else { continue }
          #expect(isKept(attribute.key, text, kept), "\(fixture.name) \(attribute.key)")
        }
      }
    }
  }

  private func isKept(_ key: String, _ text: String, _ kept: String) -> Bool {
    if kept.contains(JSON.serialise(.string(text)).dropFirst().dropLast()) || kept.contains(text) { return true }
    if kept.contains(text.lowercased()) { return true }
    // Read into another form: names of kinds, instants.
    return ["gen_ai.operation.name", "openinference.span.kind", "langfuse.observation.completion_start_time"].contains(
      key)
  }
}
