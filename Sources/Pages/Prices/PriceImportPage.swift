import Domain
import HTML

/// What a file would change, or changed.
public struct PriceImportOutcome: Sendable {
  public struct Line: Sendable {
    public enum Kind: String, Sendable { case added, changed, removed, refused }
    public var kind: Kind
    /// "openai: gpt-4o from 2026-11-01", or the place in the file of what was refused.
    public var what: String
    /// The prices, the change, or why it was refused.
    public var detail: String

    public init(kind: Kind, what: String, detail: String) {
      self.kind = kind
      self.what = what
      self.detail = detail
    }
  }

  public var lines: [Line]
  /// Entries that are in the file and in force already.
  public var unchanged: Int
  public var isApplied: Bool

  public init(lines: [Line], unchanged: Int, isApplied: Bool) {
    self.lines = lines
    self.unchanged = unchanged
    self.isApplied = isApplied
  }

  func count(_ kind: Line.Kind) -> Int { lines.reduce(0) { $1.kind == kind ? $0 + 1 : $0 } }
}

/// Prices from a file and into one.
public struct PriceImportPage: Sendable {
  public var prices: PriceFrame
  /// Names in the address and words of the formats.
  public var formats: [(value: String, label: String)]
  public var format: String
  /// The file, given back so that what was looked at is what is applied.
  public var text: String
  public var outcome: PriceImportOutcome?

  public init(
    prices: PriceFrame, formats: [(value: String, label: String)], format: String, text: String = "",
    outcome: PriceImportOutcome? = nil
  ) {
    self.prices = prices
    self.formats = formats
    self.format = format
    self.text = text
    self.outcome = outcome
  }

  /// Lines of an outcome that are shown.
  private static let shown = 500

  public func render() -> HTML {
    prices.page(
      "Import and export", tab: .files,
      """
      \(outcome, some: result)
      \(if: prices.canChange && outcome?.isApplied != true, form)
      <section class="measure"><h2>Export</h2><p class="note">Your own prices, discounts, names and switches. What cannot be said in a format is left \
      out; Quipu JSON says all.</p>
      <p class="actions">\(formats, { "<a class=\"button\" href=\"\(url: Route.query(Route.priceExport, [("format", $0.value)]))\" download>\($0.label)</a>" })</p></section>
      """)
  }

  private var form: HTML {
    """
    <section class="measure"><h2>Import</h2>
    <form class="entry wide" method="post" action="\(Route.priceImport)" enctype="multipart/form-data">\(prices.token)
    <fieldset><label>Format\(Select(name: "format", options: formats, chosen: format))</label>
    <label>File<input type="file" name="file" accept=".json,.csv,application/json,text/csv"></label></fieldset>
    <label>or its text<textarea name="text" rows="8" spellcheck="false">\(outcome == nil ? text : "")</textarea></label>
    <p class="actions"><button>Dry run</button></p></form></section>
    """
  }

  private func result(_ outcome: PriceImportOutcome) -> HTML {
    """
    <section class="measure"><h2>\(outcome.isApplied ? "Imported" : "What the file would change")</h2>
    <div class="verdict" role="status"><p>\(summary(outcome))</p>\(if: !outcome.isApplied && prices.canChange && changes(outcome), apply)</div>
    \(if: !outcome.lines.isEmpty, table(outcome))</section>
    """
  }

  private func changes(_ outcome: PriceImportOutcome) -> Bool { outcome.lines.contains { $0.kind != .refused } }

  private func summary(_ outcome: PriceImportOutcome) -> HTML {
    let words = [
      (outcome.count(.added), "added"), (outcome.count(.changed), "changed"), (outcome.count(.removed), "ended"),
      (outcome.unchanged, "unchanged"),
    ]
    let refused = outcome.count(.refused)
    return """
      \(words.enumerated(), { "\(if: $0 > 0, ", ")<b>\(Digits.grouped($1.0))</b> \($1.1)" })\
      \(if: refused > 0, ", <span class=\"amber\"><b>\(Digits.grouped(refused))</b> not understood</span>").\
      \(if: outcome.isApplied, " They hold for calls from now on.")
      """
  }

  private var apply: HTML {
    """
    <form method="post" action="\(Route.priceImport)" enctype="multipart/form-data">\(prices.token)<input type="hidden" name="format" value="\(format)">\
    <input type="hidden" name="apply" value="1"><textarea name="text" hidden aria-label="The file">\(text)</textarea>\
    <button class="primary">Import</button></form>
    """
  }

  private func table(_ outcome: PriceImportOutcome) -> HTML {
    """
    <table class="rows"><thead><tr><th scope="col">Entry</th><th scope="col">What happens</th></tr></thead>\
    <tbody>\(outcome.lines.prefix(Self.shown), { line in
      """
      <tr><th scope="row">\(line.what)</th><td><span class="\(line.kind == .refused ? "amber" : "tag")">\(Self.word(line.kind))</span> \
      <span class="note">\(line.detail)</span></td></tr>
      """
    })</tbody></table>\(if: outcome.lines.count > Self.shown, "<p class=\"more note\">The first \(Self.shown) of \(outcome.lines.count).</p>")
    """
  }

  private static func word(_ kind: PriceImportOutcome.Line.Kind) -> String {
    switch kind {
    case .added: "added"
    case .changed: "changed"
    case .removed: "ended"
    case .refused: "not understood"
    }
  }
}
