import Domain
import HTML

/// What a column of the costs page shows; some of them its chart, shares and changes can measure. Raw values are the names in addresses.
public enum CostFigure: String, Sendable, Hashable, CaseIterable {
  case calls, errors, tokens, cost, contracted, list, avoided, perRequest, cacheHitRate

  /// What adds up, and so can be stacked, shared out and compared.
  public static let measures: [CostFigure] = [.cost, .contracted, .list, .avoided, .calls, .tokens]
  public static let columns = allCases
  /// Beside the measure, when the address names none.
  public static let usualColumns: [CostFigure] = [.calls, .tokens, .perRequest]

  var label: String {
    switch self {
    case .calls: "Calls"
    case .errors: "Errors"
    case .tokens: "Tokens"
    case .cost: "Cost"
    case .contracted: "Contracted"
    case .list: "List"
    case .avoided: "Avoided"
    case .perRequest: "Per request"
    case .cacheHitRate: "Cache hits"
    }
  }

  /// What it means, for hovering.
  var meaning: String {
    switch self {
    case .calls: "Calls of models"
    case .errors: "Calls that failed"
    case .tokens: "Prompt and completion tokens"
    case .cost: "Effective cost: what counts"
    case .contracted: "At your own prices and terms"
    case .list: "At list prices"
    case .avoided: "What calls that a cache answered would have cost; in no other sum"
    case .perRequest: "Cost of a call with a full price, on average"
    case .cacheHitRate: "Share of prompt tokens that the provider's cache held"
    }
  }

  /// Name of its column in a CSV file.
  public var column: String {
    switch self {
    case .calls, .errors, .tokens, .cost: rawValue
    case .contracted: "contracted_cost"
    case .list: "list_cost"
    case .avoided: "avoided_cost"
    case .perRequest: "cost_per_request"
    case .cacheHitRate: "cache_hit_rate"
    }
  }

  public var isMoney: Bool {
    switch self {
    case .cost, .contracted, .list, .avoided, .perRequest: true
    case .calls, .errors, .tokens, .cacheHitRate: false
    }
  }

  /// Its value, exactly.
  public func value(_ measures: Measures) -> CostValue {
    switch self {
    case .calls: .count(measures.calls)
    case .errors: .count(measures.errors)
    case .tokens: .count(measures.usage.totalTokens)
    case .cost: .money(measures.cost)
    case .contracted: .money(measures.contractedCost)
    case .list: .money(measures.listCost)
    case .avoided: .money(measures.avoidedCost)
    case .perRequest: .money(OverviewTiles.perCall(measures))
    case .cacheHitRate: .ratio(Int128(measures.usage.cacheReadTokens), Int128(measures.usage.inputTokens))
    }
  }

  /// Its value as a number with twelve places, for charts and for sorting; nil is unknown.
  func amount(_ measures: Measures) -> USD? {
    switch value(measures) {
    case .money(let amount): amount
    case .count(let count): USD(pico: Int128(count) * USD.scale)
    case .ratio(let part, let whole): whole > 0 ? USD(pico: part * USD.scale / whole) : nil
    }
  }

  /// A cell of a table. A zero that only calls without a price are behind is unknown.
  func html(_ measures: Measures) -> HTML {
    switch self {
    case .cost: MoneyText(measures).html
    case .contracted, .list:
      MoneyText(MoneyText(measures).isKnown ? (self == .list ? measures.listCost : measures.contractedCost) : nil, unknown: "No call here has a known price").html
    case .avoided: MoneyText(measures.avoidedCost).html
    case .perRequest: MoneyText(OverviewTiles.perCall(measures), fine: true, unknown: "No call here has a full price").html
    case .tokens: TokenText(measures.usage.totalTokens).html
    case .calls: CountText(measures.calls).html
    case .errors: CountText(measures.errors).html
    case .cacheHitRate: "\(measures.cacheHitRate.map { ShareText($0, of: 1).text } ?? "–")"
    }
  }

  /// An amount of a chart as people read it.
  func text(_ amount: USD) -> HTML {
    isMoney ? MoneyText(amount).html : TokenText(Int64(clamping: amount.pico / USD.scale)).html
  }
  func words(_ amount: USD) -> String {
    isMoney ? MoneyText(amount).text : TokenText(Int64(clamping: amount.pico / USD.scale)).text
  }

  /// A label of the axis.
  func tick(_ amount: USD) -> String {
    if isMoney { return TickScale.label(amount) }
    let whole = amount.pico / USD.scale
    return amount.pico % USD.scale == 0 ? TokenText(Int64(clamping: whole)).text : String(TickScale.label(amount).dropFirst())
  }
}

/// An exact value of a column.
public enum CostValue: Sendable, Hashable {
  /// nil: no call has a known price.
  case money(USD?)
  case count(Int64)
  /// Of a whole that may be zero.
  case ratio(Int128, Int128)
}

extension Usage {
  /// Prompt tokens that the provider's cache held.
  var cacheReadTokens: Int64 { self[.cacheRead] &+ self[.cacheReadAudio] }
}
