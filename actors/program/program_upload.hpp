#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "actors/program/program_link.hpp"

namespace fabric::actors {

/// This process's executable, known by its hash.
struct own_program {
  std::string path;  ///< "/proc/self/exe": stays readable though the file was replaced
  std::string name;  ///< file name, for people
  std::string hash;
  std::uint64_t bytes = 0;
};
/// Reads and hashes it. Faults: store_failed.
result<own_program> find_own_program();

/// Sees to it that the head has a copy of the program: asks how much of it is there, and sends the
/// rest piece by piece. On the link's thread. `done` is called once.
void upload_program(program_link& link, const own_program& what,
                    std::function<void(result<void>)> done);

}  // namespace fabric::actors
