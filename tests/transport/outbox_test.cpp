#include "transport/outbox.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "transport/codec.hpp"

namespace fabric::transport {
namespace {

std::vector<std::string> frames_of(outbox& box) {
  std::vector<std::string> all;
  box.flush([&](std::string_view bytes) {
    all.emplace_back(bytes);
    return sent::done;
  });
  return all;
}

TEST(Outbox, PutsAllThatFitsIntoOneFrame) {
  outbox box;
  box.add("a");
  box.add("b");
  outbox more;
  more.add("c");
  box.take(std::move(more));
  EXPECT_EQ(box.bytes(), 3U);
  EXPECT_EQ(frames_of(box), std::vector<std::string>{"abc"});
  EXPECT_TRUE(box.empty());
  EXPECT_EQ(box.bytes(), 0U);
}

TEST(Outbox, BeginsANewFrameAtTheLimitsOfBytesAndOfMessages) {
  outbox box;
  box.add(std::string(control_frame_bytes_max - 1, 'x'));
  box.add("y");
  box.add("z");
  auto frames = frames_of(box);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].size(), control_frame_bytes_max);
  EXPECT_EQ(frames[1], "z");
  for (std::size_t i = 0; i <= messages_per_frame_max; ++i) box.add("m");
  outbox more;
  more.add("n");
  box.take(std::move(more));
  frames = frames_of(box);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].size(), messages_per_frame_max);
  EXPECT_EQ(frames[1], "mn");
}

TEST(Outbox, AMessageThatIsTooLargeToShareAFrameIsNotCopied) {
  outbox box;
  std::string large(control_frame_bytes_max + 1, 'x');
  const auto* where = large.data();
  box.add("a");
  box.add_alone(std::move(large));
  box.add("b");
  EXPECT_EQ(box.bytes(), control_frame_bytes_max + 3);
  std::vector<const char*> seen;
  box.flush([&](std::string_view bytes) {
    seen.push_back(bytes.data());
    return sent::done;
  });
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[1], where);
}

TEST(Outbox, KeepsWhatWasNotTaken) {
  outbox box;
  box.add("a");
  EXPECT_EQ(box.flush([](std::string_view) { return sent::full; }), sent::full);
  EXPECT_EQ(box.bytes(), 1U);
  EXPECT_EQ(frames_of(box), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace fabric::transport
