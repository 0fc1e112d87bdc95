#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <initializer_list>
#include <string_view>

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// The space of declarations that are known to be sound.
inline space a_space(std::initializer_list<std::string_view> declarations) {
  std::vector<parameter> parameters;
  for (const auto text : declarations) parameters.push_back(parse_parameter(text).value());
  return space::make(std::move(parameters)).value();
}

/// What a coordinate of a float parameter stands for.
inline double real(coordinate c) { return std::bit_cast<double>(c); }

}  // namespace fabric::tuner
