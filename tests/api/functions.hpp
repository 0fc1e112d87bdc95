#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "fabric/fabric.hpp"

namespace work {

/// A value whose own packing throws where it says so.
struct prickly {
  enum class point { nowhere, packed, packed_number, unpacked };
  point throws_where = point::nowhere;
};

}  // namespace work

template <>
struct fabric::packing<work::prickly> {
  static void pack(writer& to, const work::prickly& value);
  static work::prickly unpack(reader& from);
};

/// Functions that tests call, and the means to hold them at a point without sleeping.
namespace work {

int add(int a, int b);
int half_of(int even);  ///< throws std::domain_error for an odd one
void nothing();
void throw_number();
std::string shout(std::string_view text, const std::string& mark);
std::unique_ptr<int> boxed(int n);
int unboxed(std::unique_ptr<int> box);
std::vector<double> doubled(const std::vector<double>& xs);
std::string attempt_and_name();
/// Fails until its third attempt.
std::uint32_t third_time();
/// Fails on its first attempt; its argument can only be moved.
int moved_twice(std::unique_ptr<int> box);
/// Waits until it is told to stop.
bool until_stopped(std::stop_token stop, int n);
int unregistered(int n);

/// Opens a gate that `pass` waits at, or `stop`.
void hold(std::stop_token stop, int gate);
void open_gate(int gate);
/// Calls of `hold` that are at the gate.
int at_gate(int gate);
/// Waits until so many are there.
void wait_for(int gate, int calls);

/// Sum of 1 to n, by a call for n - 1.
int sum_to(int n);
int fib(int n);
/// Runs at most so many at a time, seen from within.
int most_at_a_time();
void count_me();
/// The session that functions submit to.
void use(fabric::session* s);
/// Calls another with a demand of two CPUs.
int wider(int n);

int take_prickly(prickly value);
prickly give_prickly(prickly::point where);
std::vector<std::unique_ptr<int>> boxes(int n);

// Objects.
double sum_of_values(const std::vector<double>& xs);
double sum_of_view(const fabric::view<std::vector<double>>& xs);
double sum_of_object(const fabric::object<std::vector<double>>& xs);
fabric::object<std::vector<double>> put_numbers(int n);
/// So many bytes.
std::string long_text(std::size_t n);
std::size_t length_of(const std::string& text);

inline constexpr auto square = [](double x) { return x * x; };

}  // namespace work
