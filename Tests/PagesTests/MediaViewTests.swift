import Domain
import HTML
import Testing

@testable import Pages

@Suite struct MediaViewTests {
  private static let id = String(repeating: "ab", count: 32)

  @Test func aPictureOfAMessageIsShownWhereverItsMarkStands() {
    let mark = MediaMark(type: "image/png", byteCount: 3008, id: Self.id).text
    for text in [
      mark, "before \(mark) after", "[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"\(mark)\"}}]}]",
      "[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"\(mark)\"}}]}]", "{\"any\":{\"thing\":\"\(mark)\"}}",
    ] {
      #expect(ContentSection(title: "Input", text: text).html.string.contains("<img src=\"../media/\(Self.id)\""), "\(text)")
    }
  }

  @Test func whatABrowserCouldRunIsALinkAndWhatWasNotKeptSaysSo() {
    let drawing = ContentSection(title: "Input", text: MediaMark(type: "image/svg+xml", byteCount: 5, id: Self.id).text).html.string
    #expect(!drawing.contains("<img") && drawing.contains("href=\"../media/\(Self.id)\""))
    let gone = ContentSection(title: "Input", text: MediaMark(type: "image/png", byteCount: 5000, id: nil).text).html.string
    #expect(gone.contains("not kept") && !gone.contains("media/"))
  }

  @Test func aMarkThatSomeoneWroteThemselvesIsText() {
    let forged = ContentSection(title: "Input", text: "@@@quipuMedia:type=image/png|bytes=1|id=../../x\"onerror=@@@").html.string
    #expect(!forged.contains("<img") && !forged.contains("href="))
  }
}
