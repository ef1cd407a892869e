#include <libpq-fe.h>

// Three calls of Linux that Swift's Glibc module does not show. The last two are declared here because _GNU_SOURCE in
// the header of a module would change what other modules see.
#include <spawn.h>
#include <sys/file.h>

extern int pipe2(int pipefd[2], int flags);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

static inline int quipu_flock(int descriptor, int operation) { return flock(descriptor, operation); }
static inline int quipu_pipe2(int *ends, int flags) { return pipe2(ends, flags); }
static inline int quipu_spawn_closefrom(posix_spawn_file_actions_t *actions, int from) {
  return posix_spawn_file_actions_addclosefrom_np(actions, from);
}
