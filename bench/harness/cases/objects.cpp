#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "actors/objects/host_store.hpp"
#include "bench/harness/bench_case.hpp"
#include "bench/harness/plain_file.hpp"
#include "bench/harness/sample.hpp"
#include "bench/harness/scratch.hpp"

namespace fabric::bench {

namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;
constexpr std::size_t gib = 1024 * mib;

/// So many objects that a repetition is long enough to be timed.
std::size_t count_of(std::size_t size, bool smoke) {
  return smoke ? 3 : std::clamp<std::size_t>(256 * mib / size, 1, 2000);
}

using plain_files = std::vector<std::unique_ptr<plain_file>>;

/// GiB/s of `act`, `count` times; what it made goes after the time was taken.
double rate(std::size_t size, std::size_t count, const std::function<void(std::size_t)>& act,
            const std::function<void()>& clean) {
  const auto start = timer::now();
  for (std::size_t i = 0; i < count; ++i) act(i);
  const double taken = seconds_since(start);
  clean();
  return static_cast<double>(size) * static_cast<double>(count) / static_cast<double>(gib) / taken;
}

double plain_rate(const std::string& folder, const std::vector<std::byte>& bytes, std::size_t size,
                  std::size_t count, void (*put)(plain_file&, const std::byte*)) {
  plain_files files;
  return rate(
      size, count,
      [&](std::size_t i) {
        files.push_back(std::make_unique<plain_file>(folder + "/" + std::to_string(i), size));
        put(*files.back(), bytes.data());
      },
      [&] { files.clear(); });
}

double anonymous_rate(const std::vector<std::byte>& bytes, std::size_t size, std::size_t count) {
  std::vector<void*> all;
  return rate(
      size, count,
      [&](std::size_t) {
        all.push_back(
            ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        require(all.back() != MAP_FAILED, "mmap failed");
        std::memcpy(all.back(), bytes.data(), size);
      },
      [&] {
        for (void* at : all) ::munmap(at, size);
      });
}

objects::handle put(objects::host_store& store, const object_id& id,
                    const std::vector<std::byte>& bytes) {
  return require(store.put(id, bytes));
}

objects::handle make_in_place(objects::host_store& store, const object_id& id,
                              const std::vector<std::byte>& bytes) {
  auto made = require(store.create(id, bytes.size()));
  std::memcpy(require(made.bytes()).data(), bytes.data(), bytes.size());
  return require(std::move(made).seal());
}

using store_way = objects::handle (*)(objects::host_store&, const object_id&,
                                      const std::vector<std::byte>&);

double store_rate(objects::host_store& store, const std::vector<std::byte>& bytes,
                  std::size_t count, store_way way) {
  std::vector<objects::handle> held;
  return rate(
      bytes.size(), count,
      [&](std::size_t i) {
        held.push_back(way(store, {1, i}, bytes));
      },
      [&] { held.clear(); });
}

std::string size_name(std::size_t size) {
  if (size >= gib) return std::to_string(size / gib) + " GiB";
  return size >= mib ? std::to_string(size / mib) + " MiB" : std::to_string(size / kib) + " KiB";
}

measurement measure_put(const settings& how, objects::host_store& store, const std::string& folder,
                        const std::vector<std::byte>& bytes, store_way way) {
  const auto size = bytes.size();
  const auto count = count_of(size, how.smoke);
  const auto copy = [](plain_file& file, const std::byte* from) { file.copy_in(from); };
  const auto write = [](plain_file& file, const std::byte* from) { file.write_in(from); };
  measurement m{.case_name = "objects",
                .figure = (way == put ? "put " : "made in place ") + size_name(size),
                .unit = "GiB/s"};
  fill(m, take_in_turn(
              how.smoke ? 1 : 5, [&] { return plain_rate(folder, bytes, size, count, copy); },
              [&] { return store_rate(store, bytes, count, way); }));
  m.floor_name = "memcpy into fresh shared memory";
  if (size >= mib && way == put) m.wanted = aim{aim::measure::ratio, aim::side::at_least, 0.9};
  m.extra["us each"] = static_cast<double>(size) / static_cast<double>(gib) / m.value * 1e6;
  m.extra["pwrite into fresh shared memory"] = plain_rate(folder, bytes, size, count, write);
  m.extra["memcpy into fresh memory of our own"] = anonymous_rate(bytes, size, count);
  return m;
}

/// Microseconds of one `act`, over `count` of them.
double us_each(std::size_t count, const std::function<void()>& act) {
  const auto start = timer::now();
  for (std::size_t i = 0; i < count; ++i) act();
  return seconds_since(start) * 1e6 / static_cast<double>(count);
}

measurement measure_get(const settings& how, objects::host_store& store, const std::string& folder,
                        const std::vector<std::byte>& bytes) {
  const auto size = bytes.size();
  const std::size_t count = how.smoke ? 3 : 20'000;
  const auto held = require(store.put({2, size}, bytes));
  const auto path = folder + "/plain";
  plain_file plain{path, size};
  plain.write_in(bytes.data());
  measurement m{.case_name = "objects", .figure = "get " + size_name(size), .unit = "us"};
  fill(m, take_in_turn(
              how.smoke ? 1 : 5, [&] { return us_each(count, [&] { map_plainly(path, size); }); },
              [&] {
                return us_each(count, [&] {
                  const auto seen = require(store.find({2, size}));
                  require(seen.bytes().front() == std::byte{0}, "other bytes");
                });
              }));
  m.floor_name = "open, mmap, one byte, munmap";
  return m;
}

}  // namespace

std::vector<measurement> objects_shared(const settings& how) {
  const scratch disk{how};
  auto in_memory = how;
  in_memory.folder = shared_memory;
  const scratch folder{in_memory};
  objects::store_options options;
  options.memory_root = folder.path();
  options.disk_root = disk.path();
  options.memory_max = 4 * gib;
  auto store = require(objects::host_store::open(options));
  const auto sizes = how.smoke ? std::vector<std::size_t>{kib, mib}
                               : std::vector<std::size_t>{kib, 64 * kib, mib, 64 * mib, gib};
  std::vector<measurement> all;
  for (const auto size : sizes) {
    // Half for the store and half for the floor.
    if (free_shared_memory() / 3 < std::max(size, count_of(size, how.smoke) * size)) continue;
    const std::vector<std::byte> bytes(size, std::byte{0});
    for (const auto way : {put, make_in_place})
      all.push_back(measure_put(how, store, folder.path(), bytes, way));
    all.push_back(measure_get(how, store, folder.path(), bytes));
  }
  require(!all.empty(), "/dev/shm has no room for the smallest size");
  require(require(store.usage()).objects == 0, "objects are left");
  return all;
}

}  // namespace fabric::bench
