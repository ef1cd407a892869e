import Domain
import HTML

/// What was typed into the form of an own price; given back when it could not be saved, or was only tried.
public struct PriceDraft: Sendable {
  public var provider = ""
  public var kind = "exact"
  public var pattern = ""
  /// By unit key, as typed.
  public var prices: [String: String] = [:]
  /// Days, as typed.
  public var from = ""
  public var to = ""
  public var conditions: [String: String] = [:]
  public var source = ""
  /// Where the calls it is for begin: a re-pricing is offered from there on.
  public var since = ""

  public init() {}
}

/// The fields that say which sent names an entry is for.
struct PatternFields: HTMLConvertible {
  var provider = ""
  var kind = "exact"
  var pattern = ""
  var isOptional = false

  var html: HTML {
    """
    <label>Provider<input name="provider" value="\(provider)" placeholder="any" maxlength="200"></label>
    <label>Name as sent\(Select(name: "match", options: Self.kinds, chosen: kind))</label>
    <label>Text<input name="pattern" value="\(pattern)" maxlength="500"\(if: isOptional, " placeholder=\"every model\"")\
    \(if: !isOptional, " required")></label>
    """
  }

  static let kinds = NamePattern.Kind.allCases.map { (value: $0.rawValue, label: PriceWords.words[$0.rawValue] ?? $0.rawValue) }
}

/// Days between which an entry holds.
struct DateFields: HTMLConvertible {
  var from = ""
  var to = ""

  var html: HTML {
    """
    <label>From<input type="date" name="from" value="\(from)"></label>
    <label>Until, excluded<input type="date" name="to" value="\(to)"></label>
    """
  }
}

struct TermForm: HTMLConvertible {
  let prices: PriceFrame

  var html: HTML {
    """
    <form class="entry" method="post" action="/prices/terms">\(prices.token)\(PatternFields(kind: "prefix", isOptional: true))
    <label>Factor on the list price<input name="factor" inputmode="decimal" placeholder="0.85 is 15 % off" required></label>\
    \(DateFields())<label>Source<input name="source" placeholder="contract, page" required maxlength="500"></label><button>Save discount</button></form>
    """
  }
}

struct AliasForm: HTMLConvertible {
  let prices: PriceFrame

  var html: HTML {
    """
    <form class="entry" method="post" action="/prices/aliases">\(prices.token)\(PatternFields())
    <label>Stands for the model<input name="targetModel" placeholder="gpt-4o" required maxlength="500"></label>
    <label>of provider<input name="targetProvider" placeholder="as sent" maxlength="200"></label>\(DateFields())<button>Save name</button></form>
    """
  }
}

struct SwitchForm: HTMLConvertible {
  let prices: PriceFrame

  var html: HTML {
    """
    <form class="entry" method="post" action="/prices/switches">\(prices.token)
    <label>Provider whose catalogue prices don’t hold<input name="provider" required maxlength="200"></label><button>Switch off</button></form>
    """
  }
}

/// The fields of an own price.
struct PriceForm: HTMLConvertible {
  let prices: PriceFrame
  let draft: PriceDraft
  /// Every unit key that can be priced, in the catalogue's order.
  let units: [String]

  private static let main = ["input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok"]

  var html: HTML {
    let others = units.filter { !Self.main.contains($0) }
    let isOpen = others.contains { !(draft.prices[$0] ?? "").isEmpty } || !draft.conditions.isEmpty
    return """
      <form class="entry wide" method="post" action="/prices/listings">\(prices.token)\
      <input type="hidden" name="since" value="\(draft.since)">
      <fieldset><legend>For calls to</legend>\(PatternFields(provider: draft.provider, kind: draft.kind, pattern: draft.pattern))</fieldset>
      <fieldset><legend>US dollars per million tokens</legend>\(Self.main, { field($0, per: false) })</fieldset>
      <fieldset><legend>Holds</legend>\(DateFields(from: draft.from, to: draft.to))
      <label>Source<input name="source" value="\(draft.source)" placeholder="contract, price page, own cluster" required maxlength="500"></label></fieldset>
      <details\(if: isOpen, " open")><summary>Other units and conditions</summary>
      <fieldset><legend>Under these conditions only</legend>\(Self.conditions, { condition($0.0, $0.1, $0.2) })</fieldset>
      <fieldset><legend>US dollars</legend>\(others, { field($0, per: true) })</fieldset></details>
      <p class="actions"><button class="primary" name="do" value="save">Save price</button>\
      <button name="do" value="try" formnovalidate>Try it on the last seven days</button></p></form>
      """
  }

  private func field(_ key: String, per: Bool) -> HTML {
    """
    <label>\(UnitWords.name(key))\(if: per, ", per \(UnitWords.per(key))")<input name="price.\(key)" \
    value="\(draft.prices[key])" inputmode="decimal" maxlength="200" placeholder="no price"></label>
    """
  }

  private func condition(_ key: String, _ label: String, _ example: String) -> HTML {
    "<label>\(label)<input name=\"when.\(key)\" value=\"\(draft.conditions[key])\" placeholder=\"\(example)\" maxlength=\"100\"></label>"
  }

  private static let conditions = [
    ("service_tier", "Service tier", "batch, flex, priority"), ("region", "Region", "eu-central-1"),
  ]
}
