/// Text that spreadsheets must not take for a formula.
public enum SafeText {
  /// With an apostrophe in front when it begins with =, +, -, @, a tab or a carriage return.
  public static func neutral(_ text: String) -> String {
    guard let first = text.utf8.first, [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D].contains(first) else { return text }
    return "'" + text
  }
}
