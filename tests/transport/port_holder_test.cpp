#include "transport/port_holder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <optional>

#include "tests/transport/raw_socket.hpp"

namespace fabric::transport {
namespace {

TEST(PortHolder, IsTheProcessThatListens) {
  const raw_listener here;
  const auto holder = holder_of_port(here.port());
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->pid, getpid());
  EXPECT_EQ(holder->name, std::string("transport_test").substr(0, 15));
}

TEST(PortHolder, IsNobodyForAFreePort) {
  std::optional<raw_listener> gone(std::in_place);
  const auto port = gone->port();
  gone.reset();
  EXPECT_EQ(holder_of_port(port), std::nullopt);
}

}  // namespace
}  // namespace fabric::transport
