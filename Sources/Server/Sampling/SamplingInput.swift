import Domain
import Pages

extension SamplingDraft {
  init(_ form: QueryParameters) {
    self.init()
    (environment, payloads, spans) = (form.typed("environment"), form.typed("payloads"), form.typed("spans"))
    (errors, scored) = (form.text("errors") == "1", form.text("scored") == "1")
    (costAbove, durationAbove) = (form.typed("costAbove"), form.typed("durationAbove"))
    (users, tags, endpoints) = (form.typed("users"), form.typed("tags"), form.typed("endpoints"))
  }

  /// - Throws: `Failure` 400 naming the field and what it accepts.
  func policy() throws -> SamplingPolicy {
    var keep = KeepRules()
    (keep.errors, keep.scored) = (errors, scored)
    keep.costAbove = try SamplingInput.cost(costAbove)
    keep.durationAboveMilliseconds = try SamplingInput.milliseconds(seconds: durationAbove)
    (keep.users, keep.tags, keep.endpoints) = (SamplingInput.lines(users), SamplingInput.lines(tags), SamplingInput.lines(endpoints))
    return SamplingPolicy(
      payloads: try SamplingInput.share("payloads", payloads), spans: try SamplingInput.share("spans", spans), keep: keep)
  }
}

/// Texts of forms and JSON as settings. All throw `Failure` 400 naming the field and what it accepts.
enum SamplingInput {
  static func share(_ name: String, _ text: String) throws -> SamplingShare {
    guard let share = SamplingShare(percent: text) else {
      throw Failure.badRequest("\(name) is \"\(text.prefix(40))\": expected a percentage from 0 to 100 with at most four decimals")
    }
    return share
  }

  static func cost(_ text: String) throws -> USD? {
    if text.isEmpty { return nil }
    guard let cost = USD(exactDecimal: text), cost >= .zero else {
      throw Failure.badRequest("costAbove is \"\(text.prefix(40))\": expected an amount in USD such as 0.05")
    }
    return cost
  }

  static func milliseconds(seconds text: String) throws -> Int64? {
    if text.isEmpty { return nil }
    guard text.utf8.count <= 20, let milliseconds = DecimalText.exactly(text, scaleDigits: 3), let value = Int64(exactly: milliseconds), value >= 0 else {
      throw Failure.badRequest("the duration is \"\(text.prefix(40))\": expected seconds such as 30 or 1.5, to the millisecond")
    }
    return value
  }

  /// One a line, blanks around them left out.
  static func lines(_ text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).map { line in
      var line = line
      while line.first == " " || line.first == "\t" { line.removeFirst() }
      while line.last == " " || line.last == "\t" { line.removeLast() }
      return String(line)
    }.filter { !$0.isEmpty }
  }
}
