#pragma once

/// SIGINT and SIGTERM, counted instead of ending the process.
namespace fabric::daemon {

void count_interrupts();

/// How many there were. Signals that come within a moment of each other are one: `timeout` and some
/// shells send theirs twice.
int interrupts_seen();

}  // namespace fabric::daemon
