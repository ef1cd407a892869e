/// Calls behind a number, and those of them whose traces the reader may see: "12 of 40 visible to you".
public struct VisibleCalls: Sendable, Hashable {
  public var calls: Int64
  public var visible: Int64

  public init(calls: Int64, visible: Int64) {
    self.calls = calls
    self.visible = visible
  }
}
