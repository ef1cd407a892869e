import CCurl
import NIOPosix

/// Threads of their own for calls that wait for other services, so that a slow one holds up nobody else.
enum OutboundThreads {
  private static let pool: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: 4)
    pool.start()
    return pool
  }()

  static func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await pool.runIfActive(work)
  }
}

/// One transfer by libcurl, for the thread that it is made on.
final class CurlTransfer {
  private let handle: UnsafeMutableRawPointer
  private let host: String
  private var lists: [UnsafeMutablePointer<curl_slist>] = []
  private let state: TransferState

  /// curl_global_init may run once, before anything else.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_SSL)) == CURLE_OK

  /// - Parameter protocols: accepted by libcurl, such as "http,https".
  init(
    _ address: OutboundAddress, _ rules: OutboundRules, protocols: String, timeoutSeconds: Int, bytesMax: Int, upload: [UInt8] = []
  ) throws {
    guard Self.isReady, let handle = curl_easy_init() else {
      throw OutboundError.unreachable(host: address.host, reason: "libcurl could not start")
    }
    self.handle = handle
    host = address.host
    state = TransferState(bytesMax: bytesMax, upload: upload)
    set(CURLOPT_URL, address.text)
    set(CURLOPT_PROTOCOLS_STR, protocols)
    // Without it libcurl waits for names with a signal, which threads can't have.
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_TIMEOUT, timeoutSeconds)
    set(CURLOPT_CONNECTTIMEOUT, min(timeoutSeconds, 5))
    set(CURLOPT_FOLLOWLOCATION, 0)
    trust(rules)
    // Without any, variables of the environment would name one.
    set(CURLOPT_PROXY, address.isLoopback ? "" : rules.proxy ?? "")
    quipu_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, state.detail)
    let context = Unmanaged.passUnretained(state).toOpaque()
    quipu_curl_set_writer(handle, CURLOPT_WRITEFUNCTION) { TransferState.take($0, $1, $2, $3, isHeader: false) }
    quipu_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    quipu_curl_set_writer(handle, CURLOPT_HEADERFUNCTION) { TransferState.take($0, $1, $2, $3, isHeader: true) }
    quipu_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    quipu_curl_set_writer(handle, CURLOPT_READFUNCTION) { TransferState.give($0, $1, $2, $3) }
    quipu_curl_set_pointer(handle, CURLOPT_READDATA, context)
  }

  deinit {
    curl_easy_cleanup(handle)
    lists.forEach { curl_slist_free_all($0) }
  }

  func set(_ option: CURLoption, _ text: String) { quipu_curl_set_text(handle, option, text) }
  func set(_ option: CURLoption, _ number: Int) { quipu_curl_set_number(handle, option, number) }

  private func trust(_ rules: OutboundRules) {
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    guard let authorities = rules.authorities else { return }
    for option in [CURLOPT_CAINFO_BLOB, CURLOPT_PROXY_CAINFO_BLOB] {
      authorities.withUnsafeBytes { _ = quipu_curl_set_bytes(handle, option, $0.baseAddress, $0.count) }
    }
  }

  /// Kept until the transfer is over, as libcurl demands.
  func set(_ option: CURLoption, _ lines: [String]) {
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines { list = curl_slist_append(list, line) ?? list }
    guard let list else { return }
    lists.append(list)
    quipu_curl_set_list(handle, option, list)
  }

  /// - Throws: `OutboundError.unreachable`, `.tooLarge`.
  func perform() throws -> (status: Int, headers: [String: String], body: [UInt8]) {
    let result = withExtendedLifetime(state) { curl_easy_perform(handle) }
    if state.isTooLarge { throw OutboundError.tooLarge(host: host, bytesMax: state.bytesMax) }
    guard result == CURLE_OK else { throw OutboundError.unreachable(host: host, reason: reason(result)) }
    return (quipu_curl_status(handle), state.headers, state.body)
  }
}

extension CurlTransfer {
  /// libcurl's words, and what helps.
  private func reason(_ result: CURLcode) -> String {
    let general = curl_easy_strerror(result).map { String(cString: $0) } ?? "error \(result.rawValue)"
    let detail = String(cString: state.detail), words = detail.isEmpty ? general : detail
    switch result {
    case CURLE_PEER_FAILED_VERIFICATION where ["issuer", "self-signed", "self signed"].contains(where: { words.contains($0) }):
      return "\(words). Its certificate is by an authority that is not trusted here; QUIPU_CA_FILE names further ones"
    case CURLE_USE_SSL_FAILED:
      return "\(words). Mail servers that are not on this machine must offer STARTTLS"
    default: return words
    }
  }
}

/// What libcurl's callbacks fill and read.
private final class TransferState {
  let bytesMax: Int
  private(set) var body: [UInt8] = []
  private(set) var headers: [String: String] = [:]
  private(set) var isTooLarge = false
  private let upload: [UInt8]
  private var sent = 0
  private var headerBytes = 0
  /// Why it failed, in libcurl's words.
  let detail: UnsafeMutablePointer<CChar> = {
    let place = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    place.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    return place
  }()

  deinit { detail.deallocate() }

  init(bytesMax: Int, upload: [UInt8]) {
    self.bytesMax = bytesMax
    self.upload = upload
  }

  /// Fewer bytes taken than given end the transfer.
  static func take(_ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?, isHeader: Bool) -> Int {
    guard let bytes, let context else { return 0 }
    let state = Unmanaged<TransferState>.fromOpaque(context).takeUnretainedValue()
    let given = UnsafeRawBufferPointer(start: bytes, count: size &* count)
    return (isHeader ? state.takeHeader(given) : state.takeBody(given)) ? given.count : 0
  }

  static func give(_ place: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?) -> Int {
    guard let place, let context else { return 0 }
    let state = Unmanaged<TransferState>.fromOpaque(context).takeUnretainedValue()
    let part = state.upload[state.sent...].prefix(size &* count)
    UnsafeMutableRawPointer(place).copyMemory(from: Array(part), byteCount: part.count)
    state.sent += part.count
    return part.count
  }

  private func takeBody(_ given: UnsafeRawBufferPointer) -> Bool {
    guard given.count <= bytesMax - body.count else {
      isTooLarge = true
      return false
    }
    body.append(contentsOf: given)
    return true
  }

  private func takeHeader(_ given: UnsafeRawBufferPointer) -> Bool {
    headerBytes += given.count
    guard headerBytes <= 64 << 10 else {
      isTooLarge = true
      return false
    }
    let line = String(decoding: given, as: UTF8.self).split(separator: ":", maxSplits: 1)
    if line.count == 2 { headers[line[0].lowercased()] = String(line[1]).trimmingBlanks }
    return true
  }
}

extension String {
  fileprivate var trimmingBlanks: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
