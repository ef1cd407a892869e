import Testing

@testable import Server

@Suite struct FormDataTests {
  private func body(_ text: String) -> [UInt8] { Array(text.utf8) }
  private let type = "multipart/form-data; boundary=----x7"

  @Test func fieldsAndFilesAreReadByName() throws {
    let text = "------x7\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n"
      + "------x7\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\na,b\r\n--\r\n1,2\r\n\r\n------x7--\r\n"
    let form = try #require(FormData(body(text), contentType: type))
    #expect(form.text("csrf") == "abc")
    #expect(form.text("file") == "a,b\r\n--\r\n1,2\r\n")
    #expect(form.text("other") == nil)
  }

  @Test(arguments: ["", "------x7", "------x7\r\n", "------x7\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb", "no boundary at all"])
  func whatDidNotArriveWholeIsRefused(text: String) {
    #expect(FormData(body(text), contentType: type) == nil)
  }

  @Test func withoutABoundaryNothingIsRead() {
    #expect(FormData(body("------x7--"), contentType: "multipart/form-data") == nil)
    #expect(FormData(body("a=b"), contentType: "application/x-www-form-urlencoded") == nil)
  }
}
