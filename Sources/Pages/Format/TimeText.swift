import Domain
import HTML

/// A moment in a named zone: short in the line, full with zone on hover, exact for machines.
public struct TimeText: HTMLConvertible, Sendable {
  public enum Style: Sendable { case minute, second, millisecond, date }
  public let text: String
  /// "2026-11-22 14:05:12.123 Europe/Berlin".
  public let full: String
  /// RFC 3339 in UTC, to the microsecond.
  public let machine: String

  public init(_ time: Timestamp, in zone: ClockZone, style: Style = .minute) {
    let c = zone.civil(time)
    let milliseconds = CivilTime.padded(Int(ClockZone.fraction(time) / 1000), 3)
    let clock = "\(c.clock):\(CivilTime.padded(c.second))"
    switch style {
    case .date: text = "\(c.dayAndMonth) \(c.year)"
    case .minute: text = "\(c.dayAndMonth) \(c.clock)"
    case .second: text = "\(c.dayAndMonth) \(clock)"
    case .millisecond: text = "\(c.dayAndMonth) \(clock).\(milliseconds)"
    }
    full = "\(c.date) \(clock).\(milliseconds) \(zone.name)"
    machine = Self.rfc3339(time)
  }

  public var html: HTML { "<time datetime=\"\(machine)\" title=\"\(full)\">\(text)</time>" }

  /// "2026-11-22T13:05:12Z", with the fraction only when there is one.
  public static func rfc3339(_ time: Timestamp) -> String {
    let c = ClockZone.utc.civil(time)
    let fraction = ClockZone.fraction(time)
    let tail = fraction == 0 ? "" : "." + CivilTime.padded(Int(fraction), 6)
    return "\(c.date)T\(c.clock):\(CivilTime.padded(c.second))\(tail)Z"
  }
}

/// An id or code shortened in the middle, whole on hover and copy.
struct IDText: HTMLConvertible {
  let id: String
  var keep = 8

  var html: HTML {
    guard id.count > 2 * keep + 3 else { return "<code>\(id)</code>" }
    return "<code title=\"\(id)\" data-copy=\"\(id)\">\(id.prefix(keep))…\(id.suffix(4))</code>"
  }
}
