#include "media/tcp_front.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace strowger::media {
namespace {

constexpr std::uint64_t tag = 7;

struct front : ::testing::Test {
  front() {
    std::string why;
    opened = it.open("127.0.0.1", 0, why);
    ::getrlimit(RLIMIT_NOFILE, &limits_before);
  }
  ~front() override {
    give_back();
    for (const int each : {client, epoll}) ::close(each);
  }
  static std::uint16_t port() { // the listener is the only one of this process
    for (int each = 0; each < 256; ++each) {
      int listens = 0;
      socklen_t size = sizeof listens;
      if (::getsockopt(each, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || !listens) continue;
      sockaddr_in name{};
      size = sizeof name;
      ::getsockname(each, reinterpret_cast<sockaddr*>(&name), &size);
      return name.sin_port;
    }
    return 0;
  }
  void connect() {
    client = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = port();
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  void take_all_descriptors() {
    rlimit few = limits_before;
    few.rlim_cur = 256;
    ::setrlimit(RLIMIT_NOFILE, &few);
    for (int one = ::dup(epoll); one >= 0; one = ::dup(epoll)) taken.push_back(one);
  }
  void give_back() {
    for (const int each : taken) ::close(each);
    taken.clear();
    ::setrlimit(RLIMIT_NOFILE, &limits_before);
  }
  int ready() {
    epoll_event one{};
    const int count = ::epoll_wait(epoll, &one, 1, 200);
    if (count > 0) it.ready(one.data.u64, one.events, now);
    return count;
  }

  int epoll = ::epoll_create1(EPOLL_CLOEXEC), client = -1;
  std::int64_t now = 1'000;
  tcp_front it{epoll, tag, [](const address&, room) {}, [](std::uint32_t) {}};
  bool opened = false;
  rlimit limits_before{};
  std::vector<int> taken;
};

TEST_F(front, without_a_descriptor_it_pauses_and_then_accepts_who_waited) {
  ASSERT_TRUE(opened);
  connect();
  take_all_descriptors();
  EXPECT_EQ(ready(), 1);
  EXPECT_EQ(it.count(), 0U);
  EXPECT_EQ(ready(), 0) << "it would do nothing else";
  give_back();
  it.sweep(now + 1);
  EXPECT_EQ(ready(), 0);
  now += limits::media_accept_pause_ms;
  it.sweep(now);
  EXPECT_EQ(ready(), 1);
  EXPECT_EQ(it.count(), 1U);
}

} // namespace
} // namespace strowger::media
