#include <cstddef>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/plain_file.hpp"
#include "bench/harness/ray.hpp"
#include "bench/harness/sample.hpp"
#include "bench/harness/scratch.hpp"
#include "fabric/fabric.hpp"

namespace fabric::bench {

namespace {

using block = std::vector<std::byte>;

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;
constexpr std::size_t gib = 1024 * mib;
constexpr aim put_aim{aim::measure::ratio, aim::side::at_least, 0.9};

measurement figure(const std::string& name, const char* unit) {
  return {.case_name = "put_get", .figure = name, .unit = unit};
}

/// How often per second `act` goes, over `count` times.
double rate(std::size_t count, const std::function<void(std::size_t)>& act) {
  const auto start = timer::now();
  for (std::size_t i = 0; i < count; ++i) act(i);
  return static_cast<double>(count) / seconds_since(start);
}

measurement small_puts(int repetitions, std::size_t count, const std::string& folder) {
  const block bytes(kib);
  auto m = figure("put of 1 KiB, and dropped", "puts/s");
  fill(m, take_in_turn(
              repetitions,
              [&] {
                return rate(count, [&](std::size_t) {
                  plain_file{folder + "/small", bytes.size()}.write_in(bytes.data());
                });
              },
              [&] {
                return rate(count,
                            [&](std::size_t) { require(put(bytes).valid(), "nothing was put"); });
              }));
  m.floor_name = "a file of /dev/shm, written and unlinked";
  m.published = ray::put_calls();
  return m;
}

measurement get_rate(int repetitions, std::size_t count, const std::string& folder,
                     std::size_t size, const std::string& size_name) {
  const block bytes(size);
  const auto held = put(bytes);
  const auto path = folder + "/plain";
  plain_file plain{path, size};
  plain.write_in(bytes.data());
  auto m = figure("get of " + size_name, "gets/s");
  fill(m,
       take_in_turn(
           repetitions, [&] { return rate(count, [&](std::size_t) { map_plainly(path, size); }); },
           [&] {
             return rate(
                 count, [&](std::size_t) { require(get(held)[0] == std::byte{0}, "other bytes"); });
           }));
  m.floor_name = "open, mmap, one byte, munmap";
  if (size == kib) m.published = ray::get_calls();
  return m;
}

measurement large_puts(int repetitions, const std::string& folder, std::size_t size,
                       const std::string& size_name) {
  const block bytes(size);
  const auto per_second = [size](double seconds) {
    return static_cast<double>(size) / static_cast<double>(gib) / seconds;
  };
  auto m = figure("put of " + size_name, "GiB/s");
  fill(m, take_in_turn(
              repetitions,
              [&] {
                plain_file to{folder + "/large", size};
                const auto start = timer::now();
                to.copy_in(bytes.data());
                return per_second(seconds_since(start));
              },
              [&] {
                const auto start = timer::now();
                const auto made = put(bytes);
                const double taken = seconds_since(start);
                require(made.size() >= size, "bytes are missing");
                return per_second(taken);
              }));
  m.floor_name = "memcpy into fresh shared memory";
  m.wanted = put_aim;
  m.published = ray::put_gigabytes();
  return m;
}

measurement many_references(int repetitions, std::size_t count) {
  std::vector<object<int>> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(put(static_cast<int>(i)));
  const auto held = put(all);
  auto m = figure("get of an object with " + std::to_string(count) + " references", "gets/s");
  std::vector<double> taken;
  for (int i = 0; i < repetitions; ++i)
    taken.push_back(rate(
        1, [&](std::size_t) { require(get(held)->size() == count, "references are missing"); }));
  fill(m, taken);
  m.published = ray::get_with_10k_references();
  return m;
}

}  // namespace

std::vector<measurement> put_get(const settings& how) {
  auto in_memory = how;
  in_memory.folder = shared_memory;
  const scratch folder{in_memory};
  const session s = init({.cpus = 2});  // objects need one
  const int repetitions = how.smoke ? 1 : 5;
  const std::size_t count = how.smoke ? 10 : 5'000;
  std::vector<measurement> all{small_puts(repetitions, count, folder.path()),
                               get_rate(repetitions, count, folder.path(), kib, "1 KiB")};
  struct step {
    std::size_t size;
    const char* name;
  };
  const auto steps = how.smoke ? std::vector<step>{{mib, "1 MiB"}}
                               : std::vector<step>{{64 * mib, "64 MiB"}, {gib, "1 GiB"}};
  for (const auto& [size, name] : steps) {
    if (free_shared_memory() / 3 < size) continue;  // one for the store, one for the floor
    all.push_back(large_puts(repetitions, folder.path(), size, name));
    all.push_back(get_rate(repetitions, count, folder.path(), size, name));
  }
  all.push_back(many_references(repetitions, how.smoke ? 100 : 10'000));
  return all;
}

}  // namespace fabric::bench
