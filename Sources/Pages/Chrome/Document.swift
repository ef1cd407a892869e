import HTML

/// The outermost HTML. Nothing here or inside it holds script or style: the content security policy is `default-src 'self'`.
enum Document {
  static func page(title: String, theme: Theme, assets: Assets, body: HTML) -> HTML {
    """
    <!doctype html>
    <html lang="en"\(if: theme != .system, " data-theme=\"\(theme.rawValue)\"")>
    <head><meta charset="utf-8"><title>\(title)</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
    <link rel="icon" href="\(url: assets.icon)" type="image/svg+xml">
    <link rel="stylesheet" href="\(url: assets.css)">
    <script src="\(url: assets.js)" defer></script></head>
    \(body)
    </html>
    """
  }

  /// Opened by "?"; the entries of the rail that are there.
  static func keyboardHelp(_ sections: [Section]) -> HTML {
    """
    <dialog id="keys" aria-labelledby="keys-title"><h2 id="keys-title">Keyboard</h2><dl>
    <dt><kbd>/</kbd></dt><dd>Search or filter</dd>
    <dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>Next, previous row</dd>
    <dt><kbd>enter</kbd></dt><dd>Open the row</dd>
    <dt><kbd>e</kbd></dt><dd>Next error of a trace</dd>
    <dt><kbd>r</kbd></dt><dd>Raw input and output</dd>
    <dt><kbd>g</kbd> then \(sections, { "<kbd>\($0.key)</kbd> " })</dt>\
    <dd>\(sections.map(\.label).joined(separator: ", "))</dd>
    <dt><kbd>?</kbd></dt><dd>This list</dd>
    </dl><form method="dialog"><button>Close</button></form></dialog>
    """
  }
}
