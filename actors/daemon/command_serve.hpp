#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

namespace fabric::daemon {

/// Declares `fabricd study serve`. Where it was typed, `chosen` is what runs it.
void add_study_serve(CLI::App& study, std::shared_ptr<std::function<int()>> chosen);

}  // namespace fabric::daemon
