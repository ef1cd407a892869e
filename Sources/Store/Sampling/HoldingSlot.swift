import Domain

/// Ten minutes of blocks that wait for sampling to decide.
struct HoldingSlot: Sendable, Hashable, Comparable {
  static let milliseconds: Int64 = 600_000
  /// From its end until it is swept: by then most traces have ended.
  static let restSeconds: Int64 = 900

  /// Ten minutes since 1970.
  let number: Int64

  init(_ number: Int64) { self.number = number }
  init(_ time: Timestamp) { number = max(0, time.microseconds / 1000) / Self.milliseconds }
  /// That of a block's id.
  init(_ block: BlockID) { number = (block.rawValue >> 16) / Self.milliseconds }

  static func < (a: Self, b: Self) -> Bool { a.number < b.number }
  var next: HoldingSlot { HoldingSlot(number + 1) }
  var start: Timestamp { Timestamp(microseconds: number * Self.milliseconds * 1000) }
  /// Half-open.
  var blocks: (from: Int64, to: Int64) { (number * Self.milliseconds << 16, (number + 1) * Self.milliseconds << 16) }

  /// "202611230520".
  var compact: String {
    let minutes = Int(number * Self.milliseconds / 60_000 % 1440)
    func padded(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
    return UTCDay(start).compact + padded(minutes / 60) + padded(minutes % 60)
  }
}
