#pragma once

namespace fabric {

/// Called when a claim of ours turns out to be false. The default prints file, line and claim to
/// stderr and aborts; tests install one that throws. Must not return.
using check_handler = void (*)(const char* file, int line, const char* claim);

/// Answers the previous handler; nullptr restores the default. Thread-safe.
check_handler set_check_handler(check_handler handler);

[[noreturn]] void check_failed(const char* file, int line, const char* claim);

}  // namespace fabric

/// For our own mistakes only, in every build; never on data from a peer.
#define FABRIC_CHECK(claim) \
  ((claim) ? static_cast<void>(0) : ::fabric::check_failed(__FILE__, __LINE__, #claim))
