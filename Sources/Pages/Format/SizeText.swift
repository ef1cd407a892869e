import HTML

/// Bytes with a unit, three digits.
struct SizeText: HTMLConvertible {
  let text: String

  init(_ bytes: Int64) {
    text = switch bytes {
    case ..<1000: "\(bytes)\u{A0}B"
    case ..<1_000_000: Digits.three(Double(bytes) / 1e3) + "\u{A0}kB"
    case ..<1_000_000_000: Digits.three(Double(bytes) / 1e6) + "\u{A0}MB"
    default: Digits.three(Double(bytes) / 1e9) + "\u{A0}GB"
    }
  }

  var html: HTML { "\(text)" }
}
