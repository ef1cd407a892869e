import Domain
import Wire

/// One day of the demo as the OTLP requests an instrumented application would send. Pure: the same day and anchor give the same bytes.
struct DemoTraffic {
  /// End of the demo's month; nothing starts after it.
  let anchor: Timestamp

  /// Requests of one team on one day (0 = the oldest), about 50 spans each.
  func requests(team: DemoPlan.DemoTeam, teamIndex: Int, day: Int) -> [[OTLPResourceSpans]] {
    var random = DemoRandom(seed: UInt64(day) &* 1_000 &+ UInt64(teamIndex) &+ 7)
    var spans: [(environment: String, spans: [OTLPSpan])] = []
    for endpoint in team.endpoints {
      for number in 0..<traces(endpoint, day: day, &random) {
        let start = startTime(day: day, &random)
        let environment = random.isTrue(86) ? "production" : random.pick(DemoPlan.environments)
        var trace = DemoTrace(
          endpoint: endpoint, start: start, id: traceID(teamIndex, endpoint, day, number), environment: environment, random: random)
        let made = trace.make()
        random = trace.random
        if start <= anchor { spans.append((environment, made)) }
      }
    }
    return batches(spans, service: team.project + "-" + team.name.lowercased())
  }

  private func traces(_ endpoint: String, day: Int, _ random: inout DemoRandom) -> Int {
    let usual = DemoPlan.tracesPerDay(endpoint)
    let grown = usual * (80 + day / 2) / 100
    let isWeekend = weekday(day) >= 5
    return max(1, (isWeekend ? grown / 3 : grown) + random.int(-usual / 8...usual / 8))
  }

  /// 0 Monday … 6 Sunday.
  private func weekday(_ day: Int) -> Int {
    let daysSinceEpoch = Int(dayStart(day).microseconds / 86_400_000_000)
    return (daysSinceEpoch + 3) % 7
  }

  func dayStart(_ day: Int) -> Timestamp {
    let midnight = anchor.microseconds - anchor.microseconds % 86_400_000_000
    return Timestamp(microseconds: midnight - Int64(DemoPlan.days - 1 - day) * 86_400_000_000)
  }

  private func startTime(day: Int, _ random: inout DemoRandom) -> Timestamp {
    let total = DemoPlan.hourWeights.reduce(0, +)
    var left = random.int(0...total - 1), hour = 0
    while left >= DemoPlan.hourWeights[hour] {
      left -= DemoPlan.hourWeights[hour]
      hour += 1
    }
    let within = Int64(hour) * 3_600_000_000 + Int64(random.int(0...3_599_999_999))
    return dayStart(day).adding(microseconds: within)
  }

  private func traceID(_ team: Int, _ endpoint: String, _ day: Int, _ number: Int) -> [UInt8] {
    Array(SHA256Digest.of("demo/\(team)\(endpoint)/\(day)/\(number)".utf8).prefix(16))
  }

  private func batches(_ traces: [(environment: String, spans: [OTLPSpan])], service: String) -> [[OTLPResourceSpans]] {
    stride(from: 0, to: traces.count, by: 12).map { from in
      let part = traces[from..<min(from + 12, traces.count)]
      return DemoPlan.environments.compactMap { environment in
        let spans = part.filter { $0.environment == environment }.flatMap(\.spans)
        if spans.isEmpty { return nil }
        let resource = [
          Attribute(key: "service.name", value: .string(service)),
          Attribute(key: "deployment.environment.name", value: .string(environment)),
          Attribute(key: "service.version", value: .string("2026.11")),
        ]
        let scope = OTLPScope(name: "opentelemetry.instrumentation.genai", version: "1.3", attributes: [])
        return OTLPResourceSpans(resource: resource, scopes: [OTLPScopeSpans(scope: scope, spans: spans)])
      }
    }
  }
}
