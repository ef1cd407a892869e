import Glibc

/// Sizes and safety of the private server, given on its command line so that nothing in the data folder can differ.
enum ClusterSettings {
  static let megabyte = 1024 * 1024

  static func arguments(socketFolder: String, memoryBytes: Int, builtIn: [(String, String)]) -> [String] {
    let memoryMegabytes = memoryBytes / megabyte
    let sharedBuffers = max(64, min(1024, memoryMegabytes / 8))
    let settings: [(String, String)] = [
      ("listen_addresses", ""), ("unix_socket_directories", socketFolder), ("unix_socket_permissions", "0700"),
      ("port", "5432"), ("max_connections", "40"),
      ("shared_buffers", "\(sharedBuffers)MB"), ("effective_cache_size", "\(max(256, memoryMegabytes / 2))MB"),
      ("maintenance_work_mem", "\(max(64, min(256, memoryMegabytes / 32)))MB"), ("work_mem", "16MB"),
      ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"),
      ("max_wal_size", "2GB"), ("checkpoint_timeout", "15min"),
      // A statement over a partitioned table takes a lock per partition and index.
      ("max_locks_per_transaction", "256"),
      ("random_page_cost", "1.1"), ("jit", "off"), ("timezone", "UTC"), ("log_timezone", "UTC"),
      ("logging_collector", "off"), ("log_min_duration_statement", "-1"),
      // Failed statements and their messages can hold data: the log has only what concerns the server.
      ("log_min_messages", "log"), ("log_min_error_statement", "panic"), ("log_error_verbosity", "terse"),
      ("log_line_prefix", "%m [%p] "),
    ]
    return (settings + builtIn).flatMap { ["-c", "\($0.0)=\($0.1)"] }
  }

  /// Values that PostgreSQL has or lacks by how it was built, with what is taken instead (nil: its own default).
  /// syncfs: a start after a crash otherwise opens and syncs every file of the cluster, which took seconds.
  static let optional: [(name: String, value: String, otherwise: String?)] = [
    ("wal_compression", "lz4", "pglz"), ("recovery_init_sync_method", "syncfs", nil),
  ]

  /// The machine's memory, or the control group's if that is less.
  static func memoryBytes() -> Int {
    let machine = max(0, sysconf(Int32(_SC_PHYS_PAGES))) &* max(0, sysconf(Int32(_SC_PAGESIZE)))
    let group = (try? FileSystem.text("/sys/fs/cgroup/memory.max")).flatMap { Int($0.filter(\.isNumber)) }
    return min(machine > 0 ? machine : 1024 * megabyte, group ?? .max)
  }
}
