import Foundation
import HTML
import Testing

@testable import Pages

/// For looking at the pages: QUIPU_SHOTS=folder writes every sample as a file beside a copy of the style sheet.
@Suite struct WrittenPages {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["QUIPU_SHOTS"] != nil))
  func everySampleIsWritten() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["QUIPU_SHOTS"])
    let pages = AllPages.all + [("trace-large", TraceSamples.large(10_000).render())]
    for (name, html) in pages {
      try Data(html.bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name).html"))
    }
    #expect(pages.count > 10)
  }
}
