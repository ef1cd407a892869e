import HTML

/// The bar behind a share.
struct ShareBar: HTMLConvertible {
  /// 0…100.
  var percent: Double
  var html: HTML {
    "<svg class=\"share\" aria-hidden=\"true\"><rect width=\"\(xy: percent)%\" height=\"100%\" /></svg>"
  }
}

/// "12 unpriced" in the colour of attention; nothing at zero.
struct UnpricedNote: HTMLConvertible {
  var count: Int64
  var address: PageAddress

  var html: HTML {
    guard count > 0 else { return "" }
    let target = address.with { $0.unpricedOnly = true }
    return """
      <a class="amber above" href="\(url: target.url)" title="Calls whose cost is not fully known. They are not \
      counted as zero: \
      the total is at least what is shown.">\(CountText(count)) unpriced</a>
      """
  }
}
