#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

namespace fabric::store {

inline bool has_optuna() {
  return std::system("/usr/bin/python3 -c 'import optuna' 2>/dev/null") == 0;
}

/// What the script beside this file prints.
inline std::string peer(const std::string& arguments) {
  const std::string command = "/usr/bin/python3 " FABRIC_OPTUNA_PEER " " + arguments + " 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  std::string said;
  std::array<char, 4096> part{};
  while (const auto size = std::fread(part.data(), 1, part.size(), pipe)) {
    said.append(part.data(), size);
  }
  EXPECT_EQ(::pclose(pipe), 0) << said;
  return said;
}

inline nlohmann::json told(const std::string& arguments) {
  const auto said = peer(arguments);
  auto parsed = nlohmann::json::parse(said, nullptr, false);
  EXPECT_FALSE(parsed.is_discarded()) << said;
  return parsed;
}

}  // namespace fabric::store
