import Foundation
import HTML
import Testing

@testable import Pages

/// For looking at the pages: QUIPU_SHOTS=folder writes every sample as a file beside a copy of the style sheet.
@Suite struct WrittenPages {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["QUIPU_SHOTS"] != nil))
  func everySampleIsWritten() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["QUIPU_SHOTS"])
    let large = TraceSamples.large(10_000)
    var pages = AllPages.all
    let time = ContinuousClock().measure { pages.append(("trace-large", large.render())) }
    print("10,000 observations: \(time), \(pages.last?.html.bytes.count ?? 0) bytes")
    for (name, html) in pages {
      try Data(html.bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name).html"))
    }
    #expect(pages.count > 10)
  }
}
