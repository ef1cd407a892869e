import Glibc

/// The C library's allocator keeps seven freed pieces of a size for each thread; a request frees thousands. With more of
/// them storing a span takes 7 % less of the processor. The setting is read from the environment before a program runs,
/// so that the program starts itself anew with it; the process stays the same.
enum Memory {
  private static let variable = "GLIBC_TUNABLES"
  private static let value = "glibc.malloc.tcache_count=500"

  /// Does nothing when the variable is set, whatever to, or when the program can't be started anew.
  static func tune() {
    guard getenv(variable) == nil else { return }
    var path = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    guard readlink("/proc/self/exe", &path, path.count - 1) > 0, setenv(variable, value, 1) == 0 else { return }
    execv(path, CommandLine.unsafeArgv)
  }
}
