#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

namespace fabric::daemon {

/// Declares `fabricd study create`, `ask`, `tell` and `enqueue`. Where one was typed, `chosen` is
/// what runs it.
void add_study_asking(CLI::App& study, const std::shared_ptr<std::function<int()>>& chosen);

}  // namespace fabric::daemon
