#pragma once

#include <atomic>
#include <fabric/fabric.hpp>
#include <string>

/// The functions and the class of actors that cases call: they do as good as nothing, so that what
/// is timed is the way there and back.
namespace fabric::bench {

int twice(int n);
std::string echo(std::string text);
/// Holds its worker until there is a file of this name.
void wait_for_file(std::string path);

/// Counts; its methods may overlap.
class adder {
 public:
  int add(int n) { return sum_ += n; }
  int add_one_for(const std::string& text) { return sum_ += text.empty() ? 0 : 1; }

 private:
  std::atomic<int> sum_ = 0;
};
FABRIC_ACTOR(adder, (), add, add_one_for);

}  // namespace fabric::bench
