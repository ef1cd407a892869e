import CQREncode
import Pages

extension QRMatrix {
  /// nil for a text that no QR code holds.
  init?(_ text: String) {
    guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
    defer { QRcode_free(code) }
    let width = Int(code.pointee.width)
    guard width > 0, let data = code.pointee.data else { return nil }
    self.init(width: width, dark: (0..<(width * width)).map { data[$0] & 1 == 1 })
  }
}
