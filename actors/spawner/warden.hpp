#pragma once

#include <sys/types.h>

#include "actors/spawner/spawner.hpp"

namespace fabric::spawner {

/// In the forked process: forks the spawner and stays as its parent and subreaper, asleep. When the
/// spawner is gone, however it died, everything that it left behind is killed. When the daemon is
/// gone and the spawner does not end by itself within 1.6 s (stuck on a dead disk, stopped), it is
/// killed too, and likewise when it has not kept its fence half a second after it. Ends when
/// nothing is left.
[[noreturn]] void become_warden(const options& how, int socket, pid_t daemon);

}  // namespace fabric::spawner
