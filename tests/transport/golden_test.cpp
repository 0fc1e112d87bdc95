#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <span>
#include <string>

#include "tests/transport/samples.hpp"
#include "transport/keys.hpp"

/// The bytes of every message as each released version wrote them. A version that cannot read them,
/// or writes others, breaks clusters in which it is mixed with that version. New minor versions add
/// a file; FABRIC_REWRITE_GOLDEN=1 writes the one of this version, and the diff is what is
/// reviewed.
namespace fabric::transport {
namespace {

const std::string golden_file = GOLDEN_FOLDER "/protocol-1.0.txt";

std::map<std::string, std::string> written_now() {
  std::map<std::string, std::string> all;
  for (const message& m : samples::every_message()) {
    std::string frame;
    append(frame, samples::a_header(), m);
    all[std::string{name_of_type(type_of(m))}] = to_hex(frame);
  }
  for (const auto& m : samples::every_spawner_message())
    all["spawner." + std::to_string(m.index() + 1)] = to_hex(encode(m));
  all["work.command"] = to_hex(encode(samples::a_command()));
  all["work.report"] = to_hex(encode(samples::a_report()));
  return all;
}

std::map<std::string, std::string> golden() {
  std::ifstream in(golden_file);
  std::map<std::string, std::string> all;
  std::string name, hex;
  while (in >> name >> hex) all[name] = hex;
  return all;
}

TEST(Golden, BytesOfEveryMessageAreWhatTheReleasedVersionWrote) {
  if (std::getenv("FABRIC_REWRITE_GOLDEN") != nullptr) {
    std::ofstream out(golden_file);
    for (const auto& [name, hex] : written_now()) out << name << ' ' << hex << '\n';
  }
  const auto released = golden();
  const auto now = written_now();
  ASSERT_FALSE(released.empty()) << golden_file;
  for (const auto& [name, hex] : released) {
    ASSERT_TRUE(now.contains(name)) << name;
    EXPECT_EQ(now.at(name), hex) << name;
  }
  EXPECT_EQ(now.size(), released.size()) << "a message has no golden bytes";
}

TEST(Golden, BytesOfTheReleasedVersionAreUnderstood) {
  const auto released = golden();
  for (const message& m : samples::every_message()) {
    const std::string name{name_of_type(type_of(m))};
    ASSERT_TRUE(released.contains(name)) << name;
    const auto bytes = from_hex(released.at(name), released.at(name).size() / 2);
    ASSERT_TRUE(bytes);
    const auto all = decode(std::as_bytes(std::span{*bytes}));
    ASSERT_TRUE(all) << name << ": " << to_line(all.error());
    EXPECT_EQ(std::get<envelope>(all->front()).body, m) << name;
  }
}

}  // namespace
}  // namespace fabric::transport
