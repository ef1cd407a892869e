#include <libpq-fe.h>

// Three calls of Linux that Swift's Glibc module does not show, under names of our own. No system header is included for
// them: this module would then claim declarations (struct stat and others) that belong to Glibc's, and builds would fail
// depending on their order.
extern int quipu_flock(int descriptor, int operation) __asm__("flock");
extern int quipu_pipe2(int *ends, int flags) __asm__("pipe2");
extern int quipu_spawn_closefrom(void *actions, int from) __asm__("posix_spawn_file_actions_addclosefrom_np");
