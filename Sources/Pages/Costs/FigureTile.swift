import HTML

/// One of the large figures above a page, with its change and a note.
struct FigureTile: HTMLConvertible {
  var name: String
  var figure: any TileFigure
  var address: String
  /// In bold, against the period before.
  var change: String?
  var note: HTML = ""
  var isMain = false

  var html: HTML {
    let isLong = figure.text.count > (isMain ? 13 : 9)
    return """
      <div class="tile\(if: isMain, " main")"><h2>\(name)</h2><a class="figure\(if: isLong, " long")" href="\(url: address)">\(figure.html)</a>
      <p class="change">\(change ?? "\u{A0}")</p><p>\(note)</p></div>
      """
  }
}
