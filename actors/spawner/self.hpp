#pragma once

#include <initializer_list>
#include <string_view>

#include "actors/spawner/unique_fd.hpp"

/// What a process of ours does to itself right after it is forked.
namespace fabric::spawner {

/// Sent by the kernel to the spawner when the warden dies and to the warden when the daemon dies.
/// Not SIGTERM: a service manager sends that to every process of a service, while the daemon still
/// wants to let its tasks finish.
extern const int parent_died_signal;

/// From the spawner to the warden: the fence is earlier than it was.
extern const int look_at_the_board_signal;

/// Default dispositions, everything blocked: signals are read from a descriptor, and a task's
/// program begins with default dispositions.
void take_no_signals();

/// A descriptor to read these signals from; they are blocked. Non-blocking.
unique_fd signal_reader(std::initializer_list<int> signals);

/// The name in ps, top and /proc: the short one of the thread and the whole command line.
void rename_self(std::string_view name);

/// Closes every descriptor from `first` on.
void close_from(int first);

/// Gives memory back and makes the kernel forget how much this process once had. A child that is
/// started like vfork begins with our peak as its own, so ours must be small for its to be true.
void forget_memory_peak();

/// Makes the kernel's out-of-memory killer spare this process where the user may ask for that.
void ask_to_be_spared();

}  // namespace fabric::spawner
