import Domain
import Testing

@testable import Store

/// A case that is missing from `stored` would be written as another one.
@Suite struct CodesTests {
  private func holds<T: StoredCode & CaseIterable>(_ type: T.Type) -> Bool {
    T.allCases.count == T.stored.count && T.allCases.allSatisfy { T(code: $0.code) == $0 }
  }

  @Test func everyCaseHasACodeOfItsOwn() {
    #expect(holds(ObservationKind.self))
    #expect(holds(ObservationLevel.self))
    #expect(holds(CostStatus.self))
    #expect(holds(ShadowReason.self))
    #expect(holds(Score.DataType.self))
    #expect(holds(Score.Source.self))
  }
}
