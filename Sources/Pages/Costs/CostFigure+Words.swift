import Domain
import HTML

/// Figures as columns of the costs page; those that add up can also be what its chart, shares and changes measure.
extension CostFigure {
  public static let measurable: [CostFigure] = [.cost, .contractedCost, .listCost, .avoidedCost, .calls, .totalTokens]
  public static let columns: [CostFigure] =
    [.calls, .errors, .totalTokens, .cost, .contractedCost, .listCost, .avoidedCost]
    + [.costPerRequest, .costPerThousandOutputTokens, .cacheHitRate, .latencyP50, .latencyP95]
  /// Beside the measure, when the address names none.
  public static let usualColumns: [CostFigure] = [.calls, .totalTokens, .costPerRequest]

  var label: String {
    switch self {
    case .calls: "Calls"
    case .errors: "Errors"
    case .totalTokens, .tokens: "Tokens"
    case .cost: "Cost"
    case .contractedCost: "Contracted"
    case .listCost: "List"
    case .avoidedCost: "Avoided"
    case .costPerRequest: "Per request"
    case .costPerThousandOutputTokens: "Per 1k output"
    case .cacheHitRate: "Cache hits"
    case .latencyP50: "Median"
    case .latencyP95: "p95"
    case .latencyP99: "p99"
    case .unpricedCalls: "Unpriced"
    case .unpricedShare: "Unpriced share"
    case .inputTokens: "Input tokens"
    case .outputTokens: "Output tokens"
    case .costPerUser: "Per user"
    case .costPerActiveUser: "Per active user"
    case .users: "Users"
    case .activeUsers: "Active users"
    }
  }

  /// What it means, for hovering.
  var meaning: String {
    switch self {
    case .calls: "Calls of models"
    case .errors: "Calls that failed"
    case .totalTokens: "Prompt and completion tokens"
    case .cost: "Effective cost: what counts"
    case .contractedCost: "At your own prices and terms"
    case .listCost: "At list prices"
    case .avoidedCost: "What calls that a cache answered would have cost; in no other sum"
    case .costPerRequest: "Cost of a call with a full price, on average"
    case .costPerThousandOutputTokens: "All cost, prompts included, by 1,000 output tokens"
    case .cacheHitRate: "Share of prompt tokens that the provider’s cache held"
    case .latencyP50: "Half of the calls ended within this time"
    case .latencyP95: "95 of 100 calls ended within this time"
    default: label
    }
  }

  /// Name of its column in a CSV file: "list_cost".
  public var column: String { Self.snake(rawValue) }

  public static func snake(_ name: String) -> String {
    name.reduce(into: "") { text, character in
      text += character.isUppercase ? "_" + character.lowercased() : String(character)
    }
  }

  public var isMoney: Bool {
    switch self {
    case .cost, .contractedCost, .listCost, .avoidedCost, .costPerRequest, .costPerThousandOutputTokens: true
    default: false
    }
  }

  /// Its value, exactly.
  public func value(_ measures: Measures) -> CostValue {
    switch self {
    case .calls: .count(measures.calls)
    case .errors: .count(measures.errors)
    case .totalTokens: .count(measures.usage.totalTokens)
    case .unpricedCalls: .count(measures.unpricedCalls)
    case .cost: .money(measures.cost)
    case .contractedCost: .money(measures.contractedCost)
    case .listCost: .money(measures.listCost)
    case .avoidedCost: .money(measures.avoidedCost)
    case .costPerRequest: .money(measures.costPerRequest)
    case .costPerThousandOutputTokens: .money(measures.costPerThousandOutputTokens)
    case .cacheHitRate:
      .ratio(Int128(measures.usage[.cacheRead] &+ measures.usage[.cacheReadAudio]), Int128(measures.usage.inputTokens))
    case .latencyP50: .milliseconds(measures.latency?.percentileMilliseconds(0.5))
    case .latencyP95: .milliseconds(measures.latency?.percentileMilliseconds(0.95))
    default: .money(nil)
    }
  }

  /// Its value as a number with twelve places, for charts and for sorting; nil is unknown.
  public func amount(_ measures: Measures) -> USD? {
    switch value(measures) {
    case .money(let amount): amount
    case .count(let count): USD(pico: Int128(count) * USD.scale)
    case .ratio(let part, let whole): whole > 0 ? USD(pico: part * USD.scale / whole) : nil
    case .milliseconds(let time): time.flatMap { USD($0) }
    }
  }

  /// A cell of a table. A zero that only calls without a price are behind is unknown.
  func html(_ measures: Measures) -> HTML {
    switch value(measures) {
    case .money(let amount):
      if self == .cost { return MoneyText(measures).html }
      let isKnown = self == .avoidedCost || MoneyText(measures).isKnown
      let isUnit = self == .costPerRequest || self == .costPerThousandOutputTokens
      return MoneyText(isKnown ? amount : nil, fine: isUnit, unknown: "No call here has a known price").html
    case .count(let count): return self == .totalTokens ? TokenText(count).html : CountText(count).html
    case .ratio: return "\(measures.cacheHitRate.map { ShareText($0, of: 1).text } ?? "–")"
    case .milliseconds(let time): return "\(time.map { DurationText(microseconds: Int64($0 * 1000)).text } ?? "–")"
    }
  }

  /// An amount of a chart as people read it.
  func words(_ amount: USD) -> String {
    isMoney ? MoneyText(amount).text : TokenText(Int64(clamping: amount.pico / USD.scale)).text
  }
  func text(_ amount: USD) -> HTML {
    isMoney ? MoneyText(amount).html : TokenText(Int64(clamping: amount.pico / USD.scale)).html
  }

  /// A label of the axis.
  func tick(_ amount: USD) -> String {
    if isMoney { return TickScale.label(amount) }
    let isWhole = amount.pico % USD.scale == 0
    return isWhole ? TokenText(Int64(clamping: amount.pico / USD.scale)).text : String(TickScale.label(amount).dropFirst())
  }
}

/// An exact value of a column.
public enum CostValue: Sendable, Hashable {
  /// nil: no call has a known price.
  case money(USD?)
  case count(Int64)
  /// Of a whole that may be zero.
  case ratio(Int128, Int128)
  /// nil: no call has an end.
  case milliseconds(Double?)
}
