#include "actors/caf_bridge/letter.hpp"

#include <gtest/gtest.h>

#include <random>

/// Letters between CAF actors, as bytes.
namespace fabric::actors::letter {
namespace {

std::vector<any> samples() {
  return {greeting{},
          delivery{5, 1ULL << 60, {program_id{7}, 9}, {{program_id{8}, 1}, {}}, "+@i32", "\x01"},
          watch{3},
          ended{4, "reason"},
          link{5, 6, false},
          moved{7, 8, program_id{~0ULL}}};
}

TEST(Letters, ComeBackAsTheyWereOneAfterTheOther) {
  writer w;
  for (const auto& one : samples()) write(w, one);
  reader in{w.view()};
  for (const auto& one : samples()) EXPECT_EQ(read(in), one);
  in.finish();
  EXPECT_TRUE(in.ok());
}

TEST(Letters, ThatAreCutOffAreNotRead) {
  for (const auto& one : samples()) {
    writer w;
    write(w, one);
    for (std::size_t n = 0; n < w.size(); ++n) {
      reader in{w.view().substr(0, n)};
      static_cast<void>(read(in));
      EXPECT_FALSE(in.ok()) << one.index() << " after " << n;
    }
  }
}

TEST(Letters, OfAnyBytesEndInALetterOrAFailure) {
  std::mt19937 dice(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(dice() % 60, '\0');
    for (auto& c : bytes) c = static_cast<char>(dice());
    if (!bytes.empty()) bytes[0] = static_cast<char>(dice() % 7);
    reader in{bytes};
    std::size_t before = in.bytes_left() + 1;
    while (in.ok() && in.bytes_left() > 0 && in.bytes_left() < before) {
      before = in.bytes_left();
      static_cast<void>(read(in));
    }
    EXPECT_TRUE(!in.ok() || in.bytes_left() == 0);
  }
}

}  // namespace
}  // namespace fabric::actors::letter
