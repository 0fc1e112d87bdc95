#include "fabric/object_id.hpp"

#include <gtest/gtest.h>

#include <set>

namespace fabric {

TEST(ObjectId, IsWrittenInItsOneSpellingAndReadBack) {
  const object_id id{0x0123456789abcdefULL, 0xfULL};
  EXPECT_EQ(to_string(id), "0123456789abcdef000000000000000f");
  EXPECT_EQ(parse_object_id(to_string(id)), id);
}

TEST(ObjectId, IsNotReadFromOtherSpellings) {
  for (const auto* text :
       {"", "0", "0123456789ABCDEF000000000000000f", "0123456789abcdef000000000000000",
        "0123456789abcdef000000000000000f0", "+123456789abcdef000000000000000f"})
    EXPECT_FALSE(parse_object_id(text)) << text;
}

TEST(ObjectId, SpreadsCountedIdsOverFewBuckets) {
  std::set<std::size_t> buckets;
  for (std::uint64_t i = 0; i < 64; ++i)
    buckets.insert(std::hash<object_id>{}(object_id{i, 0}) % 64);
  EXPECT_GT(buckets.size(), 30U);
}

}  // namespace fabric
