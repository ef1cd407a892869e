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
    case .costs: #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M2.5 2.5v11h11M5 10.500l3-3.500 2 2 3.500-5" /></svg>"#
    case .teams:
      #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2.500v4M3.500 12.500v-3h9v3M8 6.500v3M2 12.500h3M6.500 12.500h3M11 12.500h3" /></svg>"#
    case .reports:
      #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M3.500 1.500h6l3 3v10h-9zM6 7.500h4M6 10.500h4" /></svg>"#
    case .users:
      #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M8 8a2.700 2.700 0 1 0 0-5.400A2.700 2.700 0 0 0 8 8zM3 13.500c.5-2.700 2.500-3.700 5-3.700s4.500 1 5 3.700" /></svg>"#
    case .settings:
      #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 4.500h7M13 4.500h1M2 11.500h1M7 11.500h7M11 2.700v3.600M5 9.700v3.600" /></svg>"#
    case .traces: #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M2 4h9M4 8h8M7 12h7" /></svg>"#
    case .prices:
      #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M2.5 2.5h5.2l5.8 5.8-5.2 5.2-5.8-5.8zM5.4 5.4h.01" /></svg>"#
    case .connect:
      #"<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="M5.5 2v4M10.5 2v4M3.5 6h9v2a4.5 4.5 0 0 1-9 0zM8 12.5v2" /></svg>"#
    }
  }
}
