import CLibpq
import Glibc

/// Child processes by `posix_spawn`. Foundation's `Process` is not used: its `waitUntilExit` hangs when a child
/// leaves a daemon behind.
package enum ChildProcess {
  /// Starts a program in a process group of its own (Ctrl-C in a terminal does not reach it), with default signal
  /// handling and no descriptors but the three standard ones.
  /// - Parameters:
  ///   - input: descriptor for standard input; nil is /dev/null.
  ///   - output: descriptor for standard output and error; nil is /dev/null.
  ///   - environment: added to this process's own.
  package static func spawn(
    _ path: String, _ arguments: [String], input: Int32?, output: Int32?, environment: [String: String] = [:]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in [(Int32(0), input), (1, output), (2, output)] {
      if let source {
        posix_spawn_file_actions_adddup2(&actions, source, target)
      } else {
        posix_spawn_file_actions_addopen(&actions, target, "/dev/null", O_RDWR, 0)
      }
    }
    quipu_spawn_closefrom(&actions, 3)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    sigfillset(&all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var process: pid_t = 0
    let result = withCStrings([path] + arguments) { argv in
      withCStrings(variables(environment)) { envp in
        posix_spawn(
          &process, path, &actions, &attributes, UnsafePointer(OpaquePointer(argv)), UnsafePointer(OpaquePointer(envp)))
      }
    }
    guard result == 0 else { throw SystemError("start \(path)", code: result) }
    return process
  }

  private static func variables(_ added: [String: String]) -> [String] {
    var own: [String] = []
    var next = environ
    while let entry = next.pointee {
      own.append(String(cString: entry))
      next += 1
    }
    return own.filter { added[String($0.prefix { $0 != "=" })] == nil } + added.map { "\($0.key)=\($0.value)" }
  }

  /// Waits for the end: the exit status, or 128 + the signal's number.
  @discardableResult
  package static func wait(_ process: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 {
      if errno != EINTR { return -1 }
    }
    return exitStatus(status)
  }

  /// The exit status if the process has ended, without waiting; it is gone then. -1 if somebody else has asked before.
  package static func poll(_ process: pid_t) -> Int32? {
    var status: Int32 = 0
    let answer = waitpid(process, &status, WNOHANG)
    if answer < 0 { return errno == ECHILD ? -1 : nil }
    return answer == process ? exitStatus(status) : nil
  }

  private static func exitStatus(_ status: Int32) -> Int32 {
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }

  /// Both ends of a pipe, closed in children: reading, writing.
  package static func pipe() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard quipu_pipe2(&ends, O_CLOEXEC) == 0 else { throw SystemError("make a pipe") }
    return (ends[0], ends[1])
  }

  /// Runs a program to its end: exit status and what it printed.
  package static func capture(_ path: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let ends = try pipe()
    defer { close(ends.reading) }
    let process: pid_t
    do {
      defer { close(ends.writing) }
      process = try spawn(path, arguments, input: nil, output: ends.writing)
    }
    let output = try FileSystem.readAll(ends.reading, "the output of \(path)")
    return (wait(process), String(decoding: output, as: UTF8.self))
  }
}
