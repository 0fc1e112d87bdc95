#include "actors/spawner/tail.hpp"

#include <gtest/gtest.h>

namespace fabric::spawner {
namespace {

TEST(Tail, KeepsEverythingWhileThereIsRoom) {
  tail t(8);
  t.append("abc");
  t.append("defgh");
  EXPECT_EQ(t.text(), "abcdefgh");
}

TEST(Tail, KeepsTheLastBytesWhereverTheWritesAreCut) {
  std::string all;
  for (int i = 0; i < 200; ++i) all += static_cast<char>('a' + i % 26);
  for (std::size_t piece = 1; piece <= 23; ++piece) {
    tail t(16);
    for (std::size_t at = 0; at < all.size(); at += piece) t.append(all.substr(at, piece));
    EXPECT_EQ(t.text(), all.substr(all.size() - 16)) << "in pieces of " << piece;
  }
}

TEST(Tail, OfNothingAndOfLengthZeroIsEmpty) {
  EXPECT_EQ(tail(16).text(), "");
  tail none(0);
  none.append("abc");
  EXPECT_EQ(none.text(), "");
}

}  // namespace
}  // namespace fabric::spawner
