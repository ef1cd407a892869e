import Foundation
import Testing

@testable import Store

@Suite struct BlockSignatureTests {
  /// What stands in a part, however it is written there and asked for, is found by signature, block and part.
  @Test func aMatchIsNeverMissed() throws {
    var generator = SystemRandomNumberGenerator()
    for round in 0..<3000 {
      let text = SearchTexts.random(Int.random(in: 1...60, using: &generator), &generator)
      let scalars = Array(text.unicodeScalars)
      let from = Int.random(in: 0..<scalars.count, using: &generator)
      let to = Int.random(in: from..<scalars.count, using: &generator) + 1
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars[from..<to])
      let asked = SearchTexts.recased(String(view), &generator)
      // Quotes open phrases, and a lone backslash before what follows is how JSON escapes.
      if asked.unicodeScalars.contains(where: { "\"\\“”„".unicodeScalars.contains($0) }) { continue }
      if asked.unicodeScalars.allSatisfy({ $0.properties.isWhitespace }) { continue }
      let plain = text
      if plain.utf8.contains(0x5C) { continue }
      for part in [plain, SearchTexts.json(plain, ascii: false), SearchTexts.json(plain, ascii: true)] {
        for question in [asked, "\"\(asked)\""] {
          let other = "before"
          #expect(try SearchTexts.matches(question, part), "round \(round): \(question) in \(part)")
          #expect(try SearchTexts.passes(question, [other, part, other]), "round \(round): \(question) in \(part)")
        }
      }
    }
  }

  @Test func wordsOfCapturedTrafficAreFoundInEveryCase() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures").path
    let names = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
    var words = 0
    for name in names where name.hasSuffix(".json") || name.hasSuffix(".bin") || name.hasSuffix(".pb") {
      guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
      let text = String(decoding: data.prefix(60_000), as: UTF8.self)
      let signature = SearchTexts.signature([text])
      let escape = try Regex("u[0-9a-fA-F]{4}.*")
      for word in text.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) where word.utf8.count >= 4 {
        words += 1
        let places = BlockSignature.places(of: Array(word.uppercased().utf8))
        // Full mappings (ß to SS) are not simple ones.
        // Behind a backslash "u00fc" is a letter.
        if word.wholeMatch(of: escape) != nil { continue }
        if word.utf8.allSatisfy({ $0 < 0x80 }) { #expect(BlockSignature.has(places, in: signature), "\(word) of \(name)") }
      }
    }
    #expect(words > 1000)
  }

  @Test func anotherTextIsTurnedAway() {
    let signature = SearchTexts.signature(["The refund was paid to the customer in Lisbon."])
    var passed = 0
    for i in 0..<2000 {
      let word = String(UInt64(i) &* 0x9E37_79B9_7F4A_7C15, radix: 36)
      if BlockSignature.has(BlockSignature.places(of: Array(word.utf8)), in: signature) { passed += 1 }
    }
    #expect(passed < 20)
  }

  @Test func itsSizeFollowsWhatThereIsToTell() {
    #expect(SearchTexts.signature([]).count == 8)
    #expect(SearchTexts.signature(["ok"]).count == 8)
    let word = SearchTexts.signature(["internationalisation"])
    #expect(word == SearchTexts.signature(["internationalisation", "Internationalisation"]))
    var generator = SystemRandomNumberGenerator()
    let long = (0..<200).map { _ in SearchTexts.random(500, &generator) }
    #expect(SearchTexts.signature(long).count == BlockSignature.bytesMax)
    let middle = SearchTexts.signature([SearchTexts.random(500, &generator)])
    #expect(middle.count > word.count && middle.count < 256)
    #expect(middle.reduce(0) { $0 + $1.nonzeroBitCount } <= middle.count * 8 * 45 / 100)
  }

  @Test func ideographsAreToldByTwo() throws {
    #expect(BlockSignature.places(of: Array("退款".utf8)).count == 1)
    #expect(BlockSignature.places(of: Array("退".utf8)).isEmpty)
    #expect(try SearchTexts.passes("退款", ["我要退款，谢谢"]))
    #expect(try !SearchTexts.passes("退款", ["我要谢谢"]))
  }
}
