#include "fabric/msgpack.hpp"

#include <gtest/gtest.h>

namespace geo {

struct point {
  int x = 0;
  std::string name;
  MSGPACK_DEFINE(x, name)
};

}  // namespace geo

FABRIC_PACK_BY_MSGPACK(geo::point);

namespace fabric {
namespace {

TEST(PackByMsgpack, CarriesTypesThatMsgpackKnows) {
  const auto back =
      unpack<std::vector<geo::point>>(pack(std::vector<geo::point>{{3, "a"}, {4, "b"}}));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->at(1).x, 4);
  EXPECT_EQ(back->at(1).name, "b");
  EXPECT_FALSE(unpack<geo::point>(pack(std::string("no point"))));
}

TEST(PackByMsgpack, ReadsWhatMsgpackWrites) {
  msgpack::sbuffer buffer;
  msgpack::pack(buffer,
                std::tuple{1, -200, std::string("text"), std::vector<std::string>{"a"}, 2.5});
  using expected = std::tuple<int, long, std::string, std::vector<std::string>, double>;
  const auto back = unpack<expected>({buffer.data(), buffer.size()});
  ASSERT_TRUE(back) << to_line(back.error());
  EXPECT_EQ(*back, (expected{1, -200, "text", {"a"}, 2.5}));
}

}  // namespace
}  // namespace fabric
