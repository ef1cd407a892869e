import HTML

/// A column's head; a link that sorts where the column can be sorted.
struct SortHeader {
  var label: String
  /// Name in the address; nil cannot be sorted.
  var key: String?
  var isNumber = false
  /// Cells of it fold away on phones.
  var folds = false

  /// Without its link, where nothing can be sorted.
  func asPlain(_ isPlain: Bool) -> SortHeader {
    var copy = self
    if isPlain { copy.key = nil }
    return copy
  }

  /// `current` is the sort in force. Numbers start with the largest, words with the first.
  func render(_ address: PageAddress, current: String, fragment: String = "") -> HTML {
    let kind = [isNumber ? "n" : nil, folds ? "fold" : nil].compactMap { $0 }.joined(separator: " ")
    guard let key else { return "<th scope=\"col\" class=\"\(kind)\">\(label)</th>" }
    let isCurrent = key == current
    let ascends = isCurrent ? !address.ascending : !isNumber && key != "time"
    let target = address.with {
      $0.sort = key
      $0.ascending = ascends
    }
    let order = address.ascending ? "ascending" : "descending"
    return """
      <th scope="col" class="\(kind)"\(if: isCurrent, " aria-sort=\"\(order)\"")>\
      <a href="\(url: target.url + fragment)">\(label)\
      \(if: isCurrent, " <span aria-hidden=\"true\">\(address.ascending ? "↑" : "↓")</span>")</a></th>
      """
  }
}
