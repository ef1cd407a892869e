import Domain
import Testing

@testable import Server

@Suite struct TraceQueryTests {
  private func flags(_ query: String) throws -> UsageFlags {
    let range = try #require(TimeRange(from: Timestamp(microseconds: 0), to: Timestamp(microseconds: 1)))
    return try TraceQuery(QueryParameters(query), range: range).usageFlags
  }

  @Test func doubtsAreAskedByName() throws {
    #expect(try flags("doubt=contradiction") == .contradiction)
    #expect(try flags("doubt=unexplained,estimated") == [.unexplained, .estimatedBySender])
    #expect(try flags("doubt=unreadable&doubt=served-from-cache") == [.unreadable, .servedFromCache])
    #expect(try flags("doubt=") == [] && flags("") == [])
  }

  @Test func anotherDoubtIsRefusedWithTheNamesThatExist() throws {
    let failure = #expect(throws: Failure.self) { try flags("doubt=contradiction,guess") }
    let message = failure?.message ?? ""
    #expect(message.contains("\"guess\"") && UsageDoubt.allCases.allSatisfy { message.contains($0.rawValue) }, "\(message)")
  }
}
