import Testing

@testable import Domain

@Suite struct StampTests {
  @Test func stampsReadBackFromTheirBytes() {
    var random = SeededGenerator(3)
    for _ in 0..<200 {
      var stamps = Stamps()
      for field in Field.allCases where Bool.random(using: &random) {
        stamps[field] = Stamp(
          time: Int64.random(in: -2...2, using: &random), rank: UInt8.random(in: 0...1, using: &random),
          hash: random.next() % 3)
      }
      #expect(stamps.bytes.count % 21 == 0)
      #expect(Stamps(bytes: stamps.bytes) == stamps)
    }
  }

  @Test func bytesOfAnotherLengthAreRefused() {
    #expect(Stamps(bytes: [UInt8](repeating: 0, count: 20)) == nil)
    #expect(Stamps(bytes: [])?.isEmpty == true)
  }

  @Test func timeThenUpdateThenHashDecide() {
    let stamps = [
      Stamp(time: .min, rank: 1, hash: 9), Stamp(time: 1, rank: 0, hash: 5), Stamp(time: 1, rank: 1, hash: 0),
      Stamp(time: 1, rank: 1, hash: 1), Stamp(time: 2, rank: 0, hash: 0),
    ]
    #expect(stamps.shuffled().sorted() == stamps)
  }

  @Test func aFieldHasTheStampItWasGivenLast() {
    var stamps = Stamps(Stamp(time: 1, rank: 0, hash: 0), fields: Field.name.bit | Field.user.bit)
    stamps[.name] = Stamp(time: 2, rank: 0, hash: 0)
    #expect(stamps[.name]?.time == 2)
    #expect(stamps[.user]?.time == 1)
    #expect(stamps[.model] == nil)
    stamps[.name] = nil
    #expect(stamps[.name] == nil)
    #expect(stamps.latest?.time == 1)
  }
}

extension Field {
  fileprivate static var model: Field { .requestModel }
}
