import HTML

/// The few drawings there are: the mark, and one per rail entry for when the rail is narrow.
enum Icon {
  static let brand: HTML = """
    <svg class="mark" viewBox="0 0 20 20" aria-hidden="true"><path d="M1 4.5q9-3 18 0" /><path d="M5 3.6v13M10 \
    3v15M15 3.6v10" />\
    <circle cx="5" cy="9" r="1.9" /><circle cx="10" cy="7.5" r="1.9" /><circle cx="10" cy="13" r="1.9" /><circle \
    cx="15" cy="10.5" r="1.9" /></svg>
    """
  static let signOut: HTML = """
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M6 2.5H2.5v11H6M10 5l3 3-3 3M13 8H6" /></svg>
    """

  static func of(_ section: Section) -> HTML {
    switch section {
    case .overview:
      #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 13.5h12M4 11V8M8 11V3M12 11V6" /></svg>"#
    case .traces: #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 4h9M4 8h8M7 12h7" /></svg>"#
    case .prices:
      #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M2.5 2.5h5.2l5.8 5.8-5.2 5.2-5.8-5.8zM5.4 5.4h.01" /></svg>"#
    case .connect:
      #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M5.5 2v4M10.5 2v4M3.5 6h9v2a4.5 4.5 0 0 1-9 0zM8 12.5v2" /></svg>"#
    }
  }
}
