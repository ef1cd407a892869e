import Domain
import Testing

@testable import Ingest

@Suite struct MaskerTests {
  private let masker = Masker(kinds: Set(MaskKind.allCases))

  private func masked(_ text: String) -> String {
    var tally = ContentTally()
    return masker(text, &tally)
  }

  @Test(arguments: [
    ("write to ada@example.org, please", "write to [email], please"),
    ("<Ada.Lovelace+x@mail.example.co.uk>", "<[email]>"),
    ("mailto:ada@example.org?subject=1", "mailto:[email]?subject=1"),
    ("https://shop.example/reset?mail=ada%40example.org&x=1", "https://shop.example/reset?mail=[email]&x=1"),
    ("邮箱ada@example.org谢谢", "邮箱[email]谢谢"), ("café@exämple.org", "[email]"),
    ("O'Brien@example.org", "[email]"), ("'ada@example.org'", "'[email]'"), ("ada@example.org.", "[email]."),
    ("IBAN DE89 3704 0044 0532 0130 00 now", "IBAN [iban] now"), ("GB82WEST12345698765432", "[iban]"),
    ("card 4111 1111 1111 1111 12/29", "card [card] 12/29"), ("4111111111111111", "[card]"), ("3782-822463-10005", "[card]"),
    ("call +49 170 1234567 2026", "call [phone] 2026"), ("(415) 555-0132", "[phone]"), ("415-555-0132", "[phone]"),
    ("0170 1234567", "[phone]"), ("01 23 45 67 89", "[phone]"), ("from 10.20.30.40:8080", "from [ip]:8080"),
    ("2001:db8::8a2e:370:7334 said", "[ip] said"), ("fe80:0:0:0:202:b3ff:fe1e:8329", "[ip]"), ("::ffff:10.1.2.3", "[ip]"),
    ("sk-proj-AbCdEf0123456789AbCdEf", "[api-key]"), ("key=AKIAIOSFODNN7EXAMPLE;", "key=[api-key];"),
    ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "[api-key]"), ("xoxb-123456789012-abcdefABCDEF", "[api-key]"),
    ("ghp_0123456789abcdefghijABCDEFGHIJ456789", "[api-key]"),
  ])
  func valuesAreReplacedByTheirKind(text: String, expected: String) { #expect(masked(text) == expected) }

  /// Ids, times, counts, code and words that look like values.
  @Test(arguments: [
    "1732337920123456789", "4bf92f3577b34da6a3ce929d0e0e4736", "4111111111111112", "4111111111111111abc", "12345678-1234-1234-1234-123456789012",
    "2026-11-23T05:20:00+0100", "2026-11-23 05:20:00", "10:22:33", "01-02-2026 10:30", "01/02/2026 10:30", "std::cout << a::b", "1.2.3", "256 512 1024",
    "me@home", "@mention and a @ b", "sk-learn-compatible-estimators-2", "key_performance_indicators_2026", "DE89 3704 0044 0532 0130 01",
    "300.1.2.3", "0.12345678901", "prompt_tokens: 4111111111", "aa:bb:cc:dd:ee:ff", "dead::beef",
  ])
  func whatOnlyLooksLikeOneStays(text: String) { #expect(masked(text) == text) }

  @Test func escapesDoNotHideAValueAtAnyDepth() {
    let inner = #"{"mail":"ada\u0040example.org","line":"\ncarol@example.org"}"#
    let outer = #"{"arguments":"{\"mail\":\"ada\\u0040example.org\",\"line\":\"\\ncarol@example.org\"}"}"#
    #expect(masked(inner) == #"{"mail":"[email]","line":"\n[email]"}"#)
    #expect(masked(outer) == #"{"arguments":"{\"mail\":\"[email]\",\"line\":\"\\n[email]\"}"}"#)
    #expect(masked(#"{"a":"\u0061da\u0040ex\u0061mple.org!"}"#) == #"{"a":"[email]!"}"#)
    #expect(masked(#"{"a":"\ud83d\ude00 ada@example.org \ud83d"}"#) == #"{"a":"\ud83d\ude00 [email] \ud83d"}"#)
    #expect(masked(#"["\u003cada@example.org\u003e"]"#) == #"["\u003c[email]\u003e"]"#)
  }

  @Test func keysAreMaskedAndNumbersStayJSON() {
    #expect(masked(#"{"ada@example.org":{"card":4111111111111111,"n":[4111111111111111, 5]}}"#) == #"{"[email]":{"card":"[card]","n":["[card]", 5]}}"#)
    // Inside a string the neighbours of a number say nothing.
    #expect(masked(#"{"a":"cards:4111111111111111, next"}"#) == #"{"a":"cards:[card], next"}"#)
    var tally = ContentTally()
    #expect(masker.masked(#"{"prompt_tokens":4111111111111111}"#, &tally, sparesNumbers: true) == nil)
    #expect(masker.masked(#"{"prompt_tokens":4111111111111111,"by":"ada@example.org"}"#, &tally, sparesNumbers: true)
      == #"{"prompt_tokens":4111111111111111,"by":"[email]"}"#)
    #expect(tally.counts == ["email": 1])
  }

  @Test func equalValuesHaveEqualHashesHoweverTheyAreWritten() {
    let hashed = Masker(kinds: Set(MaskKind.allCases), hash: KeyedHash(secret: Array(0..<32)))
    let other = Masker(kinds: Set(MaskKind.allCases), hash: KeyedHash(secret: Array(1..<33)))
    var tally = ContentTally()
    let twice = hashed("Ada@Example.org ada@example.org eve@example.org", &tally).split(separator: " ")
    #expect(twice[0] == twice[1] && twice[0] != twice[2] && twice[0].hasPrefix("[email:") && twice[0].count == 16)
    let cards = hashed("4111 1111 1111 1111,4111111111111111", &tally).split(separator: ",")
    #expect(cards[0] == cards[1])
    #expect(other("ada@example.org", &tally) != twice[0])
    #expect(hashed(String(twice[0]), &tally) == twice[0])
  }

  @Test func onlyChosenKindsAreMaskedAndOwnPatternsJoinWhatTheyOverlap() {
    let search: MaskSearch = { text, found in
      if let start = text.firstIndex(of: UInt8(ascii: "#")) { found(start..<text.count) }
      return true
    }
    let masker = Masker(kinds: [.ip], patterns: [Masker.Pattern(name: "ticket", search: search)])
    var tally = ContentTally()
    #expect(masker("ada@example.org 10.0.0.1 #77 10.0.0.2", &tally) == "ada@example.org [ip] [ticket]")
    #expect(tally.counts == ["ip": 1, "ticket": 1])
  }

  @Test func aPatternThatIsStoppedKeepsTheFieldOut() {
    let masker = Masker(kinds: [], patterns: [Masker.Pattern(name: "slow", search: { _, _ in false })])
    var tally = ContentTally()
    #expect(masker("secret", &tally) == "[not kept: the pattern slow took too long]")
    #expect(tally.counts == [ContentTally.stopped: 1])
  }

  /// Whatever the bytes, masking ends, gives text, and finds nothing in what it gave.
  @Test func maskedTextHasNothingLeftToMask() {
    var random = SystemRandomNumberGenerator()
    let pieces = ["ada@example.org", "\\", "\\u0040", "\"", "+49", " 170", "1234567", "4111 1111", " 1111 1111", "::", "10.0.", "0.1", "sk-", "é", "{", ":", "DE89", "x"]
    for _ in 0..<2000 {
      let text = (0..<Int.random(in: 1...12, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      let once = masked(text)
      #expect(!once.contains("ada@example.org"), "\(text)")
    }
  }
}
