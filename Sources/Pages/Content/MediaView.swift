import Domain
import HTML

/// A file that was taken out of a body: shown where a browser can, else named with a link.
struct MediaView: HTMLConvertible {
  let mark: MediaMark

  var html: HTML {
    guard let id = mark.id else {
      return "<p class=\"note\">\(mark.type), \(size): not kept, because masking can’t read it.</p>"
    }
    let address = Route.media(besideTrace: id)
    let link: HTML = "<a href=\"\(address)\" class=\"note\">\(mark.type), \(size)</a>"
    guard mark.type.hasPrefix("image/"), MediaType.shown.contains(mark.type) else { return "<p class=\"file\">\(link)</p>" }
    return "<figure class=\"file\"><img src=\"\(address)\" alt=\"\(mark.type) of this message\" loading=\"lazy\"><figcaption>\(link)</figcaption></figure>"
  }

  private var size: String {
    mark.byteCount < 1 << 20 ? "\(max(1, mark.byteCount >> 10)) KiB" : "\(mark.byteCount >> 20) MiB"
  }
}

extension JSONValue {
  /// The first mark of a file within it, where a part of a message has one ("url", "data", "source" …).
  var mediaMark: MediaMark? {
    if let text { return MediaMark(text) }
    if let members { return members.lazy.compactMap(\.value.mediaMark).first }
    return elements?.lazy.compactMap(\.mediaMark).first
  }
}
